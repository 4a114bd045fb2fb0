// One sweep over many open grants: each is looked at, and left as it is.

import type { RequestNumber, UserId } from "../../core/ids.ts";
import { parseActive } from "../../core/parse-record.ts";
import { recordPath, renderRecord, sessionName } from "../../core/record.ts";
import type { GatherDeps } from "../../flow/gather.ts";
import { createLawStore } from "../../flow/law.ts";
import { reconcile } from "../../flow/reconcile.ts";
import { appIdentity } from "../../github/app-tokens.ts";
import { createClient } from "../../github/client.ts";
import { sharedEngine } from "../whole/shared-engine.ts";
import { createThief } from "../whole/thief.ts";
import { createWorld, type World } from "../whole/world.ts";

export interface SweepCost {
  readonly grants: number;
  /** To GitHub by the run, token mints included. */
  readonly githubRequests: number;
  readonly writes: number;
  readonly awsCalls: number;
  /** Of this machine, the twins' work included, with nothing on the wire. */
  readonly seconds: number;
  /** Of the twins' clock: what the run waited for GitHub's and AWS's limits. */
  readonly waited: number;
  /** How many requests there are of each call. */
  readonly calls: Readonly<Record<string, number>>;
}

export async function benchSweep(): Promise<readonly SweepCost[]> {
  const costs: SweepCost[] = [];
  for (const grants of [1, 100, 1_000]) costs.push(await sweepOver(grants));
  return costs;
}

async function sweepOver(grants: number): Promise<SweepCost> {
  const world = await createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY });
  try {
    await world.run();
    await grantMany(world, grants);
    const { stage, time } = world;
    const from = { requests: stage.github.requests.length, calls: stage.aws.calls.length, at: time.now() };
    const began = performance.now();
    await world.people.dispatch("pat", "sweep");
    await world.run();
    const seconds = (performance.now() - began) / 1_000;
    const run = world.runs.at(-1);
    if (run?.command !== "sweep" || run.problems.length > 0)
      throw new Error(`the sweep failed: ${run?.problems.join()}`);
    const sent = stage.github.requests
      .slice(from.requests)
      .filter(({ tokenKind }) => tokenKind === "installation" || tokenKind === "app");
    const calls: Record<string, number> = {};
    for (const { method, path, graphql } of sent) {
      const name = graphql === undefined ? `${method} ${unnumbered(path)}` : graphql.operations.join();
      calls[name] = (calls[name] ?? 0) + 1;
    }
    return {
      grants,
      githubRequests: sent.length,
      writes: sent.filter(
        ({ method, tokenKind, graphql }) =>
          tokenKind === "installation" && method !== "GET" && graphql?.mutation !== false,
      ).length,
      awsCalls: stage.aws.calls.length - from.calls,
      seconds,
      waited: (time.now() - from.at) / 1_000,
      calls,
    };
  } finally {
    world.close();
  }
}

const unnumbered = (path: string): string =>
  path.replace(/^\/repos\/[^/]+\/[^/]+/, "").replace(/\/(?:[0-9a-f]{40}|\d+)(?=\/|$)/g, "/…");

/** One that is really granted, and others with a record like its own: what the sweep reads of them is the same. */
async function grantMany(world: World, grants: number): Promise<void> {
  const { people, shown, stage } = world;
  const first = people.ask("alice", { nodes: "r2d2-dev-01", for: "4h" });
  await world.run();
  await people.token("alice", first);
  await world.run();
  const active = parseActive(shown.record(first)?.text ?? "", `active/${first}.yaml`);
  if (!active.ok) throw new Error("nothing was granted");
  world.dropWebhooks();
  const records = Array.from({ length: grants - 1 }, () => {
    const number = people.ask("alice", { nodes: "r2d2-dev-01", for: "4h" }) as RequestNumber;
    const session = sessionName(stage.repository.id, number);
    return {
      ...active.value,
      subject: { kind: "issue", number } as const,
      granted: { ...active.value.granted, session },
    };
  });
  if (records.length > 0)
    await createThief(world).commit(
      "ledger",
      Object.fromEntries(records.map((each) => [recordPath(each), renderRecord(each)])),
    );
  const app = appOf(world);
  for (const { subject } of records) await reconcile(app, subject.number);
  await world.run();
}

/** The App, that has shown all of them as they are long before: nothing holds it back here. */
function appOf({ stage, time }: World): GatherDeps {
  const { app, repository } = stage;
  const wire = {
    owner: repository.owner,
    repo: repository.name,
    baseUrl: stage.github.url,
    fetch: stage.github.fetch,
    clock: time,
  };
  const endless = { burst: 1e9, perSecond: 1e9 };
  const client = createClient({
    ...wire,
    token: appIdentity({ ...wire, appId: app.id, privateKey: app.privateKey }).token,
    writeLimits: { interval: 0, minute: endless, hour: endless },
  });
  return {
    client,
    us: { appId: app.id, slug: app.slug, botId: app.botUserId as UserId },
    engine: sharedEngine,
    laws: createLawStore({ client, engine: sharedEngine }),
    clock: time,
  };
}
