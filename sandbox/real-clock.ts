// The clock on the wall, for twins: waits end early when their reason is gone.

import type { Clock } from "./stage.ts";

const longestTimer = 2 ** 31 - 1;

export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const timer = setTimeout(done, Math.min(milliseconds, longestTimer));
      // a job's time-out of hours must not keep a finished demo alive
      if (milliseconds > 60_000) timer.unref();
      signal?.addEventListener("abort", stop, { once: true });
      function done(): void {
        signal?.removeEventListener("abort", stop);
        resolve();
      }
      function stop(): void {
        clearTimeout(timer);
        reject(signal?.reason);
      }
    }),
};
