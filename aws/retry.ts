// When to try an AWS call again, how long to wait, and when to stop. One total limit a call: an Action's minutes are billed, and a grant's clock runs.

import type { AwsError, AwsErrorCode } from "./errors.ts";

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface RetryPolicy {
  /** No retry begins later than this after the first attempt, in milliseconds. */
  readonly total: number;
  /** Wait before the first retry, in milliseconds; doubles each time. */
  readonly first: number;
  /** The longest wait, in milliseconds. */
  readonly most: number;
  /** From 0 to 1: spreads retries of many runs. */
  readonly jitter: () => number;
}

export const defaultRetry: RetryPolicy = { total: 60_000, first: 250, most: 8_000, jitter: Math.random };

/** How long an error of a kind is worth waiting for, in milliseconds: with `always` up to the policy's total. */
type Patience = "always" | "never" | number;

/** For every call. */
const patience: Record<AwsErrorCode, Patience> = {
  throttled: "always",
  unavailable: "always",
  network: "always",
  // SDK clients learn the offset from AWS's answer, so the next attempt is signed with the right time
  clock: 5_000,
  // the caller renews the credentials before the next attempt
  expired: 5_000,
  // a role's permissions spread in seconds after a change; longer is a mistake in the setup, which waiting does not mend
  "not-authorized": 10_000,
  "identity-rejected": 10_000,
  conflict: "never",
  "not-found": "never",
  "target-not-connected": "never",
  "malformed-policy": "never",
  "policy-too-large": "never",
  "limit-reached": "never",
  invalid: "never",
  "region-disabled": "never",
  unknown: "never",
};

/** Runs `attempt` until it succeeds, its error is not worth a retry, or the time is over; then throws the last error. */
export async function withRetries<T>(
  options: {
    readonly clock: Clock;
    readonly policy: RetryPolicy;
    readonly toError: (thrown: unknown) => AwsError;
  },
  attempt: (previous: AwsError | undefined) => Promise<T>,
): Promise<T> {
  const { clock, policy, toError } = options;
  const began = clock.now();
  let previous: AwsError | undefined;
  for (let tries = 0; ; tries++) {
    try {
      return await attempt(previous);
    } catch (thrown) {
      previous = toError(thrown);
      const wait = waitBefore(tries, policy);
      if (clock.now() + wait - began > limitFor(previous.code, policy)) throw previous;
      await clock.sleep(wait);
    }
  }
}

function limitFor(code: AwsErrorCode, policy: RetryPolicy): number {
  const limit = patience[code];
  if (limit === "never") return -1;
  return limit === "always" ? policy.total : Math.min(limit, policy.total);
}

/** Full doubling with up to a quarter taken off by chance. */
export function waitBefore(tries: number, { first, most, jitter }: RetryPolicy): number {
  return Math.round(Math.min(most, first * 2 ** tries) * (1 - jitter() / 4));
}
