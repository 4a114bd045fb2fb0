import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firesAt } from "../../aws/schedule.ts";

const instant = (text: string): number => Date.parse(text);

describe("when the schedule of an end fires", () => {
  it.each([
    {
      why: "the last minute that is over by until",
      until: "13:00:30",
      now: "12:00:00",
      settle: 60,
      at: "12:59:00",
    },
    { why: "until on the minute", until: "13:00:00", now: "12:00:00", settle: 60, at: "12:59:00" },
    {
      why: "a minute from now, where that minute has begun",
      until: "13:00:50",
      now: "13:00:10",
      settle: 60,
      at: "13:01:10",
    },
    {
      why: "a minute from now, until is past",
      until: "12:00:00",
      now: "13:00:10",
      settle: 60,
      at: "13:01:10",
    },
    {
      why: "never more than a minute from now",
      until: "13:00:50",
      now: "13:00:10",
      settle: 600,
      at: "13:01:10",
    },
    { why: "sooner where settle is short", until: "13:00:15", now: "13:00:10", settle: 2, at: "13:00:12" },
    {
      why: "fractions round up, never into the past",
      until: "13:00:00",
      now: "13:00:10.001",
      settle: 1,
      at: "13:00:12",
    },
  ])("$why", ({ until, now, settle, at }) => {
    const fires = firesAt(instant(`2026-12-01T${until}Z`), settle, instant(`2026-12-01T${now}Z`));
    expect(fires).toBe(`2026-12-01T${at}`);
  });

  it("is never in the past, and never later than until or the soonest that AWS can be relied on", () => {
    const now = instant("2026-12-01T13:00:00Z");
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 2e9 }), fc.integer({ min: 1, max: 600 }), (offset, settle) => {
        const at = Date.parse(`${firesAt(now + offset, settle, now)}Z`);
        // anywhere in its minute is before until, or there was no time for that
        expect(at % 60_000 === 0 && at + 60_000 <= now + offset ? true : now + offset < now + 180_000).toBe(
          true,
        );
        expect(at).toBeGreaterThan(now);
        expect(at).toBeLessThanOrEqual(Math.max(now + offset, now + 60_000));
      }),
    );
  });
});
