// `hallpass init`: what was typed, answered or found → files, questions, steps, exit code.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseRemote } from "../../cli/git-remote.ts";
import { parseAccount, parseAnswers } from "../../cli/init-answers.ts";
import { allFlags, emptyFolder, hallpass } from "./folder.ts";

const few = [
  ...["--repo", "acme/access", "--app", "77", "--account", "111122223333=eu-central-1"],
  ...["--team", "platform=admins"],
];

function filesIn(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    paths.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path, "latin1")]),
  );
}

const write = (folder: string, path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

interface Data {
  readonly files: readonly { readonly path: string; readonly is: string }[];
  readonly steps: readonly {
    readonly title: string;
    readonly why: string;
    readonly commands: readonly string[];
  }[];
}

async function init(cwd: string, ...args: readonly string[]): Promise<Data> {
  const { code, out, err } = await hallpass(["init", "--json", ...args], { cwd });
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Data;
}

const changed = ({ files }: Data) =>
  files.filter(({ is }) => is !== "same").map(({ path, is }) => `${path} ${is}`);

describe("into an empty folder", () => {
  test("it writes everything that an access repo consists of, and nothing of Hallpass's sources", async () => {
    const cwd = emptyFolder();
    await init(cwd, ...allFlags);
    expect(Object.keys(filesIn(cwd))).toEqual([
      ".gitattributes",
      ".github/CODEOWNERS",
      ".github/ISSUE_TEMPLATE/access-request.yml",
      ".github/ISSUE_TEMPLATE/config.yml",
      ".github/PULL_REQUEST_TEMPLATE.md",
      ".github/environments/hallpass.branch-policy.json",
      ".github/environments/hallpass.json",
      ".github/hallpass.schema.json",
      ".github/hallpass.yml",
      ".github/ledger/.github/workflows/wake.yml",
      ".github/ledger/README.md",
      ".github/oidc-subject.json",
      ".github/rulesets/only-the-app-opens-request-branches.json",
      ".github/rulesets/only-the-app-writes-the-ledger.json",
      ".github/rulesets/request-branches-never-change.json",
      ".github/rulesets/the-law.json",
      ".github/rulesets/the-ledger-is-append-only.json",
      ".github/workflows/access.yml",
      ".github/workflows/policy.yml",
      ".github/workflows/wake.yml",
      "action.yml",
      "action/dist/cedar_wasm_bg.wasm",
      "action/dist/main.cjs",
      "aws/account.yaml",
      "aws/region.yaml",
      ...["policies/approvals.yaml", "policies/auto-approval.cedar", "policies/break-glass.cedar"],
      ...["approvals", "auto-approval", "break-glass", "deny-access", "guardrail", "reviews"].map(
        (name) => `policies/cases/${name}.yaml`,
      ),
      ...["policies/delegations.yaml", "policies/deny-access.cedar", "policies/guardrail.cedar"],
      ...["policies/people.yaml", "policies/schema.cedarschema"],
    ]);
  });

  test("with a published Action it copies none, and pins the whole SHA", async () => {
    const cwd = emptyFolder();
    await init(cwd, ...few, "--action", `acme/hallpass@${"a".repeat(40)}`);
    const files = filesIn(cwd);
    expect(Object.keys(files).filter((path) => path.startsWith("action"))).toEqual([]);
    for (const name of ["access", "policy"])
      expect(files[`.github/workflows/${name}.yml`]).toMatch(
        /- uses: acme\/hallpass@a{40} # v\d+\.\d+\.\d+\n/,
      );
    expect(files[".github/CODEOWNERS"]).not.toContain("/action");
  });

  test("the organization's own names are everywhere, and nobody of ours is left", async () => {
    const cwd = emptyFolder();
    const teams = [
      "devops=developers",
      "devops-leads=leads",
      "security=sec.ops",
      "on-call=pager",
      "contractors=ext",
    ];
    await init(
      cwd,
      ...few.map((each) => each.replace("acme/", "Initech/")),
      ...teams.flatMap((each) => ["--team", each]),
    );
    const policies = Object.entries(filesIn(cwd)).filter(([path]) =>
      /^policies\/|CODEOWNERS|hallpass\.yml/.test(path),
    );
    for (const [path, text] of policies.filter(([each]) => !each.endsWith("schema"))) {
      expect(`${path}: ${text}`).not.toMatch(/acme|@carol/);
    }
    const text = policies.map(([, each]) => each).join("\n");
    for (const handle of [
      '"Initech/pager"',
      '"Initech/ext"',
      "@Initech/developers",
      "@Initech/leads",
      "2 of @Initech/sec.ops",
    ])
      expect(text).toContain(handle);
  });

  test("--dry-run writes nothing", async () => {
    const cwd = emptyFolder();
    const data = await init(cwd, ...few, "--dry-run");
    expect(data.files.every(({ is }) => is === "new")).toBe(true);
    expect(filesIn(cwd)).toEqual({});
  });

  test("a folder that is not there is made", async () => {
    const cwd = emptyFolder();
    await init(cwd, "access/repo", ...few);
    expect(Object.keys(filesIn(join(cwd, "access/repo")))).toContain(".github/hallpass.yml");
  });
});

describe("a second time", () => {
  test("it changes nothing, and has to be told nothing but the repository", async () => {
    const cwd = emptyFolder();
    await init(
      cwd,
      ...allFlags,
      "--time-zone",
      "Europe/Berlin",
      "--action",
      `acme/hallpass@${"b".repeat(40)}`,
    );
    const before = filesIn(cwd);
    const again = await init(cwd, "--repo", "acme/access");
    // it is not told the teams, and would begin with other policies; those that are there are people's
    expect(again.files.filter(({ path, is }) => is !== "same" && !path.startsWith("policies/"))).toEqual([]);
    expect(filesIn(cwd)).toEqual(before);
    expect(changed(await init(cwd, ...allFlags))).toEqual([]);
  });

  test("what is Hallpass's and differs is shown and kept; --force overwrites it, and nothing of people's", async () => {
    const cwd = emptyFolder();
    await init(cwd, ...few);
    const before = filesIn(cwd);
    const [ours, theirs] = [".github/workflows/access.yml", "policies/guardrail.cedar"];
    write(cwd, ours, "name: mine\n");
    write(cwd, theirs, "// mine\n");
    expect(changed(await init(cwd, ...few))).toEqual([`${ours} differs`, `${theirs} theirs`]);
    expect(filesIn(cwd)).toEqual({ ...before, [ours]: "name: mine\n", [theirs]: "// mine\n" });
    expect(changed(await init(cwd, ...few, "--force"))).toEqual([`${ours} overwritten`, `${theirs} theirs`]);
    expect(filesIn(cwd)).toEqual({ ...before, [theirs]: "// mine\n" });
  });

  test("a starter policy that somebody has removed does not come back", async () => {
    const cwd = emptyFolder();
    await init(cwd, ...few);
    rmSync(join(cwd, "policies/auto-approval.cedar"));
    expect(changed(await init(cwd, ...few, "--force"))).toEqual([]);
    expect(Object.keys(filesIn(cwd))).not.toContain("policies/auto-approval.cedar");
  });

  test("forwards of the config get their documents in the Region's template", async () => {
    const cwd = emptyFolder();
    await init(cwd, ...few);
    const config = filesIn(cwd)[".github/hallpass.yml"] ?? "";
    const forward = "  port-forward:\n    - { name: postgres, host: db.internal, port: 5432 }\n";
    write(cwd, ".github/hallpass.yml", `${config}${forward}`);
    await init(cwd, ...few, "--force");
    expect(filesIn(cwd)["aws/region.yaml"]).toContain("db.internal");
  });
});

describe("what it is told", () => {
  test.each<[string, string]>([
    [
      "YAML",
      'repo: acme/access\napp: 77\naccounts: [{ id: "111122223333", regions: [eu-central-1] }]\nteams: { platform: admins }\n',
    ],
    [
      "JSON",
      JSON.stringify({
        repo: "acme/access",
        app: 77,
        accounts: [{ id: "111122223333", regions: ["eu-central-1"] }],
        teams: { platform: "@acme/admins" },
      }),
    ],
  ])(
    "may stand in a file, %s, or come on standard input: the files are those of the flags",
    async (_, text) => {
      const byFlags = emptyFolder();
      await init(byFlags, ...few);
      const byFile = emptyFolder();
      const elsewhere = emptyFolder();
      write(elsewhere, "answers", text);
      await init(byFile, "--answers", join(elsewhere, "answers"));
      const byInput = emptyFolder();
      expect((await hallpass(["init", "--answers", "-"], { cwd: byInput, input: text })).code).toBe(0);
      expect(filesIn(byFile)).toEqual(filesIn(byFlags));
      expect(filesIn(byInput)).toEqual(filesIn(byFlags));
    },
  );

  test("a flag wins over the file", async () => {
    const cwd = emptyFolder();
    write(cwd, "a.yaml", "app: 1\ntimeZone: Asia/Tokyo\n");
    await init(cwd, ...few, "--answers", "a.yaml");
    expect(filesIn(cwd)[".github/hallpass.yml"]).toMatch(/app: 77\ntimeZone: Asia\/Tokyo\n/);
  });

  test("off a terminal, everything that is missing is an error that names its flag, and nothing is written", async () => {
    const cwd = emptyFolder();
    const { code, err } = await hallpass(["init", "--repo", "acme/access"], { cwd });
    expect(code).toBe(2);
    for (const flag of ["--app <id>", "--account <id=regions>", "--team platform=<slug>"])
      expect(err).toContain(flag);
    expect(err).toContain("https://github.com/organizations/acme/settings/apps/new?name=acme-hallpass");
    expect(filesIn(cwd)).toEqual({});
    expect((await hallpass(["init"], { cwd })).err).toContain("--repo owner/name");
  });

  test("on a terminal it asks, only for what it does not know, and again when the answer is none", async () => {
    const cwd = emptyFolder();
    const { code, asked, err } = await hallpass(["init", "--team", "platform=admins"], {
      cwd,
      answers: ["acme", "acme/access", "77", "1111=eu", "111122223333=eu-central-1", "", "", "", "", "", ""],
    });
    expect(code).toBe(0);
    expect(asked.map((each) => each.replace(/[ ,:(].*/, ""))).toEqual([
      ...["Access", "Access", "The", "AWS", "AWS", "Another"],
      ...["Team", "Team", "Team", "Team", "Team"],
    ]);
    expect(err).toContain("expected a repository such as `acme/access`");
    const flags = emptyFolder();
    await init(flags, ...few);
    expect(filesIn(cwd)).toEqual(filesIn(flags));
  });

  test("whoever only answers nonsense is not asked for ever", async () => {
    const answers = Array.from({ length: 50 }, () => "?");
    const { code, asked } = await hallpass(["init"], { cwd: emptyFolder(), answers });
    expect([code, asked.length]).toEqual([2, 5]);
  });

  test.each<[string, readonly string[], RegExp, Readonly<Record<string, string>>?]>([
    ["an App by name", ["--app", "hallpass"], /`hallpass` is no App's id/],
    ["an account without Regions", ["--account", "111122223333"], /is no account; expected/],
    [
      "a team of no role",
      ["--team", "platfrom=x"],
      /no team of the starter policies, .*did you mean `platform`\?/,
    ],
    ["a team that is none", ["--team", "platform=a b"], /`a b` is no team/],
    [
      "a team of another organization",
      ["--team", "platform=@other/p"],
      /`@other\/p` is a team of another organization; give one of `acme` by its slug, such as `platform=platform`/,
    ],
    ["a role without a team", ["--team", "platform"], /expected `role=slug`/],
    ["an Action by its tag", ["--action", "acme/hallpass@v1"], /whole SHA of a commit, 40 characters/],
    ["an Action by a short SHA", ["--action", "acme/hallpass@abcdef0"], /whole SHA/],
    ["a repository that is none", ["--repo", "access"], /`access` is no repository/],
    ["a time zone that is none", ["--time-zone", "Berlin"], /answers.*: error: .*time zone/],
    ["a Region that is none", ["--account", "111122223333=frankfurt"], /region/],
    ["a file of answers that is not there", ["--answers", "nope.yaml"], /`nope.yaml` cannot be read/],
    ["a host that is none", ["--host", "ghe.test/acme"], /`ghe.test\/acme` is no host; give --host/],
    [
      "a branch that a shell would not take for one",
      ["--default-branch", "main;id"],
      /`main;id` is no branch/,
    ],
    ["a GitHub that is none", [], /GITHUB_API_URL is `ghe`: expected an address/, { GITHUB_API_URL: "ghe" }],
    ["an unknown option", ["--nope"], /unknown option/],
  ])("%s is refused, and nothing is written", async (_, args, expected, env = {}) => {
    const cwd = emptyFolder();
    const { code, err } = await hallpass(["init", ...few, ...args], { cwd, env });
    expect(code).toBe(2);
    expect(err).toMatch(expected);
    expect(filesIn(cwd)).toEqual({});
  });

  test("a config that does not load is shown, and nothing is guessed", async () => {
    const cwd = emptyFolder();
    write(cwd, ".github/hallpass.yml", "app: 77\nnope: 1\n");
    const { code, err } = await hallpass(["init", ...few], { cwd });
    expect([code, Object.keys(filesIn(cwd))]).toEqual([2, [".github/hallpass.yml"]]);
    expect(err).toMatch(/hallpass\.yml:2:1: error: /);
  });

  test.each([
    ["acounts: []\n", /^a\.yaml:1:1: unknown key `acounts`; did you mean `accounts`\?$/],
    ["app: one\n", /^a\.yaml:1:6: expected a whole number from 1 to \d+, got `one`$/],
    ["- app: 1\n", /^a\.yaml:1:1: expected a map, got a list$/],
    ["{", /^a\.yaml:1:2: /],
    ["accounts: [{ id: 1, nmae: x, regions: [a] }]\n", /unknown key `nmae`; did you mean `name`\?$/],
    ["accounts: [{ id: 1, region: [a] }]\n", /unknown key `region`; .*\n.*`regions` is missing; add it$/],
    ["teams: { devop: x }\n", /unknown key `devop`; did you mean `devops` or `devops-leads`\?$/],
    ["host: ftp://x\ndefaultBranch: a b\n", /1:7: expected a host such .*\n.*2:16: expected a branch such /],
  ])("of the answers %j everything that is wrong is said, at its place", (text, expected) => {
    expect(() => parseAnswers(text, "a.yaml")).toThrow(expected);
  });

  test("answers are read as they were written", () => {
    const text = `host: https://GHE.test/\naccounts: [{ id: 012345678901, regions: [eu-west-1] }]\nteams: { platform: "@acme/p" }\n`;
    expect(parseAnswers(text, "a.yaml")).toEqual({
      host: "ghe.test",
      accounts: [{ id: "012345678901", regions: ["eu-west-1"] }],
      teams: { platform: "@acme/p" },
    });
    expect(parseAnswers("", "a.yaml")).toEqual({});
  });

  test.each([
    ["111122223333=eu-central-1", { id: "111122223333", regions: ["eu-central-1"] }],
    [
      "dev:111122223333=eu-central-1,us-east-1",
      { id: "111122223333", name: "dev", regions: ["eu-central-1", "us-east-1"] },
    ],
    ["11112222333=eu-central-1", undefined],
    ["111122223333=", undefined],
    ["111122223333=eu-central-1,", undefined],
  ])("account %s", (text, expected) => expect(parseAccount(text)).toEqual(expected));
});

describe("the repository, by its remote", () => {
  test.each([
    ["git@github.com:acme/access.git", { host: "github.com", repo: "acme/access" }],
    ["https://github.com/acme/access", { host: "github.com", repo: "acme/access" }],
    ["https://x-token:secret@ghe.test/acme/access.git/", { host: "ghe.test", repo: "acme/access" }],
    ["ssh://git@ghe.test:2222/acme/ac.cess.git", { host: "ghe.test", repo: "acme/ac.cess" }],
    ["/srv/git/access.git", undefined],
    ["https://github.com/acme", undefined],
  ])("%s", (url, expected) => expect(parseRemote(url)).toEqual(expected));
});

describe("what is left to do", () => {
  const commandsOf = ({ steps }: Data) => steps.flatMap(({ commands }) => commands);

  test("each file that it tells to send is one that it wrote, and the rulesets come after the ledger", async () => {
    const cwd = emptyFolder();
    const data = await init(cwd, ...few);
    const files = Object.keys(filesIn(cwd));
    const sent = commandsOf(data).flatMap(
      (each) => /(?:--input|--template-file) (\S+)/.exec(each)?.[1] ?? [],
    );
    expect(sent.length).toBeGreaterThan(8);
    expect(sent.filter((path) => !files.includes(path))).toEqual([]);
    const titles = data.steps.map(({ title }) => title);
    // no address of GitHub's can tick this box, so a person is told
    expect(data.steps[0]?.why).toMatch(/`Enable Device Flow` there, and its client id as `clientId`/);
    expect(titles.indexOf("Begin the ledger")).toBeLessThan(titles.indexOf("Make the rulesets"));
    expect(commandsOf(data).join("\n")).toContain("permission=push");
  });

  test("the commands that commit, push and begin the ledger run as they are printed", async () => {
    const [cwd, bare] = [emptyFolder(), emptyFolder()];
    execFileSync("git", ["init", "--quiet", "--bare", bare]);
    const { steps } = await init(cwd, ...few);
    const commands = steps
      .filter(({ title }) => /commit the files|Begin the ledger/.test(title))
      .flatMap((step) => step.commands);
    const env = {
      ...process.env,
      ...{
        GIT_AUTHOR_NAME: "a",
        GIT_AUTHOR_EMAIL: "a@b",
        GIT_COMMITTER_NAME: "a",
        GIT_COMMITTER_EMAIL: "a@b",
      },
      ...{ GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: `url.file://${bare}.insteadOf` },
      GIT_CONFIG_VALUE_0: "https://github.com/acme/access.git",
    };
    execFileSync("bash", ["-ec", commands.join("\n")], { cwd, env, stdio: "pipe" });
    const branches = execFileSync("git", ["-C", bare, "branch", "--format", "%(refname:short)"]);
    expect(String(branches).trim().split("\n")).toEqual(["ledger", "main"]);
    execFileSync("bash", ["-ec", commands.slice(0, 2).join("\n")], { cwd, env, stdio: "pipe" });
  });

  test.each([[], ["--host", "https://www.github.com/"]])(
    "on github.com nobody changes the tokens' sub: %j %j",
    async (...host) => {
      const commands = commandsOf(await init(emptyFolder(), ...few, ...host)).join("\n");
      expect(commands).not.toMatch(/oidc|GH_HOST/);
    },
  );

  test.each([
    ["ghe.test", "ghe.test/_services/token", "https://ghe.test/api/v3"],
    ["acme.ghe.com", "token.actions.acme.ghe.com", "https://api.acme.ghe.com"],
    ["https://GHE.test/", "ghe.test/_services/token", "https://ghe.test/api/v3"],
  ])("on %s it is: the issuer, the sub and the address are its own", async (given, issuer, api) => {
    const commands = commandsOf(await init(emptyFolder(), ...few, "--host", given)).join("\n");
    const host = given.toLowerCase().replaceAll(/^https:\/\/|\/$/g, "");
    expect(commands).toContain(
      `GH_HOST=${host} gh api --method PUT repos/acme/access/actions/oidc/customization/sub`,
    );
    expect(commands).toContain(`EnterpriseIssuer=${issuer}`);
    expect(commands).toContain(`GITHUB_API_URL=${api} hallpass doctor`);
    expect(commands).toContain(`https://${host}/organizations/acme/settings/apps/new?`);
    expect(commands).not.toMatch(/(?<!GH_HOST=\S+ )gh api/);
  });

  test.each<Readonly<Record<string, string>>>([
    { GITHUB_API_URL: "https://ghe.test/api/v3" },
    { GH_HOST: "ghe.test" },
  ])("%j says which server too", async (env) => {
    const { out } = await hallpass(["init", ...few], { cwd: emptyFolder(), env });
    expect(out).toContain("EnterpriseIssuer=ghe.test/_services/token");
  });

  test("in China and GovCloud the roles are of their partition", async () => {
    const cwd = emptyFolder();
    await init(
      cwd,
      ...few.slice(0, 4),
      "--account",
      "111122223333=us-gov-west-1",
      "--account",
      "444455556666=cn-north-1",
      "--team",
      "platform=a",
    );
    expect(filesIn(cwd)[".github/hallpass.yml"]).toMatch(
      /arn:aws-us-gov:iam::111122223333:role\/HallpassAccess[\s\S]*arn:aws-cn:iam::444455556666:role\/HallpassAccess/,
    );
  });
});
