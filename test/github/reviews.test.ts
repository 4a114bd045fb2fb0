import { describe, expect, it } from "vitest";
import { GitHubError } from "../../github/error.ts";
import type { PullEvent, PullReading, ReviewReading, ReviewState } from "../../github/reading.ts";
import { reviewsOf } from "../../github/reviews.ts";
import { at, bob, bot, carol, mannequin, oid, otherBot, pull, review } from "./readings.ts";

const of = (reviews: readonly Partial<ReviewReading>[], more: Partial<PullReading> = {}) =>
  reviewsOf(pull({ reviews: reviews.map((each) => review(each)), ...more }));

const dismissal = (
  was: ReviewState,
  more: Partial<Extract<PullEvent, { event: "review-dismissed" }>> = {},
): PullEvent => ({
  event: "review-dismissed",
  at: at(20),
  by: carol,
  review: 1,
  was,
  ...more,
});

describe("what counts as said", () => {
  it.each<[ReviewState, string | undefined]>([
    ["APPROVED", "approved"],
    ["CHANGES_REQUESTED", "changes-requested"],
    ["COMMENTED", undefined],
    ["PENDING", undefined],
  ])("%s", (state, stance) => {
    expect(of([{ state }]).map((each) => each.stance)).toEqual(stance === undefined ? [] : [stance]);
  });

  it("is nothing until it is handed in", () => {
    expect(of([{ submittedAt: undefined }])).toEqual([]);
  });

  it("stands in the order in which it was said", () => {
    const said = of([
      { id: 3, submittedAt: at(12), state: "APPROVED" },
      { id: 2, submittedAt: at(11), state: "CHANGES_REQUESTED" },
      { id: 1, submittedAt: at(12), state: "CHANGES_REQUESTED" },
    ]);
    expect(said.map(({ stance }) => stance)).toEqual(["changes-requested", "changes-requested", "approved"]);
  });
});

describe("who is a human", () => {
  it.each([
    ["a person", bob, true],
    ["our own App", bot, false],
    ["another App", otherBot, false],
    ["a mannequin", mannequin, false],
    ["a deleted account", undefined, false],
  ])("%s", (_, author, human) => {
    expect(of([{ author }])).toMatchObject([{ human }]);
  });
});

describe("approvals are of the head only", () => {
  const event = (minute: number): PullEvent => ({ event: "re-pointed", at: at(minute) });
  it.each<[string, Partial<ReviewReading>, readonly PullEvent[], boolean]>([
    ["of the head", {}, [], true],
    ["of another commit", { commit: oid("7") }, [], false],
    ["of a commit that is gone", { commit: undefined }, [], false],
    ["of the head, re-pointed there afterwards", {}, [event(11)], false],
    ["of the head, re-pointed in the same second", {}, [event(10)], false],
    ["of the head, after it was re-pointed", {}, [event(9)], true],
    ["of the head, closed and opened since", {}, [{ event: "review-requested", at: at(11), by: bot }], true],
  ])("%s", (_, more, events, onHead) => {
    expect(of([more], { events })).toMatchObject([{ onHead }]);
  });
});

describe("dismissed reviews", () => {
  it.each<[string, PullEvent, unknown]>([
    ["an approval", dismissal("APPROVED"), { stance: "approved", dismissed: { by: "carol" } }],
    ["a no", dismissal("CHANGES_REQUESTED"), { stance: "changes-requested", dismissed: { by: "carol" } }],
    [
      "a no by its own author",
      dismissal("CHANGES_REQUESTED", { by: bob }),
      { stance: "changes-requested", dismissed: { by: "bob" } },
    ],
    [
      "a no by somebody whose account is gone",
      dismissal("CHANGES_REQUESTED", { by: undefined }),
      { stance: "changes-requested", dismissed: { by: undefined } },
    ],
  ])("remember that they were %s", (_, event, expected) => {
    expect(of([{ state: "DISMISSED" }], { events: [event] })).toMatchObject([expected]);
  });

  it.each<[string, readonly PullEvent[]]>([
    ["no event says", []],
    ["the event is of another review", [dismissal("APPROVED", { review: 2 })]],
    ["the event's review is gone", [dismissal("APPROVED", { review: undefined })]],
    ["the event says nothing either", [dismissal("DISMISSED")]],
  ])("are not guessed at when %s: it may have been a no", (_, events) => {
    expect(() => of([{ state: "DISMISSED" }], { events })).toThrow(GitHubError);
    // while access is open that stops no end
    const unexplained = pull({ reviews: [review({ state: "DISMISSED" })], events });
    expect(reviewsOf(unexplained, true)).toMatchObject([{ stance: "changes-requested" }]);
  });
});
