// What Cedar is asked and what it answers. Answers are facts like any other: asked for first, then decided upon.

import type { Instant, Seconds, TeamHandle, UserId } from "./ids.ts";
import type { IdentityAttributes } from "./law.ts";
import type { Node } from "./node.ts";
import type { Problem } from "./problem.ts";
import type { AccessMode } from "./request.ts";

/** The requester as Cedar sees them. */
export interface Principal {
  readonly login: string;
  readonly githubId: UserId;
  /** The Identity Store user id of `people.yaml`, else `@login` in lower case (a bare login could be registered to look like a GUID). */
  readonly entityId: string;
  readonly teams: readonly TeamHandle[];
  readonly groups: readonly string[];
  readonly attributes: IdentityAttributes;
  readonly principalTags: Readonly<Record<string, string>>;
}

export interface QuestionContext {
  readonly now: Instant;
  /** `from` where given, else `now`. */
  readonly start: Instant;
  /** Of `start` in the configured time zone: Monday is 1. */
  readonly weekday: number;
  /** Of `start` in the configured time zone: milliseconds since local midnight. */
  readonly timeOfDay: number;
  readonly duration: Seconds;
  readonly access: AccessMode;
  readonly reason: string;
  readonly ticket?: string;
}

/** All nodes of one request go to the engine in one message. */
export interface Question {
  readonly principal: Principal;
  readonly context: QuestionContext;
  readonly nodes: readonly Node[];
  /** Whether the requester asks to go in before anybody has approved. */
  readonly breakGlass?: boolean;
}

export interface PolicyRef {
  /** Its `@id`, else `file:line`. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** What the policies say of one node, as AWS means its two documents (auto-approval and deny-access) and our guardrail. */
export interface NodeAnswer {
  /** `forbid`s that match `startAccessRequest`: no approver can override them. */
  readonly guardrails: readonly PolicyRef[];
  /** `permit`s that match `getTokenForInstanceAccess`. */
  readonly permits: readonly PolicyRef[];
  /** `forbid`s that match `getTokenForInstanceAccess`: they stop only the automatic approval. */
  readonly denies: readonly PolicyRef[];
  /** `permit`s of `breakGlass`, none where a `forbid` of it matches. Not there: the question was not about it. */
  readonly breakGlass?: readonly PolicyRef[];
  /** Any evaluation error of any policy, of the actions asked about. Not empty means *broken*: Cedar would have skipped that policy. */
  readonly errors: readonly (Problem & { readonly policy: PolicyRef })[];
}
