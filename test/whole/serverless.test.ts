// No server at all: there is only the workflow, woken by its cron. It is slower, and it is the same.

import { afterEach, expect, test } from "vitest";
import { once, play } from "./story.ts";
import { issuedFor } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

async function withoutServer(): Promise<World> {
  const made = await createWorld();
  for (const app of made.apps) app.kill();
  return made;
}

test("the two-level story ends right by the cron alone", async () => {
  world = await withoutServer();
  const told = await play(world);
  expect(told).toMatchObject(once);
});

test("an automatic request is granted, given credentials again, revoked and closed by the cron alone", async () => {
  world = await withoutServer();
  const { people, shown } = world;
  const number = people.ask("alice", { for: "4h" });
  await people.token("alice", number);
  await world.until(() => issuedFor(world, number) === 1, 3_600);
  await people.token("alice", number);
  await world.until(() => issuedFor(world, number) === 2, 3_600);
  await people.comment("alice", number, "/revoke");
  await world.until(async () => (await shown.state(number)) === "closed", 3_600);
  expect(await shown.labels(number)).toEqual(["access: revoked"]);
  expect(await shown.tally(number)).toMatchObject({ grants: 1, ends: 1, sealed: 2 });
});
