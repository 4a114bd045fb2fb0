// Whether the law has an owner whose review GitHub asks for. A ruleset that wants code-owner review wants nothing where CODEOWNERS names nobody.

import { type Problem, problem } from "../core/problem.ts";
import { quoted } from "../core/text.ts";

/** Where GitHub looks, in this order; the first one counts. */
export const codeOwnersPaths = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"] as const;

export interface CodeOwners {
  readonly path: string;
  readonly text: string;
}

/** `files` are those of the law at that commit. Empty: a change of any of them, or of any other beside them, needs an owner. */
export function unownedLaw(owners: CodeOwners | undefined, files: readonly string[]): readonly Problem[] {
  const lacks = (what: string) =>
    problem(
      "trust.law-unprotected",
      `${what}; an admin gives each of them, and \`/policies/\` and \`/.github/\` as a whole, an owner in \`${owners?.path ?? codeOwnersPaths[0]}\`, such as \`/policies/ @acme/platform\``,
    );
  if (owners === undefined)
    return [lacks("the default branch has no CODEOWNERS, so that no code owner reviews the law")];
  const rules = rulesOf(owners.text);
  // INVARIANT: whoever may change this file unseen may change all the others
  const law = new Set([...anyFile, ...files, owners.path]);
  const unowned = [...law].filter(
    (path) => rules.findLast(({ pattern }) => pattern.test(path))?.owned !== true,
  );
  return unowned.length === 0
    ? []
    : [lacks(`\`${owners.path}\` names no owner for ${unowned.map(quoted).join(", ")}`)];
}

/** As good as any file that somebody may add: a policy, a workflow that asks for the environment's secret. */
const anyFile = ["policies/any.cedar", ".github/any.yml", ".github/workflows/any.yml"];

interface Rule {
  readonly pattern: RegExp;
  readonly owned: boolean;
}

/** The last rule that matches a path is the one that counts; one without owners takes them away. */
const rulesOf = (text: string): readonly Rule[] =>
  text.split(/\r?\n/).flatMap((line): readonly Rule[] => {
    const [pattern = "", ...owners] = line
      .replace(/(?:^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    // GitHub skips a line that it cannot read, and so do we: what it should have owned has no owner
    if (!/^[^!\\[\]]+$/.test(pattern) || !owners.every((owner) => owner.includes("@"))) return [];
    return [{ pattern: expressionOf(pattern), owned: owners.length > 0 }];
  });

/** The patterns of gitignore, of which CODEOWNERS has a part. */
function expressionOf(pattern: string): RegExp {
  const path = pattern.replace(/^\//, "").replace(/\/$/, "");
  const anchored = pattern.startsWith("/") || path.includes("/");
  const parts = path.split("/").map((part, i, all) => {
    const last = i === all.length - 1;
    if (part === "**") return last ? ".*" : "(?:[^/]+/)*";
    const name = part
      .replace(/[.+^${}()|]/g, "\\$&")
      .replaceAll(/\*+/g, "[^/]*")
      .replaceAll("?", "[^/]");
    return last ? name : `${name}/`;
  });
  // `docs/*` is of the files of docs alone; `docs` and `docs/` are of everything below
  const below = pattern.endsWith("/") ? "/.*" : /\/\*+$/.test(path) ? "" : "(?:/.*)?";
  return new RegExp(`^${anchored ? "" : "(?:.*/)?"}${parts.join("")}${below}$`);
}
