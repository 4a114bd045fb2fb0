import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../core/duration.ts";
import type { Seconds } from "../../core/ids.ts";

describe("a duration", () => {
  test.each([
    ["1s", 1],
    ["90s", 90],
    ["15m", 900],
    ["2h", 7_200],
    ["1h30m", 5_400],
    ["1d2h3m4s", 93_784],
    ["0d1h", 3_600],
    ["3650d", 315_360_000],
  ])("%s is %d seconds", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each([
    "",
    "0h",
    "0d0h0m0s",
    "-1h",
    "+1h",
    "1.5h",
    "30m1h",
    "1h1h",
    "3600",
    "1H",
    "1 h",
    " 1h",
    "1h\n",
    "1w",
    "h",
    "١h",
    "3651d",
    "999999999d999999999h",
    `${"1".repeat(400)}h`,
  ])("%j is refused", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test("formatDuration and parseDuration are inverse", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_650 * 86_400 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds as Seconds))).toBe(seconds);
      }),
    );
  });

  test("is written in the shortest way", () => {
    expect(formatDuration(5_400 as Seconds)).toBe("1h30m");
    expect(formatDuration(86_400 as Seconds)).toBe("1d");
  });
});
