import { commitForAccount, headOf, treeOf } from "./commits.ts";
import { isAncestor, mergeBase } from "./git/history.ts";
import { mergeTrees } from "./git/merge.ts";
import type { Pull } from "./issue-state.ts";
import { mergeViolations } from "./rules.ts";
import type { Twin, Viewer } from "./twin.ts";

/** Tree of the base with the pull request's changes; undefined when they conflict. */
export function mergedTree(pull: Pull): string | undefined {
  const { objects } = pull.issue.repository;
  const base = headOf(pull.issue.repository, pull.baseRef);
  const ancestor = base === undefined ? undefined : mergeBase(objects, base, pull.headSha);
  const [from, ours, theirs] = [ancestor, base, pull.headSha].map((sha) => treeOf(objects, sha));
  if (from === undefined || ours === undefined || theirs === undefined) return undefined;
  return mergeTrees(objects, from, ours, theirs);
}

/** The commit behind `refs/pull/N/merge`, made anew when head or base have moved. */
export function testMerge(twin: Twin, pull: Pull): string | undefined {
  const { repository } = pull.issue;
  const base = headOf(repository, pull.baseRef);
  if (base === undefined) return undefined;
  if (pull.testMerge?.head === pull.headSha && pull.testMerge.base === base) return pull.testMerge.sha;
  const tree = mergedTree(pull);
  if (tree === undefined) return undefined;
  const sha = commitForAccount(twin, repository, {
    tree,
    parents: [base, pull.headSha],
    message: `Merge ${pull.headSha} into ${base}`,
    account: pull.issue.author,
  });
  pull.testMerge = { head: pull.headSha, base, sha };
  return sha;
}

export type MergeableState = "clean" | "dirty" | "blocked" | "behind" | "unstable" | "draft" | "unknown";

export interface Mergeability {
  /** null: GitHub is still working it out. */
  mergeable: boolean | null;
  state: MergeableState;
}

/** What the API says; the first look after a change starts the work and answers null. A webhook is no look. */
export function lookAtMergeability(twin: Twin, pull: Pull, viewer: Viewer, look: boolean): Mergeability {
  if (pull.issue.state === "closed") return { mergeable: null, state: "unknown" };
  const base = headOf(pull.issue.repository, pull.baseRef);
  const key = `${pull.headSha}:${base}`;
  if (pull.mergeabilityKnownFor !== key) {
    if (look || !twin.quirks.lateMergeability) pull.mergeabilityKnownFor = key;
    if (twin.quirks.lateMergeability) return { mergeable: null, state: "unknown" };
  }
  if (testMerge(twin, pull) === undefined) return { mergeable: false, state: "dirty" };
  if (pull.draft) return { mergeable: true, state: "draft" };
  if (mergeViolations(twin, pull, viewer, "merge").length > 0) return { mergeable: true, state: "blocked" };
  const failing = pull.issue.repository.checkRuns.some(
    (run) => run.headSha === pull.headSha && run.conclusion !== "success" && run.conclusion !== "neutral",
  );
  return { mergeable: true, state: failing ? "unstable" : "clean" };
}

export function isBehind(pull: Pull): boolean {
  const base = headOf(pull.issue.repository, pull.baseRef);
  return base !== undefined && !isAncestor(pull.issue.repository.objects, base, pull.headSha);
}
