import type { Clock } from "../../../sandbox/github/clock.ts";

/** Time that moves only when the test says so. */
export interface VirtualClock extends Clock {
  /** Goes forward, waking sleepers in order and letting each one's work settle. */
  advance(ms: number): Promise<void>;
}

export function createVirtualClock(start = Date.UTC(2026, 10, 22, 12, 0, 0)): VirtualClock {
  let time = start;
  let sleepers: { at: number; wake: () => void }[] = [];
  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: time + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal.reason);
        });
      }),
    async advance(ms) {
      const until = time + ms;
      await settle();
      for (;;) {
        const next = sleepers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        time = next.at;
        sleepers = sleepers.filter((other) => other !== next);
        next.wake();
        await settle();
      }
      time = until;
    },
  };
}

/** Lets everything that waits for nothing but promises go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
