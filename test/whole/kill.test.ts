// Death between any two writes. The App is killed as `kill -9` does, right after a write has had its effect and before it hears so, and nobody ever tells the next
// process what was lost: no webhook gets through any more, there is only its look at everything unsettled. So too with the workflow's runs.

import { afterEach, describe, expect, test } from "vitest";
import { once, play, storyNode, type Told } from "./story.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

/** Seconds: what no webhook tells is seen by this look, later than with the default and just as well. */
const lookEvery = 1_200;

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

async function worldWith(options: WorldOptions): Promise<World> {
  const world = await createWorld(options);
  worlds.push(world);
  return world;
}

/** The story ended right, with the clock that was started first. */
function endedRight(told: Told): void {
  expect(told).toMatchObject(once);
  expect(told.untils).toHaveLength(1);
  expect(told.record).toMatchObject({
    ended: { how: "expired", by: "schedule", sessions: [{ node: storyNode, how: "terminated" }] },
  });
}

// the writes of a life without death, found once for the names of the tests
const calm = await createWorld({ cron: false, lookEvery });
endedRight(await play(calm));
const writes = calm.apps[0]?.effects ?? [];
const effectsOf = (command: string) => calm.runs.find((run) => run.command === command)?.effects ?? [];
const [grantEffects, sweepEffects] = [effectsOf("grant"), effectsOf("sweep")];
calm.close();

describe("the App, killed between any two of its writes and started again without a webhook", () => {
  test("writes at all in this story", () => {
    expect(writes.length).toBeGreaterThan(8);
  });

  test.each([...["before any", ...writes].entries()])("%i: %s", async (point) => {
    const world = await worldWith({ cron: false, lookEvery, appDiesAt: point });
    const told = await play(world);
    expect(world.apps.map((app) => app.dead())).toEqual([true, false]);
    endedRight(told);
  });
});

/** Dies at this effect, the first run of its command does. */
function firstDiesAt(command: string, point: number): NonNullable<WorldOptions["runDiesAt"]> {
  let first = true;
  return (run) => {
    if (run.command !== command || !first) return undefined;
    first = false;
    return point;
  };
}

describe("the run that grants, killed between any two of its writes and calls", () => {
  test("writes and calls at all in this story", () => {
    expect(grantEffects.filter((each) => each.startsWith("aws")).length).toBeGreaterThan(3);
    expect(grantEffects.filter((each) => !each.startsWith("aws")).length).toBeGreaterThan(3);
  });

  test.each([...["before any", ...grantEffects].entries()])("%i: %s", async (point) => {
    const world = await worldWith({ cron: false, lookEvery, runDiesAt: firstDiesAt("grant", point) });
    endedRight(await play(world));
    const [first, second] = world.shown.runs().filter(({ title }) => title.startsWith("grant"));
    expect(first).toMatchObject({ conclusion: "failure" });
    if (second !== undefined) expect(second).toMatchObject({ conclusion: "success" });
  });
});

describe("the run that ends, killed between any two of its writes and calls", () => {
  test("writes and calls at all in this story", () => {
    expect(sweepEffects.length).toBeGreaterThan(5);
  });

  test.each([...["before any", ...sweepEffects].entries()])("%i: %s", async (point) => {
    const world = await worldWith({ cron: false, lookEvery, runDiesAt: firstDiesAt("sweep", point) });
    endedRight(await play(world));
    expect(world.shown.runs().filter(({ title }) => title === "sweep")[0]).toMatchObject({
      conclusion: "failure",
    });
  });
});
