import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PolicyCase, parsePolicyCases } from "../../core/policy-case.ts";

function cases(text: string): readonly PolicyCase[] {
  const parsed = parsePolicyCases(text, "cases.yaml");
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return parsed.value;
}

function one(text: string): PolicyCase {
  const [first] = cases(text);
  if (first === undefined) throw new Error("no case");
  return first;
}

/** `line:column field`, for each problem. */
function problems(text: string): readonly string[] {
  const parsed = parsePolicyCases(text, "cases.yaml");
  if (parsed.ok) return [];
  return parsed.problems.map(({ code, place, field }) => {
    expect(code).toBe("case.malformed");
    expect(place?.file).toBe("cases.yaml");
    return `${place?.line}:${place?.column}${field === undefined ? "" : ` ${field}`}`;
  });
}

const minimal = "- { name: n, requester: alice, expect: auto }";

describe("defaults", () => {
  test("are those of the format", () => {
    expect(one(minimal)).toEqual({
      name: "n",
      place: { file: "cases.yaml", line: 1, column: 3 },
      requester: "alice",
      teams: [],
      groups: [],
      attributes: {},
      principalTags: {},
      node: {
        type: "AWS::EC2::Instance",
        id: "i-00000000000000000",
        account: "111122223333",
        region: "us-east-1",
        agent: "online",
        tags: {},
      },
      for: 3600,
      access: "shell",
      reason: "policy case",
      at: Date.parse("2026-01-05T12:00:00Z"),
      members: new Map(),
      reviews: [],
      pushedBy: [],
      expected: { expect: "auto" },
    });
  });

  test("a node is called by its name, else by its tag `Name`", () => {
    const named = (node: string): string | undefined =>
      one(`- { name: n, requester: alice, node: ${node}, expect: auto }`).node.name;
    expect([
      named("{}"),
      named("{ tags: { Name: web } }"),
      named("{ name: db, tags: { Name: web } }"),
    ]).toEqual([undefined, "web", "db"]);
  });

  test("an empty file has no cases", () => {
    expect([cases(""), cases("# nothing\n"), cases("[]")]).toEqual([[], [], []]);
  });
});

test("everything that a case can say is read", () => {
  const read = one(`
- name: all
  requester: Alice
  teams: [acme/DevOps, "@acme/oncall"]
  groups: [g1]
  attributes: { costCenter: 1001, division: "x" }
  principalTags: { Role: Admin, Level: 3 }
  node: { type: "AWS::SSM::ManagedInstance", id: mi-1, name: n, account: 012345678901, region: eu-central-1, platform: Linux, tags: { A: b, N: 007 } }
  for: 1h30m
  access: port-forward
  reason: because
  ticket: INC-1
  at: 2026-02-03T04:05:06+01:00
  levels: ["@acme/leads", "2 of  @acme/security   @carol"]
  members: { acme/Leads: [Bob], "@acme/security": [bob, "x[bot]"] }
  reviews:
    - { by: bob, state: APPROVED }
    - { by: carol, state: COMMENTED }
    - { by: BOB, state: CHANGES_REQUESTED, on: old }
    - { by: "x[bot]", state: DISMISSED }
    - { by: dave, state: DISMISSED, was: CHANGES_REQUESTED, dismissedBy: erin }
  pushedBy: [dave]
  expect: manual
  by: [rule, "approvals.yaml:3"]
  approval: pending
  missing: [2]
`);
  const at = Date.parse("2026-02-03T03:05:06Z");
  expect(read).toMatchObject({
    requester: "Alice",
    teams: ["acme/devops", "acme/oncall"],
    attributes: { costCenter: "1001", division: "x" },
    principalTags: { Role: "Admin", Level: "3" },
    node: { account: "012345678901", platform: "Linux", tags: { A: "b", N: "007" } },
    for: 5400,
    at,
    pushedBy: ["dave"],
    expected: { expect: "manual", by: ["rule", "approvals.yaml:3"], approval: "pending", missing: [2] },
  });
  expect(read.expected.levels?.map(({ text, need }) => [text, need])).toEqual([
    ["@acme/leads", 1],
    ["2 of @acme/security @carol", 2],
  ]);
  expect(read.reviews).toEqual([
    { by: { login: "bob", id: 1 }, human: true, stance: "approved", onHead: true, at },
    { by: { login: "BOB", id: 1 }, human: true, stance: "changes-requested", onHead: false, at },
    {
      by: { login: "x[bot]", id: 3 },
      human: false,
      stance: "approved",
      onHead: true,
      at,
      dismissed: { by: undefined },
    },
    {
      by: { login: "dave", id: 4 },
      human: true,
      stance: "changes-requested",
      onHead: true,
      at,
      dismissed: { by: "erin" },
    },
  ]);
  expect([...read.members].map(([team, people]) => [team, [...people]])).toEqual([
    ["acme/leads", ["bob"]],
    ["acme/security", ["bob", "x[bot]"]],
    ["acme/devops", ["alice"]],
    ["acme/oncall", ["alice"]],
  ]);
});

test("a requester who is listed among a team's members is in it, and one in `teams` is a member", () => {
  const read = one(
    "- { name: n, requester: Alice, teams: [acme/a], node: {}, members: { acme/a: [bob], acme/b: [alice] }, expect: auto }",
  );
  expect(read.teams).toEqual(["acme/a", "acme/b"]);
  expect([...read.members].map(([team, people]) => [team, [...people]])).toEqual([
    ["acme/a", ["bob", "alice"]],
    ["acme/b", ["alice"]],
  ]);
});

test("one name in `by` needs no list", () => {
  expect(one("- { name: n, requester: a, node: {}, expect: auto, by: dev }").expected.by).toEqual(["dev"]);
});

test("JSON is read as well", () => {
  const json = JSON.stringify(
    [{ name: "n", requester: "alice", node: { tags: { A: "b" } }, for: "2h", expect: "denied", by: [] }],
    null,
    2,
  );
  expect(one(json)).toMatchObject({
    for: 7200,
    node: { tags: { A: "b" } },
    expected: { expect: "denied", by: [] },
  });
});

describe("what is refused, all of it at once", () => {
  const fields = (more: string): string =>
    `- name: n\n  requester: alice\n  node: {}\n  expect: manual\n  ${more}`;
  test.each([
    ["no list", "name: n", ["1:1"]],
    ["no case", "- 5", ["1:3 [0]"]],
    ["nothing in it", "- {}", ["1:3 [0].name", "1:3 [0].requester", "1:3 [0].expect"]],
    ["an empty name", "- { name: '', requester: a, node: {}, expect: auto }", ["1:11 [0].name"]],
    ["an unknown key", fields("expects: auto"), ["5:3 [0].expects"]],
    ["an unknown verdict", "- { name: n, requester: a, node: {}, expect: allowed }", ["1:46 [0].expect"]],
    ["a key twice", fields("expect: auto"), ["5:3"]],
    [
      "a wrong requester",
      "- { name: n, requester: '@alice', node: {}, expect: auto }",
      ["1:25 [0].requester"],
    ],
    ["a wrong team", fields("teams: [devops]"), ["5:11 [0].teams[0]"]],
    ["a wrong duration", fields("for: 1.5h"), ["5:8 [0].for"]],
    ["a wrong moment", fields("at: yesterday"), ["5:7 [0].at"]],
    ["a wrong mode", fields("access: telnet"), ["5:11 [0].access"]],
    ["an unknown attribute", fields("attributes: { title: x }"), ["5:17 [0].attributes.title"]],
    [
      "an unknown type of node",
      "- { name: n, requester: a, node: { type: EC2 }, expect: auto }",
      ["1:42 [0].node.type"],
    ],
    ["a level without a handle", fields("levels: [acme/leads]"), ["5:12 [0].levels[0]"]],
    ["a level that is no text", fields("levels: [[x]]"), ["5:12 [0].levels[0]"]],
    ["members of no team", fields("members: { leads: [bob] }"), ["5:14 [0].members.leads"]],
    ["an unknown state", fields("reviews: [{ by: bob, state: approved }]"), ["5:31 [0].reviews[0].state"]],
    ["a review by nobody", fields("reviews: [{ state: APPROVED }]"), ["5:13 [0].reviews[0].by"]],
    ["an unknown head", fields("reviews: [{ by: b, state: APPROVED, on: new }]"), ["5:43 [0].reviews[0].on"]],
    [
      "`was` of a review that stands",
      fields("reviews: [{ by: b, state: APPROVED, was: APPROVED }]"),
      ["5:44 [0].reviews[0].was"],
    ],
    [
      "`dismissedBy` of a review that stands",
      fields("reviews: [{ by: b, state: APPROVED, dismissedBy: c }]"),
      ["5:52 [0].reviews[0].dismissedBy"],
    ],
    [
      "levels of what is not manual",
      "- name: n\n  requester: a\n  node: {}\n  expect: auto\n  levels: ['@a']\n  approval: pending\n  missing: [1]",
      ["6:13 [0].approval", "5:11 [0].levels", "7:12 [0].missing"],
    ],
    ["a missing level 0", fields("missing: [0]"), ["5:13 [0].missing[0]"]],
    [
      "two wrong cases",
      "- { name: n }\n- { requester: a, node: {}, expect: auto }",
      ["1:3 [0].requester", "1:3 [0].expect", "2:3 [1].name"],
    ],
    ["an anchor", "- &a { name: n }", ["1:3"]],
    ["broken JSON", '[{"name": "n",', ["1:15", "1:15"]],
  ])("%s", (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test("any text is read or refused with a place", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const parsed = parsePolicyCases(text, "c.yaml");
        if (!parsed.ok) for (const { place } of parsed.problems) expect(place?.line).toBeGreaterThan(0);
      }),
    );
  });
});
