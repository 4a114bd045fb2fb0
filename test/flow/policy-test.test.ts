import { describe, expect, test } from "vitest";
import { inlineEngine } from "../../cedar/engine.ts";
import { parsePolicyCases } from "../../core/policy-case.ts";
import { isPolicyFile, loadPolicyFolder } from "../../flow/policy-folder.ts";
import { type CaseResult, runCase } from "../../flow/policy-test.ts";

const engine = inlineEngine();
const action = (id: string): string => `action == AWS::SSM::Action::"${id}"`;
const auto = action("getTokenForInstanceAccess");
const guardrail = action("startAccessRequest");

async function load(files: Readonly<Record<string, string>>) {
  const loaded = await loadPolicyFolder(
    engine,
    Object.entries(files).map(([path, text]) => ({ path, text })),
  );
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  return loaded.value;
}

/** One case, as YAML between braces, against a folder. */
async function result(
  files: Readonly<Record<string, string>>,
  written: string,
  timeZone = "UTC",
): Promise<CaseResult> {
  const parsed = parsePolicyCases(`- { name: n, requester: alice, node: {}, ${written} }`, "c.yaml");
  const [first] = parsed.ok ? parsed.value : [];
  if (first === undefined) throw new Error(parsed.ok ? "no case" : parsed.problems[0].message);
  return runCase({ engine, policies: await load(files), timeZone }, first);
}

const overflow = "context.duration.toMilliseconds() * 9223372036854775807 > 0";
const permit = `@id("open") permit (principal, ${auto}, resource);`;
const deny = `@id("deny") forbid (principal, ${auto}, resource);`;
const guard = `@id("guard") forbid (principal, ${guardrail}, resource);`;
const brokenForbid = `@id("bad") forbid (principal, ${auto}, resource) when { ${overflow} };`;
const rule = '- nodes: "*"\n  levels: ["@acme/platform"]\n  max: 2h\n';

describe("the decision table", () => {
  test.each<[string, Readonly<Record<string, string>>, string, string, readonly string[]]>([
    ["an empty folder covers no node", {}, "", "denied", []],
    ["a permit", { "a.cedar": permit }, "", "auto", ["open"]],
    ["a permit without an @id", { "a.cedar": `\n\n${permit.slice(12)}` }, "", "auto", ["a.cedar:3"]],
    ["a deny and no rule", { "a.cedar": permit + deny }, "", "denied", []],
    [
      "a deny stops only the automatic approval",
      { "a.cedar": permit, "d.cedar": deny, "approvals.yaml": rule },
      "",
      "manual",
      ["approvals.yaml:1"],
    ],
    ["a guardrail", { "a.cedar": permit + guard, "approvals.yaml": rule }, "", "denied", ["guard"]],
    ["a rule", { "approvals.yaml": rule }, "", "manual", ["approvals.yaml:1"]],
    [
      "a rule of another line",
      { "approvals.yaml": `# one\n- name: never\n  nodes: { id: x }\n  levels: ["@a"]\n${rule}` },
      "",
      "manual",
      ["approvals.yaml:5"],
    ],
    ["a named rule", { "approvals.yaml": `${rule}  name: all\n` }, "", "manual", ["all"]],
    ["as long as the rule allows", { "approvals.yaml": rule }, "for: 2h,", "manual", ["approvals.yaml:1"]],
    ["longer than the rule allows", { "approvals.yaml": rule }, "for: 2h1s,", "denied", ["approvals.yaml:1"]],
    [
      "max does not touch automatic access",
      { "a.cedar": permit, "approvals.yaml": rule },
      "for: 9h,",
      "auto",
      ["open"],
    ],
    [
      "a broken forbid denies",
      { "a.cedar": `${permit}${brokenForbid}`, "approvals.yaml": rule },
      "",
      "broken",
      ["bad"],
    ],
    ["broken beats a guardrail", { "a.cedar": `${guard}${brokenForbid}` }, "", "broken", ["bad"]],
    [
      "the last rule that matches wins",
      {
        "approvals.yaml": `${rule}  name: all\n- { name: last, nodes: { account: "1*" }, levels: ["@b"] }\n`,
      },
      "",
      "manual",
      ["last"],
    ],
  ])("%s", async (_, files, more, expected, by) => {
    const { got, ok } = await result(files, `${more} expect: ${expected}, by: ${JSON.stringify(by)}`);
    expect({ expect: got.expect, by: got.by, ok }).toEqual({ expect: expected, by, ok: true });
    expect(got.errors.length > 0).toBe(expected === "broken");
  });

  test("what is not manual has no levels, no approval and nothing missing", async () => {
    const { got } = await result({ "a.cedar": permit }, "expect: auto");
    expect(got).toEqual({
      expect: "auto",
      by: ["open"],
      levels: [],
      approval: null,
      missing: [],
      errors: [],
    });
  });
});

describe("what a case expects", () => {
  const files = {
    "approvals.yaml": '- name: r\n  nodes: "*"\n  levels: ["@Acme/Leads", "2 of @acme/security  @carol"]\n',
  };
  const members = "members: { acme/leads: [bob], acme/security: [dave] }";
  test.each<[string, string, boolean]>([
    ["nothing but the verdict", "", true],
    ["the levels in another order", 'levels: ["2 of @acme/security @carol", "@acme/leads"]', true],
    ["handles in another order and case", 'levels: ["@acme/LEADS", "2 of @Carol @ACME/security"]', true],
    ["1 of said", 'levels: ["1 of @acme/leads", "2 of @acme/security @carol"]', true],
    ["another number", 'levels: ["@acme/leads", "@acme/security @carol"]', false],
    ["a level too few", 'levels: ["@acme/leads"]', false],
    ["missing", "missing: [1, 2]", true],
    ["missing, not all", "missing: [1]", false],
    ["the wrong approval", "approval: approved", false],
    ["the right approval", "approval: pending", true],
    ["the rule twice", "by: [r, r]", true],
    ["another rule", "by: [x]", false],
    ["one more", "by: [r, x]", false],
    ["none", "by: []", false],
    [
      "partly approved",
      `${members}, reviews: [{ by: bob, state: APPROVED }, { by: dave, state: APPROVED }], missing: [2], approval: pending`,
      true,
    ],
    [
      "approved",
      `${members}, reviews: [{ by: BOB, state: APPROVED }, { by: Dave, state: APPROVED }, { by: carol, state: APPROVED }], missing: [], approval: approved`,
      true,
    ],
    [
      "rejected by an old no",
      `${members}, reviews: [{ by: bob, state: CHANGES_REQUESTED, on: old }], approval: rejected`,
      true,
    ],
    [
      "dismissed by nobody known",
      `${members}, reviews: [{ by: bob, state: DISMISSED, was: CHANGES_REQUESTED }], approval: rejected`,
      true,
    ],
  ])("%s", async (_, more, expected) => {
    expect((await result(files, `${more === "" ? "" : `${more}, `}expect: manual`)).ok).toBe(expected);
  });

  test("another verdict is not as expected, and both are told", async () => {
    const { ok, expected, got, file, name } = await result(files, "expect: auto");
    expect({ ok, expected, got: got.expect, file, name }).toEqual({
      ok: false,
      expected: { expect: "auto" },
      got: "manual",
      file: "c.yaml",
      name: "n",
    });
  });

  test("levels are told as written, white space folded", async () => {
    const { got, expected } = await result(files, 'expect: manual, levels: ["@acme/leads"]');
    expect(got.levels).toEqual(
      ["@acme/leads", "2 of @acme/security @carol"].map((text) => text.replace("@acme/leads", "@Acme/Leads")),
    );
    expect(expected.levels).toEqual(["@acme/leads"]);
  });
});

describe("who asks", () => {
  const when = (condition: string) => ({
    "a.cedar": `permit (principal, ${auto}, resource) when { ${condition} };`,
  });
  const peopleFile =
    'alice: { id: 42, user: u1, costCenter: "1" }\n"@acme/devops": { groups: [g1], principalTags: { Role: Admin } }\n';
  test.each<[string, string, string, string]>([
    ["a team of the case", 'principal in GitHub::Team::"acme/devops"', "teams: [ACME/devops],", "auto"],
    [
      "the group that the team has",
      'principal in AWS::IdentityStore::Group::"g1"',
      "teams: [acme/devops],",
      "auto",
    ],
    [
      "not the group of a team that they are not in",
      'principal in AWS::IdentityStore::Group::"g1"',
      "",
      "denied",
    ],
    [
      "the case's own groups are added",
      'principal in AWS::IdentityStore::Group::"g1" && principal in AWS::IdentityStore::Group::"g2"',
      "teams: [acme/devops], groups: [g2],",
      "auto",
    ],
    [
      "the case's attributes come first",
      'principal has costCenter && principal.costCenter == "2"',
      'attributes: { costCenter: "2" },',
      "auto",
    ],
    [
      "principal tags",
      'context.iam.principalTags.hasTag("Role") && context.iam.principalTags.getTag("Role") == "X"',
      "teams: [acme/devops], principalTags: { Role: X },",
      "auto",
    ],
    [
      "the Identity Store user and GitHub's id",
      'principal == AWS::IdentityStore::User::"u1" && principal.githubId == 42',
      "",
      "auto",
    ],
    [
      "the moment",
      'context.now == datetime("2026-03-01T00:00:00Z") && context.weekday == 7',
      "at: 2026-03-01T00:00:00Z,",
      "auto",
    ],
    [
      "reason and ticket",
      'context.reason == "r" && context has ticket && context.ticket == "t"',
      "reason: r, ticket: t,",
      "auto",
    ],
  ])("%s", async (_, condition, more, expected) => {
    expect(
      (await result({ ...when(condition), "people.yaml": peopleFile }, `${more} expect: ${expected}`)).got
        .expect,
    ).toBe(expected);
  });

  test("the time zone is that of the run", async () => {
    const files = when('context.timeOfDay == duration("13h")');
    expect((await result(files, "expect: auto", "Europe/Berlin")).ok).toBe(true);
    expect((await result(files, "expect: auto", "UTC")).ok).toBe(false);
  });
});

describe("break-glass", () => {
  const glass = action("breakGlass");
  const breaks = `@id("glass") permit (principal, ${glass}, resource);`;
  const never = `forbid (principal, ${glass}, resource);`;
  const badGlass = `permit (principal, ${glass}, resource) when { ${overflow} };`;
  const no = "members: { acme/platform: [bob] }, reviews: [{ by: bob, state: CHANGES_REQUESTED }],";
  test.each<[string, string, string, boolean | undefined, string]>([
    ["a permit", breaks, "breakGlass: true,", true, "manual"],
    ["no permit", "", "breakGlass: false,", false, "manual"],
    ["a forbid", breaks + never, "breakGlass: false,", false, "manual"],
    [
      "a forbid of the automatic approval does not matter",
      breaks + deny,
      "breakGlass: true,",
      true,
      "manual",
    ],
    ["somebody has said no", breaks, `${no} breakGlass: false,`, false, "manual"],
    ["nobody asked", breaks, "", undefined, "manual"],
    ["an error breaks the decision that asks", badGlass, "breakGlass: true,", undefined, "broken"],
    ["and no other", badGlass, "", undefined, "manual"],
    ["a guardrail denies", breaks + guard, "breakGlass: true,", undefined, "denied"],
  ])("%s", async (_, policies, more, expected, expect_) => {
    const { got, ok } = await result(
      { "a.cedar": policies, "approvals.yaml": rule },
      `${more} expect: manual`,
    );
    expect({ expect: got.expect, breakGlass: got.breakGlass, ok }).toEqual({
      expect: expect_,
      breakGlass: expected,
      ok: expect_ === "manual",
    });
  });

  test("it is never automatic", async () => {
    const { got } = await result({ "a.cedar": breaks }, "expect: denied");
    expect(got.expect).toBe("denied");
  });
});

describe("who stands in", () => {
  const files = {
    "approvals.yaml": '- nodes: "*"\n  levels: ["@acme/leads"]\n',
    "delegations.yaml": "- { from: bob, to: carol, since: 2026-01-05, until: 2026-01-06 }\n",
  };
  const said = "members: { acme/leads: [bob] }, reviews: [{ by: carol, state: APPROVED }], expect: manual";
  test.each([
    ["inside the window counts", "2026-01-06T23:59:59Z", "approved"],
    ["after it does not", "2026-01-07T00:00:00Z", "pending"],
    ["before it does not", "2026-01-04T23:59:59Z", "pending"],
  ])("%s", async (_, at, approval) => {
    expect((await result(files, `at: ${at}, ${said}`)).got.approval).toBe(approval);
  });
});

describe("a folder that does not load", () => {
  test("tells the problems of all its files together", async () => {
    const loaded = await loadPolicyFolder(engine, [
      { path: "a.cedar", text: "permit (" },
      { path: "approvals.yaml", text: "- levels: []" },
      { path: "people.yaml", text: "alice: { nickname: al }" },
      { path: "delegations.yaml", text: "- { from: bob, to: bob }" },
      { path: "schema.cedarschema", text: "entity X;" },
    ]);
    expect(loaded.ok ? [] : [...new Set(loaded.problems.map(({ place }) => place?.file))]).toEqual([
      "a.cedar",
      "schema.cedarschema",
      "approvals.yaml",
      "people.yaml",
      "delegations.yaml",
    ]);
  });

  test.each([
    ["a.cedar", true],
    ["schema.cedarschema", true],
    ["approvals.yaml", true],
    ["people.yaml", true],
    ["delegations.yaml", true],
    ["README.md", false],
    ["cases/a.cedar", true],
    ["docs/approvals.yaml", false],
    ["a.cedar.bak", false],
    ["other.yaml", false],
  ])("%s is a policy file: %s", (path, expected) => {
    expect(isPolicyFile(path)).toBe(expected);
  });
});
