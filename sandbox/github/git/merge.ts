import { diffLines, type Hunk, splitLines } from "./diff.ts";
import { applyChanges, type Change, flatten, isBinary, type ObjectStore, writeBlob } from "./objects.ts";

/** Tree of a three-way merge; undefined when there is a conflict. */
export function mergeTrees(
  store: ObjectStore,
  base: string,
  ours: string,
  theirs: string,
): string | undefined {
  if (base === theirs || ours === theirs) return ours;
  if (base === ours) return theirs;
  const was = flatten(store, base);
  const left = flatten(store, ours);
  const right = flatten(store, theirs);
  const changes = new Map<string, Change>();
  for (const path of new Set([...was.keys(), ...right.keys()])) {
    const b = was.get(path);
    const l = left.get(path);
    const r = right.get(path);
    if (same(b, r) || same(l, r)) continue;
    if (same(b, l)) {
      changes.set(path, r ?? null);
      continue;
    }
    if (b === undefined || l === undefined || r === undefined) return undefined;
    const sha = mergeBlobs(store, b.sha, l.sha, r.sha);
    if (sha === undefined) return undefined;
    changes.set(path, { sha, mode: l.mode === b.mode ? r.mode : l.mode });
  }
  for (const [path, change] of changes)
    if (change !== null && blockedByFile(left, path, changes)) return undefined;
  return applyChanges(store, ours, changes);
}

function same(a: Change | undefined, b: Change | undefined): boolean {
  return a?.sha === b?.sha && a?.mode === b?.mode;
}

/** A file on our side stands where theirs needs a folder. */
function blockedByFile(left: Map<string, unknown>, path: string, changes: Map<string, Change>): boolean {
  const parts = path.split("/");
  return parts.slice(1).some((_, i) => {
    const folder = parts.slice(0, i + 1).join("/");
    return left.has(folder) && changes.get(folder) !== null;
  });
}

function mergeBlobs(store: ObjectStore, base: string, ours: string, theirs: string): string | undefined {
  const contents = [base, ours, theirs].map((sha) => store.blobs.get(sha) ?? new Uint8Array());
  if (contents.some(isBinary)) return undefined;
  const [b = [], l = [], r = []] = contents.map((content) =>
    splitLines(Buffer.from(content).toString("utf8")),
  );
  const left = diffLines(b, l).map((hunk) => ({ hunk, side: l }));
  const right = diffLines(b, r).map((hunk) => ({ hunk, side: r }));
  for (const { hunk: x } of left) {
    for (const { hunk: y } of right) if (touch(x, y)) return undefined;
  }
  const out: string[] = [];
  let line = 0;
  for (const { hunk, side } of [...left, ...right].sort((x, y) => x.hunk.aStart - y.hunk.aStart)) {
    out.push(...b.slice(line, hunk.aStart), ...side.slice(hunk.bStart, hunk.bEnd));
    line = hunk.aEnd;
  }
  out.push(...b.slice(line));
  return writeBlob(store, out.join(""));
}

/** Overlapping or adjacent changes conflict, as in git. */
function touch(x: Hunk, y: Hunk): boolean {
  return x.aStart <= y.aEnd && y.aStart <= x.aEnd;
}
