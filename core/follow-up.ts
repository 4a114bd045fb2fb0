// The review after the glass was broken: the same levels judge the same pull request, though access is open or over already. Until they have, it is not done.

import { standingIn } from "./delegations.ts";
import type { Facts, PullFacts } from "./facts.ts";
import { undecidable } from "./reach.ts";
import type { ActiveRecord, BrokenGlassRecord, EndedGrant, EndedRecord } from "./record.ts";
import { formatRequest } from "./request-file.ts";
import { type Tally, tally } from "./tally.ts";

export interface FollowUp {
  readonly glass: BrokenGlassRecord;
  /** What was granted. */
  readonly record: ActiveRecord | EndedGrant;
  /** The one to review; undefined when it is the request's no more, as any writer can send it elsewhere. */
  readonly pull?: PullFacts;
  readonly tally: Tally;
}

/** Undefined where no glass was broken, or the answer is in the record already. */
export function followUp(facts: Facts, record: ActiveRecord | EndedRecord): FollowUp | undefined {
  if (record.breakGlass === undefined || record.breakGlass.review !== undefined) return undefined;
  const { breakGlass: glass, request, requester } = record;
  // nobody got in
  if (record.folder === "ended" && record.ended.how === "failed") return undefined;
  const pull = facts.pulls.findLast(
    ({ file }) => file.ok && formatRequest(file.value.request) === formatRequest(request),
  );
  // a team that cannot be read leaves open who counts: nobody has answered then
  const isOpen = undecidable(facts, glass.levels).length > 0;
  const reviews = facts.pulls
    .flatMap((each) => each.reviews.map((review) => (each === pull ? review : { ...review, onHead: false })))
    .sort((a, b) => a.at - b.at);
  const counted = tally({
    levels: glass.levels,
    reviews: isOpen ? [] : reviews,
    requester: requester.login,
    barred: [],
    memberships: facts.memberships,
    delegations: facts.law.law.ok ? standingIn(facts.law.law.value.delegations, facts.now) : [],
  });
  return { glass, record, tally: counted, ...(pull === undefined ? {} : { pull }) };
}
