// The App as one process would be: its memory, its timers and its queue, driven by webhooks. Killed, it is gone with all of them, in the middle of what it does.

import { affectedBy, type EventPayload } from "../../app/events.ts";
import { createRepositories, type Repositories, type RepositoryId } from "../../app/repositories.ts";
import { createRounds } from "../../app/rounds.ts";
import type { Stage } from "../../sandbox/stage.ts";
import { createMortal } from "./mortal.ts";
import { sharedEngine } from "./shared-engine.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface AppProcess {
  /** Takes a webhook, answers at once, and looks afterwards. */
  readonly receive: (event: string, payload: EventPayload) => void;
  /** Looks at one request, as if a webhook had said so. */
  readonly look: (request: number) => void;
  /** As on start-up and on its timer. */
  readonly lookAtAll: () => void;
  readonly effects: readonly string[];
  readonly log: readonly string[];
  readonly dead: () => boolean;
  readonly kill: () => void;
}

export interface AppOptions {
  readonly name?: string;
  /** Dies with its write of this number. */
  readonly diesAt?: number | undefined;
  readonly onDeath?: () => void;
  readonly latency?: () => number;
  /** Seconds between two looks at everything unsettled; Infinity: never but on start-up. */
  readonly lookEvery: number;
  /** Seconds between two looks for lost webhooks; absent: never. */
  readonly redeliverEvery?: number | undefined;
}

export function startApp(stage: Stage, time: VirtualTime, options: AppOptions): AppProcess {
  const actor = time.actor(options.name ?? "the App");
  const mortal = createMortal({
    actor,
    github: stage.github.fetch,
    aws: () => Promise.reject(new Error("the App called AWS")),
    diesAt: options.diesAt,
    onDeath: options.onDeath,
    latency: options.latency,
  });
  const log: string[] = [];
  const repository: RepositoryId = { owner: "acme", name: "access", installation: stage.app.installation };
  const repositories = createRepositories({
    appId: stage.app.id,
    privateKey: stage.app.privateKey,
    apiUrl: stage.github.url,
    clock: actor.clock,
    log: (level, message, fields) => log.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
    fetch: mortal.fetch,
    engine: sharedEngine,
    after: (milliseconds, then) => {
      const off = new AbortController();
      time.sleep(milliseconds, off.signal).then(
        () => {
          if (actor.dead()) return;
          then();
          // what a timer starts is work like any other
          work((each) => each.idle());
        },
        () => undefined,
      );
      return () => off.abort();
    },
  });
  const work = (does: (repositories: Repositories) => Promise<unknown>): void => {
    if (actor.dead()) return;
    const done = does(repositories).catch((error: unknown) => {
      log.push(`error ${error instanceof Error ? error.message : String(error)}`);
    });
    // a timer's look is started by the queue, not by us
    actor.track(done.then(() => repositories.idle()));
  };
  const rounds = createRounds({
    access: {
      appId: stage.app.id,
      privateKey: stage.app.privateKey,
      apiUrl: stage.github.url,
      clock: actor.clock,
      fetch: mortal.fetch,
    },
    repositories,
    clock: actor.clock,
    log: (level, message, fields) => log.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
  });
  const lookAtAll = () =>
    work(
      options.redeliverEvery === undefined ? (each) => each.lookAtAll(repository) : rounds.lookAtEverything,
    );
  lookAtAll();
  const alive = () => !actor.dead();
  void nowAndThen(time, options.lookEvery, alive, lookAtAll);
  void nowAndThen(time, options.redeliverEvery ?? Number.POSITIVE_INFINITY, alive, () =>
    work(rounds.redeliver),
  );
  return {
    receive: (event, payload) =>
      work(async (each) => {
        const affected = affectedBy(event, payload, await each.botId(repository));
        if (affected === "all") await each.lookAtAll(repository);
        else if (affected !== "nothing") await each.look(repository, affected.request);
      }),
    look: (request) => work((each) => each.look(repository, request)),
    lookAtAll,
    effects: mortal.effects,
    log,
    dead: actor.dead,
    kill: actor.kill,
  };
}

async function nowAndThen(
  time: VirtualTime,
  seconds: number,
  goOn: () => boolean,
  does: () => void,
): Promise<void> {
  if (seconds === Number.POSITIVE_INFINITY) return;
  for (;;) {
    await time.sleep(seconds * 1000);
    if (!goOn()) return;
    does();
  }
}
