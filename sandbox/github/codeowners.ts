import { treeOf } from "./commits.ts";
import { entryAt } from "./git/objects.ts";
import type { Repository } from "./state.ts";

export interface OwnerRule {
  matches(path: string): boolean;
  /** `@user`, `@org/team` or an address, as written. */
  owners: string[];
}

/** The CODEOWNERS of a commit; the first of GitHub's three places that has one. */
export function codeOwners(repository: Repository, commit: string): OwnerRule[] {
  const tree = treeOf(repository.objects, commit);
  for (const path of [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"]) {
    const entry = tree === undefined ? undefined : entryAt(repository.objects, tree, path);
    const content = entry === undefined ? undefined : repository.objects.blobs.get(entry.sha);
    if (content !== undefined) return parseCodeOwners(Buffer.from(content).toString("utf8"));
  }
  return [];
}

export function parseCodeOwners(text: string): OwnerRule[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [pattern, ...owners] = line
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    if (pattern === undefined || pattern === "") return [];
    const expression = patternExpression(pattern);
    return [{ matches: (path: string) => expression.test(path), owners }];
  });
}

/** The last matching rule counts; a rule without owners takes them away. */
export function ownersOf(rules: OwnerRule[], path: string): string[] {
  return rules.findLast((rule) => rule.matches(path))?.owners ?? [];
}

/** gitignore's patterns, as CODEOWNERS has them: no `!`, no `[]`. */
function patternExpression(pattern: string): RegExp {
  const anchored = pattern.startsWith("/") || pattern.slice(0, -1).includes("/");
  const body = pattern.replace(/^\//, "").replace(/\/$/, "");
  const source = body
    .split("/")
    .map((part) =>
      part === "**"
        ? "**"
        : part
            .replace(/[.+^${}()|[\]\\]/g, "\\$&")
            .replace(/\*/g, "[^/]*")
            .replace(/\?/g, "[^/]"),
    )
    .join("/")
    .replace(/(^|\/)\*\*\//g, "$1(?:.*/)?")
    .replace(/\/\*\*$/, "/.*");
  // `docs/*` owns the files of docs, not those of folders in it; `docs` and `docs/` own everything below
  const end = pattern.endsWith("/") ? "/.*" : /\/\*$/.test(body) ? "" : "(?:/.*)?";
  return new RegExp(`^${anchored ? "" : "(?:.*/)?"}${source === "**" ? ".*" : source}${end}$`);
}
