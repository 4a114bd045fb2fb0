// Reviews as GitHub lists them, turned into what each person said, and of what.

import type { Review, Stance } from "../core/review.ts";
import { accountOf, isPerson } from "./account.ts";
import { GitHubError } from "./error.ts";
import type { PullEvent, PullReading, ReviewReading, ReviewState } from "./reading.ts";

/** Decisive reviews in the order in which they were given. `open`: an active record lies in the ledger, and no review changes that any more. */
export function reviewsOf(pull: PullReading, open = false): readonly Review[] {
  return pull.reviews
    .flatMap((review) => decisive(review, pull, open))
    .sort((a, b) => a.review.at - b.review.at || a.id - b.id)
    .map(({ review }) => review);
}

function decisive(
  reading: ReviewReading,
  pull: PullReading,
  open: boolean,
): readonly { id: number; review: Review }[] {
  const at = reading.submittedAt;
  if (at === undefined) return [];
  const dismissal = reading.state === "DISMISSED" ? dismissalOf(reading, pull, open) : undefined;
  const said = dismissal === unexplained ? "changes-requested" : stance(dismissal?.was ?? reading.state);
  if (said === undefined) return [];
  return [
    {
      id: reading.id,
      review: {
        by: accountOf(reading.author),
        human: isPerson(reading.author),
        stance: said,
        onHead: reading.commit === pull.head && !rePointedSince(pull, at),
        at,
        ...(dismissal === undefined || dismissal === unexplained
          ? {}
          : { dismissed: { by: dismissal.by?.login } }),
      },
    },
  ];
}

function stance(state: ReviewState): Stance | undefined {
  switch (state) {
    case "APPROVED":
      return "approved";
    case "CHANGES_REQUESTED":
      return "changes-requested";
    case "COMMENTED":
    case "PENDING":
    case "DISMISSED":
      return undefined;
  }
}

type Dismissal = Extract<PullEvent, { event: "review-dismissed" }>;

/** Beside an active record it stops no end, and counts as the "no" that it may have been. */
const unexplained = "unexplained";

/** INVARIANT: a dismissed review whose past is not known is not guessed at: it may have been a "no". */
function dismissalOf(
  review: ReviewReading,
  pull: PullReading,
  open: boolean,
): Dismissal | typeof unexplained {
  const found = pull.events.findLast(
    (each): each is Dismissal => each.event === "review-dismissed" && each.review === review.id,
  );
  if (found !== undefined && found.was !== "DISMISSED") return found;
  if (open) return unexplained;
  throw new GitHubError("truncated", {
    call: "Request",
    said: `what review ${review.id} of #${pull.number} said before it was dismissed`,
  });
}

/**
 * GitHub moves approvals to the new head on some force-pushes, so that "the commit of the review is the head" alone proves nothing. The
 * same second counts as after: GitHub's times go no finer.
 */
const rePointedSince = (pull: PullReading, at: number): boolean =>
  pull.events.some((each) => each.event === "re-pointed" && each.at >= at);
