// Laws that are wrong, one after the other on the default branch: each stands on every request with its file and line, nothing is granted under it, and the next
// push mends it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codesOf, issuedFor } from "../thief.ts";
import { createWorld, type World } from "../world.ts";
import { asRead } from "./as-read.ts";

const fullName = "acme/access";
const repo = { owner: "acme", repo: "access" };
const auto = 'action == AWS::SSM::Action::"getTokenForInstanceAccess"';
const permit = (condition: string): string =>
  `permit (principal, ${auto}, resource) when { ${condition} };\n`;

interface Case {
  readonly name: string;
  readonly file: string;
  /** Null: there is no such file. */
  readonly text: string | null;
  readonly codes: readonly string[];
  readonly says: RegExp;
}

const policy = (name: string, text: string, code: string, says: RegExp): Case => ({
  name,
  file: "policies/wrong.cedar",
  text,
  codes: [code],
  says,
});
const rules = (name: string, text: string, code: string, says: RegExp): Case => ({
  name,
  file: "policies/approvals.yaml",
  text,
  codes: [code],
  says,
});

const cases: readonly Case[] = [
  policy("a policy that does not parse", "permit (principal,\n  action ==", "policy.parse", /wrong\.cedar:2/),
  policy(
    "a policy about what there is not",
    permit("resource.colour == 1"),
    "policy.validation",
    /wrong\.cedar:1:\d+.*colour/,
  ),
  policy(
    "a tag that is read unguarded",
    permit('resource.getTag("A") == "b"'),
    "policy.validation",
    /wrong\.cedar:1:\d+.*hasTag/,
  ),
  policy(
    "a policy for every action",
    "permit (principal, action, resource);\n",
    "policy.no-action",
    /wrong\.cedar:1:\d+.*action/,
  ),
  policy(
    "an id that is there already",
    `@id("sandbox")\n${permit("false")}`,
    "policy.duplicate-id",
    /sandbox/,
  ),
  policy(
    "200 parentheses",
    permit(`${"(".repeat(200)}false${")".repeat(200)}`),
    "policy.too-deep",
    /wrong\.cedar:1:\d+.*32/,
  ),
  policy("the empty set", permit("[].contains(principal)"), "policy.validation", /wrong\.cedar:1:\d+/),
  policy(
    "a policy over 32 KB",
    permit(`resource.hasTag("${"x".repeat(33_000)}")`),
    "policy.too-large",
    /wrong\.cedar/,
  ),
  policy(
    "a policy with 200 operators",
    permit(Array(200).fill("false").join(" && ")),
    "policy.too-many-operators",
    /wrong\.cedar:1:\d+.*100/,
  ),
  policy(
    "a policy that fails when it is asked",
    permit("context.duration.toMilliseconds() * 9223372036854775807 > 0"),
    "policy.evaluation",
    /wrong\.cedar:1/,
  ),
  policy(
    "a team that there is not",
    `permit (principal in GitHub::Team::"acme/nobody", ${auto}, resource);\n`,
    "team.unreadable",
    /@acme\/nobody/,
  ),
  {
    name: "another schema",
    file: "policies/schema.cedarschema",
    text: "entity User;\n",
    codes: ["policy.schema-differs"],
    says: /schema\.cedarschema/,
  },
  rules("rules that are no YAML", "- nodes: [", "rules.not-yaml", /approvals\.yaml:\d+:\d+/),
  rules(
    "a rule that nobody can satisfy",
    '- nodes: "*"\n  levels: ["3 of @bob @carol"]\n',
    "rules.level-impossible",
    /approvals\.yaml:2:\d+/,
  ),
  rules(
    "a rule without a level",
    '- nodes: "*"\n  levels: []\n',
    "rules.level-empty",
    /approvals\.yaml:2:\d+/,
  ),
  rules("a handle without its @", '- nodes: "*"\n  levels: ["bob"]\n', "rules.handle-malformed", /bob/),
  rules(
    "a key that there is not",
    '- nodes: "*"\n  levels: ["@bob"]\n  maximum: 4h\n',
    "rules.unknown-key",
    /maximum.*max/,
  ),
  {
    name: "people who are a list",
    file: "policies/people.yaml",
    text: "- alice\n",
    codes: ["people.malformed"],
    says: /people\.yaml:1:1/,
  },
  {
    name: "a config that is wrong",
    file: ".github/hallpass.yml",
    text: "app: hallpass\n",
    codes: ["config.malformed"],
    says: /hallpass\.yml/,
  },
  {
    name: "no config",
    file: ".github/hallpass.yml",
    text: null,
    codes: ["config.missing"],
    says: /hallpass\.yml.*is missing/,
  },
];

let world: World;
let byPolicy: number;
let byPeople: number;

/** What an admin does, past the ruleset: without it, then with it again. */
async function changeLaw(files: Readonly<Record<string, string | null>>): Promise<void> {
  const olivia = world.stage.as("olivia");
  const { data } = await olivia.request("GET /repos/{owner}/{repo}/rulesets", repo);
  const law = (data as readonly { readonly id: number; readonly name: string }[]).find(({ name }) =>
    name.includes("law"),
  );
  const set = (enforcement: "disabled" | "active") =>
    olivia.request("PUT /repos/{owner}/{repo}/rulesets/{ruleset_id}", {
      ...repo,
      ruleset_id: law?.id ?? 0,
      enforcement,
    });
  await set("disabled");
  world.stage.github.pushFiles("olivia", fullName, "main", files as Record<string, string>, "Change the law");
  await set("active");
}

/** The file as it was. */
function before(file: string): string | null {
  const { actionsWorld } = world.stage.github;
  const repository = actionsWorld.repository(fullName);
  if (repository === undefined) throw new Error("the access repo is gone");
  const head = actionsWorld.resolveRef(repository, "refs/heads/main")?.sha ?? "";
  const bytes = actionsWorld.readFile(repository, head, file);
  return bytes === undefined ? null : Buffer.from(bytes).toString("utf8");
}

beforeAll(async () => {
  world = await createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY });
  byPolicy = world.people.ask("alice");
  byPeople = world.people.ask("alice", { nodes: "r2d2-app-01" });
  await world.run();
  await world.people.token("alice", byPeople);
}, 30_000);
afterAll(() => world.close());

describe("under", () => {
  test.each(cases)(
    "$name nothing is granted, and every request says why",
    async ({ file, text, codes, says }) => {
      const good = before(file);
      const was = await Promise.all([byPolicy, byPeople].map((number) => world.shown.labels(number)));
      await changeLaw({ [file]: text });
      await world.run();
      for (const number of [byPolicy, byPeople]) {
        expect(new Set(await codesOf(world, number))).toEqual(new Set(codes));
        expect(asRead(await world.shown.status(number))).toMatch(says);
        expect(await world.shown.status(number)).toContain("an admin mends it");
      }
      expect(await Promise.all([byPolicy, byPeople].map((number) => world.shown.labels(number)))).toEqual(
        was,
      );

      await changeLaw({ [file]: good });
      await world.run();
      expect(await world.shown.status(byPolicy)).toContain(": approved");
      expect(await world.shown.status(byPeople)).toContain("waiting for approval");
    },
  );

  test("a wrong law the Action itself refuses, with or without the App", async () => {
    await changeLaw({ "policies/wrong.cedar": "permit (" });
    for (const app of world.apps) app.kill();
    await world.people.token("alice", byPolicy);
    await world.people.dispatch("pat", "grant", byPolicy);
    await world.run();
    const run = world.runs.at(-1);
    expect(run).toMatchObject({ command: "grant", state: "refused" });
    expect(run?.problems.join()).toMatch(/wrong\.cedar:1/);
    expect(issuedFor(world, byPolicy)).toBe(0);
    expect(asRead(await world.shown.status(byPolicy))).toMatch(/cannot be decided now[\s\S]*wrong\.cedar:1/);
    // what is open ends under any law
    await world.people.dispatch("pat", "sweep");
    await world.run();
    expect(world.runs.at(-1)).toMatchObject({ command: "sweep", state: "swept", problems: [] });
  });

  test("a law that is mended all goes on: one pull request, reviewed once, one grant each", async () => {
    await changeLaw({ "policies/wrong.cedar": null });
    // a run has failed a moment ago: the next is not started at once
    await world.advance(60);
    world.startApp();
    await world.run();
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, byPeople);
    await world.run();
    expect(await world.shown.tally(byPolicy)).toMatchObject({ pulls: 0, grants: 1, sealed: 1, statuses: 1 });
    expect(await world.shown.tally(byPeople)).toMatchObject({
      pulls: 1,
      merges: 1,
      grants: 1,
      sealed: 1,
      statuses: 1,
    });
  });
});

test("a level of a team that nobody can read waits, names the team, and goes on when the team is there", async () => {
  const other = await createWorld({
    cron: false,
    files: { "policies/approvals.yaml": '- nodes: "*"\n  levels: ["@acme/night-shift"]\n' },
  });
  const number = other.people.ask("alice", { nodes: "r2d2-app-01" });
  await other.people.token("alice", number);
  await other.run();
  expect(await other.shown.labels(number)).toEqual(["access: pending"]);
  expect(asRead(await other.shown.status(number))).toMatch(/@acme\/night-shift.*cannot be read/);
  other.stage.github.createTeam({ organization: "acme", name: "night-shift", members: ["bob"] });
  await other.run();
  expect(asRead(await other.shown.status(number))).not.toMatch(/cannot be read/);
  await other.people.approve("bob", number);
  await other.run();
  expect(await other.shown.labels(number)).toEqual(["access: active"]);
  other.close();
});
