// The beginning of a grant: credentials of the access role, narrowed by a session policy.

import type { Instant } from "../core/ids.ts";
import { ownerOf } from "./arns.ts";
import { longestSession, shortestSession } from "./assume.ts";
import type { Aws, CallTarget } from "./clients.ts";
import { AwsError } from "./errors.ts";

/** What is sealed for the operator, under AWS's own names. */
export interface IssuedCredentials {
  readonly account: string;
  readonly region: string;
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  /** `2026-12-01T22:00:00Z`: when they stop to work, the earlier of `until` and what STS says. */
  readonly Expiration: string;
}

/**
 * Credentials for one account and Region until `until`. STS gives no less than 15 minutes and no more than 12 hours; the exact end is the policy's
 * `aws:CurrentTime`, which the caller has put into `policy`. Throws `AwsError`.
 */
export async function issueCredentials(
  aws: Aws,
  request: CallTarget & { readonly session: string; readonly until: Instant; readonly policy: string },
): Promise<IssuedCredentials> {
  const { account, region, session, until, policy } = request;
  const role = account.roles.access;
  const credentials = await aws.assume(request, {
    role,
    sessionName: session,
    duration: durationUntil(until, aws.clock.now()),
    policy,
  });
  // the record, the deny and the end all go by this name
  if (credentials.owner !== ownerOf(role, session))
    throw new AwsError("unknown", {
      call: "sts:AssumeRoleWithWebIdentity",
      account: account.id,
      region,
      role,
    });
  return {
    account: account.id,
    region,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: new Date(Math.min(credentials.expiration, until)).toISOString().replace(/\.\d{3}Z$/, "Z"),
  };
}

/** Seconds, rounded up: the policy cuts off what is too much. */
export const durationUntil = (until: number, now: number): number =>
  Math.min(longestSession, Math.max(shortestSession, Math.ceil((until - now) / 1_000)));
