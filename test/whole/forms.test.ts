// What the three forms cost, side by side: seconds from what somebody did to what comes of it, and what is billed. The README's table is this one.

import { afterEach, expect, test } from "vitest";
import { readDocument, section, tableIn } from "../house/documents.ts";
import { runsOf } from "./shown.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

let world: World;
afterEach(() => world.close());

/** From a job being due to a runner being at work, in milliseconds: an assumption about GitHub, not a measurement. */
const runnerStart = 15_000;
/** On the wire to GitHub, each way. */
const latency = 100;

const forms: Readonly<Record<string, WorldOptions>> = {
  "container or process": {},
  "AWS Lambda": { lambda: true },
  "no server": { serverless: true },
};

const rows = tableIn(section(readDocument("README.md"), "Run it your way"));

interface Cost {
  /** Seconds. */
  readonly answer: number;
  readonly merged: number;
  readonly granted: number;
  /** Runs that had a runner; each is billed as a minute at least, and takes less. */
  readonly runs: number;
  /** Invocations of the function that did a webhook's work, the App's own webhooks among them; each was started by another one. */
  readonly invocations: number;
}

async function costOf(options: WorldOptions): Promise<Cost> {
  world = await createWorld({
    cron: false,
    latency: () => latency,
    actions: { runnerStartDelayMs: runnerStart },
    ...options,
  });
  await world.run();
  const { people, shown, time } = world;
  const billed = (): number =>
    runsOf(world.stage).filter(({ conclusion }) => conclusion !== "skipped").length;
  const works = (): number =>
    world.lambda?.invocations.filter(({ work }) => work.hallpass === "webhook").length ?? 0;
  const before = { runs: billed(), invocations: works() };
  const seconds = async (so: () => Promise<boolean>): Promise<number> => {
    const began = time.now();
    await world.until(so, 600);
    return Math.ceil((time.now() - began) / 1000);
  };
  const number = people.ask("alice", { nodes: "r2d2-app-01", for: "1h" });
  const answer = await seconds(async () => (await shown.status(number)) !== "");
  await world.run();
  await people.token("alice", number);
  await world.run();
  for (const approver of ["bob", "erin"] as const) {
    await people.approve(approver, number);
    await world.run();
  }
  await people.approve("carol", number);
  const merged = await seconds(async () => (await shown.pulls(number)).some(({ merged: is }) => is));
  const granted = merged + (await seconds(async () => (await shown.sealed(number)).length > 0));
  await world.run();
  return {
    answer,
    merged,
    granted,
    runs: billed() - before.runs,
    invocations: works() - before.invocations,
  };
}

test.each(Object.entries(forms))("%s: the README's row is what the twins show", async (name, options) => {
  const cost = await costOf(options);
  const row = rows.find(([first]) => first === name)?.map((cell) => Number.parseInt(cell, 10)) ?? [];
  const [, answer = 0, merged = 0, granted = 0, runs, invocations] = row;
  // a second more or less is no news
  expect(Math.abs(answer - cost.answer), `answer ${cost.answer}`).toBeLessThanOrEqual(2);
  expect(Math.abs(merged - cost.merged), `merged ${cost.merged}`).toBeLessThanOrEqual(2);
  expect(Math.abs(granted - cost.granted), `granted ${cost.granted}`).toBeLessThanOrEqual(4);
  expect(runs).toBe(cost.runs);
  expect(
    Math.abs((invocations ?? 0) - cost.invocations),
    `invocations ${cost.invocations}`,
  ).toBeLessThanOrEqual(8);
});
