// Each thing that an admin can set otherwise is found and named, and nothing else is.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Check } from "../../flow/doctor-check.ts";
import { appPermissions, type Stage } from "../../sandbox/stage.ts";
import type { World } from "../whole/world.ts";
import { liveSetUp, look, notOk, repo } from "./live-set-up.ts";

let world: World;
beforeAll(async () => {
  world = await liveSetUp();
});
afterAll(() => world.close());

const admin = () => world.stage.as("olivia");
const api = (route: string, body: object = {}) => admin().request(route, { ...repo, ...body } as never);

async function rulesetNamed(name: string): Promise<{ id: number } & Record<string, unknown>> {
  const { data } = await admin().request("GET /repos/{owner}/{repo}/rulesets", repo);
  const found = data.find((each) => each.name === `Hallpass: ${name}`);
  if (found === undefined) throw new Error(`no ruleset ${name}`);
  const whole = await admin().request("GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", {
    ...repo,
    ruleset_id: found.id,
  });
  return whole.data as never;
}

/** Changes a ruleset; how to change it back. */
async function changed(name: string, change: (content: Record<string, unknown>) => object): Promise<Mend> {
  const before = await rulesetNamed(name);
  const { id, target, enforcement, conditions, rules, bypass_actors } = before;
  const content = { name: before["name"], target, enforcement, conditions, rules, bypass_actors };
  const put = (body: object) => api(`PUT /repos/{owner}/{repo}/rulesets/${id}`, body);
  await put(change(structuredClone(content)));
  return () => put(content);
}

type Mend = () => unknown;
const law = "the law";
const ledger = "only the App writes the ledger";

/** A rule's parameter, set otherwise. */
const withParameter = (type: string, key: string, value: unknown) => (content: Record<string, unknown>) => ({
  ...content,
  rules: (content["rules"] as { type: string; parameters?: object }[]).map((rule) =>
    rule.type === type ? { ...rule, parameters: { ...rule.parameters, [key]: value } } : rule,
  ),
});

const withoutRule = (type: string) => (content: Record<string, unknown>) => ({
  ...content,
  rules: (content["rules"] as { type: string }[]).filter((rule) => rule.type !== type),
});

const environment = (branches: string[] | "all" | "protected"): Mend => {
  world.stage.github.setEnvironment("acme/access", "hallpass", { branches });
  return () => world.stage.github.setEnvironment("acme/access", "hallpass", { branches: ["main"] });
};

function installed(options: NonNullable<Parameters<Stage["github"]["installApp"]>[2]>): Mend {
  const { github, app } = world.stage;
  const install = (more: typeof options) => {
    github.uninstallApp(app.slug, "acme");
    github.installApp(app.slug, "acme", more);
  };
  install(options);
  return () => install({ repositories: ["access"] });
}

const teamAccess = async (team: string, permission: string, before: string): Promise<Mend> => {
  const put = (access: string) =>
    api(`PUT /orgs/acme/teams/${team}/repos/acme/access`, { permission: access });
  await put(permission);
  return () => put(before);
};

const permissions: Readonly<Record<string, "read" | "write">> = {
  ...appPermissions,
};

const broken: readonly [string, string, Check["state"], RegExp, () => Promise<Mend> | Mend][] = [
  [
    "a ruleset that is gone",
    "ruleset `Hallpass: the ledger is append-only`",
    "failed",
    /no such ruleset/,
    async () => {
      const { id, ...rest } = await rulesetNamed("the ledger is append-only");
      await api(`DELETE /repos/{owner}/{repo}/rulesets/${id}`);
      const { name, target, enforcement, conditions, rules, bypass_actors } = rest;
      return () =>
        api("POST /repos/{owner}/{repo}/rulesets", {
          name,
          target,
          enforcement,
          conditions,
          rules,
          bypass_actors,
        });
    },
  ],
  [
    "a ruleset that only evaluates",
    "ruleset `Hallpass: the law`",
    "failed",
    /enforcement: expected "active", got "evaluate"/,
    () => changed(law, (content) => ({ ...content, enforcement: "evaluate" })),
  ],
  [
    "reviews without the code owner's",
    "ruleset `Hallpass: the law`",
    "failed",
    /require_code_owner_review: expected true, got false/,
    () => changed(law, withParameter("pull_request", "require_code_owner_review", false)),
  ],
  [
    "a last push that its pusher may approve",
    "ruleset `Hallpass: the law`",
    "failed",
    /require_last_push_approval: expected true/,
    () => changed(law, withParameter("pull_request", "require_last_push_approval", false)),
  ],
  [
    "force-pushes to the law",
    "ruleset `Hallpass: the law`",
    "failed",
    /`non_fast_forward` is missing/,
    () => changed(law, withoutRule("non_fast_forward")),
  ],
  [
    "somebody else who may bypass",
    "ruleset `Hallpass: the law`",
    "failed",
    /bypass_actors: .* is not expected/,
    () =>
      changed(law, (content) => ({
        ...content,
        bypass_actors: [{ actor_id: 1, actor_type: "OrganizationAdmin", bypass_mode: "always" }],
      })),
  ],
  [
    "a check that any workflow may report",
    "ruleset `Hallpass: only the App writes the ledger`",
    "failed",
    /integration_id: expected 1001, got undefined/,
    () =>
      changed(
        ledger,
        withParameter("required_status_checks", "required_status_checks", [{ context: "hallpass" }]),
      ),
  ],
  [
    "a check that has to be of the newest ledger",
    "ruleset `Hallpass: only the App writes the ledger`",
    "failed",
    /strict_required_status_checks_policy: expected false, got true/,
    () =>
      changed(ledger, withParameter("required_status_checks", "strict_required_status_checks_policy", true)),
  ],
  [
    "an excluded branch",
    "ruleset `Hallpass: only the App opens request branches`",
    "failed",
    /exclude: .* is not expected/,
    () =>
      changed("only the App opens request branches", (content) => ({
        ...content,
        conditions: { ref_name: { include: ["refs/heads/request/**/*"], exclude: ["refs/heads/request/1"] } },
      })),
  ],
  [
    "an organization that wants a pull request for everything",
    "other rules",
    "failed",
    /ask more of `ledger`: pull_request; .* ask more of `request\/1`: pull_request/,
    async () => {
      const { data } = await api("POST /orgs/acme/rulesets", {
        name: "all",
        target: "branch",
        enforcement: "active",
        conditions: {
          ref_name: { include: ["~ALL"], exclude: [] },
          repository_name: { include: ["~ALL"], exclude: [] },
        },
        rules: [{ type: "pull_request", parameters: {} }],
      });
      return () => api(`DELETE /orgs/acme/rulesets/${(data as { id: number }).id}`);
    },
  ],
  [
    "a ruleset of the repository's own that wants a pull request for everything",
    "other rules",
    "failed",
    /ask more of `ledger`: pull_request/,
    async () => {
      const { data } = await api("POST /repos/{owner}/{repo}/rulesets", {
        name: "all",
        target: "branch",
        enforcement: "active",
        conditions: { ref_name: { include: ["~ALL"], exclude: ["refs/heads/main"] } },
        rules: [{ type: "pull_request", parameters: {} }],
      });
      return () => api(`DELETE /repos/{owner}/{repo}/rulesets/${(data as { id: number }).id}`);
    },
  ],
  [
    "merges without squashing",
    "access repository",
    "failed",
    /does not allow to squash/,
    () => {
      world.stage.github.setMergeMethods("acme/access", ["merge", "rebase"]);
      return () => world.stage.github.setMergeMethods("acme/access", ["merge", "squash", "rebase"]);
    },
  ],
  [
    "an environment for protected branches",
    "environment",
    "failed",
    /admits `ledger`/,
    () => environment("protected"),
  ],
  [
    "an environment for all",
    "environment",
    "failed",
    /does not admit branches by name/,
    () => environment("all"),
  ],
  [
    "an environment by a pattern",
    "environment",
    "failed",
    /admits `\*`; expected `main`/,
    () => environment(["*"]),
  ],
  [
    "an environment with one branch more",
    "environment",
    "failed",
    /`main`, `ledger`; expected/,
    () => environment(["main", "ledger"]),
  ],
  [
    "a variable of another App",
    "variable HALLPASS_APP_ID",
    "failed",
    /`5`, the config says `app: 1001`/,
    () => {
      world.stage.github.setVariable("acme/access", "HALLPASS_APP_ID", "5");
      return () => world.stage.github.setVariable("acme/access", "HALLPASS_APP_ID", "1001");
    },
  ],
  [
    "a workflow that is switched off",
    "workflow access.yml",
    "failed",
    /disabled_manually/,
    async () => {
      const say = (what: string) => api(`PUT /repos/{owner}/{repo}/actions/workflows/access.yml/${what}`);
      await say("disable");
      return () => say("enable");
    },
  ],
  [
    "an owner of the law who may not write",
    "CODEOWNERS",
    "failed",
    /@acme\/platform.* write access/,
    () => teamAccess("platform", "pull", "push"),
  ],
  [
    "approvers without access",
    "teams",
    "failed",
    /@acme\/security approves, and has no access/,
    async () => {
      await api("DELETE /orgs/acme/teams/security/repos/acme/access");
      return () => api("PUT /orgs/acme/teams/security/repos/acme/access", { permission: "pull" });
    },
  ],
  [
    "an App that may too little",
    "App's installation",
    "failed",
    /it lacks `checks: write`/,
    () => installed({ repositories: ["access"], permissions: { ...permissions, checks: "read" as const } }),
  ],
  [
    "an App that may change workflows",
    "App's installation",
    "failed",
    /more than it needs: `workflows: write`/,
    () => installed({ repositories: ["access"], permissions: { ...permissions, workflows: "write" } }),
  ],
  ["an App on all repositories", "App's installation", "warning", /all repositories/, () => installed({})],
  [
    "an App that is suspended",
    "App's installation",
    "failed",
    /suspended/,
    () => {
      const { github, app } = world.stage;
      github.suspendInstallation(app.slug, "acme", true);
      return () => github.suspendInstallation(app.slug, "acme", false);
    },
  ],
  [
    "tokens of another `sub`",
    "tokens' sub",
    "failed",
    /customised to repo, context/,
    () => {
      world.stage.github.setOidcSubTemplate("acme/access", ["repo", "context"]);
      return () => world.stage.github.setOidcSubTemplate("acme/access", undefined);
    },
  ],
];

test("rules that the App may bypass stop nothing, of the organization and of the repository", async () => {
  const bypass = [{ actor_id: 1001, actor_type: "Integration", bypass_mode: "always" }];
  const ruleset = {
    name: "all",
    target: "branch",
    enforcement: "active",
    rules: [{ type: "pull_request", parameters: {} }],
    bypass_actors: bypass,
  };
  const ref_name = { include: ["refs/heads/ledger"], exclude: [] };
  const everywhere = { ref_name, repository_name: { include: ["~ALL"], exclude: [] } };
  const made = [
    ["/orgs/acme", await api("POST /orgs/acme/rulesets", { ...ruleset, conditions: everywhere })],
    [
      "/repos/{owner}/{repo}",
      await api("POST /repos/{owner}/{repo}/rulesets", { ...ruleset, conditions: { ref_name } }),
    ],
  ] as const;
  const checks = await look(world);
  for (const [of, { data }] of made) await api(`DELETE ${of}/rulesets/${(data as { id: number }).id}`);
  expect(notOk(checks)).toEqual([]);
});

describe("what is broken is found, and nothing else", () => {
  test.each(broken)("%s", async (_, name, state, found, breakIt) => {
    const mend = await breakIt();
    const checks = notOk(await look(world));
    await mend();
    expect(checks.map((each) => [each.name, each.state])).toEqual([[name, state]]);
    expect(checks[0]?.found).toMatch(found);
    expect(checks[0]?.todo).not.toBe("");
    expect(notOk(await look(world))).toEqual([]);
  });
});
