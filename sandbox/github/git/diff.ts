import { type FileMode, flatten, isBinary, type ObjectStore } from "./objects.ts";

export interface FileChange {
  path: string;
  status: "added" | "removed" | "modified" | "renamed" | "changed";
  previousPath?: string;
  /** Blob before and after; the removed file's blob stands in both. */
  sha: string;
  additions: number;
  deletions: number;
  /** Unified diff from the first `@@` on; absent for binary files and pure renames. */
  patch?: string;
  mode: FileMode;
}

/** A run of lines that differ: lines [aStart, aEnd) became [bStart, bEnd). */
export interface Hunk {
  aStart: number;
  aEnd: number;
  bStart: number;
  bEnd: number;
}

export function splitLines(text: string): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, i) => (i < lines.length - 1 ? [`${line}\n`] : line === "" ? [] : [line]));
}

/** Line diff by longest common subsequence, after the common head and tail are set aside. */
export function diffLines(a: string[], b: string[]): Hunk[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const rows = a.length - head - tail;
  const columns = b.length - head - tail;
  // past this size the table would not fit in memory: everything between counts as replaced
  if (rows * columns > 4_000_000) {
    return [{ aStart: head, aEnd: head + rows, bStart: head, bEnd: head + columns }];
  }
  const width = columns + 1;
  const length = new Uint32Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      length[i * width + j] =
        a[head + i] === b[head + j]
          ? 1 + (length[(i + 1) * width + j + 1] ?? 0)
          : Math.max(length[(i + 1) * width + j] ?? 0, length[i * width + j + 1] ?? 0);
    }
  }
  const hunks: Hunk[] = [];
  let i = 0;
  let j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && a[head + i] === b[head + j]) {
      i++;
      j++;
      continue;
    }
    const down =
      i < rows && (j >= columns || (length[(i + 1) * width + j] ?? 0) >= (length[i * width + j + 1] ?? 0));
    const last = hunks.at(-1);
    const open = last !== undefined && last.aEnd === head + i && last.bEnd === head + j;
    const hunk = open ? last : { aStart: head + i, aEnd: head + i, bStart: head + j, bEnd: head + j };
    if (!open) hunks.push(hunk);
    if (down) hunk.aEnd = head + ++i;
    else hunk.bEnd = head + ++j;
  }
  return hunks;
}

function patchLine(sign: string, line: string): string {
  return line.endsWith("\n") ? `${sign}${line.slice(0, -1)}` : `${sign}${line}\n\\ No newline at end of file`;
}

function range(start: number, count: number): string {
  const first = count === 0 ? start : start + 1;
  return count === 1 ? `${first}` : `${first},${count}`;
}

const contextLines = 3;

/** Git's unified diff of two texts, without file headers. */
export function unifiedDiff(
  before: string,
  after: string,
): { patch: string; additions: number; deletions: number } {
  const a = splitLines(before);
  const b = splitLines(after);
  const hunks = diffLines(a, b);
  const groups: Hunk[][] = [];
  for (const hunk of hunks) {
    const previous = groups.at(-1)?.at(-1);
    if (previous !== undefined && hunk.aStart - previous.aEnd <= 2 * contextLines) groups.at(-1)?.push(hunk);
    else groups.push([hunk]);
  }
  const out: string[] = [];
  for (const group of groups) {
    const first = group[0];
    const last = group.at(-1);
    if (first === undefined || last === undefined) continue;
    const lead = Math.min(contextLines, first.aStart);
    const trail = Math.min(contextLines, a.length - last.aEnd);
    const aCount = last.aEnd + trail - (first.aStart - lead);
    const bCount = last.bEnd + trail - (first.bStart - lead);
    out.push(`@@ -${range(first.aStart - lead, aCount)} +${range(first.bStart - lead, bCount)} @@`);
    let line = first.aStart - lead;
    for (const hunk of group) {
      out.push(...a.slice(line, hunk.aStart).map((text) => patchLine(" ", text)));
      out.push(...a.slice(hunk.aStart, hunk.aEnd).map((text) => patchLine("-", text)));
      out.push(...b.slice(hunk.bStart, hunk.bEnd).map((text) => patchLine("+", text)));
      line = hunk.aEnd;
    }
    out.push(...a.slice(line, line + trail).map((text) => patchLine(" ", text)));
  }
  const deletions = hunks.reduce((sum, hunk) => sum + hunk.aEnd - hunk.aStart, 0);
  const additions = hunks.reduce((sum, hunk) => sum + hunk.bEnd - hunk.bStart, 0);
  return { patch: out.join("\n"), additions, deletions };
}

function textOf(store: ObjectStore, sha: string | undefined): string | undefined {
  const content = sha === undefined ? new Uint8Array() : store.blobs.get(sha);
  return content === undefined || isBinary(content) ? undefined : Buffer.from(content).toString("utf8");
}

/** Files that differ between two trees, by path; exact renames are found. */
export function diffTrees(store: ObjectStore, before: string | undefined, after: string): FileChange[] {
  const old = before === undefined ? new Map() : flatten(store, before);
  const now = flatten(store, after);
  const removed = new Map<string, string>();
  for (const [path, file] of old) if (!now.has(path)) removed.set(file.sha, path);
  const changes: FileChange[] = [];
  for (const [path, file] of now) {
    const was = old.get(path);
    if (was?.sha === file.sha && was.mode === file.mode) continue;
    const from = was === undefined ? removed.get(file.sha) : undefined;
    if (from !== undefined) {
      removed.delete(file.sha);
      changes.push({
        path,
        status: "renamed",
        previousPath: from,
        sha: file.sha,
        additions: 0,
        deletions: 0,
        mode: file.mode,
      });
      continue;
    }
    changes.push({
      ...describe(store, path, was?.sha, file.sha, file.mode),
      status: was === undefined ? "added" : "modified",
    });
  }
  const renamed = new Set(changes.map((change) => change.previousPath));
  for (const [path, file] of old) {
    if (now.has(path) || renamed.has(path)) continue;
    changes.push({ ...describe(store, path, file.sha, undefined, file.mode), status: "removed" });
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function describe(
  store: ObjectStore,
  path: string,
  before: string | undefined,
  after: string | undefined,
  mode: FileMode,
): Omit<FileChange, "status"> {
  const sha = after ?? before ?? "";
  const a = textOf(store, before);
  const b = textOf(store, after);
  if (a === undefined || b === undefined) return { path, sha, additions: 0, deletions: 0, mode };
  return { path, sha, mode, ...unifiedDiff(a, b) };
}

/** The same for two changes that do the same to the same lines, wherever these stand (git's patch-id). */
export function patchId(store: ObjectStore, before: string | undefined, after: string): string {
  return diffTrees(store, before, after)
    .map((change) => {
      const lines = (change.patch ?? change.sha).split("\n").filter((line) => !line.startsWith("@@"));
      return [change.path, change.previousPath ?? "", change.status, change.mode, ...lines].join("\n");
    })
    .join("\n\0\n");
}
