// Ended records lie in folders by month, so that no folder ever holds them all.

import type { Instant } from "../core/ids.ts";

/** `2026/12`, in UTC. */
export const monthOf = (at: Instant): string => new Date(at).toISOString().slice(0, 7).replace("-", "/");

/** The month of `at` and those before it, latest first. */
export function monthsBack(at: Instant, count: number): readonly string[] {
  const date = new Date(at);
  return Array.from({ length: count }, (_, back) =>
    monthOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back, 1) as Instant),
  );
}

/** Every month from that of `from` to that of `to`, latest first. */
export function monthsBetween(from: Instant, to: Instant): readonly string[] {
  const [first, last] = [new Date(from), new Date(to)];
  const years = last.getUTCFullYear() - first.getUTCFullYear();
  return monthsBack(to, Math.max(1, years * 12 + last.getUTCMonth() - first.getUTCMonth() + 1));
}
