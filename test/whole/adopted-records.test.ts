// A record that a stolen App token wrote before the Action did, of a request that is decided: it is adopted only where the Action would have written the same.

import { afterEach, beforeEach, expect, test } from "vitest";
import { parseExtension } from "../../core/extension.ts";
import { type ActiveRecord, renderRecord } from "../../core/record.ts";
import { audit, createThief, issuedFor, later } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false });
});
afterEach(() => world.close());

/** Commits the record that the grant would make now, changed, and starts the grant. */
async function adopt(number: number, change: Partial<ActiveRecord> = {}): Promise<void> {
  const { facts, verdict } = await audit(world, number);
  if (verdict.state !== "approved") throw new Error(`the request is ${verdict.state}`);
  const at = later(world.time.now(), 0);
  const record: ActiveRecord = {
    folder: "active",
    request: verdict.request,
    requester: facts.subject.author,
    subject: { kind: "issue", number: facts.subject.number },
    nodes: verdict.nodes,
    policies: facts.law.commit,
    granted: {
      at,
      until: later(at, verdict.request.for),
      session: `hp.${world.stage.repository.id}.${number}`,
      run: 1,
    },
    ...change,
  };
  const thief = createThief(world);
  await thief.commit("ledger", { [`active/${number}.yaml`]: renderRecord(record) });
  await thief.dispatch("grant", number);
  await world.run();
}

const stopApps = (): void => {
  for (const app of world.apps) app.kill();
};

test("before `from` it opens nothing", async () => {
  const from = `${new Date(world.time.now() + 86_400_000).toISOString().slice(0, 19)}Z`;
  const number = world.people.ask("alice", { from });
  await world.people.token("alice", number);
  await world.run();
  stopApps();
  await adopt(number);
  expect(issuedFor(world, number)).toBe(0);
  expect(world.runs.at(-1)?.problems.join()).toContain("would not be granted now");
});

test("for somebody else than the requester of an extension it opens nothing", async () => {
  const first = world.people.ask("alice", { for: "1h" });
  await world.people.token("alice", first);
  await world.run();
  await world.people.comment("alice", first, "/extend 1h");
  await world.run();
  stopApps();
  const { data } = await world.stage
    .as("olivia")
    .rest.issues.listForRepo({ owner: "acme", repo: "access", state: "all" });
  const second = data.find(({ body }) => parseExtension(body ?? "")?.request === first)?.number ?? 0;
  const mallory = await world.stage.as("mallory").rest.users.getAuthenticated();
  await world.people.token("mallory", second);
  await adopt(second, { requester: { login: "mallory", id: mallory.data.id as never } });
  expect(issuedFor(world, second)).toBe(0);
});

test("without the mark of a broken glass it opens nothing", async () => {
  const number = world.people.ask("dave", { nodes: "r2d2-app-01", for: "1h" });
  await world.people.token("dave", number);
  await world.run();
  stopApps();
  await world.people.comment("dave", number, "/break-glass INC-1");
  await adopt(number);
  expect(issuedFor(world, number)).toBe(0);
});
