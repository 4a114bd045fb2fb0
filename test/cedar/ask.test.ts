import { validate } from "@cedar-policy/cedar-wasm/nodejs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ask } from "../../cedar/ask.ts";
import { loadPolicies } from "../../cedar/load.ts";
import { schemaText } from "../../cedar/schema.ts";
import {
  type Asking,
  answer,
  auto,
  decided,
  forbidWhen,
  guardrail,
  load,
  permitWhen,
  question,
} from "./policies.ts";

const permitAll = permitWhen("true");
const guard = (condition: string): string =>
  `forbid (principal, ${guardrail}, resource) when { ${condition} };`;
const overflow = "context.duration.toMilliseconds() * 9223372036854775807 > 0";

describe("the two questions", () => {
  test.each<[string, string, string]>([
    ["no policy: nothing is automatic", "", "not auto"],
    ["a permit", permitAll, "auto"],
    ["a permit that does not match", permitWhen('context.access == "ssh"'), "not auto"],
    ["a deny stops only the automatic approval", `${permitAll} ${forbidWhen("true")}`, "not auto"],
    ["a deny that does not match", `${permitAll} ${forbidWhen('context.access == "ssh"')}`, "auto"],
    ["a guardrail", `${permitAll} ${guard("true")}`, "guardrail"],
    ["a guardrail that does not match", `${permitAll} ${guard('context.access == "ssh"')}`, "auto"],
    ["a permit of the guardrail grants nothing", `permit (principal, ${guardrail}, resource);`, "not auto"],
    [
      "a permit of the guardrail overrides no guardrail",
      `permit (principal, ${guardrail}, resource); ${guard("true")}`,
      "guardrail",
    ],
    [
      "one forbid of both",
      `${permitAll} forbid (principal, action in [AWS::SSM::Action::"startAccessRequest", AWS::SSM::Action::"getTokenForInstanceAccess"], resource);`,
      "guardrail",
    ],
    [
      "break-glass is another action",
      `permit (principal, action == AWS::SSM::Action::"breakGlass", resource);`,
      "not auto",
    ],
  ])("%s", (_, text, expected) => {
    expect(decided(text)).toBe(expected);
  });

  test("what decided is named, in the order of the files", () => {
    const text = `@id("z") ${permitAll}\n@id("a") ${permitAll}\n${permitAll}\n@id("g2") ${guard("true")}\n@id("g1") ${guard("true")}`;
    const { permits, guardrails, denies } = answer(load(text, "dev.cedar"));
    expect(permits.map(({ name }) => name)).toEqual(["z", "a", "dev.cedar:3"]);
    expect(guardrails).toEqual([
      { name: "g2", file: "dev.cedar", line: 4 },
      { name: "g1", file: "dev.cedar", line: 5 },
    ]);
    expect(denies).toEqual([]);
  });

  test("a deny is named in place of the permits that it stops", () => {
    const { permits, denies } = answer(load(`@id("p") ${permitAll} @id("d") ${forbidWhen("true")}`));
    expect([permits, denies.map(({ name }) => name)]).toEqual([[], ["d"]]);
  });
});

describe("an evaluation error of any policy makes the answer broken", () => {
  test.each<[string, string]>([
    ["a broken forbid denies", `${permitAll}\n@id("broken") ${forbidWhen(overflow)}`],
    ["a broken guardrail denies", `${permitAll}\n@id("broken") ${guard(overflow)}`],
    ["a broken permit beside a good one", `${permitAll}\n@id("broken") ${permitWhen(overflow)}`],
    [
      "a date too far",
      `${permitAll}\n@id("broken") ${forbidWhen('datetime("9999-12-31").offset(duration("106751991167d")) > context.now')}`,
    ],
    ["a broken forbid beside a guardrail", `${guard("true")}\n@id("broken") ${forbidWhen(overflow)}`],
  ])("%s", (_, text) => {
    const { errors } = answer(load(text));
    expect(errors.map(({ code, policy, place }) => [code, policy.name, place?.file, place?.line])).toEqual([
      ["policy.evaluation", "broken", "test.cedar", 2],
    ]);
  });

  test("every error is told, with the place of the expression", () => {
    const { errors } = answer(load(`// é🎉\n${forbidWhen(overflow)}\n${guard(overflow)}`));
    expect(errors.map(({ place }) => [place?.line, place?.column])).toEqual([
      [2, 94],
      [3, 87],
    ]);
  });

  test("an error that is not reached is none", () => {
    expect(decided(`${permitAll} ${forbidWhen(`context.access == "ssh" && ${overflow}`)}`)).toBe("auto");
  });

  test("a question that cannot be put is broken for every node", () => {
    const set = load(permitAll);
    const asked = question({ nodes: [{}, {}], context: { weekday: 1.5 } });
    expect(ask(set, asked).map(({ permits, errors }) => [permits, errors.map(({ code }) => code)])).toEqual([
      [[], ["policy.engine"]],
      [[], ["policy.engine"]],
    ]);
  });
});

describe("what policies see", () => {
  const sees = (condition: string, asking: Asking = {}): boolean =>
    decided(permitWhen(condition), asking) === "auto";
  test.each<[string, string, Asking]>([
    ["the login in lower case", 'principal.login == "alice"', { login: "Alice" }],
    ["GitHub's id", "principal.githubId == 1001", {}],
    ["who is not in people.yaml", 'principal == AWS::IdentityStore::User::"@alice"', { login: "Alice" }],
    ["who is", 'principal == AWS::IdentityStore::User::"906b8590"', { user: "906b8590" }],
    ["a team", 'principal in GitHub::Team::"acme/devops"', { teams: ["acme/devops"] }],
    ["a team in any letter case", 'principal in GitHub::Team::"Acme/DevOps"', { teams: ["acme/devops"] }],
    ["a group", 'principal in AWS::IdentityStore::Group::"g"', { groups: ["g"] }],
    [
      "an attribute",
      'principal has costCenter && principal.costCenter == "1001"',
      { attributes: { costCenter: "1001" } },
    ],
    ["no attribute", "!(principal has costCenter) && !(principal has division)", {}],
    [
      "a principal tag",
      'context.iam.principalTags.hasTag("Role") && context.iam.principalTags.getTag("Role") == "Admin"',
      { principalTags: { Role: "Admin" } },
    ],
    ["no principal tag", '!context.iam.principalTags.hasTag("Role")', {}],
    [
      "a tag",
      'resource.hasTag("Environment") && resource.getTag("Environment") == "Dev"',
      { tags: { Environment: "Dev" } },
    ],
    ["a tag of another case is another", '!resource.hasTag("environment")', { tags: { Environment: "Dev" } }],
    ["an instance", 'resource == AWS::EC2::Instance::"i-0123456789abcdef0"', {}],
    [
      "a managed instance",
      'resource is AWS::SSM::ManagedInstance && resource == AWS::SSM::ManagedInstance::"mi-0123456789abcdef0"',
      { nodes: [{ id: "mi-0123456789abcdef0" }] },
    ],
    ["account and region", 'resource.account == "111122223333" && resource.region like "us-*"', {}],
    [
      "name and platform",
      'resource has name && resource.name == "web" && resource has platform && resource.platform == "Linux"',
      { nodes: [{ name: "web", platform: "Linux" }] },
    ],
    ["no name and no platform", "!(resource has name) && !(resource has platform)", {}],
    ["the duration", 'context.duration <= duration("1h") && context.duration == duration("60m")', {}],
    [
      "the day and the time",
      '[1, 2, 3, 4, 5].contains(context.weekday) && context.timeOfDay == duration("12h")',
      {},
    ],
    [
      "now and start",
      'context.now == datetime("2026-01-05T12:00:00Z") && context.start.toTime() == duration("12h")',
      {},
    ],
    ["access and reason", 'context.access == "shell" && context.reason like "*est"', {}],
    ["a ticket", 'context has ticket && context.ticket == "INC-1"', { context: { ticket: "INC-1" } }],
    ["no ticket", "!(context has ticket)", {}],
  ])("%s", (_, condition, asking) => {
    expect(sees(condition, asking)).toBe(true);
  });

  test.each<[string, string, Asking]>([
    ["a team of somebody else", 'principal in GitHub::Team::"acme/security"', { teams: ["acme/devops"] }],
    ["a login that looks like a user id", 'principal == AWS::IdentityStore::User::"alice"', {}],
    ["a second over an hour", 'context.duration <= duration("1h")', { context: { duration: 3601 as never } }],
  ])("not %s", (_, condition, asking) => {
    expect(sees(condition, asking)).toBe(false);
  });

  test("hostile names are data", () => {
    const nasty = [
      'x"; permit(principal,action,resource); //',
      "__entity",
      "__extn",
      "__proto__",
      "constructor",
      "\u0000",
    ];
    for (const text of nasty) {
      const tags = Object.fromEntries([[text, text]]);
      expect(
        decided(permitWhen('resource.hasTag("A")'), {
          login: text,
          tags,
          groups: [text],
          principalTags: tags,
        }),
      ).toBe("not auto");
    }
    expect(decided(permitAll, { login: "\ud800" })).toBe("broken");
    expect(sees('resource.hasTag("__entity")', { tags: { __entity: "x" } })).toBe(true);
  });

  test("every question fits the schema, which the engine is not asked to check each time", () => {
    // a policy that reads everything the schema has: an attribute that is not filled in would be an error
    const everything = [
      'principal.login == ""',
      "principal.githubId == 0",
      'resource.account == ""',
      'resource.region == ""',
      'context.iam.principalTags.hasTag("")',
      "context.now == context.start",
      "context.weekday == 0",
      "context.timeOfDay == context.duration",
      'context.access == "rdp"',
      'context.reason == ""',
    ];
    fc.assert(
      fc.property(
        fc.record({
          login: fc.string({ minLength: 1 }),
          tags: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
          groups: fc.array(fc.string(), { maxLength: 3 }),
          teams: fc.array(fc.string(), { maxLength: 3 }),
        }),
        (asking) => {
          expect(answer(load(permitWhen(everything.join(" || "))), asking).errors).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("many nodes and many sets", () => {
  test("each node has its own answer, in order", () => {
    const set = load(permitWhen('resource.account == "1" || resource.account == "3"'));
    const answers = ask(set, question({ nodes: [{ account: "1" }, { account: "2" }, { account: "3" }] }));
    expect(answers.map(({ permits }) => permits.length)).toEqual([1, 0, 1]);
  });

  test("sets take turns without mixing, more of them than there are slots", () => {
    const sets = Array.from({ length: 9 }, (_, index) => load(permitWhen(`context.weekday == ${index}`)));
    for (const [round] of [[0], [1], [2]]) {
      for (const [index, set] of sets.entries())
        expect(answer(set, { context: { weekday: (index + (round ?? 0)) % 9 } }).permits.length).toBe(
          round === 0 ? 1 : 0,
        );
    }
  });

  test("policies of several files decide together", () => {
    const loaded = loadPolicies([
      { path: "auto.cedar", text: permitAll },
      {
        path: "deny.cedar",
        text: `// last line without an end\n${forbidWhen('context.access == "ssh"')} // x`,
      },
      { path: "guard.cedar", text: guard('context.access == "rdp"') },
    ]);
    if (!loaded.ok) throw new Error("refused");
    const names = (access: "shell" | "ssh" | "rdp"): readonly string[] => {
      const { permits, denies, guardrails } = answer(loaded.set, { context: { access } });
      return [...permits, ...denies, ...guardrails].map(({ name }) => name);
    };
    expect([names("shell"), names("ssh"), names("rdp")]).toEqual([
      ["auto.cedar:1"],
      ["deny.cedar:2"],
      ["auto.cedar:1", "guard.cedar:1"],
    ]);
  });
});

test("the policy that lets everybody ask is valid by itself", () => {
  const text = `permit (principal, ${guardrail}, resource);`;
  const answered = validate({ schema: schemaText, policies: { staticPolicies: text } });
  expect(answered.type === "success" && answered.validationErrors).toEqual([]);
  expect(auto).toContain("getTokenForInstanceAccess");
});
