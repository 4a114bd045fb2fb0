import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits, scanPolicies } from "../../cedar/lexer.ts";
import { loadPolicies } from "../../cedar/load.ts";
import { auto, permitWhen } from "./policies.ts";

const scan = (text: string) => scanPolicies("p.cedar", text);
const codes = (text: string): readonly string[] => scan(text).problems.map((each) => each.code);
const only = (text: string) => {
  const [first, ...others] = scan(text).policies;
  if (first === undefined || others.length > 0) throw new Error("not one policy");
  return first;
};
const repeat = (part: string, times: number): string => part.repeat(times);

describe("where a policy begins and ends", () => {
  test.each([
    ["nothing", "", []],
    ["only a comment", "// permit (principal, action, resource);", []],
    ["one", "permit(a);", ["permit(a);"]],
    ["comments before are not part of it", "// x\n\n  permit(a);", ["permit(a);"]],
    ["annotations are", '@id("a;b") // c;\n@x permit(a);', ['@id("a;b") // c;\n@x permit(a);']],
    ["a semicolon in a string", 'permit(a) when { "a;\\"b;" == c };', ['permit(a) when { "a;\\"b;" == c };']],
    ["a semicolon in a comment", "permit(a) // ;\n;forbid(b);", ["permit(a) // ;\n;", "forbid(b);"]],
    ["a comment ends at a lone carriage return", "// x\rpermit(a);", ["permit(a);"]],
    ["slashes in a string", 'permit("//");forbid(b);', ['permit("//");', "forbid(b);"]],
    ["one that is not finished", "permit(a); forbid(b", ["permit(a);", "forbid(b"]],
    ["a string that is not finished", 'permit("a; forbid(b);', ['permit("a; forbid(b);']],
    ["a semicolon inside a bracket ends nothing", "permit(a;b);", ["permit(a;b);"]],
    ["too many closing brackets", "permit(a))); forbid(b);", ["permit(a)));", "forbid(b);"]],
  ])("%s", (_, text, expected) => {
    expect(scan(text).policies.map(({ start, end }) => text.slice(start, end))).toEqual(expected);
  });
});

describe("the limits, each at its edge and beyond", () => {
  const when = (condition: string): string => permitWhen(condition);
  const sized = (bytes: number): string => {
    const empty = Buffer.byteLength(when('"" == "é"'));
    return when(`"${"x".repeat(bytes - empty)}" == "é"`);
  };
  test.each([
    ["32 KB", sized(limits.bytes), []],
    ["a byte more", sized(limits.bytes + 1), ["policy.too-large"]],
    ["depth 32", when(`${repeat("(", 31)}true${repeat(")", 31)}`), []],
    ["depth 33", when(`${repeat("(", 32)}true${repeat(")", 32)}`), ["policy.too-deep"]],
    ["200 parentheses", when(`${repeat("(", 200)}true${repeat(")", 200)}`), ["policy.too-deep"]],
    ["sets", when(`${repeat("[", 40)}1${repeat("]", 40)} == [1]`), ["policy.too-deep"]],
    ["records", when(`${repeat("{a:", 40)}1${repeat("}", 40)} == {}`), ["policy.too-deep"]],
    ["mixed brackets", when(`${repeat("([", 20)}1${repeat("])", 20)} == [1]`), ["policy.too-deep"]],
    ["100 operators", when(`true${repeat(" && true", 100)}`), []],
    ["101 operators", when(`true${repeat(" && true", 101)}`), ["policy.too-many-operators"]],
    [
      "101 of each kind",
      when(`true${repeat(" || !true && 1 + 1 - 1 * 1 == 2", 26)}`),
      ["policy.too-many-operators"],
    ],
    ["if", when(`${repeat("if true then true else ", 101)}true`), ["policy.too-many-operators"]],
    [
      "clauses",
      `permit(principal, ${auto}, resource)${repeat(" when { true }", 102)};`,
      ["policy.too-many-operators"],
    ],
    ["chained reads", when(`context${repeat(".a", 33)}`), ["policy.too-deep"]],
    [
      "chained reads in brackets",
      when(`${repeat("(", 9)}context${repeat(".a.a.a.a)", 9)}`),
      ["policy.too-deep"],
    ],
    ["chained index reads", when(`context${repeat('["a"]', 33)}`), ["policy.too-deep"]],
    [
      "chained calls",
      when(`context.now${repeat('.offset(duration("1s"))', 32)} > context.now`),
      ["policy.too-deep"],
    ],
    ["comparisons and many short reads are free", when(`[${repeat("context.a.b.c, ", 100)}1] == [1]`), []],
    ["brackets in a string", when(`"${repeat("(", 200)}" == "a"`), []],
    ["brackets in a comment", `${when("true")} // ${repeat("(", 200)}`, []],
    [
      "brackets behind a comment that a carriage return ends",
      when(`true // \r && ${repeat("(", 40)}`),
      ["policy.too-deep"],
    ],
    ["brackets behind an escaped quote", when(`"\\"" == "a" && ${repeat("(", 40)}`), ["policy.too-deep"]],
    ["a semicolon does not reset the depth", `permit(${repeat("(;", 40)}`, ["policy.too-deep"]],
  ])("%s", (_, text, expected) => {
    expect(codes(text)).toEqual(expected);
  });

  test("each policy is measured by itself, and named by its own line", () => {
    const deep = permitWhen(`${repeat("(", 40)}true${repeat(")", 40)}`);
    const { problems } = scan(`${permitWhen("true")}\n${deep}\n${deep}`);
    expect(problems.map(({ place }) => place?.line)).toEqual([2, 3]);
  });
});

describe("any text", () => {
  const fragments = fc.constantFrom(
    ...'()[]{};"\\/!+-*.,:<>=?@ \n\r\t'.split(""),
    ..."&& || == != // permit forbid when unless if then else principal action resource context é 🎉 \u0085 \ud800 \u2028".split(
      " ",
    ),
    auto,
    '"a"',
    '@id("x")',
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fragments, { maxLength: 80 }).map((all) => all.join("")),
  );

  test("is scanned without an error, and no policy overlaps another", () => {
    fc.assert(
      fc.property(texts, (text) => {
        let last = 0;
        for (const { start, end } of scan(text).policies) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2000 },
    );
  });

  test("loads or is refused with a place, and never makes the engine disagree with us", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const loaded = loadPolicies([{ path: "p.cedar", text }]);
        if (loaded.ok) return;
        for (const problem of loaded.problems) {
          expect(problem.code).not.toBe("policy.engine");
          expect(problem.place?.file).toBe("p.cedar");
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("is scanned in linear time", () => {
    const time = (text: string): number => {
      const start = performance.now();
      scan(text);
      return performance.now() - start;
    };
    for (const part of ['"', "//", "((((", "a.a.", '"\\', "a ", "\n", ";;"]) {
      time(part.repeat(10_000));
      const small = Math.max(1, Math.min(...[1, 2, 3].map(() => time(part.repeat(20_000)))));
      const large = Math.min(...[1, 2, 3].map(() => time(part.repeat(200_000))));
      // ten times the text: linear is 10, quadratic would be 100
      expect(large / small).toBeLessThan(40);
    }
  });
});

describe("brackets that hide from us but not from Cedar", () => {
  const hidden = `${repeat("(", 150)}true${repeat(")", 150)}`;
  // each is refused by a limit, or by Cedar's parser before it builds anything: never read as shallow and accepted, never fatal
  test.each([
    ["behind a comment that a carriage return ends", `true // \r && ${hidden}`],
    ["behind what is no comment", `true /* && ${hidden} */`],
    ["behind single quotes", `'" && ${hidden} && "'`],
    ["behind an escaped quote", `"\\"" == "" && ${hidden}`],
    ["behind an escaped backslash", `"\\\\" == "" && ${hidden}`],
    ["behind a backslash and a line break", `"\\\n" == "" && ${hidden}`],
    ["behind a line separator in a comment", `true // \u2028 && ${hidden}`],
    ["behind a next-line in a comment", `true // \u0085 && ${hidden}`],
    ["behind a zero byte", `true \u0000 && ${hidden}`],
    ["behind half a character", `"\ud800" == "" && ${hidden}`],
    ["with closing brackets of another kind between", repeat("(]", 150)],
    ["behind more closing brackets than opened", `true })))) && ${hidden}`],
    ["in an annotation", `true }; @a(${hidden}) permit(principal, action, resource) when { true`],
    ["in the scope", `true }; permit(principal in ${hidden}, action, resource) when { true`],
  ])("%s", (_, condition) => {
    const loaded = loadPolicies([{ path: "p.cedar", text: permitWhen(condition) }]);
    expect(
      loaded.ok
        ? []
        : loaded.problems.map(({ code }) => code).filter((code) => !/^policy\.(too-deep|parse)$/.test(code)),
    ).toEqual([]);
    expect(loaded.ok && !condition.includes("//")).toBe(false);
    expect(loadPolicies([{ path: "p.cedar", text: permitWhen("true") }]).ok).toBe(true);
  });
});

describe("policies inside the limits", () => {
  const leaf = fc.constantFrom(
    "true",
    'context.duration <= duration("1h")',
    'resource.hasTag("A")',
    'principal in GitHub::Team::"acme/devops"',
    "context.weekday + 1 * 2 - 3 < 4",
    'context.now.offset(duration("1h")) > context.start',
  );
  const conditions = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: "large", maxDepth: 28 },
      leaf,
      tie("node").map((a) => `(${a})`),
      tie("node").map((a) => `!(${a})`),
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => `${a} && (${b})`),
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(${a}) || ${b}`),
      fc.tuple(tie("node"), tie("node"), tie("node")).map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
    ),
  })).node;

  test("never break the engine", () => {
    fc.assert(
      fc.property(conditions, (condition) => {
        const text = permitWhen(condition);
        fc.pre(scan(text).problems.length === 0);
        expect(loadPolicies([{ path: "p.cedar", text }]).ok).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("the deepest of all kinds at once still loads and is decided", () => {
    const chain = '.offset(duration("1s"))';
    const deepest = permitWhen(
      `${repeat("(", 28)}context.now${repeat(chain, 15)}${repeat(")", 28)} > context.now${repeat(" && context.weekday < 9", 100)}`,
    );
    expect(codes(deepest)).toEqual([]);
    expect(only(deepest).operators).toBe(100);
    expect(loadPolicies([{ path: "p.cedar", text: deepest }]).ok).toBe(true);
  });
});
