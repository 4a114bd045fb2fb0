// Where a request stands. Each state carries only its own fields; a new state fails to compile in every place that must know it.

import type { PullFacts } from "./facts.ts";
import type { Instant } from "./ids.ts";
import type { Node } from "./node.ts";
import type { Outcome } from "./outcome.ts";
import type { Problem } from "./problem.ts";
import type { ActiveRecord, EndedRecord } from "./record.ts";
import type { AccessRequest } from "./request.ts";
import type { Tally } from "./tally.ts";

/** How a request can end without ever being granted. */
export type UngrantedEnd = "denied" | "rejected" | "cancelled" | "lapsed" | "failed";

type Manual = Extract<Outcome, { outcome: "manual" }>;
type Decided = Extract<Outcome, { outcome: "auto" | "manual" }>;

export type Verdict =
  /** The form is wrong or its author cannot ask; mended by its author, or it lapses. */
  | { readonly state: "invalid"; readonly problems: readonly Problem[]; readonly lapsesAt: Instant }
  /** A verdict, not a state: nothing moves, the error is shown, and it is decided again. */
  | { readonly state: "broken"; readonly problems: readonly Problem[] }
  | {
      readonly state: "pending";
      readonly request: AccessRequest;
      readonly nodes: readonly Node[];
      readonly outcome: Manual;
      readonly tally: Tally;
      /** Levels that nobody can fill now, by number, with the reason. */
      readonly outOfReach: readonly { readonly level: number; readonly why: string }[];
      /** The pull request under review, once it is open. */
      readonly pull?: PullFacts;
      readonly lapsesAt: Instant;
    }
  | {
      readonly state: "approved";
      readonly request: AccessRequest;
      readonly nodes: readonly Node[];
      readonly outcome: Decided;
      readonly tally?: Tally;
      readonly pull?: PullFacts;
      /** What has to come before the grant can be dispatched. */
      readonly waitingFor: "merge" | "start" | "key" | "grant";
      /** The decision is stale from here on. */
      readonly goodUntil: Instant;
    }
  | {
      readonly state: "active";
      readonly record: ActiveRecord;
      /** What the workflow has to do: nothing, issue credentials for a key that waits, end early, or be ended by the sweep. */
      readonly next: "wait" | "issue" | "end" | "sweep";
      readonly endBecause?: { readonly by: string; readonly why: string };
    }
  /** Over, but its record is not written yet. */
  | {
      readonly state: "ending";
      readonly how: UngrantedEnd;
      readonly by: string;
      readonly why: string;
      readonly outcome?: Outcome;
      readonly tally?: Tally;
    }
  | { readonly state: "over"; readonly record: EndedRecord };
