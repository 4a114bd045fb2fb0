import type { Clock } from "../clock.ts";
import { nextFire, parseCron } from "./cron.ts";

// Fires cron expressions, late by a given delay. A minute of theirs may be shorter than one of the clock's.

const MINUTE = 60_000;

export interface Scheduled {
  cron: string;
  fire(): void;
}

export interface ScheduleOptions {
  clock: Clock;
  cronMinuteMs: number;
  cronDelayMs: number;
  /** What is scheduled now: the default branches' workflows. */
  scheduled(): readonly Scheduled[];
}

export interface Schedules {
  /** Runs until the signal. */
  run(signal: AbortSignal): Promise<void>;
  /** The workflows have changed: look again. */
  changed(): void;
}

export function createSchedules(options: ScheduleOptions): Schedules {
  const { clock, cronMinuteMs, cronDelayMs } = options;
  let wake = new AbortController();

  const next = (after: number): { at: number; due: Scheduled[] } | undefined => {
    const cronTime = (after * MINUTE) / cronMinuteMs;
    const all = options.scheduled().flatMap((one) => {
      const at = nextFire(parseCron(one.cron), cronTime);
      return at === undefined ? [] : [{ one, at }];
    });
    const first = Math.min(...all.map(({ at }) => at));
    if (all.length === 0) return undefined;
    const due = all.filter(({ at }) => at === first).map(({ one }) => one);
    return { at: (first * cronMinuteMs) / MINUTE, due };
  };
  const fireLate = async (due: readonly Scheduled[], signal: AbortSignal) => {
    if (cronDelayMs > 0) await clock.sleep(cronDelayMs, signal);
    for (const one of due) one.fire();
  };

  return {
    changed: () => wake.abort(),
    async run(signal) {
      let after = clock.now();
      while (!signal.aborted) {
        wake = new AbortController();
        const either = AbortSignal.any([signal, wake.signal]);
        const upcoming = next(after);
        const slept = await untilDue(clock, upcoming?.at, either);
        if (!slept || !upcoming) continue;
        after = upcoming.at;
        // Stopping while one is late means that it never fires.
        fireLate(upcoming.due, signal).catch(() => {});
      }
    },
  };
}

/** False when it was woken before. */
async function untilDue(clock: Clock, at: number | undefined, signal: AbortSignal): Promise<boolean> {
  if (at === undefined) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return false;
  }
  const ms = at - clock.now();
  if (ms <= 0) return true;
  return clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
}
