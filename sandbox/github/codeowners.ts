import { atLeast, findAccount, organizationOf, permissionOf, teamPermission } from "./access.ts";
import { treeOf } from "./commits.ts";
import { entryAt } from "./git/objects.ts";
import type { Repository, Team } from "./state.ts";
import type { Twin } from "./twin.ts";

export interface OwnerRule {
  /** From 1. */
  line: number;
  source: string;
  matches(path: string): boolean;
  /** `@user`, `@org/team` or an address, as written. */
  owners: string[];
}

/** GraphQL's `RepositoryCodeownersError`. */
export interface OwnerError {
  column: number;
  kind: string;
  line: number;
  message: string;
  path: string;
  source: string;
  suggestion: string | null;
}

/** The CODEOWNERS of a commit; the first of GitHub's three places that has one. */
function fileOf(repository: Repository, commit: string): { path: string; text: string } | undefined {
  const tree = treeOf(repository.objects, commit);
  for (const path of [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"]) {
    const entry = tree === undefined ? undefined : entryAt(repository.objects, tree, path);
    const content = entry === undefined ? undefined : repository.objects.blobs.get(entry.sha);
    if (content !== undefined) return { path, text: Buffer.from(content).toString("utf8") };
  }
  return undefined;
}

export function codeOwners(repository: Repository, commit: string): OwnerRule[] {
  return parseCodeOwners(fileOf(repository, commit)?.text ?? "");
}

/** Lines that GitHub cannot read are left out. */
export function parseCodeOwners(text: string): OwnerRule[] {
  return linesOf(text).filter((rule) => mistakeIn(rule) === undefined);
}

/** Undefined: there is no CODEOWNERS at that commit. */
export function codeOwnerErrors(
  twin: Twin,
  repository: Repository,
  commit: string,
): OwnerError[] | undefined {
  const file = fileOf(repository, commit);
  return (
    file &&
    linesOf(file.text).flatMap((rule) => {
      const { line, source } = rule;
      const mistake = mistakeIn(rule);
      const found =
        mistake === undefined
          ? rule.owners
              .filter((owner) => !ownerExists(twin, repository, owner))
              .map((owner) => ({ kind: "Unknown owner", at: owner, suggestion: unknown(owner) }))
          : [mistake];
      return found.map(({ kind, at, suggestion }) => {
        const column = source.indexOf(at) + 1;
        const message = `${kind} on line ${line}: ${suggestion ?? ""}\n\n  ${source}\n  ${" ".repeat(column - 1)}^`;
        return { column, kind, line, message, path: file.path, source: `${source}\n`, suggestion };
      });
    })
  );
}

const unknown = (owner: string): string =>
  owner.includes("/")
    ? `make sure the team ${owner} exists, is publicly visible, and has write access to the repository`
    : `make sure ${owner} exists and has write access to the repository`;

/** Line by line; a comment may follow. */
function linesOf(text: string): (OwnerRule & { pattern: string })[] {
  return text.split(/\r?\n/).flatMap((source, i) => {
    const [pattern, ...owners] = source
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    if (pattern === undefined || pattern === "") return [];
    const expression = patternExpression(pattern);
    return [{ line: i + 1, source, pattern, matches: (path: string) => expression.test(path), owners }];
  });
}

function mistakeIn({
  pattern,
  owners,
}: {
  pattern: string;
  owners: string[];
}): { kind: string; at: string; suggestion: string | null } | undefined {
  if (/[!\\[\]]/.test(pattern)) return { kind: "Invalid pattern", at: pattern, suggestion: null };
  const bad = owners.find((owner) => !/^@[\w-]+(?:\/[\w.-]+)?$|^[^@\s]+@[^@\s]+$/.test(owner));
  return bad === undefined ? undefined : { kind: "Invalid owner", at: bad, suggestion: null };
}

/** GitHub leaves out owners that do not exist or cannot write; a team needs that access itself. */
export function ownerExists(twin: Twin, repository: Repository, owner: string): boolean {
  const [, organization, slug] = /^@([^/]+)\/(.+)$/.exec(owner) ?? [];
  if (organization !== undefined && slug !== undefined) {
    const team = teamOf(twin, repository, organization, slug);
    return (
      team !== undefined && team.privacy !== "secret" && atLeast(teamPermission(team, repository), "write")
    );
  }
  const account = findAccount(twin, owner.replace(/^@/, ""));
  return account !== undefined && atLeast(permissionOf(twin, account, repository), "write");
}

export function teamOf(
  twin: Twin,
  repository: Repository,
  organization: string,
  slug: string,
): Team | undefined {
  const found = organizationOf(twin, repository.owner);
  if (found?.account.login.toLowerCase() !== organization.toLowerCase()) return undefined;
  return found.teams.find((team) => team.slug === slug.toLowerCase());
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
