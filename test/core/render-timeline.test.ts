// The chart of a window: what Mermaid is told, for a minute and for months.

import { expect, test } from "vitest";
import type { Instant } from "../../core/ids.ts";
import { timeline } from "../../core/render-timeline.ts";
import { at, later } from "./some-facts.ts";

const from = at("10:00:00");
const drawn = (seconds: number) =>
  timeline({
    bars: [{ label: "Access is open", from, to: later(from, seconds) as Instant, look: "active" }],
  });

test.each([
  [9, "5second"],
  [60, "1minute"],
  [900, "5minute"],
  [3_600, "15minute"],
  [2 * 3_600, "30minute"],
  [8 * 3_600, "3hour"],
  [86_400, "12hour"],
  [7 * 86_400, "2day"],
  [90 * 86_400, "1week"],
])("%i seconds have no more ticks than a phone has room for", (seconds, interval) => {
  expect(drawn(seconds)).toContain(`tickInterval ${interval}`);
  expect(drawn(seconds)).toContain(`Access is open :active, 2026-12-01T10:00:00Z, ${seconds}s`);
});

test("what lasted no time is not drawn", () => expect(drawn(0)).toEqual([]));
