// The deny that outlasts an early end: written whole, by whoever is last, pruned in time, and never made smaller by a ledger that somebody has spoilt.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createThief } from "../thief.ts";
import { createWorld, type World } from "../world.ts";
import { granted, node } from "./grants.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false });
});
afterEach(() => world.close());

const refused = { name: "AccessDeniedException" };

/** The session names that the access role denies now. */
function denied(): readonly string[] {
  const { stage, time } = world;
  const inline = stage.aws.account(stage.account).roles.get("HallpassAccess")?.inline.at(time.now());
  const text = inline?.get(`HallpassRevoked-${stage.repository.id}`)?.text ?? "";
  return [...text.matchAll(/\*:(hp\.\d+\.\d+)/g)].map(([, name]) => name ?? "").sort();
}
const nameOf = (number: number) => `hp.${world.stage.repository.id}.${number}`;

async function sweep(): Promise<void> {
  await world.people.dispatch("pat", "sweep");
  await world.run();
}

describe("an early end", () => {
  test("refuses the credentials as soon as IAM knows, and ends what is open", async () => {
    world.stage.aws.parameters.iamDelay = 8_000;
    const { number, holder } = await granted(world, { for: "4h" });
    await holder.start(node);
    await world.people.comment("alice", number, "/revoke they are done");
    await world.time.calm();
    expect(holder.open()).toBe(0);
    await world.advance(7);
    await expect(holder.start(node)).resolves.toBeTruthy();
    await world.advance(1);
    await expect(holder.start(node)).rejects.toMatchObject(refused);
    await world.run();
    expect(holder.open()).toBe(0);
    expect(world.shown.record(number)?.text).toContain("why: they are done");
  });

  test("takes its schedule along, and the deny stays until the old end, then goes with the next sweep", async () => {
    const { number, record, holder } = await granted(world, { for: "4h" });
    await world.people.comment("alice", number, "/revoke");
    await world.run();
    const { stage } = world;
    const group = stage.aws.region(stage.account, stage.region).scheduleGroups.get("hallpass");
    expect([...(group?.schedules.keys() ?? [])]).toEqual([]);
    await world.advanceTo(record.granted.until - 60_000);
    await sweep();
    expect(denied()).toEqual([nameOf(number)]);
    await expect(holder.start(node)).rejects.toMatchObject(refused);
    await world.advance(120);
    await sweep();
    expect(denied()).toEqual([]);
    await expect(holder.start(node)).rejects.toMatchObject({ name: /Expired|AccessDenied/ });
  });

  test("leaves every other grant as it is", async () => {
    const one = await granted(world, { for: "4h" });
    const other = await granted(world, { for: "4h" });
    await other.holder.start(node);
    await world.people.comment("alice", one.number, "/revoke");
    await world.run();
    expect(other.holder.open()).toBe(1);
    await expect(other.holder.start(node)).resolves.toMatch(`${nameOf(other.number)}-`);
  });
});

describe("two early ends at once", () => {
  test("lose neither, not for a moment, though the first writes its deny last, from a ledger that knew only of itself", async () => {
    // the first run's look at the ledger takes two minutes to come back
    let slow = 0;
    world.close();
    world = await createWorld({ cron: false, latency: () => (slow-- === 1 ? 120_000 : 0) });
    const { stage, people } = world;
    const [first, second] = [await granted(world, { for: "4h" }), await granted(world, { for: "4h" })];
    const get = stage.github.fetch;
    let looked = false;
    const watched: typeof fetch = async (...asked) => {
      const request = new Request(...asked);
      const text = request.method === "POST" ? await request.clone().text() : "";
      const answer = await get(request);
      if (!looked && text.includes(':"ended/2026/12"')) [looked, slow] = [true, 1];
      return answer;
    };
    Object.assign(stage.github, { fetch: watched });
    await people.comment("alice", first.number, "/revoke");
    await world.until(() => looked);
    await people.comment("alice", second.number, "/revoke");
    await world.run();
    const written = stage.aws.calls
      .filter(({ operation }) => operation === "PutRolePolicy")
      .map(({ input }) => String(input["PolicyDocument"]).match(/hp\.\d+\.\d+/g));
    const both = [nameOf(first.number), nameOf(second.number)];
    expect(written).toEqual([both]);
    expect(denied()).toEqual(both);
    for (const { holder } of [first, second]) await expect(holder.start(node)).rejects.toMatchObject(refused);
  });
});

describe("the sweep", () => {
  test("puts back a deny that somebody took away", async () => {
    const { number } = await granted(world, { for: "4h" });
    await world.people.comment("alice", number, "/revoke");
    await world.run();
    const { stage } = world;
    stage.aws.account(stage.account).roles.get("HallpassAccess")?.inline.set(new Map(), world.time.now());
    expect(denied()).toEqual([]);
    await sweep();
    expect(denied()).toEqual([nameOf(number)]);
  });

  test("takes nobody out of the deny for a record that somebody has spoilt, and says which", async () => {
    const { number, holder } = await granted(world, { for: "4h" });
    const other = await granted(world, { for: "4h" });
    await world.people.comment("alice", number, "/revoke");
    await world.run();
    const path = world.shown.record(number)?.path ?? "";
    await createThief(world).commit("ledger", { [path]: "spoilt: true\n" });
    await sweep();
    expect(denied()).toEqual([nameOf(number)]);
    await expect(holder.start(node)).rejects.toMatchObject(refused);
    expect(world.runs.at(-1)?.problems.join("\n")).toContain(path);
    await world.people.comment("alice", other.number, "/revoke");
    await world.run();
    expect(denied()).toEqual([nameOf(number), nameOf(other.number)]);
  });
});

describe("two grants on one node", () => {
  test("end each at its own time, and never cut each other", async () => {
    const short = await granted(world, { for: "30m" });
    const long = await granted(world, { for: "2h" });
    await world.advanceTo(short.record.granted.until - 30_000);
    await Promise.all([short.holder.start(node), long.holder.start(node)]);
    await world.advanceTo(short.record.granted.until + 200_000);
    long.holder.type();
    expect([short.holder.open(), long.holder.open()]).toEqual([0, 1]);
    await sweep();
    expect(world.shown.record(short.number)?.path).toMatch(/^ended\//);
    expect(world.shown.record(long.number)?.path).toMatch(/^active\//);
    await expect(long.holder.start(node)).resolves.toMatch(`${nameOf(long.number)}-`);
    expect(long.holder.open()).toBe(2);
    await world.advanceTo(long.record.granted.until + 200_000);
    expect(long.holder.open()).toBe(0);
  });

  test("of two people, whose numbers begin alike", async () => {
    const first = await granted(world, { for: "30m" });
    const { number } = first;
    let other = await granted(world, { for: "2h" });
    while (!String(other.number).startsWith(String(number)) || other.number === number)
      other = await granted(world, { for: "2h" });
    await world.advanceTo(first.record.granted.until - 30_000);
    await Promise.all([first.holder.start(node), other.holder.start(node)]);
    await world.advanceTo(first.record.granted.until + 200_000);
    expect([first.holder.open(), other.holder.open()]).toEqual([0, 1]);
  });
});
