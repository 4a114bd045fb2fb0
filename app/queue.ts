// One at a time for one request, many requests at once; a request that is asked for again while it runs is run once more, not once per asking.

export interface WorkQueue {
  /** Resolves when a run that began after this call is over. Never rejects: failures go to `onError`. */
  add(key: string, work: () => Promise<void>): Promise<void>;
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>;
}

interface Lane {
  running: Promise<void>;
  next?: Promise<void>;
}

export function createQueue(options: {
  readonly atOnce: number;
  readonly onError: (key: string, error: unknown) => void;
}): WorkQueue {
  const lanes = new Map<string, Lane>();
  const waiting: (() => void)[] = [];
  let free = options.atOnce;

  const run = async (key: string, work: () => Promise<void>): Promise<void> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free--;
    try {
      await work();
    } catch (error) {
      options.onError(key, error);
    } finally {
      // INVARIANT: a place is handed on or given back, never both
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };

  const start = (key: string, work: () => Promise<void>): Promise<void> => {
    const lane: Lane = { running: Promise.resolve() };
    lanes.set(key, lane);
    lane.running = run(key, work).finally(() => {
      if (lane.next === undefined) lanes.delete(key);
    });
    return lane.running;
  };

  return {
    add: (key, work) => {
      const lane = lanes.get(key);
      if (lane === undefined) return start(key, work);
      // whatever has happened until the running one is over will be seen by the next
      lane.next ??= lane.running.then(() => start(key, work));
      return lane.next;
    },
    idle: async () => {
      while (lanes.size > 0) await Promise.all([...lanes.values()].map((lane) => lane.next ?? lane.running));
    },
  };
}
