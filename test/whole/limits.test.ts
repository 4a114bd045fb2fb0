// Limits that admins change while access is open: they are for what is asked from then on.

import { afterEach, expect, test } from "vitest";
import { granted, node } from "./ends/grants.ts";
import { changeLaw } from "./law-change.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

const config = ".github/hallpass.yml";

async function lowerLimits(): Promise<void> {
  const text = world.shown.ledger("main").get(config) ?? "";
  expect(text).toContain("maxDuration: 8h");
  await changeLaw(world, { [config]: text.replace("maxDuration: 8h", "maxDuration: 15m") });
}

test("lower limits take nothing from what is open: credentials are issued again, until the same end", async () => {
  world = await createWorld({ cron: false });
  const { number, record } = await granted(world, { for: "4h" });
  await lowerLimits();
  await world.advance(600);
  await world.people.token("alice", number);
  await world.run();
  expect(await world.shown.sealed(number)).toHaveLength(2);
  const again = await world.operator("alice").take(number);
  expect(again.record).toEqual(record);
  expect(world.runs.filter(({ command }) => command === "grant").map(({ state }) => state)).toEqual([
    "active",
    "active",
  ]);
});

test("lower limits take nobody out of the deny who was revoked before, in the month before", async () => {
  world = await createWorld({ cron: false, start: "2026-11-30T22:00:00Z" });
  const { number, holder } = await granted(world, { for: "8h" });
  await world.people.comment("alice", number, "/revoke");
  await world.run();
  await lowerLimits();
  await world.advanceTo("2026-12-01T01:00:00Z");
  await world.people.dispatch("pat", "sweep");
  await world.run();
  await expect(holder.start(node)).rejects.toMatchObject({ name: "AccessDeniedException" });
});
