import type { Clock } from "../../../sandbox/aws/clock.ts";

export interface VirtualClock extends Clock {
  /** Lets time pass; whoever sleeps wakes in order, and what they then do is done before time goes on. */
  advance(ms: number): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

/** A clock that only moves when it is told to. */
export function virtualClock(start = Date.parse("2026-03-02T10:00:00Z")): VirtualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();
  // several turns of the event loop, so that chains of promises come to rest
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: now + ms, wake: resolve };
        if (signal?.aborted) return reject(signal.reason);
        sleepers.add(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = [...sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        now = Math.max(now, next.at);
        sleepers.delete(next);
        next.wake();
        await settle();
      }
      now = end;
    },
  };
}
