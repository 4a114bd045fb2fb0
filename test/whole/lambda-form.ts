// The App as Lambda would run it: a function URL, invocations that nobody waits for, a time limit, and EventBridge's schedules.

import {
  createLambdaHandler,
  type HttpAnswer,
  type LambdaHandler,
  type Work,
} from "../../app/lambda-handler.ts";
import type { Stage } from "../../sandbox/stage.ts";
import { sharedEngine } from "./shared-engine.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface Invocation {
  readonly work: Work;
  /** Milliseconds, once it is over. */
  took?: number;
  done?: boolean;
}

export interface LambdaForm {
  /** A request to the function URL. */
  readonly deliver: (request: Request) => Promise<Response>;
  /** All that were started without anybody waiting, by the function itself and by schedules. */
  readonly invocations: readonly Invocation[];
  readonly log: readonly string[];
  /** From now on they are lost. */
  readonly lose: (lost: boolean) => void;
  /** From now on `Invoke` is refused. */
  readonly refuse: (refused: boolean) => void;
  readonly stop: () => void;
}

const timeLimit = 300_000;
const everythingEvery = 900_000;
const redeliverEvery = 60_000;

export function startLambda(stage: Stage, time: VirtualTime, latency: () => number = () => 0): LambdaForm {
  const actor = time.actor("the function");
  const invocations: Invocation[] = [];
  const log: string[] = [];
  let [lost, refused] = [false, false];
  const invoke = (work: Work): void => {
    const invocation: Invocation = { work };
    invocations.push(invocation);
    const began = time.now();
    const context = { getRemainingTimeInMillis: () => began + timeLimit - time.now() };
    // Lambda takes JSON, and not more than 256 KB of it
    const event: unknown = JSON.parse(JSON.stringify(work));
    if (JSON.stringify(work).length > 256 * 1024) throw new Error("the event is too large");
    const work_ = handler(event, context).then((answer) => {
      Object.assign(invocation, answer, { took: time.now() - began });
    });
    actor.track(work_);
  };
  const handler: LambdaHandler = createLambdaHandler({
    options: {
      appId: stage.app.id,
      privateKey: stage.app.privateKey,
      webhookSecret: stage.app.webhookSecret,
      apiUrl: stage.github.url,
    },
    clock: actor.clock,
    log: (level, message, fields) => log.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`),
    fetch: async (...asked) => {
      await actor.clock.sleep(latency());
      const answer = await stage.github.fetch(...asked);
      await actor.clock.sleep(latency());
      return answer;
    },
    engine: sharedEngine,
    invokeSelf: async (work) => {
      if (refused) throw new Error("TooManyRequestsException");
      if (!lost) invoke(work);
    },
  });
  for (const [every, hallpass] of [
    [everythingEvery, "everything"],
    [redeliverEvery, "redeliver"],
  ] as const)
    void onSchedule(time, every, actor.dead, () => invoke({ hallpass }));
  return {
    invocations,
    log,
    lose: (now) => {
      lost = now;
    },
    refuse: (now) => {
      refused = now;
    },
    deliver: async (request) => {
      const { statusCode, body, headers } = (await handler(await httpEvent(request), {
        getRemainingTimeInMillis: () => 10_000,
      })) as HttpAnswer;
      return new Response(body, { status: statusCode, headers });
    },
    stop: actor.kill,
  };
}

/** As a function URL hands it over. */
async function httpEvent(request: Request): Promise<unknown> {
  return {
    version: "2.0",
    rawPath: new URL(request.url).pathname,
    headers: Object.fromEntries(request.headers),
    requestContext: { http: { method: request.method } },
    body: Buffer.from(await request.arrayBuffer()).toString("base64"),
    isBase64Encoded: true,
  };
}

async function onSchedule(
  time: VirtualTime,
  every: number,
  over: () => boolean,
  start: () => void,
): Promise<void> {
  for (;;) {
    await time.sleep(every);
    if (over()) return;
    start();
  }
}
