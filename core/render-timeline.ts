// The window of a request as a Mermaid chart, which GitHub draws in each reader's own time zone, with a line where now is; so the text need not change with the clock.
// INVARIANT: what stands in it are words of ours and instants. Mermaid has directives, links and a markup of its own: nothing that anybody wrote gets in.

import { formatInstant, type Instant } from "./ids.ts";

export interface Bar {
  /** Of ours: letters, digits and spaces. */
  readonly label: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly look: "done" | "active";
}

export interface Timeline {
  readonly bars: readonly Bar[];
  /** Over: there is no more now to be seen in it. */
  readonly over?: boolean;
}

/** Nothing for what lasted no time; there is nothing to see. */
export function timeline({ bars: all, over = false }: Timeline): readonly string[] {
  const bars = all.filter(({ from, to }) => to > from);
  if (bars.length === 0) return [];
  const start = Math.min(...bars.map(({ from }) => from));
  const length = Math.max(...bars.map(({ to }) => to)) - start;
  const tick = tickFor(length);
  return [
    "```mermaid",
    "gantt",
    "title In your own time zone",
    "dateFormat YYYY-MM-DDTHH:mm:ssZ",
    `axisFormat ${tick.axis}`,
    `tickInterval ${tick.interval}`,
    ...(over ? ["todayMarker off"] : []),
    // Mermaid reads no end with a time zone, and a count of seconds has none
    ...bars.map(
      ({ label, look, from, to }) => `${label} :${look}, ${formatInstant(from)}, ${(to - from) / 1_000}s`,
    ),
    "```",
  ];
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Few enough that they can be read on a phone, where a chart has room for some four. */
const ticks = [
  { every: 5_000, interval: "5second", axis: "%H:%M:%S" },
  { every: minute, interval: "1minute", axis: "%H:%M" },
  { every: 5 * minute, interval: "5minute", axis: "%H:%M" },
  { every: 15 * minute, interval: "15minute", axis: "%H:%M" },
  { every: 30 * minute, interval: "30minute", axis: "%H:%M" },
  { every: hour, interval: "1hour", axis: "%H:%M" },
  { every: 3 * hour, interval: "3hour", axis: "%H:%M" },
  { every: 12 * hour, interval: "12hour", axis: "%d %b %H:%M" },
  { every: day, interval: "1day", axis: "%d %b" },
  { every: 2 * day, interval: "2day", axis: "%d %b" },
] as const;
const longest = { interval: "1week", axis: "%d %b" } as const;

const tickFor = (length: number): { readonly interval: string; readonly axis: string } =>
  ticks.find(({ every }) => length <= 4 * every) ?? longest;
