// What people read of a request that is over, though whoever wrote it last had seen it when it was not.

import { afterEach, beforeEach, expect, test } from "vitest";
import { createThief } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY });
});
afterEach(() => world.close());

test("a stale status on a closed request, of a process that died after writing it, is put right by the sweep", async () => {
  const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
  await world.run();
  const stale = await world.shown.status(number);
  await world.people.comment("alice", number, "/cancel");
  await world.run();
  const last = await world.shown.status(number);
  expect(last).toContain("cancelled");
  for (const app of world.apps) app.kill();
  const { issues } = createThief(world).octokit.rest;
  const [own] = (await world.shown.comments(number)).filter(({ body }) => body === last);
  await issues.updateComment({ owner: "acme", repo: "access", comment_id: own?.id ?? 0, body: stale });
  await world.advance(60);
  await world.people.dispatch("pat", "sweep");
  await world.run();
  expect(await world.shown.status(number)).toBe(last);
});
