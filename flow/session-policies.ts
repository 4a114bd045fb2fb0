// The session policies of a grant, one for each account and Region: what AWS then enforces on every call.

import { documentName } from "../aws/documents.ts";
import type { AccountId, Instant, Region } from "../core/ids.ts";
import type { Parsed } from "../core/problem.ts";
import type { ActiveRecord, PinnedNode } from "../core/record.ts";
import { sessionPolicy } from "../core/session-policy.ts";
import { byPlace } from "./places.ts";

export interface PlacePolicy {
  readonly account: AccountId;
  readonly region: Region;
  readonly nodes: readonly PinnedNode[];
  /** The one session document that the policy allows. */
  readonly document: string;
  readonly policy: Parsed<string>;
}

export interface PolicySubject extends Pick<ActiveRecord, "request" | "nodes"> {
  readonly session: string;
  /** When the policy ends; never later than the record's own `until`. */
  readonly until: Instant;
  /** Of an account's roles: `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: (account: AccountId) => string;
}

export function sessionPolicies(subject: PolicySubject): readonly PlacePolicy[] {
  const { request, session, until, partition } = subject;
  const kind =
    request.access === "port-forward"
      ? { mode: request.access, forward: request.forward ?? "" }
      : { mode: request.access };
  const document = documentName(kind, request.for);
  return byPlace(subject.nodes).map(({ place, nodes }) => ({
    ...place,
    nodes,
    document,
    policy: sessionPolicy({
      mode: request.access,
      ...(request.forward === undefined ? {} : { forward: request.forward }),
      nodes,
      partition: partition(place.account),
      ...place,
      session,
      until,
      document,
    }),
  }));
}
