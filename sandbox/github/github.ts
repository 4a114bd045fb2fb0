import type { ActionsHost, ActionsWorld } from "./actions-port.ts";
import { createActionsWorld, toActor, toRef } from "./actions-world.ts";
import type { Clock } from "./clock.ts";
import { createDeviceFlow, type DeviceFlow } from "./device-flow.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createGraphql } from "./graphql/endpoint.ts";
import { createIds } from "./ids.ts";
import type { Judge } from "./judge.ts";
import { createLimits } from "./limits.ts";
import { allRoutes } from "./rest/routes.ts";
import { createRouter } from "./router.ts";
import { createServer, type LoggedRequest } from "./server.ts";
import type { Account, State } from "./state.ts";
import type { Quirks, Twin, TwinEvent } from "./twin.ts";
import { createWebhooks, eventPayload, type Webhooks } from "./webhooks.ts";
import { createApp } from "./world/apps.ts";
import { createWorld } from "./world/create.ts";
import { createAccount } from "./world/organizations.ts";
import type { World } from "./world.ts";

export interface GitHubOptions {
  clock: Clock;
  /** API base, for instance `http://127.0.0.1:4100`: REST at `/` and `/api/v3`, GraphQL at `/graphql` and `/api/graphql`. */
  url: string;
  /** Carries a webhook to its App; without it deliveries are recorded and go nowhere. */
  deliver?: (request: Request) => Promise<Response>;
  /** Milliseconds before each answer. */
  latency?: () => number;
  /** Checks everything that goes in and out against GitHub's OpenAPI. */
  judge?: Judge;
  quirks?: Partial<Quirks>;
}

export interface GitHub extends World {
  handle(request: Request): Promise<Response>;
  /** `handle` in the shape of fetch, following redirects: for `request: { fetch }` of Octokit. */
  fetch: typeof fetch;
  url: string;
  clock: Clock;
  requests: LoggedRequest[];
  faults: Faults;
  webhooks: Pick<Webhooks, "deliveries" | "fate" | "hold" | "release" | "idle">;
  quirks: Quirks;
  deviceFlow: Omit<DeviceFlow, "answer">;
  actionsWorld: ActionsWorld;
  attachActions(host: ActionsHost): void;
}

const defaultQuirks: Quirks = {
  lateMergeability: true,
  baseModifiedRaces: 0,
  hourlyLimit: 5000,
  contentWrites: undefined,
};

function emptyState(): State {
  return {
    accounts: [],
    organizations: new Map(),
    apps: [],
    installations: [],
    repositories: [],
    tokens: new Map(),
    nodes: new Map(),
  };
}

export function createGitHub(options: GitHubOptions): GitHub {
  const { clock, url, judge } = options;
  let host: ActionsHost | undefined;
  const base = {
    state: emptyState(),
    clock,
    ids: createIds(),
    url: url.replace(/\/$/, ""),
    quirks: { ...defaultQuirks, ...options.quirks },
    host: () => host,
    emit: (event: TwinEvent) => {
      webhooks.emit(event);
      tellActions(twin, event);
    },
  };
  const twin = withGitHubsOwn(base);
  const webhooks = createWebhooks(twin, { deliver: options.deliver, payloadSeen: judge?.webhook });
  const limits = createLimits(twin);
  const faults = createFaults();
  const router = createRouter(allRoutes({ webhooks, limits }));
  const graphql = createGraphql(twin, limits);
  const latencyMs = options.latency ?? (() => 0);
  const server = createServer({ twin, router, graphql, limits, faults, judge, latencyMs });
  const deviceFlow = createDeviceFlow(twin);
  // the token endpoint of Actions and people's signing in lie beside the API, and know their own callers
  const handle = (request: Request): Promise<Response> =>
    host?.answer(request) ?? deviceFlow.answer(request) ?? server.handle(request);
  return {
    ...createWorld(twin),
    handle,
    fetch: fetchOf(handle),
    url: twin.url,
    clock,
    requests: server.requests,
    faults,
    webhooks,
    quirks: twin.quirks,
    deviceFlow,
    actionsWorld: createActionsWorld(twin),
    attachActions: (attached) => {
      host = attached;
    },
  };
}

/** Accounts with the numbers they have on github.com. */
function withGitHubsOwn(base: Omit<Twin, "actionsApp" | "webFlow" | "ghost">): Twin {
  const incomplete = base as Twin;
  const ghost: Account = createAccount(incomplete, "User", "ghost", { id: 10_137 });
  const webFlow = createAccount(incomplete, "User", "web-flow", {
    id: 19_864_447,
    email: "noreply@github.com",
  });
  const github = createAccount(incomplete, "Organization", "github", { id: 9919 });
  const actionsApp = createApp(incomplete, {
    slug: "github-actions",
    owner: github,
    permissions: {},
    events: [],
    webhook: undefined,
    id: 15_368,
    botId: 41_898_282,
    keyless: true,
  });
  return Object.assign(incomplete, { ghost, webFlow, actionsApp });
}

function tellActions(twin: Twin, event: TwinEvent): void {
  const { repository, sender } = event;
  if (repository === undefined || sender.account === undefined) return;
  twin.host()?.onEvent({
    name: event.name,
    ...(event.action === undefined ? {} : { action: event.action }),
    payload: eventPayload(twin, event, undefined),
    repository: toRef(repository),
    ...(event.ref === undefined ? {} : { ref: event.ref }),
    ...(event.sha === undefined ? {} : { sha: event.sha }),
    ...(event.pull === undefined ? {} : { pull: event.pull }),
    actor: toActor(sender.account),
    byGitHubToken: sender.kind === "actions",
  });
}

/** As a browser's or Node's fetch: reads are redirected, and the token goes along only to the same place. */
function fetchOf(handle: (request: Request) => Promise<Response>): typeof fetch {
  return async (input, init) => {
    let request = new Request(input, init);
    for (let hops = 0; hops < 5; hops++) {
      const { method, headers } = request;
      const response = await handle(request);
      const location = response.headers.get("location");
      // as fetch does, the answer says where it came from: Octokit's paging reads it
      Object.defineProperty(response, "url", { value: request.url });
      if (location === null || ![301, 302, 303, 307, 308].includes(response.status)) return response;
      if (method !== "GET" && method !== "HEAD") return response;
      request = new Request(new URL(location, request.url), { method, headers });
    }
    throw new TypeError("fetch failed", { cause: new Error("redirect count exceeded") });
  };
}
