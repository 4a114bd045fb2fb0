// How old an inventory is, and what it costs to know.

import { beforeEach, expect, test } from "vitest";
import type { AccountId, Instant, NodeId, Region, Sha } from "../../core/ids.ts";
import { renderInventory, renderUnread } from "../../core/inventory.ts";
import type { Node } from "../../core/node.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import { oldInventory } from "../../flow/old-inventory.ts";
import { readInventory } from "../../github/read-inventory.ts";
import { writeInventory } from "../../github/write-inventory.ts";
import { type AccessRepo, accessRepo, costOf } from "../github/access-repo.ts";
import { look } from "../github/facts.ts";

let world: AccessRepo;
let head: Sha;
let changedAt: number;

const node: Node = {
  type: "AWS::EC2::Instance",
  account: "111122223333" as AccountId,
  region: "eu-central-1" as Region,
  id: "i-0123456789abcdef0" as NodeId,
  agent: "online",
  tags: {},
};
const elsewhere: Node = { ...node, region: "us-east-1" as Region };
const unread = { account: node.account, region: node.region };
const since = Date.parse("2026-11-30T08:00:00Z") as Instant;
const files = [
  { path: "111122223333/eu-central-1.json", content: renderInventory([node]) },
  { path: "111122223333/us-east-1.json", content: renderInventory([elsewhere]) },
];

async function write(more: readonly (typeof files)[number][] = []): Promise<void> {
  await writeInventory(world.client, [...files, ...more]);
  const { inventory } = await look(world, await world.ask());
  if (inventory === undefined) throw new Error("no inventory");
  head = inventory;
  const read = await readInventory(world.client, head);
  changedAt = read.ok ? (read.value[0]?.changedAt ?? 0) : 0;
}

const failing = { path: "unread/111122223333/eu-central-1.json", content: renderUnread(since) };
const minutesLater = (minutes: number) => (changedAt + minutes * 60_000) as Instant;
const succeededAt = (minutes: number) =>
  world.github.faults.add({
    when: ({ path }) => path.endsWith("/access.yml/runs"),
    respond: () =>
      Response.json({
        workflow_runs: [{ display_title: "inventory ", updated_at: new Date(minutesLater(minutes)) }],
      }),
  });
const nodes = accepted([node]);

beforeEach(async () => {
  world = await accessRepo();
});

test("a place that cannot be read is named where it is asked for, since when, and costs no request", async () => {
  await write([failing]);
  const now = minutesLater(1);
  const asking = (asked: typeof nodes) => oldInventory(world.client, head, { nodes: asked, now });
  expect(await costOf(world.client, () => asking(nodes))).toEqual({ requests: 0, writes: 0 });
  expect(await asking(nodes)).toEqual([{ place: unread, since }]);
  expect(await asking(accepted([elsewhere]))).toEqual([]);
});

test("it is named for a node that is not known, which may be there", async () => {
  await write([failing]);
  const unknown = refused(problem("request.node-unknown", "no such node"));
  const now = minutesLater(1);
  expect(await oldInventory(world.client, head, { nodes: unknown, now })).toEqual([{ place: unread, since }]);
});

test("an inventory that has changed of late is not old, and nothing is asked", async () => {
  await write();
  const asking = () => oldInventory(world.client, head, { nodes, now: minutesLater(119) });
  expect(await costOf(world.client, asking)).toEqual({ requests: 0, writes: 0 });
  expect(await asking()).toEqual([]);
});

test("one that has not is as old as the last run that succeeded, which is asked for once in a while", async () => {
  await write();
  succeededAt(200);
  const asking = (minutes: number) => oldInventory(world.client, head, { nodes, now: minutesLater(minutes) });
  expect(await asking(240)).toEqual([]);
  expect(await asking(400)).toEqual([{ since: minutesLater(200) }]);
  expect((await costOf(world.client, () => asking(400))).requests).toBe(0);
});

test("one that no run is known of is as old as its last change", async () => {
  await write();
  expect(await oldInventory(world.client, head, { nodes, now: minutesLater(121) })).toEqual([
    { since: changedAt },
  ]);
});

test("whoever may not see runs knows of none", async () => {
  await write();
  world.github.faults.add({
    when: ({ path }) => path.endsWith("/access.yml/runs"),
    respond: () => Response.json({ message: "Resource not accessible" }, { status: 403 }),
  });
  expect(await oldInventory(world.client, head, { nodes, now: minutesLater(121) })).toEqual([
    { since: changedAt },
  ]);
});

test("where there is none, or it cannot be read, that is said elsewhere", async () => {
  expect(await oldInventory(world.client, undefined, { nodes, now: since })).toEqual([]);
  await write([{ ...failing, content: "{}" }]);
  expect(await oldInventory(world.client, head, { nodes, now: since })).toEqual([]);
});
