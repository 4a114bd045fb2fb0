import { headOf, treeOf } from "./commits.ts";
import { patchId } from "./git/diff.ts";
import { mergeBase } from "./git/history.ts";
import type { Pull } from "./issue-state.ts";
import { announceReview } from "./review-events.ts";
import { rulesetsFor } from "./rulesets.ts";
import { record } from "./timeline.ts";
import type { Twin, Writer } from "./twin.ts";

function patchOf(pull: Pull, head: string): string {
  const { repository } = pull.issue;
  const { objects } = repository;
  const base = headOf(repository, pull.baseRef) ?? pull.baseSha;
  const tree = treeOf(objects, head);
  return tree === undefined ? "" : patchId(objects, treeOf(objects, mergeBase(objects, base, head)), tree);
}

/**
 * What a push to its head does to a pull request's reviews. A force-push that keeps the patch moves approvals to the
 * new head (comments stay where they were); one that changes it dismisses them where a ruleset says so.
 */
export function refreshReviews(
  twin: Twin,
  pull: Pull,
  previous: string,
  forced: boolean,
  writer: Writer,
): void {
  const approvals = pull.reviews.filter((review) => review.state === "APPROVED");
  if (approvals.length === 0) return;
  if (patchOf(pull, previous) === patchOf(pull, pull.headSha)) {
    if (!forced) return;
    for (const review of approvals) if (review.commitId === previous) review.commitId = pull.headSha;
    return;
  }
  if (!dismissesStale(twin, pull)) return;
  for (const review of approvals) {
    record(twin, pull.issue, "review_dismissed", writer, {
      dismissed: { review, state: review.state, message: null, commitId: pull.headSha },
    });
    review.state = "DISMISSED";
    review.updatedAt = twin.clock.now();
    announceReview(twin, review, "dismissed", writer);
  }
}

function dismissesStale(twin: Twin, pull: Pull): boolean {
  return rulesetsFor(twin, pull.issue.repository, `refs/heads/${pull.baseRef}`).some((ruleset) =>
    ruleset.rules.some(
      (rule) => rule.type === "pull_request" && rule.parameters.dismiss_stale_reviews_on_push,
    ),
  );
}
