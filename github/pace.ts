// When the next write may go out. GitHub allows 80 content writes a minute and 500 an hour for one token, and asks for one at a time.
// Probot's way (three seconds after each comment) would make an operator wait; this one lets a handful go at once and then slows down.

import type { Clock } from "./clock.ts";

export interface WriteLimits {
  /** Between the starts of two writes, in milliseconds. */
  readonly interval: number;
  /** Writes that may go at once, and how many come back a second. INVARIANT: burst + 60 × perSecond ≤ 80. */
  readonly minute: { readonly burst: number; readonly perSecond: number };
  /** The same for an hour. INVARIANT: burst + 3600 × perSecond ≤ 500, less what the workflow writes with the same App. */
  readonly hour: { readonly burst: number; readonly perSecond: number };
}

/** 80 a minute; 408 an hour, which leaves some for the workflow's own client. */
export const writeLimits: WriteLimits = {
  interval: 100,
  minute: { burst: 20, perSecond: 1 },
  hour: { burst: 120, perSecond: 0.08 },
};

export interface Pace {
  /** Runs writes one at a time, as the limits allow; those that may wait go last. */
  readonly run: <T>(write: () => Promise<T>, mayWait: boolean) => Promise<T>;
  /** GitHub said to stop until then. */
  readonly holdUntil: (at: number) => void;
}

export function createPace(clock: Clock, limits: WriteLimits): Pace {
  const buckets = [bucket(clock, limits.minute), bucket(clock, limits.hour)];
  const queue: { readonly mayWait: boolean; readonly go: () => Promise<void> }[] = [];
  let held = 0;
  let lastStart = Number.NEGATIVE_INFINITY;
  let turning = false;

  const nextAt = (): number =>
    Math.max(held, lastStart + limits.interval, ...buckets.map((each) => each.readyAt()));

  async function turn(): Promise<void> {
    if (turning) return;
    turning = true;
    try {
      while (queue.length > 0) {
        const wait = nextAt() - clock.now();
        // somebody more urgent may come while we sleep, so nobody is chosen before
        if (wait > 0) await clock.sleep(Math.ceil(wait));
        else await startOne();
      }
    } finally {
      turning = false;
    }
  }

  async function startOne(): Promise<void> {
    const urgent = queue.findIndex((each) => !each.mayWait);
    const [chosen] = queue.splice(Math.max(urgent, 0), 1);
    lastStart = clock.now();
    for (const each of buckets) each.take();
    await chosen?.go();
  }

  return {
    run: (write, mayWait) =>
      new Promise((resolve, reject) => {
        queue.push({ mayWait, go: () => write().then(resolve, reject) });
        turn().catch(reject);
      }),
    holdUntil: (at) => {
      held = Math.max(held, at);
    },
  };
}

/** A token bucket that counts in the clock's time. */
function bucket(clock: Clock, { burst, perSecond }: WriteLimits["minute"]) {
  let level = burst;
  let at = clock.now();
  const refill = () => {
    const now = clock.now();
    level = Math.min(burst, level + ((now - at) / 1000) * perSecond);
    at = now;
  };
  return {
    readyAt: (): number => {
      refill();
      return level >= 1 ? at : at + ((1 - level) / perSecond) * 1000;
    },
    take: (): void => {
      refill();
      level -= 1;
    },
  };
}
