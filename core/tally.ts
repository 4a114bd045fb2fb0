// Who counts: reviews against the levels of a manual decision (design, section 3). Pure counting, no facts are fetched here.

import { narrowed } from "./delegations.ts";
import { type Instant, sameLogin, type TeamHandle } from "./ids.ts";
import type { Delegation, Level } from "./law.ts";
import { bestMatching, type Filled, waysToChoose } from "./match-levels.ts";
import type { Review } from "./review.ts";

/** Who is in which team now, for the people at hand. Logins in lower case. */
export type Memberships = ReadonlyMap<TeamHandle, ReadonlySet<string>>;

export interface TallyInput {
  readonly levels: readonly Level[];
  /** In the order in which they were given. */
  readonly reviews: readonly Review[];
  readonly requester: string;
  /** Who authored, committed or pushed to a hand-written branch. */
  readonly barred: readonly string[];
  readonly memberships: Memberships;
  /** Those whose window is open. */
  readonly delegations: readonly Delegation[];
}

export type IgnoredBecause =
  | "is-the-requester"
  | "pushed-to-the-branch"
  | "is-not-a-person"
  | "is-in-no-level"
  | "is-of-another-head"
  | "was-dismissed";

export interface LevelTally {
  readonly level: Level;
  /** 1-based, as people count levels. */
  readonly number: number;
  /** Logins of those who fill a place here. */
  readonly filledBy: readonly string[];
  readonly complete: boolean;
}

interface Counted {
  readonly levels: readonly LevelTally[];
  /** Numbers of the levels not complete. */
  readonly missing: readonly number[];
  readonly ignored: readonly { readonly login: string; readonly because: IgnoredBecause }[];
  /** Approved, able to approve, and in no place: their level is full already. */
  readonly spare: readonly string[];
  /** For whom somebody fills a place, where it is not for themselves: logins, by login. */
  readonly standsFor: ReadonlyMap<string, string>;
}

export interface ApprovedTally extends Counted {
  readonly approval: "approved";
  /** When the last counted review was given; what "the decision is fresh" is measured from. */
  readonly lastCounted: Instant;
}

export interface RejectedTally extends Counted {
  readonly approval: "rejected";
  /** The first who said no. */
  readonly rejectedBy: string;
}

export interface PendingTally extends Counted {
  readonly approval: "pending";
}

export type Tally = ApprovedTally | RejectedTally | PendingTally;

export function tally(input: TallyInput): Tally {
  const ignored: { login: string; because: IgnoredBecause }[] = [];
  const approvers: Review[] = [];
  let rejectedBy: string | undefined;

  for (const theirs of byPerson(input.reviews)) {
    const { login } = theirs[0].by;
    const bar = barrier(theirs[0], input);
    if (bar !== undefined) {
      ignored.push({ login, because: bar });
      continue;
    }
    if (rejects(theirs)) {
      rejectedBy ??= login;
      continue;
    }
    const counted = countedApproval(theirs);
    if ("at" in counted) approvers.push(counted);
    else ignored.push({ login, because: counted.because });
  }

  const { levels, standsFor } = fill(input, approvers);
  const missing = levels.filter((level) => !level.complete).map((level) => level.number);
  const placed = new Set(levels.flatMap((level) => level.filledBy));
  const spare = approvers.map(({ by }) => by.login).filter((login) => !placed.has(login));
  const counted: Counted = { levels, missing, ignored, spare, standsFor };
  if (rejectedBy !== undefined) return { ...counted, approval: "rejected", rejectedBy };
  if (missing.length > 0) return { ...counted, approval: "pending" };
  // INVARIANT: rules have levels, so somebody fills a place here
  const times = approvers.filter(({ by }) => placed.has(by.login)).map(({ at }) => at);
  return { ...counted, approval: "approved", lastCounted: Math.max(...times) as Instant };
}

/**
 * People to places; of those who fill a level, the first to approve comes first. INVARIANT: a membership is one seat, whether its owner acts on it or whoever stands in for
 * them: it never fills two places.
 */
function fill(
  input: TallyInput,
  approvers: readonly Review[],
): { readonly levels: readonly LevelTally[]; readonly standsFor: ReadonlyMap<string, string> } {
  const seats = approvers.map((review) => seatsOf(review, input));
  const owners = [...new Map(seats.flat().map(({ owner }) => [owner.toLowerCase(), owner])).values()];
  const seatOf = (seat: Seat) => owners.findIndex((owner) => sameLogin(owner, seat.owner));
  // whoever stands in for less than all fills other places than its owner would: which of them has the seat is tried out
  const scopes = owners.map((_, i) => [
    ...new Set(seats.flat().flatMap((seat) => (seatOf(seat) === i ? [seat.only] : []))),
  ]);
  const filled = bestMatching(
    input.levels,
    waysToChoose(scopes).map((held) => ({
      takes: input.levels.map((level) =>
        owners.map((owner, i) => isNamed(owner, narrowed(level, held[i]), input.memberships)),
      ),
      seats: seats.map((theirs) => theirs.filter((seat) => seat.only === held[seatOf(seat)]).map(seatOf)),
    })),
  );
  const standsFor = new Map<string, string>();
  const levels = input.levels.map((level, index): LevelTally => {
    const filledBy = (filled[index] as readonly Filled[]).map(({ candidate, seat }) => {
      const { login } = (approvers[candidate] as Review).by;
      const owner = owners[seat] as string;
      if (!sameLogin(login, owner)) standsFor.set(login, owner);
      return login;
    });
    return { level, number: index + 1, filledBy, complete: filledBy.length >= level.need };
  });
  return { levels, standsFor };
}

/** Somebody's being in the levels' lists, all of it or what a delegation narrows it to. */
interface Seat {
  readonly owner: string;
  readonly only?: Delegation["only"];
}

const seatsOf = (review: Review, input: TallyInput): readonly Seat[] => [
  { owner: review.by.login },
  ...standsInFor(review, input).map(({ from, only }) => ({ owner: from, only })),
];

/**
 * Whose seats a reviewer may act on besides their own. INVARIANT: no seat of the requester's or of whoever pushed, and no chain: a seat passes from its owner to one person.
 * A review of before the window is not given in anybody's stead.
 */
const standsInFor = (
  { by, at }: Review,
  { delegations, requester, barred }: TallyInput,
): readonly Delegation[] =>
  delegations
    .filter(({ to, since }) => sameLogin(to, by.login) && since <= at)
    .filter(({ from }) => ![requester, ...barred].some((out) => sameLogin(out, from)));

/** Whether this person is in the level's list now. */
export function isNamed(
  login: string,
  level: Pick<Level, "people" | "teams">,
  memberships: Memberships,
): boolean {
  return (
    level.people.some((name) => sameLogin(name, login)) ||
    level.teams.some((team) => memberships.get(team)?.has(login.toLowerCase()) === true)
  );
}

type Reviews = readonly [Review, ...Review[]];

/** Each person's reviews, in the order in which people first appear. People are kept by numeric id: a login can change hands. */
function byPerson(reviews: readonly Review[]): readonly Reviews[] {
  const people = new Map<number, [Review, ...Review[]]>();
  for (const review of reviews) {
    const theirs = people.get(review.by.id);
    if (theirs === undefined) people.set(review.by.id, [review]);
    else theirs.push(review);
  }
  return [...people.values()];
}

function barrier(review: Review, input: TallyInput): IgnoredBecause | undefined {
  const { login } = review.by;
  if (!review.human) return "is-not-a-person";
  if (sameLogin(login, input.requester)) return "is-the-requester";
  if (input.barred.some((name) => sameLogin(name, login))) return "pushed-to-the-branch";
  const takes = ({ owner, only }: Seat) =>
    input.levels.some((level) => isNamed(owner, narrowed(level, only), input.memberships));
  if (!seatsOf(review, input).some(takes)) return "is-in-no-level";
  return undefined;
}

/**
 * A "no" stands, on any head, until its author takes it back: by approving since, or by dismissing it themselves. Anyone with write can
 * dismiss a review, so somebody else's dismissal does not erase it.
 */
function rejects(theirs: Reviews): boolean {
  let standing = false;
  for (const review of theirs) {
    if (review.stance === "changes-requested") {
      const takenBack = review.dismissed?.by !== undefined && sameLogin(review.dismissed.by, review.by.login);
      // INVARIANT: taking back one "no" does not take back an earlier one
      standing ||= !takenBack;
    } else if (review.dismissed === undefined) {
      standing = false;
    }
  }
  return standing;
}

/** The latest decisive review on the head, if it is an approval that stands. A dismissed one counts for nothing and revives nothing. */
function countedApproval(theirs: Reviews): Review | { readonly because: IgnoredBecause } {
  const latest = theirs.filter((review) => review.onHead).at(-1);
  if (latest === undefined) return { because: "is-of-another-head" };
  if (latest.dismissed !== undefined) return { because: "was-dismissed" };
  return latest;
}
