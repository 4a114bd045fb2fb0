// Time that only moves when a test says so.

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export class VirtualClock {
  #time: number;
  #sleepers: Sleeper[] = [];

  constructor(start: string) {
    this.#time = Date.parse(start);
  }

  now(): number {
    return this.#time;
  }

  /** For what runs behind the scenes: wakes when `advance` gets there. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { at: this.#time + Math.max(0, ms), wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      });
    });
  }

  /** Moves on, waking everybody in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms;
    for (;;) {
      await idle();
      const next = this.#sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#time = Math.max(this.#time, next.at);
      next.wake();
    }
    this.#time = end;
    await idle();
  }

  advanceTo(time: number): Promise<void> {
    return this.advance(time - this.#time);
  }
}

/** Until everything that can go on without time passing has gone on. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
