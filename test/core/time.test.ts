import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Instant } from "../../core/ids.ts";
import { isTimeZone, localClock } from "../../core/time.ts";

const at = (text: string): Instant => Date.parse(text) as Instant;
const hour = 3_600_000;

describe("the clock on the wall", () => {
  test.each([
    ["2026-01-05T12:00:00Z", "UTC", 1, 12 * hour],
    ["2026-01-05T00:00:00Z", "UTC", 1, 0],
    ["2026-01-04T23:30:00Z", "Europe/Berlin", 1, 0.5 * hour],
    ["2026-01-05T00:00:00Z", "America/New_York", 7, 19 * hour],
    ["2026-01-05T00:00:00.250Z", "UTC", 1, 250],
    ["2026-01-05T12:00:00Z", "Asia/Kathmandu", 1, 17.75 * hour],
    // the clock jumps from 2 to 3 in Berlin, and from 3 back to 2
    ["2026-03-29T00:59:59Z", "Europe/Berlin", 7, 2 * hour - 1_000],
    ["2026-03-29T01:00:00Z", "Europe/Berlin", 7, 3 * hour],
    ["2026-10-25T00:59:59Z", "Europe/Berlin", 7, 3 * hour - 1_000],
    ["2026-10-25T01:00:00Z", "Europe/Berlin", 7, 2 * hour],
    // midnight itself is skipped in Cairo
    ["2026-04-23T22:00:00Z", "Africa/Cairo", 5, 1 * hour],
    ["1969-12-31T23:59:59.999Z", "UTC", 3, 24 * hour - 1],
  ])("%s in %s", (text, zone, weekday, timeOfDay) => {
    expect(localClock(at(text), zone)).toEqual({ weekday, timeOfDay });
  });

  test("agrees with the date that Intl writes, near the changes too", () => {
    const zones = fc.constantFrom(
      "UTC",
      "Europe/Berlin",
      "America/New_York",
      "Australia/Lord_Howe",
      "Africa/Cairo",
      "Asia/Kolkata",
    );
    const changes = fc.constantFrom(
      "2026-03-29T01:00:00Z",
      "2026-10-25T01:00:00Z",
      "2026-03-08T07:00:00Z",
      "2026-11-01T06:00:00Z",
      "2026-04-04T15:00:00Z",
      "2026-10-03T15:30:00Z",
    );
    fc.assert(
      fc.property(
        zones,
        changes,
        fc.integer({ min: -90_000_000, max: 90_000_000 }),
        (timeZone, change, offset) => {
          const instant = (at(change) + offset) as Instant;
          const { weekday, timeOfDay } = localClock(instant, timeZone);
          // sv-SE writes `2026-03-29 03:00:00`
          const local = new Date(instant).toLocaleString("sv-SE", { timeZone });
          const wall = Date.parse(`${local.replace(" ", "T")}Z`);
          expect(timeOfDay).toBe((wall % (24 * hour)) + (((instant % 1_000) + 1_000) % 1_000));
          expect(weekday).toBe(new Date(wall).getUTCDay() || 7);
        },
      ),
    );
  });

  test("without a change the day is as long as it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (instant) => {
        expect(localClock(instant as Instant, "UTC").timeOfDay).toBe(instant % (24 * hour));
      }),
    );
  });
});

test.each([
  ["UTC", true],
  ["Europe/Berlin", true],
  ["Europe/Berln", false],
  ["", false],
  ["+01:00", false],
  ["01:00", false],
  ["../../etc/passwd", false],
])("%j is a time zone: %s", (text, expected) => {
  expect(isTimeZone(text)).toBe(expected);
});
