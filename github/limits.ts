// How GitHub says "not so fast", and how long to wait: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api

import type { Attempt } from "./exchange.ts";
import { saidBy } from "./said.ts";

type Answer = Extract<Attempt, { got: "answer" }>;

/** Milliseconds to wait before the same call may be made again; undefined when no limit was hit. A limited call had no effect. */
export function limitWait(answer: Answer, now: number, tries: number): number | undefined {
  if (!isLimited(answer)) return undefined;
  const after = Number(answer.headers.get("retry-after") ?? Number.NaN);
  if (after >= 0) return after * 1000;
  const reset = Number(answer.headers.get("x-ratelimit-reset") ?? Number.NaN);
  if (answer.headers.get("x-ratelimit-remaining") === "0" && reset > 0)
    // GitHub's clock and ours differ by a little
    return Math.max(0, reset * 1000 - now) + 1000;
  // a secondary limit without a header: "at least one minute", longer each time
  return 60_000 * 2 ** tries;
}

function isLimited({ status, headers, body }: Answer): boolean {
  if (status === 429) return true;
  if (status === 403)
    return (
      headers.get("retry-after") !== null ||
      headers.get("x-ratelimit-remaining") === "0" ||
      /rate limit|abuse detection/i.test(saidBy(body))
    );
  return status === 200 && graphqlTypes(body).includes("RATE_LIMITED");
}

function graphqlTypes(body: unknown): readonly unknown[] {
  if (typeof body !== "object" || body === null || !("errors" in body) || !Array.isArray(body.errors))
    return [];
  return body.errors.map((error: unknown) =>
    typeof error === "object" && error !== null && "type" in error ? error.type : undefined,
  );
}
