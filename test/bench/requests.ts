// What one request costs on GitHub over its life, from the form to the closed issue, counted in the twin's own log: by the App, by the run that grants and by
// the sweep that ends it.

import type { LoggedRequest } from "../../sandbox/github/server.ts";
import type { Person } from "../../sandbox/stage.ts";
import { createWorld, type World } from "../whole/world.ts";

/** `any sweep`: what a sweep calls too where there is no request at all. */
export type Caller = "App" | "grant" | "sweep" | "any sweep";

export interface CallCost {
  readonly by: Caller;
  /** Method and path without its ids, or the name of a GraphQL operation. */
  readonly call: string;
  readonly requests: number;
  /** Neither GET nor HEAD; of GraphQL only mutations; no token mints. */
  readonly writes: number;
  /** Answered 304: costs nothing of the hourly limit. */
  readonly unchanged: number;
}

export interface LifeCost {
  readonly story: Story;
  /** Without those of any sweep. */
  readonly requests: number;
  readonly writes: number;
  readonly anySweep: number;
  readonly calls: readonly CallCost[];
}

export type Story = "automatic" | "two levels of people";

const stories: Readonly<Record<Story, { readonly node: string; readonly approvers: readonly Person[] }>> = {
  automatic: { node: "r2d2-dev-01", approvers: [] },
  "two levels of people": { node: "r2d2-app-01", approvers: ["bob", "erin", "carol"] },
};

export async function benchRequests(): Promise<readonly LifeCost[]> {
  const costs: LifeCost[] = [];
  for (const story of Object.keys(stories) as Story[]) costs.push(await lifeOf(story));
  return costs;
}

/**
 * In a repository that has had requests before. No cron and no timer: what they cost is the repository's, whatever the number of requests. Of the sweep that ends the
 * request the request's own is what it calls beyond a sweep that finds nothing.
 */
async function lifeOf(story: Story): Promise<LifeCost> {
  const runs: { readonly command: string; readonly from: number }[] = [];
  let log: readonly LoggedRequest[] = [];
  const world = await createWorld({
    cron: false,
    lookEvery: Number.POSITIVE_INFINITY,
    runDiesAt: ({ command }) => {
      runs.push({ command, from: log.length });
      return undefined;
    },
  });
  try {
    const { stage, people } = world;
    // GitHub makes a label with its first use, and puts one that exists on with the form
    await stage
      .as("olivia")
      .rest.issues.createLabel({ owner: "acme", repo: "access", name: "access: pending" });
    await world.run();
    log = stage.github.requests;
    const idle = log.length;
    await people.dispatch("pat", "sweep");
    await world.run();
    // a token of the same second is the same token, and would not say whose it is
    await world.advance(120);
    const from = log.length;
    await play(world, stories[story]);
    const callerOf = callersOf(log, runs);
    const sweeps = log.slice(idle, from).filter((each) => callerOf(each) === "sweep");
    return costOf(story, log.slice(from), { callerOf, anySweep: sweeps.map(nameOf) });
  } finally {
    world.close();
  }
}

async function play(world: World, { node, approvers }: (typeof stories)[Story]): Promise<void> {
  const { people, shown } = world;
  const number = people.ask("alice", { nodes: node, for: "1h" });
  await world.run();
  await people.token("alice", number);
  await world.run();
  for (const approver of approvers) {
    await people.approve(approver, number);
    await world.run();
  }
  if ((await shown.sealed(number)).length !== 1) throw new Error("nothing was granted");
  await world.advance(3_600 + 600);
  await people.dispatch("pat", "sweep");
  await world.run();
  if ((await shown.state(number)) !== "closed") throw new Error("the sweep did not end it");
}

/** Each run mints a token of its own, the first new one after its start; every other token of the App is the server's. */
function callersOf(
  log: readonly LoggedRequest[],
  runs: readonly { readonly command: string; readonly from: number }[],
): (request: LoggedRequest) => Caller {
  const known = new Map<string, Caller>();
  for (const { command, from } of runs) {
    const before = new Set(log.slice(0, from).map(({ token }) => token));
    const own = log
      .slice(from)
      .find(({ token, tokenKind }) => tokenKind === "installation" && !before.has(token));
    if (own === undefined || (command !== "grant" && command !== "sweep")) continue;
    known.set(own.token, command);
    // what it took to get that token
    for (const each of log.slice(from, log.indexOf(own)))
      if (each.tokenKind === "app") known.set(each.token, command);
  }
  return ({ token }) => known.get(token) ?? "App";
}

function costOf(
  story: Story,
  log: readonly LoggedRequest[],
  {
    callerOf,
    anySweep,
  }: { readonly callerOf: (request: LoggedRequest) => Caller; readonly anySweep: readonly string[] },
): LifeCost {
  const calls = new Map<string, CallCost>();
  const left = [...anySweep];
  for (const request of log) {
    if (request.tokenKind !== "installation" && request.tokenKind !== "app") continue;
    const call = nameOf(request);
    const caller = callerOf(request);
    const nth = caller === "sweep" ? left.indexOf(call) : -1;
    if (nth >= 0) left.splice(nth, 1);
    const by = nth >= 0 ? "any sweep" : caller;
    const before = calls.get(`${by} ${call}`) ?? { by, call, requests: 0, writes: 0, unchanged: 0 };
    calls.set(`${by} ${call}`, {
      ...before,
      requests: before.requests + 1,
      writes: before.writes + (writes(request) ? 1 : 0),
      unchanged: before.unchanged + (request.status === 304 ? 1 : 0),
    });
  }
  const sum = (key: "requests" | "writes", any = false) =>
    [...calls.values()].reduce(
      (total, each) => ((each.by === "any sweep") === any ? total + each[key] : total),
      0,
    );
  const order: readonly Caller[] = ["App", "grant", "sweep", "any sweep"];
  return {
    story,
    requests: sum("requests"),
    writes: sum("writes"),
    anySweep: sum("requests", true),
    calls: [...calls.values()].sort((a, b) => order.indexOf(a.by) - order.indexOf(b.by)),
  };
}

const writes = ({ method, graphql, tokenKind }: LoggedRequest): boolean =>
  graphql === undefined
    ? method !== "GET" && method !== "HEAD" && tokenKind === "installation"
    : graphql.mutation;

function nameOf({ method, path, graphql }: LoggedRequest): string {
  if (graphql !== undefined)
    return `${graphql.mutation ? "mutation" : "query"} ${graphql.operations.join(", ")}`;
  const named = path
    .replace(/^\/repos\/[^/]+\/[^/]+/, "")
    .replace(/\/(?:[0-9a-f]{40}|\d+)(?=\/|$)/g, "/…")
    .replace(/(?<=^\/(?:users|collaborators|rules\/branches)\/)[^/]+/, "…");
  return `${method} ${named}`;
}
