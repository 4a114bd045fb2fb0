// Time that moves only when nobody has anything left to do without it. Whoever works (the App, a run of the workflow) is an actor: busy until its work is
// done or it sleeps, so that work which takes real time (a cipher, a module that loads) is waited for, and virtual time stands still meanwhile.

export interface Clock {
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Somebody who works, and may be killed: whatever it was waiting for then never comes. */
export interface Actor {
  readonly name: string;
  readonly clock: Clock;
  /** Work to be waited for before time goes on. */
  readonly track: (work: Promise<unknown>) => void;
  /** Resolves as the answer does, or never once the actor is dead. */
  readonly hears: <T>(answer: Promise<T>) => Promise<T>;
  readonly dead: () => boolean;
  readonly kill: () => void;
}

export interface VirtualTime extends Clock {
  readonly actor: (name: string) => Actor;
  /** Something happened just now: others may have something to do. */
  readonly stir: () => void;
  /** Resolves when nobody goes on without time passing. */
  readonly calm: () => Promise<void>;
  /** Wakes whoever sleeps until the next instant, at or before `limit`; false when nobody does. Everybody is calm afterwards. */
  readonly step: (limit: number) => Promise<boolean>;
  readonly advanceTo: (instant: number) => Promise<void>;
  /** Whether an actor still has work under way, asleep or not. */
  readonly working: () => boolean;
}

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** Turns of the event loop in which nothing stirs before all are taken to wait: answers of the twins take a few. */
const quietTurns = 6;
/** Milliseconds of real time in which a busy actor must get somewhere. */
const patience = 10_000;

export function createVirtualTime(start: number): VirtualTime {
  let now = start;
  let stirs = 0;
  let order = 0;
  const sleepers = new Set<Sleeper>();
  const actors = new Set<{ readonly name: string; works: number; asleep: number; dead: boolean }>();
  const stir = (): void => {
    stirs++;
  };

  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      stir();
      if (signal?.aborted === true) return reject(signal.reason);
      const done = (): void => {
        sleepers.delete(sleeper);
        signal?.removeEventListener("abort", stop);
        stir();
      };
      const stop = (): void => {
        done();
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        at: now + Math.max(0, milliseconds),
        order: order++,
        wake: () => {
          done();
          resolve();
        },
      };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", stop, { once: true });
    });

  const actor = (name: string): Actor => {
    const state = { name, works: 0, asleep: 0, dead: false };
    actors.add(state);
    const hears = <T>(answer: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        answer.then(
          (value) => state.dead || resolve(value),
          (error) => state.dead || reject(error),
        );
      });
    return {
      name,
      hears,
      clock: {
        now: () => now,
        sleep: async (milliseconds, signal) => {
          state.asleep++;
          try {
            await hears(sleep(milliseconds, signal));
          } finally {
            state.asleep--;
          }
        },
      },
      track: (work) => {
        state.works++;
        stir();
        const done = (): void => {
          state.works--;
          stir();
        };
        work.then(done, done);
      },
      dead: () => state.dead,
      kill: () => {
        state.dead = true;
        actors.delete(state);
        stir();
      },
    };
  };

  const calm = async (): Promise<void> => {
    let since = Date.now();
    let seen = -1;
    for (let quiet = 0; quiet < quietTurns; ) {
      await new Promise((resolve) => setImmediate(resolve));
      const busy = [...actors].find(({ works, asleep }) => works > 0 && asleep === 0);
      if (seen !== stirs) since = Date.now();
      quiet = seen === stirs && busy === undefined ? quiet + 1 : 0;
      seen = stirs;
      if (busy !== undefined && Date.now() - since > patience)
        throw new Error(`${busy.name} neither sleeps nor gets anywhere`);
    }
  };

  const step = async (limit: number): Promise<boolean> => {
    await calm();
    const [next] = [...sleepers].sort((a, b) => a.at - b.at || a.order - b.order);
    if (next === undefined || next.at > limit) return false;
    now = Math.max(now, next.at);
    // all who wake at this instant wake together, in the order in which they went to sleep
    for (const each of [...sleepers].sort((a, b) => a.order - b.order)) if (each.at <= now) each.wake();
    await calm();
    return true;
  };

  return {
    now: () => now,
    sleep,
    actor,
    stir,
    calm,
    step,
    advanceTo: async (instant) => {
      while (await step(instant));
      now = Math.max(now, instant);
    },
    working: () => [...actors].some(({ works }) => works > 0),
  };
}
