// The server: verifies a webhook, answers at once, and looks afterwards. It holds no state that GitHub does not hold.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Octokit } from "@octokit/rest";
import { createNodeMiddleware, Probot } from "probot";
import type { Clock } from "../flow/clock.ts";
import { affectedBy, type EventPayload } from "./events.ts";
import type { Log } from "./log.ts";
import type { ServerOptions } from "./options.ts";
import { createRepositories, messageOf, type Repositories, type RepositoryId } from "./repositories.ts";

export interface AppServer {
  readonly port: number;
  /** Resolves when nothing is being looked at. */
  readonly idle: () => Promise<void>;
  /** Stops to listen, finishes what is being looked at. */
  readonly close: () => Promise<void>;
}

export const webhooksPath = "/api/github/webhooks";
/** GitHub's own limit for a payload. ATTACK: unsigned bodies are read whole before the signature can be looked at. */
const mostBytes = 25 * 1024 * 1024;

interface World {
  readonly clock: Clock;
  readonly log: Log;
}

export async function startServer(options: ServerOptions, { clock, log }: World): Promise<AppServer> {
  const { appId, privateKey, apiUrl } = options;
  const repositories = createRepositories({ appId, privateKey, apiUrl, clock, log });
  const handle = await webhookHandler(options, repositories, log);
  const server = createServer((request, response) => void route(request, response, handle, log));
  await listen(server, options);
  const port = portOf(server);
  log("info", "listening", { port });
  const lookEverywhere = () => lookAtEverything(options, repositories, log);
  void lookEverywhere();
  const timer = setInterval(() => void lookEverywhere(), options.lookEvery * 1000);
  timer.unref();
  return {
    port,
    idle: repositories.idle,
    close: async () => {
      clearInterval(timer);
      await new Promise((resolve) => server.close(resolve));
      await repositories.close();
    },
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Probot verifies the signature. Its own log would hold whole payloads of refused deliveries, so it says nothing below `fatal`. */
async function webhookHandler(
  options: ServerOptions,
  repositories: Repositories,
  log: Log,
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
      app.onAny(({ id, name, payload }) => {
        // answered before it is worked on: GitHub waits ten seconds at most
        void react({ id, name, payload }, repositories, log);
      });
    },
    { probot, webhooksPath },
  );
}

interface Delivery {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
}

async function react({ id, name, payload }: Delivery, repositories: Repositories, log: Log): Promise<void> {
  const repository = repositoryOf(payload);
  if (repository === undefined) return;
  const fields = { repository: `${repository.owner}/${repository.name}`, event: name, delivery: id };
  try {
    const affected = affectedBy(name, payload as EventPayload, await repositories.botId(repository));
    if (affected === "nothing") return;
    log("info", "webhook", affected === "all" ? fields : { ...fields, request: affected.request });
    await (affected === "all"
      ? repositories.lookAtAll(repository)
      : repositories.look(repository, affected.request));
  } catch (error) {
    // nothing is lost: everything unsettled is looked at again on the timer
    log("error", "webhook", { ...fields, error: messageOf(error) });
  }
}

function repositoryOf(payload: unknown): RepositoryId | undefined {
  const { repository, installation } = payload as {
    readonly repository?: { readonly name?: string; readonly owner?: { readonly login?: string } };
    readonly installation?: { readonly id?: number };
  };
  const owner = repository?.owner?.login;
  const name = repository?.name;
  if (owner === undefined || name === undefined || installation?.id === undefined) return undefined;
  return { owner, name, installation: installation.id };
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handler,
  log: Log,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (pathname === "/healthz") return answer(response, 200, "ok");
  if (pathname !== webhooksPath || request.method !== "POST") return answer(response, 404, "not found");
  const body = await readBody(request);
  if (body === undefined) return answer(response, 413, `larger than ${mostBytes} bytes`);
  try {
    await handle(Object.assign(request, { body }), response);
  } catch (error) {
    log("error", "webhook", { error: messageOf(error) });
    if (!response.headersSent) answer(response, 500, "error");
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" }).end(`${text}\n`);
}

/** The whole body, or undefined as soon as it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
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
