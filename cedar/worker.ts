// The policy engine in a worker thread, for the long-lived App: a policy that breaks the engine costs the call that brought it, and the next
// call finds a new one.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { type PolicyEngine, reasonOf, unanswered, unloadable } from "./engine.ts";
import type { Asked, Reply } from "./worker-messages.ts";

export interface WorkerOptions {
  /** Milliseconds that one call may take, 10,000 by default; starting the thread counts. */
  readonly timeout?: number;
}

/**
 * Calls are answered one after another. The thread is started by the first call and again after a crash or a time-out.
 *
 * From source it runs `worker-thread.ts`, through tsx where Node does not read TypeScript itself; a bundle must put the bundled thread beside itself as `worker-thread.js`.
 */
export function openEngine({ timeout = 10_000 }: WorkerOptions = {}): PolicyEngine {
  let thread: Thread | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const call = async (asked: Asked): Promise<Reply> => {
    if (closed) return { failed: "it is closed" };
    thread ??= startThread();
    const reply = await thread.ask(asked, timeout);
    if (!("failed" in reply)) return reply;
    // INVARIANT: after a failure nothing of the old instance is used again; every later call in it would fail too
    const broken = thread;
    thread = undefined;
    await broken?.end();
    return reply;
  };
  const inTurn = (asked: Asked): Promise<Reply> => {
    const turn = last.then(() => call(asked)).catch((error) => ({ failed: reasonOf(error) }));
    last = turn;
    return turn;
  };

  return {
    load: async (files) => {
      const reply = await inTurn({ load: files });
      return "loaded" in reply ? reply.loaded : unloadable("failed" in reply ? reply.failed : "no answer");
    },
    ask: async (set, question) => {
      let reply = await inTurn({ ask: question, of: set.id });
      // a new thread, or one that has seen many other sets since, has to be given the set
      if ("unknown" in reply) reply = await inTurn({ ask: question, of: set.id, set });
      return "answers" in reply && reply.answers.length === question.nodes.length
        ? reply.answers
        : unanswered(question, "failed" in reply ? reply.failed : "no answer");
    },
    close: async () => {
      closed = true;
      await last;
      await thread?.end();
      thread = undefined;
    },
  };
}

interface Thread {
  /** Answers once, and with `failed` when the thread cannot. One call at a time. */
  readonly ask: (asked: Asked, timeout: number) => Promise<Reply>;
  readonly end: () => Promise<unknown>;
}

function startThread(): Thread {
  const worker = import.meta.url.endsWith(".ts")
    ? startFromSource()
    : new Worker(new URL("./worker-thread.js", import.meta.url));
  let ended: string | undefined;
  let waiting: ((reply: Reply) => void) | undefined;
  const answer = (reply: Reply): void => waiting?.(reply);
  // an idle thread that dies is found dead by the next call
  const die = (reason: string): void => {
    ended ??= reason;
    answer({ failed: ended });
  };
  worker.on("message", answer);
  worker.on("error", (error) => die(reasonOf(error)));
  worker.on("exit", () => die("its thread ended"));
  worker.unref();
  return {
    ask: (asked, timeout) =>
      new Promise((resolve) => {
        if (ended !== undefined) return resolve({ failed: ended });
        const timer = setTimeout(() => answer({ failed: `no answer within ${timeout} ms` }), timeout);
        waiting = (reply) => {
          waiting = undefined;
          clearTimeout(timer);
          resolve(reply);
        };
        worker.postMessage(asked);
      }),
    end: () => worker.terminate(),
  };
}

/** Where Node reads TypeScript itself, as in production, tsx is not needed and may not be there. */
const readsTypeScript = "typescript" in process.features && process.features.typescript !== false;

/** A thread does not inherit tsx from the process, so it begins by registering it. */
function startFromSource(): Worker {
  if (readsTypeScript) return new Worker(new URL("./worker-thread.ts", import.meta.url), { execArgv: [] });
  const tsx = createRequire(import.meta.url)
    .resolve("tsx/esm/api")
    .replace(/\.cjs$/, ".mjs");
  const workerData = {
    tsx: pathToFileURL(tsx).href,
    entry: new URL("./worker-thread.ts", import.meta.url).href,
  };
  const code = `const { workerData } = require("node:worker_threads");
    import(workerData.tsx).then(({ register }) => { register(); return import(workerData.entry); });`;
  return new Worker(code, { eval: true, execArgv: [], workerData });
}
