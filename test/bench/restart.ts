// What it takes to look without changing anything: a process that starts beside many open requests, and one look at each kind of request.

import type { LoggedRequest } from "../../sandbox/github/server.ts";
import { createWorld, type World } from "../whole/world.ts";

export interface RestartCost {
  readonly openRequests: number;
  /** Seconds of the twins' time from the start of the process until every request was looked at, with 0.2 s a request to GitHub. */
  readonly seconds: number;
  /** Seconds of this machine, twins included. */
  readonly machineSeconds: number;
  readonly requests: number;
  readonly writes: number;
}

export interface LookCost {
  readonly request: string;
  readonly requests: number;
  /** Answered 304: costs nothing of the hourly limit. */
  readonly unchanged: number;
  readonly writes: number;
  readonly calls: readonly string[];
}

const latency = 100;

/** Requests that wait for their key: opening one costs two writes, so that a thousand of them are there within some hours of the twins' time. */
export async function benchRestart(openRequests = 1_000): Promise<RestartCost> {
  const world = await quietWorld();
  try {
    for (let i = 0; i < openRequests; i++) {
      if (i % anHour === 0) await takeInventory(world);
      world.people.ask("alice");
    }
    await world.run();
    const [first] = world.apps;
    first?.kill();
    const log = world.stage.github.requests;
    const from = log.length;
    const began = { twins: world.time.now(), machine: performance.now() };
    world.startApp({ lookEvery: Number.POSITIVE_INFINITY, latency: () => latency });
    await world.run();
    const asked = log.slice(from);
    return {
      openRequests,
      seconds: (world.time.now() - began.twins) / 1000,
      machineSeconds: (performance.now() - began.machine) / 1000,
      requests: asked.length,
      writes: asked.filter(writes).length,
    };
  } finally {
    world.close();
  }
}

/** Requests whose writes GitHub takes within an hour. */
const anHour = 200;

/** As the cron would, which is off: of an inventory that is hours old each status says so, and that would be measured as writes of the start. */
async function takeInventory(world: World): Promise<void> {
  await world.run();
  await world.people.dispatch("pat", "inventory");
}

/** One look more at a request in each state, by a process that has looked at it before. */
export async function benchLooks(): Promise<readonly LookCost[]> {
  const world = await quietWorld();
  try {
    const { people } = world;
    const waiting = people.ask("alice");
    const pending = people.ask("alice", { nodes: "r2d2-app-01" });
    const active = people.ask("alice");
    await world.run();
    await people.token("alice", active);
    await people.approve("bob", pending);
    await world.run();
    const kinds = {
      "waits for its key": waiting,
      "waits for people, one has approved": pending,
      "is active": active,
    };
    const costs: LookCost[] = [];
    for (const [request, number] of Object.entries(kinds)) costs.push(await lookAt(world, request, number));
    return costs;
  } finally {
    world.close();
  }
}

async function lookAt(world: World, request: string, number: number): Promise<LookCost> {
  const [app] = world.apps;
  app?.look(number);
  await world.run();
  const log = world.stage.github.requests;
  const from = log.length;
  app?.look(number);
  await world.run();
  const asked = log.slice(from);
  return {
    request,
    requests: asked.length,
    unchanged: asked.filter(({ status }) => status === 304).length,
    writes: asked.filter(writes).length,
    calls: asked.map(nameOf),
  };
}

const quietWorld = (): Promise<World> =>
  createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY, latency: () => latency });

const writes = ({ method, graphql, tokenKind }: LoggedRequest): boolean =>
  graphql === undefined
    ? method !== "GET" && method !== "HEAD" && tokenKind === "installation"
    : graphql.mutation;

const nameOf = ({ method, path, graphql, status }: LoggedRequest): string =>
  `${graphql === undefined ? `${method} ${path.replace(/^\/repos\/[^/]+\/[^/]+/, "")}` : `query ${graphql.operations.join()}`} ${status}`;
