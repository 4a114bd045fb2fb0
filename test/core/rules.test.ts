import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccountId, NodeId, Region } from "../../core/ids.ts";
import { parseHandle, parseLevel } from "../../core/level.ts";
import type { Node } from "../../core/node.ts";
import { matchesNode } from "../../core/node-matcher.ts";
import { parseRules, ruleFor } from "../../core/rules.ts";
import { codesOf, placesOf, problemsOf, valueIn } from "./parsed.ts";

const node: Node = {
  type: "AWS::EC2::Instance",
  account: "111122223333" as AccountId,
  region: "eu-central-1" as Region,
  id: "i-0123456789abcdef0" as NodeId,
  name: "r2d2-app-01",
  platform: "Amazon Linux",
  agent: "online",
  tags: { Workload: "Application01", "a b": "c/d" },
};

describe("a level", () => {
  test.each([
    ["@alice", { text: "@alice", need: 1, people: ["alice"], teams: [] }],
    ["@acme/Platform", { text: "@acme/Platform", need: 1, people: [], teams: ["acme/platform"] }],
    ["  1 of\t@alice  @bob ", { text: "@alice @bob", need: 1, people: ["alice", "bob"], teams: [] }],
    [
      "2 of @acme/security @Carol",
      { text: "2 of @acme/security @Carol", need: 2, people: ["Carol"], teams: ["acme/security"] },
    ],
    ["02 of @a @b", { text: "2 of @a @b", need: 2, people: ["a", "b"], teams: [] }],
    [
      "@Bob @bob @acme/x @ACME/X",
      { text: "@Bob @bob @acme/x @ACME/X", need: 1, people: ["Bob"], teams: ["acme/x"] },
    ],
    ["9 of @acme/x", { text: "9 of @acme/x", need: 9, people: [], teams: ["acme/x"] }],
  ])("%j", (text, level) => {
    expect(parseLevel(text)).toEqual({ ok: true, value: level });
  });

  test.each([
    ["", ["rules.level-empty"]],
    ["  ", ["rules.level-empty"]],
    ["2 of", ["rules.level-empty"]],
    ["0 of @alice", ["rules.level-impossible"]],
    ["0 of @acme/x", ["rules.level-impossible"]],
    ["2 of @alice", ["rules.level-impossible"]],
    ["2 of @alice @ALICE", ["rules.level-impossible"]],
    ["alice", ["rules.handle-malformed"]],
    ["@alice, @bob", ["rules.handle-malformed"]],
    ["two of @a @b", ["rules.handle-malformed", "rules.handle-malformed"]],
    ["-1 of @a", ["rules.handle-malformed", "rules.handle-malformed"]],
    ["2of @a @b", ["rules.handle-malformed"]],
    ["@deploy[bot]", ["rules.handle-malformed"]],
    ["@", ["rules.handle-malformed"]],
    ["@acme/", ["rules.handle-malformed"]],
    ["99999 of @a", ["rules.handle-malformed", "rules.handle-malformed"]],
  ])("%j is refused", (text, codes) => {
    expect(codesOf(parseLevel(text))).toEqual(codes);
  });

  test("its text reads back as the same level", () => {
    const handles = fc.array(fc.constantFrom("@a", "@B", "@b", "@acme/x", "@c"), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(handles, fc.integer({ min: 1, max: 3 }), (names, need) => {
        const level = parseLevel(`${need}  of ${names.join("   ")}`);
        if (level.ok) expect(parseLevel(level.value.text)).toEqual(level);
      }),
    );
  });

  test("a bot is named as such", () => {
    expect(problemsOf(parseHandle("@x[bot]"))[0]?.message).toContain("bot");
  });
});

describe("which nodes a rule is for", () => {
  test.each([
    ['"*"', true],
    ["{ name: r2d2-app-01 }", true],
    ['{ name: "r2d2-*" }', true],
    ["{ name: R2D2-app-01 }", false],
    ["{ id: i-0123456789abcdef0 }", true],
    ["{ account: 111122223333 }", true],
    ['{ account: "111122223333" }', true],
    ['{ region: ["us-*", "eu-*"] }', true],
    ['{ region: "eu-*", "tag:Workload": Application01 }', true],
    ['{ region: "us-*", "tag:Workload": Application01 }', false],
    ["{ type: AWS::EC2::Instance }", true],
    ["{ type: '*ManagedInstance' }", false],
    ["{ platform: '*Linux' }", true],
    ["{ 'tag:a b': 'c/*' }", true],
    ["{ 'tag:Missing': '*' }", false],
    ["{ 'tag:constructor': '*' }", false],
    ["{ 'tag:__proto__': '*' }", false],
    ["{ 'tag:workload': Application01 }", false],
  ])("%s: %s", (matcher, expected) => {
    const rules = valueIn(parseRules(`- nodes: ${matcher}\n  levels: ["@a"]\n`));
    expect(ruleFor(rules, node) !== undefined).toBe(expected);
  });

  test("what a node lacks never matches", () => {
    const { name, platform, ...bare } = node;
    expect([name, platform].every((value) => value !== undefined)).toBe(true);
    expect(matchesNode({ name: ["*"], tags: {} }, bare)).toBe(false);
    expect(matchesNode({ platform: ["*"], tags: {} }, bare)).toBe(false);
    expect(matchesNode({ tags: {} }, bare)).toBe(true);
  });

  test("the last rule that matches wins", () => {
    const rules = valueIn(
      parseRules(`- { nodes: "*", levels: ["@a"], name: all }
- { nodes: { region: "eu-*" }, levels: ["@b"], name: europe }
- { nodes: { region: "us-*" }, levels: ["@c"], name: america }
`),
    );
    expect(ruleFor(rules, node)?.name).toBe("europe");
    expect(ruleFor(rules, { ...node, region: "ap-east-1" as Region })?.name).toBe("all");
    expect(ruleFor([], node)).toBeUndefined();
  });
});

describe("approvals.yaml", () => {
  test("reads the example of the design", () => {
    const rules = valueIn(
      parseRules(`- nodes: "*"
  levels: ["@acme/platform"]
  max: 4h

- name: application01
  nodes: { "tag:Workload": Application01, region: "eu-*" }   # every entry must match
  levels:
    - "@acme/devops-leads"            # any one of them
    - 2 of @acme/security @carol      # two different people
  max: 8h
`),
    );
    expect(rules).toEqual([
      {
        name: "approvals.yaml:1",
        line: 1,
        nodes: { tags: {} },
        levels: [{ text: "@acme/platform", need: 1, people: [], teams: ["acme/platform"] }],
        max: 14_400,
      },
      {
        name: "application01",
        line: 5,
        nodes: { region: ["eu-*"], tags: { Workload: ["Application01"] } },
        levels: [
          { text: "@acme/devops-leads", need: 1, people: [], teams: ["acme/devops-leads"] },
          { text: "2 of @acme/security @carol", need: 2, people: ["carol"], teams: ["acme/security"] },
        ],
        max: 28_800,
      },
    ]);
  });

  test.each(["", "# nothing\n", "[]\n", "~\n"])("%j has no rules", (text) => {
    expect(parseRules(text)).toEqual({ ok: true, value: [] });
  });

  test("a rule without a name is called by the line of its dash", () => {
    const text = '# first\n-\n  # it\n  nodes: "*"\n  levels: ["@a"]\n- levels: ["@b"]\n  nodes: "*"\n';
    expect(valueIn(parseRules(text)).map(({ name, line }) => [name, line])).toEqual([
      ["approvals.yaml:2", 2],
      ["approvals.yaml:6", 6],
    ]);
  });

  const rule = (lines: string): string => `- ${lines.replaceAll("\n", "\n  ")}\n`;
  test.each([
    ["no level", rule('nodes: "*"\nlevels: []'), ["rules.level-empty 2:11"]],
    ["levels missing", rule('nodes: "*"'), ["rules.wrong-type 1:3"]],
    ["levels not a list", rule('nodes: "*"\nlevels: "@a"'), ["rules.wrong-type 2:11"]],
    ["levels nothing", rule('nodes: "*"\nlevels:'), ["rules.wrong-type 2:10"]],
    ["an empty level", rule('nodes: "*"\nlevels: ["@a", ""]'), ["rules.level-empty 2:18"]],
    ["a level that is a list", rule('nodes: "*"\nlevels: [["@a"]]'), ["rules.wrong-type 2:12"]],
    ["a level that is a number", rule('nodes: "*"\nlevels: [2]'), ["rules.wrong-type 2:12"]],
    ["0 of", rule('nodes: "*"\nlevels: ["0 of @a"]'), ["rules.level-impossible 2:12"]],
    ["more than named", rule('nodes: "*"\nlevels: ["2 of @a @A"]'), ["rules.level-impossible 2:12"]],
    ["a malformed handle", rule('nodes: "*"\nlevels:\n  - bob'), ["rules.handle-malformed 3:7"]],
    ["a bot", rule('nodes: "*"\nlevels: ["@x[bot]"]'), ["rules.handle-malformed 2:12"]],
    [
      "17 levels",
      rule(`nodes: "*"\nlevels: [${Array(17).fill('"@a"').join(", ")}]`),
      ["rules.levels-too-many 2:11"],
    ],
    ["an unknown key", rule('nodes: "*"\nlevel: x\nlevels: ["@a"]'), ["rules.unknown-key 2:3"]],
    ["nodes missing", rule('levels: ["@a"]'), ["rules.wrong-type 1:3"]],
    ["nodes another word", rule('nodes: all\nlevels: ["@a"]'), ["rules.nodes-malformed 1:10"]],
    ["nodes a list", rule('nodes: ["*"]\nlevels: ["@a"]'), ["rules.nodes-malformed 1:10"]],
    ["nodes nothing", rule('nodes:\nlevels: ["@a"]'), ["rules.nodes-malformed 1:9"]],
    ["nodes an empty map", rule('nodes: {}\nlevels: ["@a"]'), ["rules.nodes-malformed 1:10"]],
    ["an unknown attribute", rule('nodes: { nmae: x }\nlevels: ["@a"]'), ["rules.nodes-malformed 1:12"]],
    [
      "an attribute nobody knows",
      rule('nodes: { colour: x }\nlevels: ["@a"]'),
      ["rules.nodes-malformed 1:12"],
    ],
    ["a tag without a key", rule('nodes: { "tag:": x }\nlevels: ["@a"]'), ["rules.nodes-malformed 1:12"]],
    ["an empty list of globs", rule('nodes: { region: [] }\nlevels: ["@a"]'), ["rules.nodes-malformed 1:20"]],
    ["a glob that is nothing", rule('nodes: { region: }\nlevels: ["@a"]'), ["rules.nodes-malformed 1:20"]],
    [
      "a glob that is a map",
      rule('nodes: { region: {a: b} }\nlevels: ["@a"]'),
      ["rules.nodes-malformed 1:20"],
    ],
    ["a bad max", rule('nodes: "*"\nlevels: ["@a"]\nmax: 4'), ["rules.max-malformed 3:8"]],
    ["max 0", rule('nodes: "*"\nlevels: ["@a"]\nmax: 0h'), ["rules.max-malformed 3:8"]],
    ["an empty name", rule('nodes: "*"\nlevels: ["@a"]\nname: ""'), ["rules.name-malformed 3:9"]],
    ["a name of two lines", rule('nodes: "*"\nlevels: ["@a"]\nname: "a\\nb"'), ["rules.name-malformed 3:9"]],
    ["a map", "nodes: x\n", ["rules.wrong-type 1:1"]],
    ["a rule that is a word", "- x\n", ["rules.wrong-type 1:3"]],
    ["no YAML", "- nodes: [\n", ["rules.not-yaml 2:1"]],
    [
      "all at once",
      rule('nodes: {}\nlevels: ["", "x"]\nmax: x\nmin: 1'),
      [
        "rules.unknown-key 4:3",
        "rules.nodes-malformed 1:10",
        "rules.level-empty 2:12",
        "rules.handle-malformed 2:16",
        "rules.max-malformed 3:8",
      ],
    ],
  ])("refuses %s", (_, text, places) => {
    expect(placesOf(parseRules(text))).toEqual(places);
  });

  test("every problem names file and field", () => {
    const [problem] = problemsOf(parseRules('- nodes: "*"\n  levels: ["@a", x]\n'));
    expect(problem).toMatchObject({ field: "[0].levels[1]", place: { file: "policies/approvals.yaml" } });
    expect(problemsOf(parseRules("x", "p/approvals.yaml"))[0]?.place?.file).toBe("p/approvals.yaml");
  });
});

describe("what is odd and no mistake", () => {
  test.each<[string, string]>([
    ["a tag with an empty value, as AWS has them", '- { nodes: { "tag:Draft": "" }, levels: ["@a"] }\n'],
    [
      "two rules of one name",
      '- { nodes: "*", levels: ["@a"], name: x }\n- { nodes: "*", levels: ["@a"], name: x }\n',
    ],
  ])("%s loads", (_, text) => {
    expect(parseRules(text)).toMatchObject({ ok: true });
  });
});
