import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unownedLaw } from "../../github/code-owners.ts";
import { ownersOf, parseCodeOwners } from "../../sandbox/github/codeowners.ts";

const path = ".github/CODEOWNERS";
const unowned = (text: string, files: readonly string[] = [], at = path): readonly string[] =>
  unownedLaw({ path: at, text }, files).flatMap(({ message }) =>
    [...(message.split(";")[0] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name).slice(1),
  );
const policies = ["policies/any.cedar"];
const github = [".github/any.yml", ".github/workflows/any.yml", path];
const both = "/policies/ @acme/platform\n/.github/ @acme/platform\n";

describe("the law has owners", () => {
  it.each<[string, string]>([
    ["as our own file says it", `# who\n\n${both}`],
    ["with the line ends of Windows", both.replaceAll("\n", "\r\n")],
    ["everything has one", "* alice@example.com"],
    ["folders of any name", "policies/ @a\n.github @b # both"],
    ["with stars", "/policies/** @a\n/.github/**/* @b"],
    ["a later owner takes over", `${both}/policies/*.cedar @acme/security`],
    ["what has none lies elsewhere", `${both}/docs/\n*.md`],
  ])("%s", (_, text) => {
    expect(unowned(text)).toEqual([]);
  });

  it.each<[string, string, readonly string[]]>([
    ["nothing", "", [...policies, ...github]],
    ["only policies", "/policies/ @a", github],
    ["a rule without owner takes them away", `${both}/policies/`, policies],
    ["a rule without owner, but for a comment", `${both}/policies/ # @a`, policies],
    ["letter case counts", "/Policies/ @a\n/.github/ @a", policies],
    ["a folder further down", "/law/policies/ @a\n/.github/ @a", policies],
    ["only the files of the folder itself", "/policies/ @a\n/.github/* @a", [".github/workflows/any.yml"]],
    ["an owner that is none", "/policies/ platform\n/.github/ @a", policies],
    ["a pattern that GitHub does not know", "/[p]olicies/ @a\n/.github/ @a", policies],
    ["a part of the name", "/policie @a\n/.github/ @a", policies],
  ])("not: %s", (_, text, missing) => {
    expect(unowned(text)).toEqual(missing);
  });

  it("each file of it, and the file that says so", () => {
    expect(unowned(`${both}*.yaml\n`, ["policies/people.yaml"])).toEqual(["policies/people.yaml"]);
    expect(unowned(both, [], "CODEOWNERS")).toEqual(["CODEOWNERS"]);
    expect(unowned(`${both}/CODEOWNERS @a`, [], "CODEOWNERS")).toEqual([]);
  });

  it("as GitHub would match them", () => {
    const part = fc.constantFrom(
      "policies",
      ".github",
      "workflows",
      "*",
      "**",
      "a",
      "*.yml",
      "an?.yml",
      "any.cedar",
    );
    const pattern = fc
      .tuple(
        fc.constantFrom("", "/"),
        fc.array(part, { minLength: 1, maxLength: 3 }),
        fc.constantFrom("", "/"),
      )
      .map(([before, parts, after]) => `${before}${parts.join("/")}${after}`)
      .filter((each) => !each.includes("**/**"));
    const line = fc.tuple(pattern, fc.constantFrom("", " @a")).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
        const rules = parseCodeOwners(lines.join("\n"));
        expect(unowned(lines.join("\n"))).toEqual(
          [...policies, ...github].filter((each) => ownersOf(rules, each).length === 0),
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
