import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadPolicies } from "../../cedar/load.ts";
import { adviceOf, groupsMentioned, teamsMentioned } from "../../cedar/policy-set.ts";
import { auto, forbidWhen, guardrail, load, messages, permitWhen, refusals } from "./policies.ts";

describe("what is refused, and where", () => {
  test.each([
    ["no final semicolon", `permit (principal, ${auto}, resource)`, "policy.parse 1:86"],
    ["a word too many", `\n  permit (principal, ${auto}, resource) foo;`, "policy.parse 2:92"],
    [
      "an action that is no action",
      "permit (principal, action == AWS::SSM::getTokenForInstanceAccess, resource);",
      "policy.parse 1:30",
    ],
    ["an unknown method", permitWhen("resource.exists()"), "policy.parse 1:94"],
    ["a string that is not closed", permitWhen('"a'), "policy.parse 1:94"],
    ["an unguarded tag", permitWhen('resource.getTag("Environment") == "x"'), "policy.validation 1:94"],
    ["an unguarded attribute", permitWhen('principal.costCenter == "x"'), "policy.validation 1:94"],
    ["an unguarded ticket", permitWhen('context.ticket == "x"'), "policy.validation 1:94"],
    ["an unguarded name", permitWhen('resource.name like "web-*"'), "policy.validation 1:94"],
    [
      "an unguarded principal tag",
      permitWhen('context.iam.principalTags.getTag("Role") == "x"'),
      "policy.validation 1:94",
    ],
    ["no action", "permit (principal, action, resource);", "policy.no-action 1:1"],
    [
      "no action in the scope",
      `permit (principal, action, resource) when { ${auto} };`,
      "policy.no-action 1:1",
    ],
    [
      "an unknown action",
      'permit (principal, action == AWS::SSM::Action::"startSession", resource);',
      "policy.validation 1:30",
    ],
    [
      "one unknown action among known ones",
      `permit (principal, action in [AWS::SSM::Action::"getTokenForInstanceAccess", AWS::SSM::Action::"x"], resource);`,
      "policy.validation 1:78",
    ],
    [
      "an unknown type",
      `permit (principal == GitHub::User::"alice", ${auto}, resource);`,
      "policy.validation 1:22",
    ],
    ["a misspelt attribute", permitWhen('principal.logn == "alice"'), "policy.validation 1:94"],
    ["an empty set", permitWhen("[].contains(context.access)"), "policy.validation 1:94"],
    ["a template", `permit (principal == ?principal, ${auto}, resource);`, "policy.validation 1:22"],
    ["a bad duration", permitWhen('context.duration < duration("8 hours")'), "policy.validation 1:113"],
    ["numbers for durations", permitWhen("context.duration <= 60"), "policy.validation 1:94"],
    ["a date from text", permitWhen("datetime(context.reason) < context.now"), "policy.validation 1:94"],
    ["a team with an @", permitWhen('principal in GitHub::Team::"@acme/devops"'), "policy.validation 1:1"],
    [
      "a team without its organization",
      permitWhen('principal in GitHub::Team::"devops"'),
      "policy.validation 1:1",
    ],
    ["a login in capitals", permitWhen('principal.login == "Alice"'), "policy.validation 1:1"],
    [
      "a user in capitals",
      `permit (principal == AWS::IdentityStore::User::"@Alice", ${auto}, resource);`,
      "policy.validation 1:1",
    ],
    [
      "a login in capitals in a set",
      permitWhen('["bob", "Alice"].contains(principal.login)'),
      "policy.validation 1:1",
    ],
    ["an unknown mode", forbidWhen('context.access != "telnet"'), "policy.validation 1:1"],
    [
      "an unknown mode in a set",
      forbidWhen('["ssh", "portforward"].contains(context.access)'),
      "policy.validation 1:1",
    ],
    ["a character that turns text around", `// \u202e\n${permitWhen("true")}`, "policy.parse 1:4"],
    ["a carriage return that ends a comment unseen", `// \r${permitWhen("true")}`, "policy.parse 1:4"],
    ["a space of no width", permitWhen('context.reason == "a\u200bb"'), "policy.parse 1:114"],
    ["an empty @id", `@id("") ${permitWhen("true")}`, "policy.validation 1:1"],
    ["an @id without a text", `@id ${permitWhen("true")}`, "policy.validation 1:1"],
    ["a line break in an @id", `@id("a\\nb") ${permitWhen("true")}`, "policy.validation 1:1"],
    ["a byte that is no text", `${permitWhen("true")}\u0000`, "policy.parse 1:101"],
  ])("%s", (_, text, expected) => {
    expect(refusals(text)).toEqual([expected]);
  });

  test("200 parentheses are refused before Cedar sees them, and the engine lives on", () => {
    expect(refusals(permitWhen(`${"(".repeat(200)}true${")".repeat(200)}`))).toEqual(["policy.too-deep 1:1"]);
    expect(load(permitWhen("true")).policies).toHaveLength(1);
  });

  test("lines and columns are those of an editor, whatever stands before", () => {
    const before = '// héllo ✓ 🎉\r\n@id("ünï🎉")\r\n';
    expect(
      refusals(
        `${before}permit (principal, ${auto}, resource) when { context.reason == "🎉é" && context.ticket == "x" };`,
      ),
    ).toEqual(["policy.validation 3:121"]);
  });

  test("lines that end as on Windows are counted once", () => {
    const text = ["// one", permitWhen("true"), "", "permit (principal, action, resource);"].join("\r\n");
    expect(refusals(text)).toEqual(["policy.no-action 4:1"]);
  });

  test("a byte order mark is no part of the text", () => {
    expect(load(`\uFEFF${permitWhen("true")}`).policies[0]?.ref.line).toBe(1);
  });

  test("all problems of all files come together, sorted by file and line", () => {
    const loaded = loadPolicies([
      {
        path: "b.cedar",
        text: `permit (principal, action, resource);\n${permitWhen('context.ticket == "x"')}`,
      },
      { path: "a.cedar", text: `${permitWhen("true")}\n${permitWhen("[] == [1]")}` },
      { path: "c.cedar", text: "permit (" },
    ]);
    expect(
      loaded.ok ? [] : loaded.problems.map(({ code, place }) => `${place?.file}:${place?.line} ${code}`),
    ).toEqual([
      "a.cedar:2 policy.validation",
      "b.cedar:1 policy.no-action",
      "b.cedar:2 policy.validation",
      "c.cedar:1 policy.parse",
    ]);
  });

  test("one read is one problem, though two types of node lack the tag", () => {
    expect(refusals(permitWhen('resource.getTag("A") == "x" && resource.getTag("B") == "x"'))).toEqual([
      "policy.validation 1:94",
      "policy.validation 1:125",
    ]);
  });

  test("a guarded read behind an unguarded one is not reported", () => {
    expect(
      refusals(permitWhen('context.ticket == "x" && resource.hasTag("A") && resource.getTag("A") == "x"')),
    ).toEqual(["policy.validation 1:94"]);
  });
});

describe("what to do next is said", () => {
  test.each([
    ['resource.getTag("Environment") == "x"', 'put `resource.hasTag("Environment") &&` in front of it'],
    ['resource . getTag(\n"A"\n) == "x"', 'put `resource.hasTag("A") &&` in front of it'],
    ['principal.costCenter == "x"', "put `principal has costCenter &&` in front of it"],
    ['principal["costCenter"] == "x"', 'put `principal has "costCenter" &&` in front of it'],
    ['context.ticket == "x"', "put `context has ticket &&` in front of it"],
    [
      'context.iam.principalTags.getTag("Role") == "x"',
      'put `context.iam.principalTags.hasTag("Role") &&` in front of it',
    ],
  ])("the guard for %s", (condition, fix) => {
    expect(messages(permitWhen(condition))[0]).toContain(fix);
  });

  test("a guard that is there but not joined by && is explained", () => {
    const [message] = messages(forbidWhen('!resource.hasTag("E") || resource.getTag("E") == "Production"'));
    expect(message).toContain("counts only where `&&` joins it");
    const fixed = forbidWhen('!(resource.hasTag("E") && resource.getTag("E") != "Production")');
    expect(refusals(fixed)).toEqual([]);
  });

  test.each([
    [
      "permit (principal, action == AWS::SSM::getTokenForInstanceAccess, resource);",
      'write `AWS::SSM::Action::"getTokenForInstanceAccess"`',
    ],
    ["permit (principal, action, resource);", `write \`${auto}\``],
    [`permit (principal, ${auto}, resource)`, "a policy ends with `;`"],
    [permitWhen('principal in GitHub::Team::"@acme/devops"'), 'write `GitHub::Team::"acme/devops"`'],
    [permitWhen('principal.login == "Alice"'), "write `alice`"],
    ['permit (principal, action == AWS::SSM::Action::"getTokenForInstance", resource);', "did you mean"],
    ["permit (principal, action in [], resource);", "name at least one action"],
  ])("%s", (text, fix) => {
    expect(messages(text).join("\n")).toContain(fix);
  });
});

describe("what loads with a warning", () => {
  test.each([
    ["an impossible policy", permitWhen('context.access == "shell" && false'), "policy is impossible"],
    ["a permit of the guardrail", `permit (principal, ${guardrail}, resource);`, "opens nothing"],
    [
      "a tag's value in its key",
      permitWhen('resource.hasTag("Environment:Production")'),
      'write `hasTag("Environment") && resource.getTag("Environment") == "Production"`',
    ],
    [
      "a forbid that those without the attribute pass",
      forbidWhen('principal has division && principal.division != "Finance"'),
      "!(principal has division && … == …)",
    ],
    [
      "a forbid that untagged nodes pass",
      forbidWhen('resource.hasTag("E") && resource.getTag("E") != "Dev"'),
      'write `!(resource.hasTag("E") && … == …)`',
    ],
  ])("%s", (_, text, warning) => {
    const { warnings } = load(text);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toContain(warning);
  });

  test.each([
    ["AWS's own tag keys have colons", permitWhen('resource.hasTag("aws:autoscaling:groupName")')],
    [
      "a key with a colon that is read as well",
      permitWhen('resource.hasTag("eks:cluster") && resource.getTag("eks:cluster") == "a"'),
    ],
    [
      "a mode that there is",
      forbidWhen('["ssh", "rdp"].contains(context.access) || context.access == "port-forward"'),
    ],
    ["a forbid of one value", forbidWhen('resource.hasTag("E") && resource.getTag("E") == "Prod"')],
    ["a permit of all but one value", permitWhen('resource.hasTag("E") && resource.getTag("E") != "Prod"')],
    [
      "a forbid unless",
      `forbid (principal, ${auto}, resource) unless { principal has division && principal.division != "X" };`,
    ],
  ])("none for: %s", (_, text) => {
    expect(load(text).warnings).toEqual([]);
  });
});

describe("names", () => {
  test("a policy is called by its @id, else by its file and the line of its first token, annotations included", () => {
    const set = load(
      `// first\n\n${permitWhen("true")}\n\n@advice("x")\n${permitWhen("true")} @id("third") ${permitWhen("true")}`,
      "dev.cedar",
    );
    expect(set.policies.map(({ ref }) => ref)).toEqual([
      { name: "dev.cedar:3", file: "dev.cedar", line: 3 },
      { name: "dev.cedar:5", file: "dev.cedar", line: 5 },
      { name: "third", file: "dev.cedar", line: 6 },
    ]);
  });

  test("the name does not say `policies/`, the place does: a case names a policy as the record does", () => {
    const [policy] = load(permitWhen("true"), "policies/dev.cedar").policies;
    expect(policy?.ref).toEqual({ name: "dev.cedar:1", file: "policies/dev.cedar", line: 1 });
  });

  test("more than ten policies keep their order", () => {
    const text = Array.from(
      { length: 25 },
      (_, index) => `@id("p${index}") ${permitWhen(`context.weekday == ${index}`)}`,
    );
    expect(
      load(text.join("\n")).policies.map(({ ref, text: own }) => [
        ref.name,
        own.includes(`== ${ref.name.slice(1)} }`),
      ]),
    ).toEqual(text.map((_, index) => [`p${index}`, true]));
  });

  test("an @id is taken once in the whole set", () => {
    const one = { path: "a.cedar", text: `@id("x") ${permitWhen("true")}` };
    const loaded = loadPolicies([one, { path: "b.cedar", text: `\n@id("x") ${forbidWhen("true")}` }]);
    expect(
      loaded.ok ? [] : loaded.problems.map(({ code, place }) => [code, place?.file, place?.line]),
    ).toEqual([["policy.duplicate-id", "b.cedar", 2]]);
  });

  test("an @id cannot pass for a policy without one", () => {
    expect(refusals(`${permitWhen("true")}\n@id("test.cedar:1") ${permitWhen("true")}`)).toEqual([
      "policy.duplicate-id 2:1",
    ]);
  });

  test("advice is found by the policy's name", () => {
    const set = load(`@id("a") @advice("ask @acme/platform") ${forbidWhen("true")} ${permitWhen("true")}`);
    const [first, second] = set.policies;
    if (first === undefined || second === undefined) throw new Error("two policies");
    expect(adviceOf(set, first.ref)).toBe("ask @acme/platform");
    expect(adviceOf(set, second.ref)).toBeUndefined();
  });
});

describe("who is mentioned", () => {
  test("teams and groups, in scopes, conditions and sets, once each", () => {
    const set = load(
      `permit (principal in GitHub::Team::"acme/DevOps", ${auto}, resource) when { principal in [AWS::IdentityStore::Group::"g2", AWS::IdentityStore::Group::"g1"] };
       ${forbidWhen('principal in GitHub::Team::"acme/devops" || !(principal in GitHub::Team::"acme/contractors")')}`,
    );
    expect(teamsMentioned(set)).toEqual(["acme/devops", "acme/contractors"].sort((a, b) => (a < b ? 1 : -1)));
    expect(groupsMentioned(set)).toEqual(["g1", "g2"]);
  });

  test("not the ones in comments and strings", () => {
    const set = load(`// GitHub::Team::"acme/a"\n${permitWhen('context.reason == "GitHub::Team::acme/b"')}`);
    expect(teamsMentioned(set)).toEqual([]);
  });
});

describe("the schema's copy", () => {
  const copy = readFileSync(new URL("../../policies/schema.cedarschema", import.meta.url), "utf8");
  const codes = (text: string): readonly string[] => refusals(text, "schema.cedarschema");
  test("is accepted, in any layout", () => {
    expect(codes(copy)).toEqual([]);
    expect(codes(copy.replace(/\n/g, "\r\n"))).toEqual([]);
    expect(codes(copy.replace(/\/\/.*/g, ""))).toEqual([]);
  });
  test.each([
    ["a wider one", copy.replace("ticket?: String,", "ticket?: String, ip?: String,")],
    ["a looser one", copy.replace("login: String", "login?: String")],
    ["AWS's own", readFileSync(new URL("../fixtures/aws/schema.cedarschema", import.meta.url), "utf8")],
    ["no schema", "nonsense"],
    ["an empty one", ""],
    ["a nested one", `type A = ${"Set<".repeat(2000)}String${">".repeat(2000)};`],
    ["a huge one", copy + "// x\n".repeat(10_000)],
  ])("%s is refused", (_, text) => {
    expect(codes(text)).toEqual(["policy.schema-differs 1:1"]);
  });
});
