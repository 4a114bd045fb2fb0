// One request over several accounts and Regions, EC2 and hybrid nodes: each place with its own credentials, its own schedule and its own end.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { World } from "../world.ts";
import { createWorld } from "../world.ts";
import { documentOf } from "./grants.ts";
import { type Holder, hold } from "./holder.ts";

let world: World;
afterEach(() => world.close());

const accounts = [
  { id: "111122223333", name: "workloads", regions: ["eu-central-1", "us-east-1"] },
  { id: "444455556666", name: "data", regions: ["eu-central-1"] },
] as const;
const development = { tags: { Environment: "Development" } };
const nodes = [
  {
    account: "111122223333",
    region: "us-east-1",
    id: "i-0d0d0d0d0d0d0d0d7",
    name: "r2d2-dev-07",
    ...development,
  },
  {
    account: "444455556666",
    region: "eu-central-1",
    id: "i-0d0d0d0d0d0d0d0d8",
    name: "r2d2-dev-08",
    ...development,
  },
  {
    account: "444455556666",
    region: "eu-central-1",
    id: "mi-0d0d0d0d0d0d0d0d9",
    name: "on-prem-09",
    type: "hybrid",
    ...development,
  },
] as const;
const here = { account: "111122223333", region: "eu-central-1", id: "i-0d0d0d0d0d0d0d0d1" };
const places = [here, ...nodes];

beforeEach(async () => {
  world = await createWorld({ stage: { accounts, nodes } });
});

interface Held {
  readonly number: number;
  readonly until: number;
  readonly holders: ReadonlyMap<string, Holder>;
}

/** Access to all four nodes; a holder for each account and Region. */
async function everywhere(): Promise<Held> {
  const number = world.people.ask("alice", { nodes: places.map(({ id }) => id).join("\n"), for: "1h" });
  await world.people.token("alice", number);
  await world.run();
  const { record, credentials } = await world.operator("alice").take(number);
  const holders = credentials.map(
    (each) => [`${each.account}/${each.region}`, hold(world, each, documentOf(record))] as const,
  );
  return { number, until: record.granted.until, holders: new Map(holders) };
}

const schedules = () =>
  accounts.flatMap(({ id, regions }) =>
    regions.flatMap((region) => {
      const group = world.stage.aws.region(id, region).scheduleGroups.get("hallpass");
      return [...(group?.schedules.keys() ?? [])].map((name) => `${id}/${region} ${name}`);
    }),
  );

describe("one request over three places", () => {
  test("has credentials for each, which open its own nodes there and nothing elsewhere", async () => {
    const { number, holders } = await everywhere();
    expect([...holders.keys()].sort()).toEqual([
      "111122223333/eu-central-1",
      "111122223333/us-east-1",
      "444455556666/eu-central-1",
    ]);
    for (const [place, holder] of holders)
      for (const { account, region, id } of places) {
        const started = holder.start(id);
        if (place === `${account}/${region}`) await expect(started).resolves.toContain(`.${number}-`);
        else await expect(started).rejects.toThrow();
      }
    expect(world.shown.sessions(number)).toHaveLength(4);
  });

  test("ends in each by its own schedule, and its record has them all", async () => {
    const { number, until, holders } = await everywhere();
    expect(schedules()).toHaveLength(3);
    await world.advanceTo(until - 10_000);
    for (const { account, region, id } of places) await holders.get(`${account}/${region}`)?.start(id);
    await world.advanceTo(until + 120_000);
    expect(world.shown.sessions(number).filter(({ open }) => open)).toEqual([]);
    await world.until(async () => (await world.shown.state(number)) === "closed", 3_600);
    const text = world.shown.record(number)?.text ?? "";
    for (const { id } of places) expect(text).toContain(`node: ${id}`);
    expect(text.match(/how: terminated/g)).toHaveLength(4);
    expect(schedules()).toEqual([]);
  });

  test("is revoked in each, though one account does not answer at first", async () => {
    const { number, holders } = await everywhere();
    for (const { account, region, id } of places) await holders.get(`${account}/${region}`)?.start(id);
    const stop = world.stage.aws.faults.add({
      when: ({ account, service }) => account === "444455556666" && service !== "sts",
      error: "AccessDeniedException",
    });
    await world.people.comment("alice", number, "/revoke");
    await world.run();
    expect(holders.get("111122223333/us-east-1")?.open()).toBe(0);
    expect(holders.get("111122223333/eu-central-1")?.open()).toBe(0);
    stop();
    expect(holders.get("444455556666/eu-central-1")?.open()).toBe(2);
    await world.advance(1_200);
    expect(holders.get("444455556666/eu-central-1")?.open()).toBe(0);
    for (const { account, region, id } of places)
      await expect(holders.get(`${account}/${region}`)?.start(id)).rejects.toThrow();
  });
});

describe("the inventory of three places", () => {
  const inventory = async () => {
    await world.people.dispatch("pat", "inventory");
    await world.run();
    const run = world.runs.findLast(({ command }) => command === "inventory");
    return { problems: run?.problems ?? [], files: world.shown.ledger("inventory") };
  };
  const files = accounts.flatMap(({ id, regions }) => regions.map((region) => `${id}/${region}.json`));

  test("has nodes and preflight of each, and is the same bytes when nothing has changed", async () => {
    const before = world.shown.ledger("inventory");
    expect([...before.keys()].sort()).toEqual([...files, ...files.map((file) => `preflight/${file}`)].sort());
    const preflight: { roles: object; documents: object } = JSON.parse(
      before.get("preflight/444455556666/eu-central-1.json") ?? "",
    );
    expect(preflight.roles).toEqual({ access: "reachable", revoke: "reachable" });
    expect(Object.keys(preflight.documents)).toEqual([
      "Hallpass-EndAccess",
      "Hallpass-Shell-15",
      "Hallpass-Shell-240",
      "Hallpass-Shell-60",
      "Hallpass-Shell-720",
    ]);
    expect(new Set(Object.values(preflight.documents))).toEqual(new Set(["active"]));
    const commits = async () => {
      const list = world.stage.as("olivia").rest.repos.listCommits;
      return (await list({ owner: "acme", repo: "access", sha: "inventory" })).data.length;
    };
    const count = await commits();
    await world.advance(60);
    expect((await inventory()).files).toEqual(before);
    expect(await commits()).toBe(count);
  });

  test("of one account that fails hides none of the others, and stays as it was", async () => {
    const before = world.shown.ledger("inventory");
    world.stage.aws.faults.add({
      when: ({ account }) => account === "444455556666",
      error: "AccessDenied",
    });
    world.stage.aws.addNode({ account: "111122223333", region: "us-east-1", name: "new" });
    const { files: after, problems } = await inventory();
    expect(problems.every((each) => each.includes("444455556666"))).toBe(true);
    expect(problems.length).toBeGreaterThan(0);
    expect(after.get("111122223333/us-east-1.json")).toContain('"new"');
    expect(after.get("444455556666/eu-central-1.json")).toBe(before.get("444455556666/eu-central-1.json"));
  });

  test("of an account that fails says since when, once, until it can be read again", async () => {
    const remove = world.stage.aws.faults.add({
      when: ({ account }) => account === "444455556666",
      error: "AccessDenied",
    });
    const unread = "unread/444455556666/eu-central-1.json";
    const { files: first } = await inventory();
    expect(first.get(unread)).toMatch(/^\{"since": "\d{4}-/);
    expect([...first.keys()].filter((path) => path.startsWith("unread/111122223333/"))).toEqual([]);
    await world.advance(3_600);
    const { files: second } = await inventory();
    expect(second.get(unread)).toBe(first.get(unread));
    remove();
    expect((await inventory()).files.has(unread)).toBe(false);
  });
});
