// What `hallpass init` writes, whatever teams an organization has: policies that load and decide as their cases say, and workflows that keep the house rules.

import { validate } from "@actions/languageservice";
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { describe, expect, test } from "vitest";
import { TextDocument } from "vscode-languageserver-textdocument";
import { parse } from "yaml";
import { subscribedEvents } from "../../app/events.ts";
import { projectFiles } from "../../cli/project-files.ts";
import { configPath, parseConfig } from "../../core/config.ts";
import { inventoryPath, unreadPath } from "../../core/inventory.ts";
import { parsePolicyCases } from "../../core/policy-case.ts";
import { reportPath } from "../../core/preflight.ts";
import { loadPolicyFolder } from "../../flow/policy-folder.ts";
import { runCase } from "../../flow/policy-test.ts";
import { accessRepoFiles, type SetUp } from "../../flow/set-up.ts";
import { appRegistrationUrl, parseManifest } from "../../flow/set-up-app.ts";
import { gitHubHost, hostOfApi } from "../../flow/set-up-aws.ts";
import { gitBlob } from "../../flow/set-up-plan.ts";
import { roleNames, type Teams } from "../../flow/set-up-policies.ts";
import { accessWorkflow, parsePublishedAction } from "../../flow/set-up-workflows.ts";
import { unownedLaw } from "../../github/code-owners.ts";
import { appEvents, appPermissions } from "../../sandbox/stage.ts";
import { readDocument, section, tableIn } from "../house/documents.ts";
import { powerful, readWorkflow, workflowRules } from "../house/workflow-rules.ts";
import { sharedEngine } from "../whole/shared-engine.ts";

const setUp: SetUp = {
  owner: "initech",
  repo: "doors",
  defaultBranch: "trunk",
  appId: 77,
  timeZone: "UTC",
  accounts: [{ id: "111122223333", regions: ["eu-central-1"] }],
  teams: { platform: "admins" },
  action: { kind: "vendored" },
  forwards: [],
};

const written = (more: Partial<SetUp> = {}): ReadonlyMap<string, string> =>
  new Map(
    accessRepoFiles({ ...setUp, ...more }, projectFiles).flatMap(({ path, content }) =>
      typeof content === "string" ? [[path, content] as const] : [],
    ),
  );

const below = (files: ReadonlyMap<string, string>, folder: string) =>
  [...files]
    .filter(([path]) => path.startsWith(folder) && !path.slice(folder.length).includes("/"))
    .map(([path, text]) => ({ path: path.slice(folder.length), text }));

/** Every choice of teams, with `platform` in each. */
const choices: readonly Teams[] = Array.from({ length: 2 ** (roleNames.length - 1) }, (_, choice) => ({
  platform: "admins",
  ...Object.fromEntries(
    roleNames.slice(1).flatMap((role, i) => ((choice >> i) & 1 ? [[role, `our-${role}`]] : [])),
  ),
}));

describe("the starter policies", () => {
  test.each(choices.map((teams) => [Object.keys(teams).join(", "), teams] as const))(
    "for %s load without a warning, and decide as their cases say",
    async (_, teams) => {
      const files = written({ teams });
      const policies = await loadPolicyFolder(sharedEngine, below(files, "policies/"));
      if (!policies.ok) throw new Error(JSON.stringify(policies.problems));
      expect(policies.value.set.warnings).toEqual([]);
      const cases = below(files, "policies/cases/").flatMap(({ path, text }) => {
        const parsed = parsePolicyCases(text, path);
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
        return parsed.value;
      });
      expect(cases.length).toBeGreaterThan(15);
      for (const each of cases) {
        const { ok, got } = await runCase(
          { engine: sharedEngine, policies: policies.value, timeZone: "UTC" },
          each,
        );
        expect([each.name, ok, got.errors]).toEqual([each.name, true, []]);
      }
    },
  );

  test.each(choices.map((teams) => [Object.keys(teams).join(", "), teams] as const))(
    "for %s name no team that is not there: one that cannot be read would decide nothing, for anybody",
    (_, teams) => {
      const text = below(written({ teams }), "policies/")
        .map((each) => each.text)
        .join("\n");
      const named = [...text.matchAll(/(?:Team::"|@)initech\/([\w-]+)/g)].map(([, team]) => team);
      expect(named.filter((team) => !Object.values(teams).includes(team ?? ""))).toEqual([]);
      expect(text).not.toContain("acme");
    },
  );

  test("with every team nothing is left out: as many policies, rules and cases as the project has", () => {
    const blocks = (text: string): number => text.split("\n\n").length;
    const files = written({ teams: choices.at(-1) ?? setUp.teams });
    for (const [path, text] of files)
      if (path.startsWith("policies/"))
        expect([path, blocks(text)]).toEqual([path, blocks(projectFiles.text(path))]);
  });
});

describe("the law of it", () => {
  test("the config loads", () => {
    expect(parseConfig(written().get(configPath) ?? "")).toMatchObject({
      ok: true,
      value: { app: 77, accounts: [{ roles: { access: "arn:aws:iam::111122223333:role/HallpassAccess" } }] },
    });
  });

  test.each([
    ["vendored", setUp.action],
    ["published", { kind: "published", uses: `o/r@${"a".repeat(40)}`, version: "1.2.3" }],
  ] as const)("everything has an owner, the Action %s", (_, action) => {
    const files = written({ action });
    const text = files.get(".github/CODEOWNERS") ?? "";
    const owners = { path: ".github/CODEOWNERS", text, errors: [] };
    expect(unownedLaw(owners, files.has("action.yml"))).toEqual([]);
  });

  test.each([
    ["the ledger's README", () => written().get(".github/ledger/README.md")],
    ["the project's README", () => section(readDocument("README.md"), "What is written where")],
  ])("%s names every file of the ledger and of the inventory", (_, text) => {
    const place = { account: "<account>", region: "<region>" } as never;
    for (const path of [
      inventoryPath(place),
      reportPath(place),
      unreadPath(place),
      "approved/",
      "active/",
      "ended/<y",
    ])
      expect(text()).toContain(`\`${path}`);
  });

  test("the environment admits the default branch by its name", () => {
    const files = written();
    expect(JSON.parse(files.get(".github/environments/hallpass.json") ?? "")).toEqual({
      deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
    });
    expect(JSON.parse(files.get(".github/environments/hallpass.branch-policy.json") ?? "")).toEqual({
      name: "trunk",
      type: "branch",
    });
  });

  test("git's id of a file is git's", () => {
    expect(gitBlob("hello\n")).toBe("ce013625030ba8dba906f756967f9e9ca394464a");
  });
});

const actions = [
  ["vendored", { kind: "vendored" }],
  ["published", { kind: "published", uses: `initech/hallpass@${"a".repeat(40)}`, version: "1.2.3" }],
] as const;

describe.each(actions)("workflows with the Action %s", (kind, action) => {
  const files = [...written({ action })]
    .filter(([path]) => path.includes(".github/workflows/"))
    .map(([path, text]) => [path, path.split("/").at(-1) ?? "", text] as const);

  test("are those there should be", () => {
    expect(files.map(([path]) => path)).toEqual([
      ".github/ledger/.github/workflows/wake.yml",
      ".github/workflows/access.yml",
      ".github/workflows/policy.yml",
      ".github/workflows/wake.yml",
    ]);
  });

  test.each(files)("%s: GitHub's parser and language service take it", async (path, name, text) => {
    const { context, value } = parseWorkflow({ name, content: text }, new NoOperationTraceWriter());
    if (value !== undefined) await convertWorkflowTemplate(context, value);
    expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
    const uri = `file:///${kind}/${path}`;
    expect(await validate(TextDocument.create(uri, "yaml", 1, text))).toEqual([]);
  });

  test.each(
    files.flatMap((file) =>
      Object.entries(workflowRules).map(([rule, of]) => [file[0], rule, file, of] as const),
    ),
  )("%s: %s", (_, __, [, name, text], of) => {
    expect(of(readWorkflow(name, text))).toEqual([]);
  });

  test("what judges proposals has no secret, no environment and no identity", () => {
    const text = files.find(([, name]) => name === "policy.yml")?.[2] ?? "";
    const { jobs } = parse(text);
    expect(jobs.policy.permissions).toEqual({ contents: "read" });
    expect(text).not.toMatch(/secrets\.|environment:|id-token/);
    expect(jobs.policy.steps.at(-1).with).toEqual({ command: "check" });
  });

  test("what holds the power runs one Action, and checks out at most itself", () => {
    const { jobs } = parse(files.find(([, name]) => name === powerful)?.[2] ?? "");
    const uses = jobs.access.steps.map(({ uses: each }: { uses: string }) => each.split("@")[0]);
    expect(uses).toEqual(kind === "vendored" ? ["actions/checkout", "./"] : ["initech/hallpass"]);
    expect(jobs.access.permissions).toEqual({
      ...(kind === "vendored" ? { contents: "read" } : {}),
      "id-token": "write",
    });
  });
});

describe("a published Action", () => {
  test.each([
    [`acme/hallpass@${"0".repeat(40)}`, true],
    [`acme/hallpass@${"0".repeat(39)}`, false],
    ["acme/hallpass@v1", false],
    ["acme/hallpass@main", false],
    [`acme/hallpass/sub@${"0".repeat(40)}`, false],
    [`./x@${"0".repeat(40)}`, false],
    [`acme/hallpass@${"0".repeat(40)}\n        run: evil`, false],
  ])("%j: %s", (text, good) => {
    expect(parsePublishedAction(text) !== undefined).toBe(good);
  });

  test("a workflow of another shape is not silently left as it is", () => {
    const project = { ...projectFiles, text: () => "name: x\n" };
    expect(() => accessWorkflow(actions[1][1], project)).toThrow("lacks");
  });
});

describe("the App's manifest", () => {
  const text = projectFiles.text("app/app.yml");
  const manifest = parseManifest(text);

  test("its events are those that the App hears, the sandbox's App gets, and no others", () => {
    expect(manifest.default_events).toEqual([...subscribedEvents]);
    expect(manifest.default_events).toEqual([...appEvents]);
  });

  test("its permissions are those of the sandbox's App and of the README's table, with the README's reasons in mind", () => {
    expect(manifest.default_permissions).toEqual(appPermissions);
    const rows = tableIn(section(readDocument("README.md"), "The App"));
    expect(manifest.default_permissions).toEqual(
      Object.fromEntries(rows.map(([name = "", access]) => [name.replaceAll("`", ""), access])),
    );
  });

  test("each permission and each event has its reason beside it", () => {
    const lines = text.split("\n").filter((line) => /^ {2}(?:- )?[a-z_]+(?:: \w+)?\b/.test(line));
    expect(lines).toHaveLength(subscribedEvents.length + Object.keys(appPermissions).length);
    expect(lines.filter((line) => !/ # \S/.test(line))).toEqual([]);
  });

  test("the address that registers it fills in all of it, and never more", () => {
    const url = new URL(
      appRegistrationUrl(gitHubHost("ghe.test"), { owner: "initech", repo: "doors" }, text),
    );
    expect(url.origin + url.pathname).toBe("https://ghe.test/organizations/initech/settings/apps/new");
    const {
      name,
      url: home,
      public: open,
      webhook_active: active,
      ...rest
    } = Object.fromEntries(url.searchParams);
    expect([name, home, open, active]).toEqual([
      "initech-hallpass",
      "https://ghe.test/initech/doors",
      "false",
      "false",
    ]);
    const { "events[]": _, ...permissions } = rest;
    expect(permissions).toEqual(appPermissions);
    expect(url.searchParams.getAll("events[]")).toEqual([...subscribedEvents]);
  });
});

test.each([
  ["https://api.github.com", "github.com"],
  ["https://ghe.test/api/v3", "ghe.test"],
  ["https://ghe.test:8443/api/v3", "ghe.test:8443"],
  ["https://api.acme.ghe.com", "acme.ghe.com"],
])("%s is the API of %s", (api, host) => {
  expect(hostOfApi(api)).toBe(host);
  expect(gitHubHost(host).apiUrl).toBe(api);
});
