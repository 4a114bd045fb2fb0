// Where a request stands. Each state carries only its own fields; a new state fails to compile in every place that must know it.

import type { BrokenGlass } from "./break-glass.ts";
import type { PullFacts } from "./facts.ts";
import type { FollowUp } from "./follow-up.ts";
import type { Instant } from "./ids.ts";
import type { Node } from "./node.ts";
import type { AutoOutcome, ManualOutcome } from "./outcome.ts";
import type { Problem } from "./problem.ts";
import type { ActiveRecord, EndedRecord } from "./record.ts";
import type { AccessRequest } from "./request.ts";
import type { ApprovedTally, Tally } from "./tally.ts";

/** How a request can end without ever being granted. */
export type UngrantedEnd = "denied" | "rejected" | "cancelled" | "lapsed" | "failed";

/** What is asked for, once it is known. */
export interface Known {
  readonly request: AccessRequest;
  readonly nodes: readonly Node[];
}

export interface ByPolicy {
  readonly outcome: AutoOutcome;
  readonly tally?: undefined;
  readonly pull?: undefined;
  readonly glass?: undefined;
}

/** INVARIANT: people have approved one pull request, the one that the tally is of. */
export interface ByPeople {
  readonly outcome: ManualOutcome;
  readonly tally: ApprovedTally;
  readonly pull: PullFacts;
  readonly glass?: undefined;
}

/** Before people have approved: their review of the same pull request comes afterwards, and it is not merged. */
export interface ByGlass {
  readonly outcome: ManualOutcome;
  readonly tally: Tally;
  readonly pull: PullFacts;
  readonly glass: BrokenGlass;
}

export type Pending = Known & {
  readonly state: "pending";
  readonly outcome: ManualOutcome;
  readonly tally: Tally;
  /** Levels that nobody can fill now, by number, with the reason. */
  readonly outOfReach: readonly { readonly level: number; readonly why: string }[];
  readonly lapsesAt: Instant;
};

/** What has to come before the grant can be dispatched. Only what people approved is merged. */
type Waiting =
  | (ByPeople & { readonly waitingFor: "merge" })
  | ((ByPeople | ByPolicy | ByGlass) &
      (
        | { readonly waitingFor: "start"; readonly opensAt: Instant }
        | { readonly waitingFor: "key" | "grant" }
      ));

export type Approved = Known & {
  readonly state: "approved";
  /** The decision is stale from here on. */
  readonly goodUntil: Instant;
} & Waiting;

/** Why access ends before its time. */
export interface EndBecause {
  readonly by: string;
  readonly why: string;
}

/** What the workflow has to do: nothing, issue credentials for a key that waits, end early, or leave it to the sweep: its time is over. */
export type Active = {
  readonly state: "active";
  readonly record: ActiveRecord;
  readonly followUp?: FollowUp;
} & (
  | { readonly next: "wait" | "issue"; readonly endBecause?: undefined }
  | { readonly next: "sweep"; readonly endBecause?: EndBecause }
  | { readonly next: "end"; readonly endBecause: EndBecause }
);

/** Over, but its record is not written yet. */
export interface Ending {
  readonly state: "ending";
  readonly how: UngrantedEnd;
  readonly by: string;
  readonly why: string;
}

/** `followUp` is there until the review of a broken glass is answered, and the answer recorded. */
export interface Over {
  readonly state: "over";
  readonly record: EndedRecord;
  readonly followUp?: FollowUp;
}

export type Verdict =
  /** The form is wrong or its author cannot ask; mended by its author, or it lapses. */
  | { readonly state: "invalid"; readonly problems: readonly Problem[]; readonly lapsesAt: Instant }
  /** A verdict, not a state: nothing moves, the error is shown, and it is decided again. */
  | { readonly state: "broken"; readonly problems: readonly Problem[] }
  /** Before its pull request is open. */
  | (Pending & { readonly pull?: undefined })
  /** Under review. */
  | (Pending & { readonly pull: PullFacts })
  | Approved
  | Active
  | Ending
  | Over;
