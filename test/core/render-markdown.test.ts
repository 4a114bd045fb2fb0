import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  code,
  inertMessage,
  listed,
  person,
  policiesLink,
  policyLink,
  sentence,
} from "../../core/render-markdown.ts";
import { hostile } from "./any-facts.ts";
import { expectInertPage, outsideCode } from "./inert-page.ts";
import { commit, facts, policy } from "./some-facts.ts";

describe("code", () => {
  test.each([
    ["r2d2-app-01", "`r2d2-app-01`"],
    ["a:b/c#1@d", "`a:b/c#1@d`"],
    ["a`b", "``a`b``"],
    ["`a", "`` `a ``"],
    ["a``", "``` a`` ```"],
    ["  a \n b ", "`a b`"],
    ["", "` `"],
    ["a\u202eb", "`a[U+202E]b`"],
  ])("%j is shown as it is", (text, shown) => {
    expect(code(text)).toBe(shown);
  });
  test("is code and nothing else, whatever stands in it", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(outsideCode(`x ${code(text)} y`)).toBe("x \u0000 y");
      }),
    );
  });
  test("a login calls nobody", () => expect(person("alice")).toBe("`@alice`"));
});

describe("a message", () => {
  test.each([
    ["unknown access `shel`; did you mean `shell`?", "unknown access `shel`; did you mean `shell`?"],
    ["`a` at the start and the end `b`", "`a` at the start and the end `b`"],
    ["`a``b`", "`a` `b`"],
    ["got ``; say why", "got ` `; say why"],
    ["got `a`b`; mend it", "got `a`b&#96;; mend it"],
    ["ask @bob", "ask &#64;<wbr>bob"],
    ["at 10:30, in room #b: `x`", "at 10&#58;30, in room &#35;b&#58; `x`"],
    ["  two  \n lines ", " two<br>lines "],
    ["", ""],
  ])("%j reads well: %j", (text, shown) => {
    expect(inertMessage(text)).toBe(shown);
  });
  test("is cut when nobody would read it", () => expect(inertMessage("abcdef", 3)).toBe("abc…"));
  test("lets nothing out", () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => expectInertPage(`**x** ${inertMessage(`${a} \`${b}\` ${a}`)}`)),
    );
  });
  test.each([
    ["no longer needed", "no longer needed."],
    ["no longer needed.", "no longer needed."],
    ["why? ", "why? "],
  ])("as a sentence, %j ends as one", (text, shown) => expect(sentence(text)).toBe(shown));
});

describe("a list ends", () => {
  const rest = (count: number) => `and ${count} more`;
  test("whole when it is short", () => expect(listed(["a", "b"], rest)).toEqual(["a", "b"]));
  test("after some lines", () => {
    const lines = Array.from({ length: 40 }, (_, i) => `${i}`);
    expect(listed(lines, rest)).toEqual([...lines.slice(0, 25), "and 15 more"]);
  });
  test("after some characters", () => {
    expect(listed(["a".repeat(6_000), "b".repeat(6_000), "c"], rest)).toEqual([
      "a".repeat(6_000),
      "b".repeat(6_000),
      "and 1 more",
    ]);
  });
});

describe("links", () => {
  const base = "https://github.example/acme/access";
  test.each([
    ["a policy", policy, `[\`dev-nodes\`](${base}/blob/${commit}/policies/dev.cedar#L3)`],
    [
      "a path without its folder",
      { ...policy, file: "dev.cedar" },
      `[\`dev-nodes\`](${base}/blob/${commit}/policies/dev.cedar#L3)`,
    ],
    [
      "a name that would end the link",
      { ...policy, name: "a](b)" },
      `[\`a](b)\`](${base}/blob/${commit}/policies/dev.cedar#L3)`,
    ],
    [
      "a path that would",
      { ...policy, file: "policies/x y)(~.cedar" },
      `[\`dev-nodes\`](${base}/blob/${commit}/policies/x%20y%29%28%7e.cedar#L3)`,
    ],
    [
      "half a character in a path",
      { ...policy, file: "policies/\ud800" },
      `[\`dev-nodes\`](${base}/blob/${commit}/policies/%5BU%2BD800%5D#L3)`,
    ],
    [
      "a name that nobody reads to its end",
      { ...policy, name: "x".repeat(100) },
      `[\`${"x".repeat(79)}…\`](${base}/blob/${commit}/policies/dev.cedar#L3)`,
    ],
  ])("%s", (_, ref, link) => {
    expect(policyLink(facts(), ref)).toBe(link);
  });
  test("all policies of a commit", () => {
    expect(policiesLink(facts(), commit)).toBe(`[policies at \`ccccccc\`](${base}/tree/${commit}/policies)`);
  });
});
