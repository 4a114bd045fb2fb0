import { createHash } from "node:crypto";
import { authenticate } from "./auth.ts";
import type { Asked, Faults } from "./faults.ts";
import { connectionLost } from "./faults.ts";
import type { GraphqlEndpoint } from "./graphql/endpoint.ts";
import { type Answer, isRefusal, notFound, type Refusal } from "./http.ts";
import type { Judge } from "./judge.ts";
import type { Limits } from "./limits.ts";
import { parseBody, type Route, type Router } from "./router.ts";
import type { Twin, Viewer } from "./twin.ts";

/** One request as a bench counts it. */
export interface LoggedRequest {
  at: number;
  method: string;
  path: string;
  /** 0: the connection broke. */
  status: number;
  /** Login, or `slug (app)` for a JWT; null: nobody. */
  actor: string | null;
  tokenKind: Viewer["kind"] | "invalid";
  /** Tells apart who calls under one identity: a digest of the token, so that the log holds no secret. */
  token: string;
  graphql?: { operations: string[]; mutation: boolean };
}

export interface ServerParts {
  twin: Twin;
  router: Router;
  graphql: GraphqlEndpoint;
  limits: Limits;
  faults: Faults;
  judge: Judge | undefined;
  latencyMs: () => number;
}

export interface Server {
  handle(request: Request): Promise<Response>;
  requests: LoggedRequest[];
}

export function createServer(parts: ServerParts): Server {
  const requests: LoggedRequest[] = [];
  const handle = async (request: Request): Promise<Response> => {
    const { twin, faults } = parts;
    const asked = await readRequest(request, parts.graphql);
    const latency = parts.latencyMs();
    if (latency > 0) await twin.clock.sleep(latency);
    const fault = faults.strike(asked);
    const caller = identify(twin, asked);
    const logged = logEntry(twin, asked, caller);
    requests.push(logged);
    if (fault === "timeout") throw connectionLost();
    const instead =
      typeof fault === "function" ? fault(asked) : fault === "stale" ? faults.recall(asked) : undefined;
    const response = instead ?? answer(parts, asked, request, caller);
    if (fault === "after-effect") throw connectionLost();
    if (instead === undefined) faults.remember(asked, response);
    logged.status = response.status;
    return response;
  };
  return { handle, requests };
}

async function readRequest(request: Request, graphql: GraphqlEndpoint): Promise<Asked> {
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/api\/graphql$/, "/graphql").replace(/^\/api\/v3(?=\/|$)/, "") || "/";
  const body = await request.text();
  const graphqlParts = path === "/graphql" ? graphql.describe(body) : undefined;
  return {
    method: request.method,
    path,
    query: url.searchParams,
    headers: request.headers,
    body,
    graphql: graphqlParts,
  };
}

function identify(twin: Twin, asked: Asked): Viewer | Refusal {
  try {
    return authenticate(twin, asked.headers.get("authorization"));
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

function logEntry(twin: Twin, asked: Asked, caller: Viewer | Refusal): LoggedRequest {
  const viewer = isRefusal(caller) ? undefined : caller;
  return {
    at: twin.clock.now(),
    method: asked.method,
    path: asked.path,
    status: 0,
    actor: viewer?.account?.login ?? (viewer?.app === undefined ? null : `${viewer.app.slug} (app)`),
    tokenKind: viewer?.kind ?? "invalid",
    token: createHash("sha256")
      .update(asked.headers.get("authorization") ?? "")
      .digest("hex")
      .slice(0, 12),
    ...(asked.graphql === undefined ? {} : { graphql: asked.graphql }),
  };
}

function answer(parts: ServerParts, asked: Asked, request: Request, caller: Viewer | Refusal): Response {
  const { limits, judge } = parts;
  const resource = asked.graphql === undefined ? "core" : "graphql";
  const viewer = isRefusal(caller) ? undefined : caller;
  let route: Route | undefined;
  let result: Answer;
  try {
    if (isRefusal(caller)) throw caller;
    // a check that costs nothing, so that who is out of budget can see it
    if (asked.path !== "/rate_limit") limits.spend(caller, resource);
    if (writes(asked)) limits.spendWrite(caller);
    if (asked.graphql !== undefined) result = parts.graphql.execute(asked.body, caller);
    else ({ result, route } = dispatch(parts, asked, request, caller));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    result = refused(error);
    route = parts.router.find(asked.method, asked.path)?.route;
  }
  // what GitHub's description refuses, the twin must not have accepted
  if (route !== undefined && result.status < 300) judge?.request(asked, route);
  judge?.response(asked, route, result);
  return toResponse(parts, asked, viewer, result);
}

/** Requests that make content: not reads, not tokens, not the App's own affairs. */
function writes(asked: Asked): boolean {
  if (asked.graphql !== undefined) return asked.graphql.mutation;
  return asked.method !== "GET" && asked.method !== "HEAD" && !asked.path.startsWith("/app/");
}

function dispatch(
  parts: ServerParts,
  asked: Asked,
  request: Request,
  viewer: Viewer,
): { result: Answer; route: Route } {
  const { twin, router } = parts;
  const method = asked.method === "HEAD" ? "GET" : asked.method;
  const found = router.find(method, asked.path);
  if (found === undefined) throw notFound();
  const body = parseBody(method === "GET" ? "" : asked.body);
  const { params, route } = found;
  const call = {
    twin,
    viewer,
    params,
    query: asked.query,
    body,
    headers: asked.headers,
    requestUrl: new URL(request.url),
  };
  return { result: route.handle(call), route };
}

function refused(error: Refusal): Answer {
  const body = {
    message: error.message,
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    documentation_url: "https://docs.github.com/rest",
    status: String(error.status),
  };
  return { status: error.status, body, headers: error.headers };
}

function toResponse(parts: ServerParts, asked: Asked, viewer: Viewer | undefined, result: Answer): Response {
  const { twin, limits } = parts;
  const headers = new Headers({
    date: new Date(twin.clock.now()).toUTCString(),
    server: "github.com",
    "x-github-request-id": twin.ids.guid().toUpperCase().slice(-17),
    "x-github-media-type": "github.v3; format=json",
    vary: "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With",
    ...(viewer === undefined ? {} : limits.headers(viewer, asked.graphql === undefined ? "core" : "graphql")),
    ...result.headers,
  });
  if (result.body === undefined) return new Response(null, { status: result.status, headers });
  const raw = result.body instanceof Uint8Array ? result.body : undefined;
  const payload = raw ?? Buffer.from(JSON.stringify(result.body));
  if (!headers.has("content-type")) headers.set("content-type", "application/json; charset=utf-8");
  if (asked.method === "GET" && result.status === 200) {
    const etag = `W/"${createHash("sha256").update(payload).digest("hex")}"`;
    headers.set("etag", etag);
    headers.set("cache-control", "private, max-age=60, s-maxage=60");
    const known = asked.headers.get("if-none-match")?.split(/\s*,\s*/) ?? [];
    if (known.some((tag) => tag.replace(/^W\//, "") === etag.slice(2)))
      return notModified(parts, viewer, headers);
  }
  const empty = asked.method === "HEAD";
  return new Response(empty ? null : new Uint8Array(payload), { status: result.status, headers });
}

/** A 304 with credentials costs nothing of the budget. */
function notModified({ limits }: ServerParts, viewer: Viewer | undefined, headers: Headers): Response {
  if (viewer !== undefined && viewer.kind !== "anonymous") limits.refund(viewer, "core");
  headers.delete("content-type");
  return new Response(null, { status: 304, headers });
}
