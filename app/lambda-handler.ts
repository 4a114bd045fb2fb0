// The server as an AWS Lambda function. What runs there stops with its answer, so one invocation verifies a webhook, starts another one that nobody waits
// for, and answers; the other does the work. Nothing is kept between them that GitHub does not hold.

import { createHmac, timingSafeEqual } from "node:crypto";
import type { PolicyEngine } from "../cedar/engine.ts";
import type { Clock } from "../flow/clock.ts";
import { emfLines } from "./emf.ts";
import type { EventPayload } from "./events.ts";
import type { Log } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { ServerOptions } from "./options.ts";
import { type After, createRepositories, messageOf } from "./repositories.ts";
import { createRounds } from "./rounds.ts";
import { type Delivery, isSubscribed, react, webhooksPath } from "./webhooks.ts";

/** What a function URL and an API Gateway (payload 2.0) bring; header names in lower case. */
export interface HttpEvent {
  readonly requestContext: { readonly http: { readonly method: string } };
  readonly rawPath: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the function is started with by itself, and by a schedule. */
export type Work =
  | {
      readonly hallpass: "webhook";
      readonly delivery: Delivery;
      /** When it came, in milliseconds since the epoch. */
      readonly arrived: number;
    }
  | { readonly hallpass: "everything" | "redeliver" };

export interface LambdaContext {
  readonly getRemainingTimeInMillis: () => number;
}

export interface LambdaDeps {
  readonly options: Pick<ServerOptions, "appId" | "privateKey" | "webhookSecret" | "apiUrl">;
  readonly clock: Clock;
  readonly log: Log;
  /** Starts this function once more and does not wait for it. */
  readonly invokeSelf: (work: Work) => Promise<void>;
  /** Takes the metrics of an invocation that did work, a line of the log each (app/emf.ts). */
  readonly emit?: (line: string) => void;
  readonly fetch?: typeof globalThis.fetch;
  /** Takes the place of the worker thread, in tests. */
  readonly engine?: PolicyEngine;
}

export type LambdaHandler = (
  event: unknown,
  context: LambdaContext,
) => Promise<HttpAnswer | { readonly done: boolean }>;

/** Kept free at the end of an invocation, in milliseconds: what is cut off in the middle is done again. */
const margin = 2_000;
/** The longest wait for another try inside an invocation, in milliseconds; the schedule has the later ones. */
const longestWait = 20_000;

export function createLambdaHandler(deps: LambdaDeps): LambdaHandler {
  const { clock, log, emit } = deps;
  const metrics = createMetrics(clock.now);
  const work = createWorker(deps, metrics);
  return async (event, context) => {
    // INVARIANT: whoever comes by HTTP has only a body and headers to say something with, and is never taken for ourselves
    if (isHttp(event)) return answerWebhook(event, deps);
    const done = await Promise.race([
      work(event as Work).then(() => true),
      clock.sleep(context.getRemainingTimeInMillis() - margin).then(() => false),
    ]);
    if (!done) log("warn", "out of time; the next look at everything goes on with it");
    if (emit !== undefined) for (const line of emfLines(await metrics.take(), clock.now())) emit(line);
    return { done };
  };
}

const isHttp = (event: unknown): event is HttpEvent =>
  typeof event === "object" && event !== null && "requestContext" in event;

async function answerWebhook(
  event: HttpEvent,
  { options, clock, log, invokeSelf }: LambdaDeps,
): Promise<HttpAnswer> {
  const { method } = event.requestContext.http;
  if (method === "GET" && event.rawPath.endsWith("/healthz")) return answer(200, "ok");
  if (method !== "POST" || !event.rawPath.endsWith(webhooksPath)) return answer(404, "not found");
  const body = Buffer.from(event.body ?? "", event.isBase64Encoded === true ? "base64" : "utf8");
  if (!isSigned(body, event.headers["x-hub-signature-256"] ?? "", options.webhookSecret))
    return answer(400, "signature does not match");
  const id = event.headers["x-github-delivery"] ?? "";
  const name = event.headers["x-github-event"] ?? "";
  const payload = parseObject(body.toString("utf8"));
  if (payload === undefined || id === "" || name === "") return answer(400, "not a webhook");
  if (!isSubscribed(name)) return answer(202, "nothing to do");
  try {
    const delivery = { id, name, payload: essentialsOf(payload) };
    await invokeSelf({ hallpass: "webhook", delivery, arrived: clock.now() });
    return answer(202, "accepted");
  } catch (error) {
    // GitHub notes the failure, and is asked for this delivery again
    log("error", "could not start the function again", { event: name, error: messageOf(error) });
    return answer(500, "error");
  }
}

const answer = (statusCode: number, text: string): HttpAnswer => ({
  statusCode,
  headers: { "content-type": "text/plain" },
  body: `${text}\n`,
});

function isSigned(body: Buffer, signature: string, secret: string): boolean {
  const good = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  const given = Buffer.from(signature);
  return good.length === given.length && timingSafeEqual(good, given);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The few fields of a payload that say where to look. The whole may have 25 MB, and an invocation that nobody waits for takes 256 KB. */
function essentialsOf(payload: Readonly<Record<string, unknown>>): unknown {
  const {
    action,
    sender,
    issue,
    pull_request: pull,
    check_run,
    workflow_run,
    ref,
    repository,
    installation,
  } = payload as EventPayload & {
    readonly repository?: { readonly name?: string; readonly owner?: { readonly login?: string } };
    readonly installation?: { readonly id?: number };
  };
  return {
    action,
    ref,
    sender: { id: sender?.id },
    issue: issue && { number: issue.number },
    pull_request: pull && {
      number: pull.number,
      base: { ref: pull.base?.ref },
      head: { ref: pull.head?.ref },
    },
    check_run: check_run && {
      pull_requests: check_run.pull_requests?.slice(0, 1).map(({ head }) => ({ head: { ref: head?.ref } })),
    },
    workflow_run: workflow_run && {
      display_title: workflow_run.display_title?.slice(0, 100),
      conclusion: workflow_run.conclusion,
    },
    repository: repository && {
      name: repository.name,
      default_branch: repository.default_branch,
      owner: { login: repository.owner?.login },
    },
    installation: { id: installation?.id },
  };
}

/** Does one piece of work, and what falls due by it within a short time. */
function createWorker(
  { options, clock, log, fetch, engine }: LambdaDeps,
  metrics: Metrics,
): (work: Work) => Promise<void> {
  const { appId, privateKey, apiUrl } = options;
  const timers = createTimers(clock);
  const wire = { appId, privateKey, apiUrl, clock, ...(fetch === undefined ? {} : { fetch }) };
  const repositories = createRepositories({
    ...wire,
    log,
    after: timers.after,
    observer: metrics,
    ...(engine === undefined ? {} : { engine }),
  });
  const rounds = createRounds({
    access: wire,
    repositories,
    clock,
    log,
    onLookedAtEverything: metrics.lookedAtEverything,
    onRedelivered: metrics.redelivered,
  });
  const begin = async (work: Work): Promise<void> => {
    switch (work.hallpass) {
      case "webhook":
        await react(work.delivery, { repositories, log });
        metrics.webhook(work.delivery.name, clock.now() - work.arrived);
        return;
      case "everything":
        await rounds.lookAtEverything();
        return;
      case "redeliver":
        await rounds.redeliver();
        return;
      default:
        log("error", "started with an event that is none of ours");
    }
  };
  return async (work) => {
    await begin(work);
    await repositories.idle();
    while (await timers.next()) await repositories.idle();
  };
}

/** Timers do not run between invocations, so what is due soon is waited for. */
function createTimers(clock: Clock): { readonly after: After; readonly next: () => Promise<boolean> } {
  const waiting = new Set<{ readonly at: number; readonly then: () => void }>();
  return {
    after: (milliseconds, then) => {
      const timer = { at: clock.now() + milliseconds, then };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
    next: async () => {
      const [first] = [...waiting].sort((a, b) => a.at - b.at);
      const wait = first === undefined ? Number.POSITIVE_INFINITY : first.at - clock.now();
      if (first === undefined || wait > longestWait) return false;
      if (wait > 0) await clock.sleep(wait);
      if (waiting.delete(first)) first.then();
      return true;
    },
  };
}
