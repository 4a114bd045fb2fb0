// The App as a Lambda function: slower to start, and the same.

import { afterEach, describe, expect, test } from "vitest";
import { once, play } from "./story.ts";
import { issuedFor } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

const asLambda = (): Promise<World> => createWorld({ lambda: true, cron: false });

const formOf = ({ lambda }: World) => {
  if (lambda === undefined) throw new Error("there is no function");
  return lambda;
};

describe("the demo's stories", () => {
  test("an automatic request is granted at once, given credentials again, and revoked", async () => {
    world = await asLambda();
    const { people, shown } = world;
    const number = people.ask("alice", { for: "4h" });
    await world.run();
    expect(await shown.status(number)).toContain("`/token age1…`");
    await people.token("alice", number);
    await world.run();
    await people.token("alice", number);
    await world.run();
    expect(issuedFor(world, number)).toBe(2);
    await people.comment("alice", number, "/revoke");
    await world.run();
    expect(await shown.labels(number)).toEqual(["access: revoked"]);
    expect(await shown.tally(number)).toMatchObject({ grants: 1, ends: 1, sealed: 2, statuses: 1 });
  });

  test("two levels end right", async () => {
    world = await asLambda();
    expect(await play(world)).toMatchObject(once);
  });

  test("a guardrail denies at once", async () => {
    world = await asLambda();
    const number = world.people.ask("alice", { nodes: "c3po-vault-01" });
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: denied"]);
  });

  test("a reviewer's rejection ends it at once", async () => {
    world = await asLambda();
    const { people, shown } = world;
    const number = people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    await people.reject("bob", number);
    await world.run();
    expect(await shown.labels(number)).toEqual(["access: rejected"]);
    expect(await shown.tally(number)).toMatchObject({ openPulls: 0, merges: 0, grants: 0 });
  });
});

describe("what is lost", () => {
  test("between answer and work is found by the schedule", async () => {
    world = await asLambda();
    const form = formOf(world);
    await world.run();
    form.lose(true);
    const number = world.people.ask("alice");
    await world.run();
    expect(await world.shown.status(number)).toBe("");
    await world.until(async () => (await world.shown.status(number)) !== "", 900);
    expect(form.invocations.map(({ work }) => work.hallpass)).toContain("everything");
  });

  test("because the function could not start itself is answered 500, and asked for again", async () => {
    world = await asLambda();
    const form = formOf(world);
    await world.run();
    form.refuse(true);
    const number = world.people.ask("alice");
    await world.run();
    form.refuse(false);
    await world.until(async () => (await world.shown.status(number)) !== "", 120);
    expect(world.stage.github.webhooks.deliveries.some(({ statusCode }) => statusCode === 500)).toBe(true);
  });
});

test("a look that fails is tried again within the invocation", async () => {
  world = await asLambda();
  await world.run();
  const form = formOf(world);
  world.stage.github.faults.add({
    when: ({ graphql }) => graphql !== undefined,
    times: 4,
    respond: () => new Response("bad gateway", { status: 502 }),
  });
  const number = world.people.ask("alice");
  await world.run();
  expect(await world.shown.status(number)).not.toBe("");
  expect(form.log.filter((line) => line.includes("could not look")).length).toBeGreaterThan(0);
});
