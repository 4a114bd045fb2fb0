// Concurrency groups of one repository: one holder, and behind it either the newest one waiting, or a queue.

/** With `queue: max`; the one that finds it full is cancelled. */
const LONGEST_QUEUE = 100;

export interface Holder {
  /** Called when a newer one takes its place. */
  cancel(reason: string): void;
}

export interface GroupRules {
  cancelInProgress: boolean;
  queue: "single" | "max";
}

export interface Lease {
  release(): void;
}

interface Waiting {
  holder: Holder;
  go(): void;
  drop(reason: string): void;
}

interface Group {
  running: Holder | undefined;
  waiting: Waiting[];
}

export interface ConcurrencyGroups {
  /** Undefined when it was cancelled while it waited. `onWait` is told once when it has to. */
  enter(
    group: string,
    rules: GroupRules,
    holder: Holder,
    signal: AbortSignal,
    onWait: () => void,
  ): Promise<Lease | undefined>;
}

export function createConcurrencyGroups(): ConcurrencyGroups {
  const groups = new Map<string, Group>();

  const leave = (key: string, group: Group) => {
    group.running = undefined;
    const next = group.waiting.shift();
    if (!next) {
      groups.delete(key);
      return;
    }
    group.running = next.holder;
    next.go();
  };
  const leaseOf = (key: string, group: Group): Lease => {
    let held = true;
    return {
      release: () => {
        if (held) leave(key, group);
        held = false;
      },
    };
  };

  return {
    async enter(name, rules, holder, signal, onWait) {
      const key = name.toLowerCase();
      const group = groups.get(key) ?? { running: undefined, waiting: [] };
      groups.set(key, group);
      if (!group.running) {
        group.running = holder;
        return leaseOf(key, group);
      }
      if (rules.queue === "single" || rules.cancelInProgress) dropWaiting(group, name);
      if (group.waiting.length >= LONGEST_QUEUE) {
        holder.cancel(`the queue of \`${name}\` is full`);
        return undefined;
      }
      const admitted = waitIn(group, holder, signal);
      if (rules.cancelInProgress) group.running.cancel(`a newer one of \`${name}\` has come`);
      onWait();
      return (await admitted) ? leaseOf(key, group) : undefined;
    },
  };
}

function dropWaiting(group: Group, name: string): void {
  for (const one of group.waiting.splice(0)) {
    one.drop(`a newer one of \`${name}\` waits`);
  }
}

function waitIn(group: Group, holder: Holder, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const entry: Waiting = {
      holder,
      go: () => resolve(true),
      drop: (reason) => {
        holder.cancel(reason);
        resolve(false);
      },
    };
    group.waiting.push(entry);
    const gone = () => {
      const at = group.waiting.indexOf(entry);
      if (at >= 0) group.waiting.splice(at, 1);
      resolve(false);
    };
    if (signal.aborted) gone();
    else signal.addEventListener("abort", gone, { once: true });
  });
}
