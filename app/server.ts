// The server: verifies a webhook, answers at once, and looks afterwards. It holds no state that GitHub does not hold.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createNodeMiddleware, Probot } from "probot";
import type { Clock } from "../flow/clock.ts";
import { createBodyReader, mostBytes, mostTime, type ReadBody } from "./body.ts";
import type { Log } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { ServerOptions } from "./options.ts";
import { createRepositories, messageOf } from "./repositories.ts";
import { createRounds, type Rounds } from "./rounds.ts";
import { type Delivery, isSubscribed, react, webhooksPath } from "./webhooks.ts";

export interface AppServer {
  readonly port: number;
  /** Resolves when everything that was accepted has been looked at. */
  readonly idle: () => Promise<void>;
  /** Says for a while that it is not ready, stops to listen, finishes what is being looked at. */
  readonly close: () => Promise<void>;
}

interface World {
  readonly clock: Clock;
  readonly log: Log;
}

/** Why requests should go elsewhere, if they should. */
type Readiness = "starting" | "ready" | "stopping";

export async function startServer(options: ServerOptions, { clock, log }: World): Promise<AppServer> {
  const { appId, privateKey, apiUrl } = options;
  const metrics = createMetrics(clock.now);
  const repositories = createRepositories({ appId, privateKey, apiUrl, clock, log, observer: metrics });
  const reactions = new Set<Promise<void>>();
  const receive = (delivery: Delivery): void => {
    const arrived = clock.now();
    const reaction = react(delivery, { repositories, log }).finally(() => {
      reactions.delete(reaction);
      if (isSubscribed(delivery.name)) metrics.webhook(delivery.name, clock.now() - arrived);
    });
    reactions.add(reaction);
  };
  const idle = async (): Promise<void> => {
    while (reactions.size > 0) await Promise.all(reactions);
    await repositories.idle();
  };
  let readiness: Readiness = "starting";
  const door: Door = {
    handle: await webhookHandler(options, receive),
    readBody: createBodyReader(),
    readiness: () => readiness,
    metrics: options.metrics ? metrics : undefined,
  };
  const server = await openServer(options, door, log);
  const rounds = createRounds({
    access: { appId, privateKey, apiUrl, clock },
    repositories,
    clock,
    log,
    onLookedAtEverything: (at) => {
      if (readiness === "starting") readiness = "ready";
      metrics.lookedAtEverything(at);
    },
    onRedelivered: metrics.redelivered,
  });
  const stopRounds = goRound(rounds, options);
  return {
    port: portOf(server),
    idle,
    close: async () => {
      readiness = "stopping";
      await clock.sleep(options.drain * 1000);
      stopRounds();
      await stopListening(server);
      await idle();
      await repositories.close();
    },
  };
}

/** Milliseconds until everything is looked at again where the first time failed; twice as long each time. */
const firstRetry = 2_000;

/** On start and on timers: events may have been lost. Answers what stops it. */
function goRound(rounds: Rounds, { lookEvery, redeliverEvery }: ServerOptions): () => void {
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;
  const begin = async (pause: number): Promise<void> => {
    if ((await rounds.lookAtEverything()) || stopped || pause > lookEvery * 1000) return;
    retry = setTimeout(() => void begin(pause * 2), pause);
    retry.unref();
  };
  void begin(firstRetry);
  const timers = [
    setInterval(() => void rounds.lookAtEverything(), lookEvery * 1000),
    setInterval(() => void rounds.redeliver(), redeliverEvery * 1000),
  ];
  for (const timer of timers) timer.unref();
  return () => {
    stopped = true;
    clearTimeout(retry);
    for (const timer of timers) clearInterval(timer);
  };
}

async function openServer(options: ServerOptions, door: Door, log: Log): Promise<Server> {
  const limits = { requestTimeout: mostTime, headersTimeout: mostTime, connectionsCheckingInterval: 1_000 };
  const server = createServer(limits, (request, response) => {
    // INVARIANT: nothing that anybody sends can end the process
    route(request, response, door).catch((error: unknown) => {
      log("error", "webhook", { error: messageOf(error) });
      if (!response.headersSent) answer(response, 500, "error");
    });
  });
  await listen(server, options);
  log("info", "listening", { port: portOf(server) });
  return server;
}

/** For what has begun to come in when the server is told to stop, in milliseconds. */
const lastHandIns = 5_000;

function stopListening(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), lastHandIns);
  return new Promise((resolve) => {
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Probot verifies the signature. Its own log would hold whole payloads of refused deliveries, so it says nothing below `fatal`. */
async function webhookHandler(
  options: ServerOptions,
  receive: (delivery: Delivery) => void,
): Promise<Handler> {
  const probot = new Probot({
    appId: options.appId,
    privateKey: options.privateKey,
    secret: options.webhookSecret,
    baseUrl: options.apiUrl,
    logLevel: "fatal",
  });
  await probot.ready();
  return createNodeMiddleware(
    (app) => {
      // answered before it is worked on: GitHub waits ten seconds at most
      app.onAny(({ id, name, payload }) => receive({ id, name, payload }));
    },
    { probot, webhooksPath },
  );
}

interface Door {
  readonly handle: Handler;
  readonly readBody: ReadBody;
  readonly readiness: () => Readiness;
  /** Undefined: `/metrics` is not there. */
  readonly metrics: Metrics | undefined;
}

async function route(request: IncomingMessage, response: ServerResponse, door: Door): Promise<void> {
  const pathname = (request.url ?? "").split("?", 1)[0];
  if (pathname === "/healthz") return answer(response, 200, "ok");
  if (pathname === "/readyz")
    return answer(response, door.readiness() === "ready" ? 200 : 503, door.readiness());
  if (pathname === "/metrics" && door.metrics !== undefined)
    return answer(response, 200, await door.metrics.text(), door.metrics.contentType);
  if (pathname !== webhooksPath || request.method !== "POST")
    return refuse(request, response, 404, "not found");
  const body = await door.readBody(request);
  switch (body.got) {
    case "text":
      await door.handle(Object.assign(request, { body: body.text }), response);
      return;
    case "too-large":
      return refuse(request, response, 413, `larger than ${mostBytes} bytes`);
    case "too-many":
      return refuse(request, response, 503, "too much at once; send it again later");
    case "gone":
      return;
  }
}

function answer(response: ServerResponse, status: number, text: string, type = "text/plain"): void {
  response.writeHead(status, { "content-type": type }).end(`${text}\n`);
}

/** Time to read an answer while still sending what nobody will look at, in milliseconds. */
const lastWords = 1_000;

/** Answers somebody who may still be sending: what comes is thrown away, and the connection ends soon. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  response.setHeader("connection", "close");
  answer(response, status, text);
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), lastWords);
  timer.unref();
  request.socket.once("close", () => clearTimeout(timer));
}

const listen = (server: Server, { host, port }: ServerOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
