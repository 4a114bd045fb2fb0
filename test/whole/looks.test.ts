// What a look that changes nothing costs: it happens on every event, on the timer and on every start.

import { describe, expect, test } from "vitest";
import { benchLooks, benchRestart } from "../bench/restart.ts";

test("a look that changes nothing asks GitHub four times at most, and writes nothing", async () => {
  const costs = await benchLooks();
  expect(costs).toHaveLength(3);
  for (const { request, requests, writes, calls } of costs) {
    expect(requests, request).toBeLessThanOrEqual(4);
    expect(writes, request).toBe(0);
    // GraphQL knows no ETag; everything else is asked conditionally
    expect(calls.filter((call) => !call.startsWith("query ")).every((call) => call.endsWith(" 304"))).toBe(
      true,
    );
  }
});

describe("a process that starts beside open requests", () => {
  test("looks at each of them, and writes nothing", async () => {
    const { requests, writes, seconds } = await benchRestart(20);
    expect(writes).toBe(0);
    expect(requests).toBeGreaterThanOrEqual(40);
    expect(seconds).toBeLessThan(60);
  });
});
