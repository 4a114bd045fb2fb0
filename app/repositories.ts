// The access repos that the App serves: each with its client, its law and its place in the queue.

import type { PolicyEngine } from "../cedar/engine.ts";
import { openEngine } from "../cedar/worker.ts";
import type { RequestNumber } from "../core/ids.ts";
import { lookAgainAt } from "../core/plan.ts";
import type { Clock } from "../flow/clock.ts";
import type { GatherDeps } from "../flow/gather.ts";
import { createLawStore } from "../flow/law.ts";
import { reconcile, type Settled } from "../flow/reconcile.ts";
import { appIdentity } from "../github/app-tokens.ts";
import { createClient } from "../github/client.ts";
import { listUnsettled } from "../github/unsettled.ts";
import type { Log } from "./log.ts";
import type { Observer } from "./metrics.ts";
import { createQueue } from "./queue.ts";

export interface RepositoryId {
  readonly owner: string;
  readonly name: string;
  readonly installation: number;
}

export interface RepositoriesOptions {
  readonly appId: number;
  readonly privateKey: string;
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch?: typeof globalThis.fetch;
  /** Is told of every look and every answer of GitHub's. */
  readonly observer?: Observer;
  /** Takes the place of the worker thread, in tests. */
  readonly engine?: PolicyEngine;
  /** Takes the place of timers, where time is not the machine's. */
  readonly after?: After;
}

/** Calls back after so many milliseconds, unless it is called off by what it answers. */
export type After = (milliseconds: number, then: () => void) => () => void;

/** Timers that do not keep a stopping server alive. */
const afterwards: After = (milliseconds, then) => {
  const timer = setTimeout(then, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
};

export interface Repositories {
  /** Looks at one request, soon. Resolves when that look is over. `delivery`: the webhook that asks for it, for the log. */
  readonly look: (repository: RepositoryId, request: number, delivery?: string) => Promise<void>;
  /** Looks at everything unsettled. */
  readonly lookAtAll: (repository: RepositoryId, delivery?: string) => Promise<void>;
  /** The user id of the App's bot. */
  readonly botId: (repository: RepositoryId) => Promise<number>;
  readonly known: () => readonly RepositoryId[];
  readonly idle: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Requests looked at in parallel; for one request it is always one at a time. */
const atOnce = 16;
/** The longest time between two tries of a look that failed, in milliseconds. */
const longestPause = 10 * 60_000;

export function createRepositories(options: RepositoriesOptions): Repositories {
  const { clock, log, observer, after = afterwards } = options;
  const engine = options.engine ?? openEngine();
  const repositories = new Map<string, { readonly id: RepositoryId; readonly deps: Promise<GatherDeps> }>();
  const callOff = new Map<string, () => void>();
  const failures = new Map<string, number>();
  let closed = false;

  const queue = createQueue({
    atOnce,
    onError: (key, error) => log("error", "a look failed", { repository: key, error: messageOf(error) }),
  });

  const depsOf = (id: RepositoryId): Promise<GatherDeps> => {
    const key = `${id.owner}/${id.name}`.toLowerCase();
    const known = repositories.get(key);
    // the App may have been taken off the repository and put back on: then its tokens are another installation's
    if (known?.id.installation === id.installation) return known.deps;
    const deps = connect(options, engine, id);
    const connected = { id, deps };
    repositories.set(key, connected);
    deps.catch(() => repositories.get(key) === connected && repositories.delete(key));
    return deps;
  };

  const lookLater = (id: RepositoryId, request: number, at: number): void => {
    const key = keyOf(id, request);
    callOff.get(key)?.();
    if (closed) return;
    // a timer cannot wait longer than 24 days; everything unsettled is looked at more often than that anyway
    const wait = Math.min(Math.max(at - clock.now(), 0), 86_400_000);
    callOff.set(
      key,
      after(wait, () => {
        callOff.delete(key);
        void look(id, request);
      }),
    );
  };

  const lookNow = async (id: RepositoryId, request: number, delivery?: string): Promise<void> => {
    const key = keyOf(id, request);
    const began = clock.now();
    const repository = `${id.owner}/${id.name}`;
    const fields = { repository, request, ...(delivery === undefined ? {} : { delivery }) };
    try {
      const settled = await reconcile(await depsOf(id), request as RequestNumber);
      failures.delete(key);
      const state = settled?.verdict.state ?? "no access request";
      log("info", "looked", { ...fields, state, milliseconds: clock.now() - began });
      observer?.look(repository, clock.now() - began, false);
      if (settled !== undefined) observer?.looked({ repository, request, ...standingOf(settled) });
      const again = settled === undefined ? undefined : lookAgainAt(settled.facts, settled.verdict);
      if (again !== undefined) lookLater(id, request, again);
    } catch (error) {
      const times = (failures.get(key) ?? 0) + 1;
      failures.set(key, times);
      log("error", "could not look; trying again", {
        ...fields,
        error: messageOf(error),
        milliseconds: clock.now() - began,
      });
      observer?.look(repository, clock.now() - began, true);
      lookLater(id, request, clock.now() + Math.min(1_000 * 2 ** times, longestPause));
    }
  };

  const look = (id: RepositoryId, request: number, delivery?: string): Promise<void> =>
    closed ? Promise.resolve() : queue.add(keyOf(id, request), () => lookNow(id, request, delivery));

  return {
    look,
    lookAtAll: async (id, delivery) => {
      const deps = await depsOf(id);
      const unsettled = await listUnsettled(deps.client, deps.us);
      observer?.unsettled(`${id.owner}/${id.name}`, unsettled);
      await Promise.all(unsettled.map((request) => look(id, request, delivery)));
    },
    botId: async (id) => (await depsOf(id)).us.botId,
    known: () => [...repositories.values()].map(({ id }) => id),
    idle: () => queue.idle(),
    close: async () => {
      closed = true;
      for (const off of callOff.values()) off();
      await queue.idle();
      await engine.close();
    },
  };
}

const keyOf = (id: RepositoryId, request: number): string =>
  `${id.owner}/${id.name}#${request}`.toLowerCase();

async function connect(
  { appId, privateKey, apiUrl, clock, observer, fetch = globalThis.fetch }: RepositoriesOptions,
  engine: PolicyEngine,
  { owner, name, installation }: RepositoryId,
): Promise<GatherDeps> {
  const repository = `${owner}/${name}`;
  const observed: typeof fetch = async (...asked) => {
    const answer = await fetch(...asked);
    observer?.answered(repository, answer.status, (header) => answer.headers.get(header));
    return answer;
  };
  const wire = { owner, repo: name, baseUrl: apiUrl, clock, fetch: observed };
  const app = appIdentity({ ...wire, appId, privateKey, installation });
  const client = createClient({ ...wire, token: app.token });
  return { client, us: await app.us(), engine, laws: createLawStore({ client, engine }), clock };
}

const standingOf = ({ facts, verdict }: Settled) => ({
  state: verdict.state === "over" ? verdict.record.ended.how : verdict.state,
  over: verdict.state === "over",
  openedAt: facts.subject.createdAt,
});

/** Our own errors carry no secret; of any other only the message is logged. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : "unknown error";
