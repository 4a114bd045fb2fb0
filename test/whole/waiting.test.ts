// Whom a request waits for: they are reminded, more seldom each time, and whoever stands in for them while they are away counts on their membership.

import { afterEach, describe, expect, test } from "vitest";
import { changeLaw } from "./law-change.ts";
import { createWorld, type World } from "./world.ts";

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

async function newWorld(): Promise<World> {
  const world = await createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY });
  worlds.push(world);
  return world;
}

const remindersOf = async (world: World, number: number) =>
  (await world.shown.comments(number)).filter(({ body }) => body.startsWith("<!-- hallpass:reminder "));

describe("reminders", () => {
  test("come after a quarter of an hour, an hour, four, a day and each day; one stands there at a time", async () => {
    const world = await newWorld();
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    const seen: [minutes: number, id: number][] = [];
    const asked = world.time.now();
    for (const minutes of [14, 16, 61, 241, 1_441, 2_881, 4_321]) {
      await world.advanceTo(asked + minutes * 60_000);
      const reminders = await remindersOf(world, number);
      expect(reminders.length).toBe(minutes < 15 ? 0 : 1);
      const [only] = reminders;
      if (only !== undefined) seen.push([minutes, only.id]);
    }
    expect(new Set(seen.map(([, id]) => id)).size).toBe(6);
    await world.people.approve("bob", number);
    await world.people.approve("erin", number);
    await world.run();
    await world.advance(86_400);
    const [last] = await remindersOf(world, number);
    // who has approved already is not asked again
    expect(last?.body).toContain("@carol");
    expect(last?.body).not.toContain("@acme/devops-leads");
  });

  test("nobody is reminded of what is decided in minutes, and nothing is left of them afterwards", async () => {
    const world = await newWorld();
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
    await world.advance(1_200);
    expect(await remindersOf(world, number)).toEqual([]);
  });

  test("two processes remind once", async () => {
    const world = await newWorld();
    world.startApp();
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    await world.advance(1_200);
    expect(await remindersOf(world, number)).toHaveLength(1);
  });
});

describe("standing in", () => {
  test("pat approves for carol inside the window, and the merge says so", async () => {
    const world = await newWorld();
    await changeLaw(world, {
      "policies/delegations.yaml": "- { from: carol, to: pat, since: 2026-12-01, until: 2026-12-02 }\n",
    });
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    for (const approver of ["bob", "erin", "pat"] as const) await world.people.approve(approver, number);
    await world.people.token("alice", number);
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: active"]);
    const merge = (await world.shown.history()).find(({ message }) => message.startsWith("Approve"));
    expect(merge?.message).toContain("Hallpass-Level: 2 pat for carol");
  });

  test("DANGEROUS carol and who stands in for her fill one place", async () => {
    const world = await newWorld();
    await changeLaw(world, {
      "policies/delegations.yaml": "- { from: carol, to: pat, since: 2026-12-01, until: 2026-12-02 }\n",
    });
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    for (const approver of ["bob", "carol", "pat"] as const) await world.people.approve(approver, number);
    await world.people.token("alice", number);
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: pending"]);
  });
});
