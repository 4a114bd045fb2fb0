// Durations as people write them: `1h30m`. Days, hours, minutes, seconds in that order, each at most once, more than 0.

import type { Seconds } from "./ids.ts";

const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
] as const;

/** Nine digits are more than the longest needs in seconds, so no sum leaves the safe integers. */
export const durationPattern = /^(?=.*[1-9])(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/;
const longest = 3_650 * 86_400;

/** What a message says of the form when it was not met. */
export const durationForm = "a duration such as `2h` or `1h30m` (d, h, m, s in that order, more than 0)";

/** Undefined for everything that is not exactly of the form: `1.5h`, `30m1h`, `3600`, `0h`, `-1h`, more than ten years. */
export function parseDuration(text: string): Seconds | undefined {
  const counts = durationPattern.exec(text)?.slice(1) ?? [];
  const total = units.reduce((sum, [, seconds], i) => sum + Number(counts[i] ?? 0) * seconds, 0);
  return total > 0 && total <= longest ? (total as Seconds) : undefined;
}

/** The shortest way to write it, without units that count 0. */
export function formatDuration(duration: Seconds): string {
  let rest: number = duration;
  let text = "";
  for (const [letter, seconds] of units) {
    const count = Math.floor(rest / seconds);
    if (count > 0) text += `${count}${letter}`;
    rest -= count * seconds;
  }
  return text;
}
