import type { Commit, ObjectStore } from "./objects.ts";

// Questions about the commit graph.

/** Newest first, as `git log`: by committer date, never a parent before its child. */
export function log(store: ObjectStore, from: string, stopAt: ReadonlySet<string> = new Set()): Commit[] {
  const reachable = ancestors(store, from);
  const children = new Map<string, number>();
  for (const sha of reachable) {
    for (const parent of store.commits.get(sha)?.parents ?? [])
      children.set(parent, (children.get(parent) ?? 0) + 1);
  }
  const ready: Commit[] = [];
  const push = (sha: string) => {
    const commit = store.commits.get(sha);
    if (commit !== undefined && !stopAt.has(sha)) ready.push(commit);
  };
  push(from);
  const result: Commit[] = [];
  while (ready.length > 0) {
    let newest = 0;
    for (let i = 1; i < ready.length; i++) {
      if ((ready[i]?.committer.at ?? 0) > (ready[newest]?.committer.at ?? 0)) newest = i;
    }
    const [commit] = ready.splice(newest, 1);
    if (commit === undefined) break;
    result.push(commit);
    for (const parent of commit.parents) {
      const left = (children.get(parent) ?? 1) - 1;
      children.set(parent, left);
      if (left === 0) push(parent);
    }
  }
  return result;
}

/** The commit itself and everything it descends from. */
export function ancestors(store: ObjectStore, from: string): Set<string> {
  const seen = new Set<string>();
  const waiting = [from];
  for (let sha = waiting.pop(); sha !== undefined; sha = waiting.pop()) {
    if (seen.has(sha)) continue;
    seen.add(sha);
    waiting.push(...(store.commits.get(sha)?.parents ?? []));
  }
  return seen;
}

export function isAncestor(store: ObjectStore, ancestor: string, of: string): boolean {
  return ancestors(store, of).has(ancestor);
}

/** Best common ancestor: newest of those that no other common ancestor descends from. */
export function mergeBase(store: ObjectStore, one: string, other: string): string | undefined {
  const first = ancestors(store, one);
  const common = [...ancestors(store, other)].filter((sha) => first.has(sha));
  const covered = new Set<string>();
  for (const sha of common) {
    for (const parent of store.commits.get(sha)?.parents ?? []) {
      if (!covered.has(parent)) for (const below of ancestors(store, parent)) covered.add(below);
    }
  }
  const best = common.filter((sha) => !covered.has(sha));
  best.sort((a, b) => (store.commits.get(b)?.committer.at ?? 0) - (store.commits.get(a)?.committer.at ?? 0));
  return best[0];
}

/** Commits of `to` that `from` lacks, newest first. */
export function commitsBetween(store: ObjectStore, from: string | undefined, to: string): Commit[] {
  return log(store, to, from === undefined ? new Set() : ancestors(store, from));
}

/** Commits that changed anything at or below `path`, newest first (git's default simplification, without merges). */
export function logOfPath(store: ObjectStore, from: string, path: string, at: PathReader): Commit[] {
  return log(store, from).filter((commit) => {
    const here = at(commit.tree, path);
    if (commit.parents.length === 0) return here !== undefined;
    return commit.parents.every((parent) => {
      const tree = store.commits.get(parent)?.tree;
      return tree === undefined || at(tree, path) !== here;
    });
  });
}

/** Id of what stands at a path of a tree. */
export type PathReader = (tree: string, path: string) => string | undefined;
