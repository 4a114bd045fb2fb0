// The three ways in which access ends, each with the other two broken: the latest moment after `until` at which anything still worked. The figures stand in
// `bounds.md`, and in the README.

import { afterEach, describe, expect, test } from "vitest";
import { createWorld, type World, type WorldOptions } from "../world.ts";
import { granted, minutesOf, node } from "./grants.ts";
import { type Lasted, lasts } from "./holder.ts";

let world: World;
afterEach(() => world.close());

interface Broken extends WorldOptions {
  readonly window?: string;
  /** How long to look, in seconds. */
  readonly seconds?: number;
}

async function measure({
  window = "1h",
  seconds = 1_800,
  ...options
}: Broken): Promise<Lasted & { minutes: number }> {
  world = await createWorld(options);
  const { record, holder, document } = await granted(world, { for: window });
  const { until } = record.granted;
  await world.advanceTo(until - 60_000);
  await holder.start(node);
  await world.advanceTo(until - 5_000);
  return { ...(await lasts(world, holder, { node, from: until, seconds })), minutes: minutesOf(document) };
}

/** The worst that was seen, by row of the table. */
const worst = new Map<string, Lasted>();
function note(row: string, seen: Lasted): Lasted {
  const before = worst.get(row);
  const worse = (key: keyof Lasted) => Math.max(seen[key], before?.[key] ?? Number.NEGATIVE_INFINITY);
  worst.set(row, {
    newSession: worse("newSession"),
    resumed: worse("resumed"),
    openShell: worse("openShell"),
  });
  // INVARIANT: whatever else is broken, nothing begins after `until`
  expect(seen.newSession).toBeLessThan(0);
  expect(seen.resumed).toBeLessThan(0);
  return seen;
}

const noSchedule = { aws: { schedulerFires: false } };
const noSweep = { cron: false };

describe("STS and the document's own limit alone (no schedule, no sweep)", () => {
  test.each([
    ["15m", 15],
    ["1h", 60],
    ["4h", 240],
    ["8h", 720],
  ])("a shell of a grant for %s ends within the %i minutes of its document", async (window, minutes) => {
    const seen = await measure({
      ...noSchedule,
      ...noSweep,
      lookEvery: Number.POSITIVE_INFINITY,
      window,
      seconds: 800 * 60,
    });
    expect(seen.minutes).toBe(minutes);
    expect(seen.openShell).toBeLessThanOrEqual(minutes * 60);
    note(`STS, and a document of ${minutes} minutes`, seen);
  });
});

describe("the schedule and its runbook alone (no sweep)", () => {
  const firing = [0, 30, 59].flatMap((second) =>
    ["09:00:00", "09:00:29", "09:00:59"].map((at) => [second, at] as const),
  );
  test.each(firing)(
    "end a shell within two minutes, fired at second %i of its minute, granted at %s",
    async (second, at) => {
      const start = `2026-12-01T${at}Z`;
      const seen = await measure({ ...noSweep, start, aws: { schedulerSecond: second } });
      expect(seen.openShell).toBeLessThan(120);
      note("the schedule", seen);
    },
  );

  test.each(["document", "definition"] as const)(
    "do so however AWS checks runbooks: by %s",
    async (automationResources) => {
      const seen = await measure({ ...noSweep, aws: { automationResources } });
      expect(seen.openShell).toBeLessThan(120);
      note("the schedule", seen);
    },
  );

  test("do so within two minutes even where the first of the two passes finds nothing", async () => {
    world = await createWorld(noSweep);
    const { record, holder } = await granted(world);
    const { until } = record.granted;
    const { faults } = world.stage.aws;
    const lists = ({ operation, caller }: { operation: string; caller: string }) =>
      operation === "DescribeSessions" &&
      caller.includes("HallpassEndAccess") &&
      world.time.now() < until + 40_000;
    faults.add({ when: lists, error: "InternalServerError" });
    await world.advanceTo(until - 5_000);
    const seen = await lasts(world, holder, { node, from: until, seconds: 300 });
    expect(seen.openShell).toBeGreaterThan(40);
    expect(seen.openShell).toBeLessThan(120);
    note("the schedule, where its first pass fails", seen);
  });
});

describe("the sweep alone (no schedule)", () => {
  // a sweep at `until` + 2 × settle - 1 s has to leave it; the next one ends it
  test.each([
    ["on time", 0, "09:13:01"],
    ["on time", 0, "09:05:00"],
    ["10 minutes late", 600_000, "09:23:01"],
    ["10 minutes late", 600_000, "09:14:00"],
  ])(
    "ends a shell by the first cron after two minutes, %s (%i ms), granted at %s",
    async (_, cronDelayMs, at) => {
      const start = `2026-12-01T${at}Z`;
      const seen = await measure({ ...noSchedule, start, actions: { cronDelayMs } });
      expect(seen.openShell).toBeLessThan(17 * 60 + 1);
      note("the sweep, every 15 minutes", seen);
    },
  );
});

describe("an early end", () => {
  test.each([
    [0, 1, 2],
    [30, 31, 62],
    // longer than the pause between the passes: there is a third
    [90, 91, 122],
  ])(
    "where IAM takes %i s to spread, opens nothing after %i s and leaves no shell after %i s",
    async (delay, opens, shell) => {
      world = await createWorld();
      world.stage.aws.parameters.iamDelay = delay * 1_000;
      const { record, number, holder } = await granted(world);
      const from = record.granted.at + 811_000;
      await world.advanceTo(from - 5_000);
      const revoke = () => world.people.comment("alice", number, "/revoke");
      const seen = await lasts(world, holder, { node, from, seconds: 1_800, atFrom: revoke });
      expect(seen.newSession).toBeLessThan(opens);
      expect(seen.resumed).toBeLessThan(opens);
      expect(seen.openShell).toBeLessThan(shell);
      worst.set(`an early end, IAM taking ${delay} s`, seen);
    },
  );
});

const shown = (seconds: number): string => (seconds < 0 ? "nothing" : `${Math.ceil(seconds)} s`);

test("the figures are those of bounds.md", async () => {
  const rows = [...worst].map(
    ([row, { newSession, resumed, openShell }]) =>
      `| ${row} | ${shown(newSession)} | ${shown(resumed)} | ${shown(openShell)} |`,
  );
  const table = [
    "| what is left to end it | a new session | a resumed one | an open shell |",
    "|---|---|---|---|",
    ...rows,
    "",
  ];
  await expect(table.join("\n")).toMatchFileSnapshot("bounds.md");
});
