// Wall clocks. Policies speak of local hours and weekdays; Cedar has no time zones.

import type { Instant } from "./ids.ts";

export interface LocalClock {
  /** Monday is 1, Sunday 7. */
  readonly weekday: number;
  /** What the clock on the wall shows, in milliseconds since its midnight; on the days when clocks change that is not the time that has passed. */
  readonly timeOfDay: number;
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** `timeZone` is one that `isTimeZone` knows. */
export function localClock(instant: Instant, timeZone: string): LocalClock {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const count = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const seconds = count("hour") * 3_600 + count("minute") * 60 + count("second");
  return {
    weekday: weekdays.indexOf(`${parts.get("weekday")}`) + 1,
    // no zone is off by a part of a second; before 1970 the remainder would be negative
    timeOfDay: seconds * 1_000 + (((instant % 1_000) + 1_000) % 1_000),
  };
}

/** A name of the IANA database, not an offset: offsets have no summer time. */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
