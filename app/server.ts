// The server: verifies a webhook, answers at once, and looks afterwards. It holds no state that GitHub does not hold.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Octokit } from "@octokit/rest";
import { createNodeMiddleware, Probot } from "probot";
import type { Clock } from "../flow/clock.ts";
import { createBodyReader, mostBytes, mostTime, type ReadBody } from "./body.ts";
import { affectedBy, type EventPayload } from "./events.ts";
import type { Log } from "./log.ts";
import type { ServerOptions } from "./options.ts";
import { createRepositories, messageOf, type Repositories, type RepositoryId } from "./repositories.ts";

export interface AppServer {
  readonly port: number;
  /** Resolves when everything that was accepted has been looked at. */
  readonly idle: () => Promise<void>;
  /** Stops to listen, finishes what is being looked at. */
  readonly close: () => Promise<void>;
}

export const webhooksPath = "/api/github/webhooks";

interface World {
  readonly clock: Clock;
  readonly log: Log;
}

export async function startServer(options: ServerOptions, { clock, log }: World): Promise<AppServer> {
  const { appId, privateKey, apiUrl } = options;
  const repositories = createRepositories({ appId, privateKey, apiUrl, clock, log });
  const reactions = new Set<Promise<void>>();
  const receive = (delivery: Delivery): void => {
    const reaction = react(delivery, repositories, log).finally(() => reactions.delete(reaction));
    reactions.add(reaction);
  };
  const idle = async (): Promise<void> => {
    while (reactions.size > 0) await Promise.all(reactions);
    await repositories.idle();
  };
  const door = { handle: await webhookHandler(options, receive), readBody: createBodyReader() };
  const limits = { requestTimeout: mostTime, headersTimeout: mostTime, connectionsCheckingInterval: 1_000 };
  const server = createServer(limits, (request, response) => {
    // INVARIANT: nothing that anybody sends can end the process
    route(request, response, door).catch((error: unknown) => {
      log("error", "webhook", { error: messageOf(error) });
      if (!response.headersSent) answer(response, 500, "error");
    });
  });
  await listen(server, options);
  const port = portOf(server);
  log("info", "listening", { port });
  const lookEverywhere = () => lookAtEverything(options, repositories, log);
  void lookEverywhere();
  const timer = setInterval(() => void lookEverywhere(), options.lookEvery * 1000);
  timer.unref();
  return {
    port,
    idle,
    close: async () => {
      clearInterval(timer);
      await stopListening(server);
      await idle();
      await repositories.close();
    },
  };
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

interface Delivery {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
}

async function react(delivery: Delivery, repositories: Repositories, log: Log): Promise<void> {
  try {
    const concerned = repositoriesOf(delivery.payload, repositories);
    await Promise.all(concerned.map((repository) => lookAs(delivery, repository, { repositories, log })));
  } catch (error) {
    // nothing is lost: everything unsettled is looked at again on the timer
    log("error", "webhook", { error: messageOf(error) });
  }
}

async function lookAs(
  { id, name, payload }: Delivery,
  repository: RepositoryId,
  { repositories, log }: { readonly repositories: Repositories; readonly log: Log },
): Promise<void> {
  const affected = affectedBy(name, payload as EventPayload, await repositories.botId(repository));
  if (affected === "nothing") return;
  const fields = {
    // INVARIANT: GitHub has answered for this name, and the event is one of ours: neither is anybody's text
    repository: `${repository.owner}/${repository.name}`,
    event: name,
    // the signature does not cover headers
    ...(/^[0-9a-f-]{36}$/i.test(id) ? { delivery: id } : {}),
  };
  log("info", "webhook", affected === "all" ? fields : { ...fields, request: affected.request });
  await (affected === "all"
    ? repositories.lookAtAll(repository)
    : repositories.look(repository, affected.request));
}

/** The one that the event names; what happens to a whole organization, to its teams above all, concerns all that we know of there. */
function repositoriesOf(payload: unknown, repositories: Repositories): readonly RepositoryId[] {
  const { repository, installation } = payload as {
    readonly repository?: { readonly name?: string; readonly owner?: { readonly login?: string } };
    readonly installation?: { readonly id?: number };
  };
  const id = installation?.id;
  if (id === undefined) return [];
  if (repository === undefined) return repositories.known().filter((known) => known.installation === id);
  const owner = repository.owner?.login;
  const { name } = repository;
  return owner === undefined || name === undefined ? [] : [{ owner, name, installation: id }];
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  { handle, readBody }: { readonly handle: Handler; readonly readBody: ReadBody },
): Promise<void> {
  const pathname = (request.url ?? "").split("?", 1)[0];
  if (pathname === "/healthz") return answer(response, 200, "ok");
  if (pathname !== webhooksPath || request.method !== "POST")
    return refuse(request, response, 404, "not found");
  const body = await readBody(request);
  switch (body.got) {
    case "text":
      await handle(Object.assign(request, { body: body.text }), response);
      return;
    case "too-large":
      return refuse(request, response, 413, `larger than ${mostBytes} bytes`);
    case "too-many":
      return refuse(request, response, 503, "too much at once; send it again later");
    case "gone":
      return;
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" }).end(`${text}\n`);
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

/** On start and on a timer: events may have been lost. */
async function lookAtEverything(options: ServerOptions, repositories: Repositories, log: Log): Promise<void> {
  try {
    for (const repository of await accessRepositories(options)) {
      await repositories.lookAtAll(repository).catch((error: unknown) =>
        log("warn", "could not list what is unsettled", {
          repository: `${repository.owner}/${repository.name}`,
          error: messageOf(error),
        }),
      );
    }
  } catch (error) {
    log("error", "could not list the repositories of the App", { error: messageOf(error) });
  }
}

/** Every repository that the App is installed on and that has a `ledger`. */
async function accessRepositories(options: ServerOptions): Promise<readonly RepositoryId[]> {
  const { appJwt } = await import("../github/app-tokens.ts");
  const { appId, privateKey, apiUrl } = options;
  const app = new Octokit({ baseUrl: apiUrl, auth: appJwt({ appId, privateKey, now: Date.now() }) });
  const found: RepositoryId[] = [];
  for (const installation of await app.paginate(app.rest.apps.listInstallations)) {
    const { data } = await app.rest.apps.createInstallationAccessToken({ installation_id: installation.id });
    const octokit = new Octokit({ baseUrl: apiUrl, auth: data.token });
    for (const repository of await octokit.paginate(octokit.rest.apps.listReposAccessibleToInstallation))
      found.push({ owner: repository.owner.login, name: repository.name, installation: installation.id });
  }
  return found;
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
