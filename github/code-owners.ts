// Whether the law has an owner whose review GitHub asks for. A ruleset that wants code-owner review wants nothing where CODEOWNERS names nobody,
// or only somebody that GitHub does not count.

import { type Problem, problem } from "../core/problem.ts";
import { quoted, visible } from "../core/text.ts";

/** Where GitHub looks, in this order; the first one counts. */
export const codeOwnersPaths = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"] as const;

export interface CodeOwners {
  readonly path: string;
  readonly text: string;
  /** What GitHub finds wrong with it at this moment: it asks nobody where it cannot read a line or counts no owner of it. Undefined: it does not say. */
  readonly errors: readonly CodeOwnersError[] | undefined;
}

export interface CodeOwnersError {
  /** From 1. */
  readonly line: number;
  /** `Unknown owner` (also one without write access), `Invalid owner`, `Invalid pattern`. */
  readonly kind: string;
  readonly suggestion: string | undefined;
}

/** What only a code owner may change, folders whole: whatever somebody adds there, a policy or a workflow that asks for the environment's secret, is law. */
const law = ["policies/", ".github/"];
/** ATTACK: a copy of the Action is the code that holds the power. */
const copiedAction = ["action.yml", "action/dist/"];

/** Empty: a change of any file of the law, or of one more beside them, needs an owner. */
export function unownedLaw(owners: CodeOwners | undefined, hasAction: boolean): readonly Problem[] {
  const { path, errors } = owners ?? { path: codeOwnersPaths[0], errors: [] };
  const lacks = (what: string) =>
    problem(
      "trust.law-unprotected",
      `${what}; an admin gives each of them, folders as a whole, an owner in \`${path}\`, such as \`/policies/ @acme/platform\`, below every line that takes one away`,
    );
  if (owners === undefined)
    return [lacks("the default branch has no CODEOWNERS, so that no code owner reviews the law")];
  if (errors === undefined)
    return [problem("trust.law-unprotected", `GitHub does not say whether the owners in \`${path}\` count`)];
  const lines = linesOf(owners.text, errors);
  // INVARIANT: whoever may change this file unseen may change all the others
  const roots = [...law, ...(hasAction ? copiedAction : []), path];
  const covered = roots.map((root) => lines.findLastIndex((line) => line.owns && coversAll(line, root)));
  const unowned = roots.filter((_, i) => covered[i] === -1);
  const harmful = lines.filter(
    (line, at) => !line.owns && roots.some((root, i) => at > (covered[i] ?? -1) && mayMatch(line, root)),
  );
  const what = [
    ...(unowned.length === 0 ? [] : [`\`${path}\` names no owner for ${unowned.map(quoted).join(", ")}`]),
    ...harmful.map(({ number, why }) => `line ${number} of \`${path}\` ${why}`),
  ];
  return what.map(lacks);
}

interface Line {
  readonly number: number;
  /** Undefined: GitHub, or we, cannot read it. */
  readonly pattern: Pattern | undefined;
  /** Whether somebody is asked for what it matches. */
  readonly owns: boolean;
  /** What it does where it owns nothing. */
  readonly why: string;
}

/** The last line that matches a path is the one that counts; one without owners takes them away. */
const linesOf = (text: string, errors: readonly CodeOwnersError[]): readonly Line[] =>
  text.split(/\r?\n/).flatMap((line, i): readonly Line[] => {
    const written = line.replace(/(?:^|[ \t])#.*$/, "").trim();
    if (written === "") return [];
    const [glob = "", ...owners] = written.split(/[ \t]+/);
    const number = i + 1;
    const error = errors.find((each) => each.line === number);
    // INVARIANT: white space that GitHub may not take for such makes another pattern of it
    const pattern = /[^\S \t]/.test(written) ? undefined : patternOf(glob);
    const said = error && visible(error.suggestion ?? error.kind);
    const why =
      said !== undefined
        ? `has nobody that GitHub asks for a review: \`${said}\``
        : pattern === undefined
          ? "cannot be read, and might take an owner away"
          : `takes the owner away from ${quoted(glob)}`;
    const owns = said === undefined && pattern !== undefined && owners.some((owner) => owner.includes("@"));
    return [{ number, pattern, owns, why }];
  });

/** The patterns of gitignore, of which CODEOWNERS has a part. */
interface Pattern {
  /** From the repository's root, `**` for any number of folders. */
  readonly segments: readonly string[];
  /** `docs/*` is of the files of docs alone, `docs/` of everything below, `docs` of both. */
  readonly of: "file" | "below" | "both";
}

function patternOf(glob: string): Pattern | undefined {
  const path = glob.replace(/^\//, "").replace(/\/$/, "");
  const parts = path.split("/");
  if (/[!\\[\]]/.test(glob) || parts.some((part) => ["", ".", ".."].includes(part))) return undefined;
  const anchored = glob.startsWith("/") || parts.length > 1;
  return {
    segments: anchored ? parts : ["**", ...parts],
    of: glob.endsWith("/") ? "below" : /\/\*+$/.test(path) ? "file" : "both",
  };
}

const segmentOf = (part: string): string =>
  part
    .replace(/[.+^${}()|]/g, "\\$&")
    .replaceAll(/\*+/g, "[^/]*")
    .replaceAll("?", "[^/]");

function matches({ segments, of }: Pattern, path: string): boolean {
  const last = segments.length - 1;
  const parts = segments.map((part, i) =>
    part === "**" ? (i === last ? ".*" : "(?:[^/]+/)*") : `${segmentOf(part)}${i === last ? "" : "/"}`,
  );
  const below = { file: "", below: "/.*", both: "(?:/.*)?" }[of];
  return new RegExp(`^${parts.join("")}${below}$`).test(path);
}

/** A folder (`policies/`) is covered where it matches the shortest name in it, and long ones far down: only stars match both. */
const coversAll = ({ pattern }: Line, root: string): boolean =>
  pattern !== undefined &&
  (root.endsWith("/") ? ["\0", "\0\0/\0\0/\0\0"] : [""]).every((rest) => matches(pattern, `${root}${rest}`));

/** Whether there could be a file in the folder, whatever its name, that it matches. */
function mayMatch({ pattern }: Line, root: string): boolean {
  if (pattern === undefined) return true;
  if (!root.endsWith("/")) return matches(pattern, root);
  return meet(pattern.segments, root.slice(0, -1).split("/"), pattern.of !== "file");
}

function meet(pattern: readonly string[], folder: readonly string[], below: boolean): boolean {
  const [part, ...parts] = pattern;
  const [name, ...names] = folder;
  if (part === undefined) return below;
  if (name === undefined) return true;
  if (part === "**") return parts.length === 0 || meet(parts, folder, below) || meet(pattern, names, below);
  return new RegExp(`^${segmentOf(part)}$`).test(name) && meet(parts, names, below);
}
