// AWS's own schema and documented examples, word for word, held against what AWS's text says of them.

import { readFileSync } from "node:fs";
import { type SchemaJson, schemaToJson, validate } from "@cedar-policy/cedar-wasm/nodejs";
import { describe, expect, test } from "vitest";
import { schemaText } from "../../cedar/schema.ts";
import { type Asking, decided, messages, permitWhen, refusals } from "./policies.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/aws/${name}`, import.meta.url), "utf8");

const costs = "e8c17310-e011-7089-d989-10da1EXAMPLE";
const engineering = "d4q81745-r081-7079-d789-14da1EXAMPLE";
const devOps = "911b8590-7041-70fa-d20b-12345EXAMPLE";
const onCall = "34688438-1061-702c-a03d-1fa788dccfd1";

describe("the documented policies load word for word and decide as AWS says", () => {
  test.each<[string, string, Asking, string]>([
    [
      "announcement",
      "DevOps team, development",
      { groups: [devOps], tags: { Environment: "Development" } },
      "auto",
    ],
    [
      "announcement",
      "DevOps team, production",
      { groups: [devOps], tags: { Environment: "Production" } },
      "not auto",
    ],
    ["announcement", "DevOps team, no tag", { groups: [devOps] }, "not auto"],
    ["announcement", "somebody else, development", { tags: { Environment: "Development" } }, "not auto"],
    [
      "announcement",
      "letter case counts",
      { groups: [devOps], tags: { Environment: "development" } },
      "not auto",
    ],
    [
      "auto-approval",
      "own cost center",
      { groups: [costs], attributes: { costCenter: "7" }, tags: { CostCenter: "7" } },
      "auto",
    ],
    [
      "auto-approval",
      "another's cost center",
      { groups: [costs], attributes: { costCenter: "7" }, tags: { CostCenter: "8" } },
      "not auto",
    ],
    [
      "auto-approval",
      "own cost center, not in the group",
      { attributes: { costCenter: "7" }, tags: { CostCenter: "7" } },
      "not auto",
    ],
    [
      "auto-approval",
      "the Platform organization, both keys",
      {
        groups: [engineering],
        attributes: { organization: "Platform" },
        tags: { Engineering: "", Production: "" },
      },
      "auto",
    ],
    [
      "auto-approval",
      "one key missing",
      { groups: [engineering], attributes: { organization: "Platform" }, tags: { Engineering: "" } },
      "not auto",
    ],
    [
      "auto-approval",
      "E-1 employees, testing",
      { attributes: { employeeNumber: "E-1234" }, tags: { Purpose: "Testing" } },
      "auto",
    ],
    [
      "auto-approval",
      "E-2 employees, testing",
      { attributes: { employeeNumber: "E-2234" }, tags: { Purpose: "Testing" } },
      "not auto",
    ],
    [
      "comments",
      "the Platform organization",
      {
        groups: [engineering],
        attributes: { organization: "Platform" },
        tags: { Engineering: "x", Production: "y" },
      },
      "auto",
    ],
    ["on-call", "anybody, DEV", { tags: { Environment: "DEV" } }, "auto"],
    ["on-call", "anybody, PROD", { tags: { Environment: "PROD" } }, "not auto"],
    ["on-call", "on call, PROD", { groups: [onCall], tags: { Environment: "PROD" } }, "auto"],
    ["playground", "an admin's principal tag, any node", { principalTags: { Role: "Admin" } }, "auto"],
    ["playground", "another principal tag", { principalTags: { Role: "User" } }, "not auto"],
    ["playground", "development, anybody", { tags: { Environment: "Development" } }, "auto"],
  ])("%s: %s", (name, _, asking, expected) => {
    expect(decided(fixture(`${name}.cedar`), asking)).toBe(expected);
  });

  const denied = `${fixture("deny-access.cedar")}\n${permitWhen("true")}`;
  test.each<[string, Asking, string]>([
    ["the group on production", { groups: [costs], tags: { Environment: "Production" } }, "not auto"],
    ["the group on development", { groups: [costs], tags: { Environment: "Development" } }, "auto"],
    [
      "another division on financial data",
      { attributes: { division: "Sales" }, tags: { DataClassification: "Financial" } },
      "not auto",
    ],
    [
      "Finance on financial data",
      { attributes: { division: "Finance" }, tags: { DataClassification: "Financial" } },
      "auto",
    ],
    [
      "no division at all on financial data passes, as AWS's guard says; the loader warns",
      { tags: { DataClassification: "Financial" } },
      "auto",
    ],
    [
      "a temporary employee on a critical node",
      { attributes: { employeeNumber: "TEMP-7" }, tags: { Criticality: "High" } },
      "not auto",
    ],
    [
      "an employee on a critical node",
      { attributes: { employeeNumber: "E-7" }, tags: { Criticality: "High" } },
      "auto",
    ],
  ])("deny-access: %s", (_, asking, expected) => {
    expect(decided(denied, asking)).toBe(expected);
  });
});

describe("the documented traps are refused with the fix, or warned of", () => {
  const mended = (name: string): string =>
    fixture(`${name}.cedar`).replaceAll(
      "AWS::SSM::getTokenForInstanceAccess",
      'AWS::SSM::Action::"getTokenForInstanceAccess"',
    );

  test.each([
    ["multiple-clauses", "policy.parse 4:29", 'write `AWS::SSM::Action::"getTokenForInstanceAccess"`'],
    ["elevated", "policy.parse 2:29", 'write `AWS::SSM::Action::"getTokenForInstanceAccess"`'],
    ["contractor", "policy.parse 2:29", 'write `AWS::SSM::Action::"getTokenForInstanceAccess"`'],
    ["reserved-characters", "policy.parse 8:2", "a policy ends with `;`"],
  ])("%s does not parse", (name, place, fix) => {
    expect(refusals(fixture(`${name}.cedar`))).toEqual([place]);
    expect(messages(fixture(`${name}.cedar`))[0]).toContain(fix);
  });

  test.each([
    ["elevated", 'put `context.iam.principalTags.hasTag("AccessLevel") &&` in front of it'],
    ["contractor", "put `principal has division &&` in front of it"],
  ])("%s, its action mended, reads without a guard", (name, fix) => {
    expect(refusals(mended(name))).toEqual(["policy.validation 5:5"]);
    expect(messages(mended(name))[0]).toContain(fix);
  });

  test("multiple-clauses, its action mended, loads", () => {
    expect(decided(mended("multiple-clauses"), { tags: { Environment: "Development" } })).toBe("auto");
  });

  test("the earlier deny that tests for a key of key and value never matches, and is warned of", () => {
    const text = fixture("deny-access-2025.cedar");
    expect(messages(text)).toHaveLength(1);
    const asking = { groups: [costs], tags: { Environment: "Production" } };
    expect(decided(`${text}\n${permitWhen("true")}`, asking)).toBe("auto");
  });

  test("the deny that those without the attribute pass is warned of", () => {
    expect(messages(fixture("deny-access.cedar"))).toEqual([
      expect.stringContaining("principal has division"),
    ]);
  });
});

describe("our schema is a superset of AWS's", () => {
  const json = (text: string): SchemaJson<string> => {
    const answer = schemaToJson(text);
    if (answer.type === "failure") throw new Error(answer.errors[0]?.message);
    return answer.json;
  };
  const [aws, ours] = [json(fixture("schema.cedarschema")), json(schemaText)];

  /** Every key and every value of `a` is in `b`; of lists, every item. */
  function missing(a: unknown, b: unknown, path = ""): readonly string[] {
    if (Array.isArray(a))
      return a.filter((item) => !(Array.isArray(b) && b.includes(item))).map((item) => `${path} ${item}`);
    if (typeof a === "object" && a !== null)
      return Object.entries(a).flatMap(([key, value]) =>
        missing(value, (b as Readonly<Record<string, unknown>> | undefined)?.[key], `${path}/${key}`),
      );
    return a === b ? [] : [`${path}: ${String(a)} is ${String(b)}`];
  }

  test("every type, attribute, tag and action of AWS's is there; the context, a named type here, has what AWS's has", () => {
    const context = "/AWS::SSM/actions/getTokenForInstanceAccess/appliesTo/context";
    expect(missing(aws, ours).filter((path) => !path.startsWith(context))).toEqual([]);
    expect(JSON.stringify(ours["AWS::SSM"]?.commonTypes?.["AccessContext"])).toContain(
      '"iam":{"type":"EntityOrCommon","name":"AWS::IAM::AuthorizationContext"}',
    );
  });

  test("the comparison would notice", () => {
    expect(missing(ours, aws)).not.toEqual([]);
  });

  test("whatever validates under AWS's schema validates under ours", () => {
    for (const name of [
      "announcement",
      "auto-approval",
      "deny-access",
      "deny-access-2025",
      "comments",
      "on-call",
      "playground",
    ]) {
      for (const schema of [fixture("schema.cedarschema"), schemaText]) {
        const answer = validate({ schema, policies: { staticPolicies: fixture(`${name}.cedar`) } });
        expect(answer.type === "success" && answer.validationErrors).toEqual([]);
      }
    }
  });
});
