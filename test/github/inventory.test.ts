import { beforeEach, describe, expect, it } from "vitest";
import type { AccountId, Instant, NodeId, Region, Sha } from "../../core/ids.ts";
import { renderInventory, renderUnread } from "../../core/inventory.ts";
import type { Node } from "../../core/node.ts";
import { renderReport } from "../../core/preflight.ts";
import { readInventory, readInventoryTime } from "../../github/read-inventory.ts";
import { writeInventory } from "../../github/write-inventory.ts";
import { type AccessRepo, accessRepo, costOf, fullName } from "./access-repo.ts";
import { look } from "./facts.ts";

let world: AccessRepo;
beforeEach(async () => {
  world = await accessRepo();
});

const node = (digit: string, region = "eu-central-1"): Node => ({
  type: "AWS::EC2::Instance",
  account: "111122223333" as AccountId,
  region: region as Region,
  id: `i-${digit.repeat(17)}` as NodeId,
  name: `app-${digit}`,
  platform: "Linux",
  agent: "online",
  tags: { Name: `app-${digit}` },
});
const file = (region: string, ...nodes: readonly Node[]) => ({
  path: `111122223333/${region}.json`,
  content: renderInventory(nodes),
});

async function head(): Promise<Sha> {
  const { inventory } = await look(world, await world.ask());
  if (inventory === undefined) throw new Error("no inventory");
  return inventory;
}

const read = async (client = world.client) => {
  const parsed = await readInventory(client, await head());
  return parsed.ok ? parsed.value.map(({ changedAt: _, ...each }) => each) : parsed.problems;
};

describe("the inventory", () => {
  it("is read in one request, and not again until it changes", async () => {
    await writeInventory(world.client, [
      file("eu-central-1", node("1"), node("2")),
      file("us-east-1", node("3", "us-east-1")),
    ]);
    const at = await head();
    const client = world.newClient();
    expect(await costOf(client, () => readInventory(client, at))).toEqual({ requests: 1, writes: 0 });
    expect(await costOf(client, () => readInventory(client, at))).toEqual({ requests: 0, writes: 0 });
    expect(await read()).toEqual([
      { account: "111122223333", region: "eu-central-1", nodes: [node("1"), node("2")] },
      { account: "111122223333", region: "us-east-1", nodes: [node("3", "us-east-1")] },
    ]);
  });

  it("is empty where there is only a README", async () => {
    expect(await read()).toEqual([]);
  });

  it("names the file that is no inventory", async () => {
    world.github.pushFiles("ada", fullName, "inventory", { "111122223333/eu-central-1.json": "{" }, "Break");
    expect(await read()).toMatchObject([{ code: "inventory.malformed" }]);
  });

  it("lets be what is no place", async () => {
    const files = {
      "notes/eu-central-1.json": "{",
      "111122223333/notes.md": "x",
      "111122223333/a/b.json": "{",
    };
    world.github.pushFiles("ada", fullName, "inventory", files, "Notes");
    expect(await read()).toEqual([]);
  });

  it("has what a grant needs beside the nodes, where anybody has looked", async () => {
    const report = {
      roles: { access: "reachable", revoke: "not-trusted" },
      documents: { "Hallpass-Shell-60": "missing" },
    } as const;
    const preflight = { path: "preflight/111122223333/eu-central-1.json", content: renderReport(report) };
    await writeInventory(world.client, [
      file("eu-central-1", node("1")),
      file("us-east-1", node("3", "us-east-1")),
      preflight,
      { ...preflight, path: "preflight/111122223333/eu-west-1.json" },
      { path: "preflight/README.md", content: "x" },
    ]);
    const [here, there] = [node("1"), node("3", "us-east-1")];
    expect(await read()).toEqual([
      { account: "111122223333", region: "eu-central-1", nodes: [here], preflight: report },
      { account: "111122223333", region: "us-east-1", nodes: [there] },
    ]);
    expect(await writeInventory(world.client, [preflight])).toEqual([]);
  });

  it("names the file that is no preflight", async () => {
    const files = { "preflight/111122223333/eu-central-1.json": "{}" };
    world.github.pushFiles("ada", fullName, "inventory", files, "Break");
    expect(await read()).toMatchObject([
      { code: "inventory.malformed", place: { file: Object.keys(files)[0] } },
    ]);
  });

  it("names the file that does not say since when", async () => {
    const files = { "unread/111122223333/eu-central-1.json": "{}" };
    world.github.pushFiles("ada", fullName, "inventory", files, "Break");
    expect(await read()).toMatchObject([
      { code: "inventory.malformed", place: { file: Object.keys(files)[0] } },
    ]);
  });

  it("is read whole however large a place is", async () => {
    const many = Array.from({ length: 4000 }, (_, i) => ({
      ...node("0"),
      id: `i-${i.toString(16).padStart(17, "0")}` as NodeId,
      tags: { Name: "x".repeat(100) },
    }));
    await writeInventory(world.client, [file("eu-central-1", ...many)]);
    expect(await read()).toMatchObject([{ nodes: { length: 4000 } }]);
  });
});

describe("writing it", () => {
  it("writes nothing when nothing has changed", async () => {
    const files = [file("eu-central-1", node("1"))];
    expect(await writeInventory(world.client, files)).toEqual(["111122223333/eu-central-1.json"]);
    const before = await head();
    const client = world.newClient();
    expect((await costOf(client, () => writeInventory(client, files))).writes).toBe(0);
    expect(await head()).toBe(before);
  });

  it("keeps what is written once, and takes away what is gone", async () => {
    const place = file("eu-central-1", node("1"));
    const unread = (since: string) => ({
      path: `unread/${place.path}`,
      content: renderUnread(Date.parse(since) as Instant),
      once: true,
    });
    await writeInventory(world.client, [place, unread("2026-12-01T09:00:00Z")]);
    expect(await writeInventory(world.client, [place, unread("2026-12-01T10:00:00Z")])).toEqual([]);
    expect(await read()).toMatchObject([{ unreadSince: Date.parse("2026-12-01T09:00:00Z") }]);
    expect(await writeInventory(world.client, [place], [`unread/${place.path}`])).toEqual([
      `unread/${place.path}`,
    ]);
    expect(await read()).toEqual([{ account: "111122223333", region: "eu-central-1", nodes: [node("1")] }]);
  });

  it("leaves places that were not read as they are", async () => {
    await writeInventory(world.client, [file("eu-central-1", node("1"))]);
    await writeInventory(world.client, [file("us-east-1", node("3", "us-east-1"))]);
    expect(await read()).toHaveLength(2);
  });

  it("begins the branch where there is none", async () => {
    world.github.push("ada", fullName, "inventory", null);
    await writeInventory(world.client, [file("eu-central-1", node("1"))]);
    expect(await read()).toHaveLength(1);
  });
});

describe("its age", () => {
  it("is that of the last good inventory run, and unknown without one", async () => {
    expect(await readInventoryTime(world.client)).toBeUndefined();
    const runs = [
      { display_title: "sweep ", updated_at: "2026-12-01T08:59:00Z" },
      { display_title: "inventory ", updated_at: "2026-12-01T08:45:00Z" },
      { display_title: "inventory", updated_at: "2026-12-01T08:30:00Z" },
    ];
    world.github.faults.add({
      when: ({ path, query }) => path.endsWith("/access.yml/runs") && query.get("status") === "success",
      respond: () => new Response(JSON.stringify({ workflow_runs: runs })),
    });
    expect(await readInventoryTime(world.newClient())).toBe(Date.parse("2026-12-01T08:45:00Z"));
  });
});
