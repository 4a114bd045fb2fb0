import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CodeOwnersError, unownedLaw } from "../../github/code-owners.ts";
import { ownersOf, parseCodeOwners } from "../../sandbox/github/codeowners.ts";

const path = ".github/CODEOWNERS";
const problems = (text: string, { at = path, hasAction = false, errors = [] }: Options = {}) =>
  unownedLaw({ path: at, text, errors }, hasAction).map(({ code, message }) => {
    expect(code).toBe("trust.law-unprotected");
    return message.split(";")[0] ?? "";
  });

interface Options {
  readonly at?: string;
  readonly hasAction?: boolean;
  readonly errors?: readonly CodeOwnersError[];
}

const both = "/policies/ @acme/platform\n/.github/ @acme/platform\n";
const nobody = (...roots: readonly string[]) =>
  `\`${path}\` names no owner for ${roots.map((root) => `\`${root}\``).join(", ")}`;
const takes = (line: number, pattern: string) =>
  `line ${line} of \`${path}\` takes the owner away from \`${pattern}\``;
const unread = (line: number) => `line ${line} of \`${path}\` cannot be read, and might take an owner away`;

describe("the law has owners", () => {
  it.each<[string, string]>([
    ["as our own file says it", `# who\n\n${both}`],
    ["with the line ends of Windows", both.replaceAll("\n", "\r\n")],
    ["everything has one", "* alice@example.com"],
    ["everything, however deep", "** @a"],
    ["folders of any name", "policies/ @a\n.github @b # both"],
    ["with stars", "/policies/** @a\n/.github/**/* @b"],
    ["a later owner takes over", `${both}/policies/*.cedar @acme/security`],
    ["what has none lies elsewhere", `${both}/docs/\n/docs/**/*.cedar\n/*.md\n/src/policies`],
    ["what has none comes before", `*.md\n/policies/secret.cedar\n/[x] @a\n${both}`],
  ])("%s", (_, text) => {
    expect(problems(text)).toEqual([]);
  });

  it.each<[string, string, readonly string[]]>([
    ["nothing", "", [nobody("policies/", ".github/", path)]],
    ["only policies", "/policies/ @a", [nobody(".github/", path)]],
    ["a rule without owner takes them away", `${both}/policies/`, [takes(3, "/policies/")]],
    ["a rule without owner, but for a comment", `${both}/policies/ # @a`, [takes(3, "/policies/")]],
    [
      "one policy that is not there yet",
      `${both}/policies/secret.cedar`,
      [takes(3, "/policies/secret.cedar")],
    ],
    [
      "one workflow that is not there yet",
      `${both}/.github/workflows/x.yml`,
      [takes(3, "/.github/workflows/x.yml")],
    ],
    ["names of one kind, wherever they are", `${both}*.md`, [takes(3, "*.md")]],
    ["a folder of that name, wherever it is", `${both}docs/`, [takes(3, "docs/")]],
    ["any folder of the first level", `${both}/*/x.cedar`, [takes(3, "/*/x.cedar")]],
    ["any folder at all", `${both}/**/deep/x`, [takes(3, "/**/deep/x")]],
    ["a name with a question", `${both}/policie?/a`, [takes(3, "/policie?/a")]],
    ["everything", `${both}/**`, [takes(3, "/**")]],
    ["letter case counts", "/Policies/ @a\n/.github/ @a", [nobody("policies/")]],
    ["a folder further down", "/law/policies/ @a\n/.github/ @a", [nobody("policies/")]],
    ["only the files of the folder itself", "/policies/ @a\n/.github/* @a", [nobody(".github/")]],
    ["only files of one kind", "/policies/*.cedar @a\n/.github/ @a", [nobody("policies/")]],
    ["only names of one letter", "/policies/? @a\n/.github/ @a", [nobody("policies/")]],
    [
      "an owner that is none",
      "/policies/ platform\n/.github/ @a",
      [nobody("policies/"), takes(1, "/policies/")],
    ],
    [
      "a pattern that GitHub does not know",
      "/[p]olicies/ @a\n/.github/ @a",
      [nobody("policies/"), unread(1)],
    ],
    ["a part of the name", "/policie @a\n/.github/ @a", [nobody("policies/")]],
    ["a space that is none", `${both}/policies/\u00a0@a`, [unread(3)]],
    ["a path that is none", `${both}/./policies/x`, [unread(3)]],
  ])("not: %s", (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it("also the file that says so, and the Action where it is copied", () => {
    const at = "CODEOWNERS";
    expect(problems(both, { at })).toEqual(["`CODEOWNERS` names no owner for `CODEOWNERS`"]);
    expect(problems(`${both}/CODEOWNERS @a`, { at })).toEqual([]);
    expect(problems(both, { hasAction: true })).toEqual([nobody("action.yml", "action/dist/")]);
    expect(problems(`${both}/action.yml @a\n/action/ @a`, { hasAction: true })).toEqual([]);
    expect(problems(`${both}/action.yml @a\n/action/ @a\n*.yml`, { hasAction: true })).toEqual([
      takes(5, "*.yml"),
    ]);
  });

  const suggestion = "make sure the team @acme/platform exists, is publicly visible, and has write access";
  const error = (line: number): CodeOwnersError => ({ line, kind: "Unknown owner", suggestion });

  it("not by owners whom GitHub does not count, with what it suggests", () => {
    expect(problems(both, { errors: [error(1)] })).toEqual([
      nobody("policies/"),
      `line 1 of \`${path}\` has nobody that GitHub asks for a review: \`${suggestion}\``,
    ]);
    const narrower = `${both}/policies/*.cedar @acme/platform @b`;
    expect(problems(narrower, { errors: [{ ...error(3), suggestion: undefined }] })).toEqual([
      `line 3 of \`${path}\` has nobody that GitHub asks for a review: \`Unknown owner\``,
    ]);
  });

  it("whatever is wrong with the owners of something else, or of what others own again", () => {
    expect(problems(`/docs/ @acme/ghosts\n${both}`, { errors: [error(1)] })).toEqual([]);
    expect(problems(`${both}/docs/ @acme/ghosts\n`, { errors: [error(3)] })).toEqual([]);
    expect(problems(`* @acme/ghosts\n${both}`, { errors: [error(1)] })).toEqual([]);
  });

  it("not where GitHub does not say whether they count", () => {
    expect(unownedLaw({ path, text: both, errors: undefined }, false)).toMatchObject([
      {
        code: "trust.law-unprotected",
        message: "GitHub does not say whether the owners in `.github/CODEOWNERS` count",
      },
    ]);
  });

  it("of every file in it, as GitHub would match them", () => {
    const part = fc.constantFrom(
      "policies",
      ".github",
      "workflows",
      "*",
      "**",
      "a",
      "*.yml",
      "?",
      "an?.yml",
      "a.cedar",
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
    const name = fc.constantFrom("a", "b", "workflows", "a.cedar", "any.yml", "policies", "xyz");
    const below = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
    const file = fc.tuple(fc.constantFrom("policies/", ".github/"), below).map((parts) => parts.join(""));
    const beginning = fc.constantFrom("", both);
    let owned = 0;
    fc.assert(
      fc.property(
        beginning,
        fc.array(line, { maxLength: 3 }),
        fc.array(file, { minLength: 9 }),
        (first, lines, files) => {
          const text = first + lines.join("\n");
          if (problems(text).length > 0) return;
          owned += 1;
          const rules = parseCodeOwners(text);
          expect([...files, path].filter((each) => ownersOf(rules, each).length === 0)).toEqual([]);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(owned).toBeGreaterThan(100);
  });
});
