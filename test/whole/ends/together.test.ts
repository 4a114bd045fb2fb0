// Many ends in one sweep, and sessions that AWS says it has ended and has not.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorld, type World } from "../world.ts";
import { granted, type Held, node } from "./grants.ts";
import { stranger } from "./stranger.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false });
});
afterEach(() => world.close());

async function sweep() {
  await world.people.dispatch("pat", "sweep");
  await world.run();
  const last = world.runs.findLast(({ command }) => command === "sweep");
  if (last === undefined) throw new Error("no sweep ran");
  return last;
}

const recordOf = ({ number }: Held) => world.shown.record(number);

describe("one sweep", () => {
  test("ends all that were revoked while nobody listened: one commit, everything terminated, and one wait for all", async () => {
    const held: Held[] = [];
    for (let i = 0; i < 5; i++) held.push(await granted(world, { for: "4h" }));
    for (const { holder } of held) await holder.start(node);
    for (const app of world.apps) app.kill();
    for (const { number } of held) await world.people.comment("alice", number, "/revoke");
    const before = world.time.now();
    const { problems } = await sweep();
    expect(problems).toEqual([]);
    expect(held.map(({ holder }) => holder.open())).toEqual([0, 0, 0, 0, 0]);
    // `settle` is a minute
    expect(world.time.now() - before).toBeLessThan(130_000);
    expect((await world.shown.history()).map(({ message }) => message.split("\n")[0])).toContain(
      "End 5 access requests",
    );
    for (const each of held) {
      expect(recordOf(each)?.text).toContain("how: revoked");
      expect(recordOf(each)?.text).toContain("how: terminated");
      expect(await world.shown.state(each.number)).toBe("closed");
    }
  });
});

describe("a session that AWS says is ended and is not", () => {
  /** `TerminateSession` answers as always and does nothing. */
  function deaf(): () => void {
    const { aws } = world.stage;
    const handle = aws.handle;
    let listens = false;
    const watched = async (request: Request): Promise<Response> =>
      !listens && request.headers.get("x-amz-target") === "AmazonSSM.TerminateSession"
        ? Response.json({}, { headers: { "content-type": "application/x-amz-json-1.1" } })
        : handle(request);
    Object.assign(aws, { handle: watched });
    return () => {
      listens = true;
    };
  }

  test("fails the run that revokes it, is in no record as terminated, keeps its schedule, and the next sweep ends it", async () => {
    const held = await granted(world, { for: "4h" });
    await held.holder.start(node);
    const listen = deaf();
    await world.people.comment("alice", held.number, "/revoke");
    await world.run();
    const run = world.runs.findLast(({ command }) => command === "end");
    expect(run?.problems.join()).toContain(`session(s) of ${held.record.granted.session} were open again`);
    expect(recordOf(held)?.text).toContain("how: revoked");
    expect(recordOf(held)?.text).not.toContain("how: terminated");
    const { stage } = world;
    const schedules = () =>
      stage.aws.region(stage.account, stage.region).scheduleGroups.get("hallpass")?.schedules.size;
    expect(schedules()).toBe(1);
    expect((await sweep()).problems.join()).toContain("were open again");
    expect([held.holder.open(), schedules()]).toEqual([1, 1]);
    listen();
    expect((await sweep()).problems).toEqual([]);
    expect([held.holder.open(), schedules()]).toEqual([0, 0]);
    expect(recordOf(held)?.text).toContain("how: terminated");
  });

  test("keeps a grant that has run out active, and the run fails, until a sweep ends it", async () => {
    const held = await granted(world, { for: "15m" });
    const other = await granted(world, { for: "15m" });
    await world.advanceTo(other.record.granted.until + 200_000);
    // begun after the scheduled end, which is over: somebody else has credentials of that name
    const late = await stranger(world, { session: held.record.granted.session });
    await late.start(node);
    const listen = deaf();
    expect((await sweep()).problems.join()).toContain("were open again");
    expect(recordOf(held)?.path).toMatch(/^active\//);
    expect(recordOf(other)?.path).toMatch(/^ended\//);
    expect(late.open()).toBe(1);
    listen();
    expect((await sweep()).problems).toEqual([]);
    expect(late.open()).toBe(0);
    expect(recordOf(held)?.text).toMatch(/by: sweep[\s\S]*how: terminated/);
  });
});
