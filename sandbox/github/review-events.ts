import type { Json } from "./http.ts";
import type { Review } from "./issue-state.ts";
import { showPullSimple, showReviewInEvent } from "./render/pulls.ts";
import type { Twin, Writer } from "./twin.ts";

export function announceReview(
  twin: Twin,
  review: Review,
  action: "submitted" | "edited" | "dismissed",
  sender: Writer,
  extra: Json = {},
): void {
  const { pull } = review;
  const { repository, number } = pull.issue;
  const payload = {
    review: showReviewInEvent(twin, review),
    pull_request: showPullSimple(twin, pull),
    ...extra,
  };
  twin.emit({
    name: "pull_request_review",
    action,
    repository,
    sender,
    payload,
    ref: `refs/pull/${number}/merge`,
    pull: { number, fromFork: pull.headRepository !== repository },
  });
}
