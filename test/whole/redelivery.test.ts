// Webhooks that nobody took. The App's own looks at everything are switched off but for the first, so that only GitHub's second delivery can help.

import { afterEach, describe, expect, test } from "vitest";
import { mostAttempts } from "../../app/redeliver.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

let world: World;
afterEach(() => world.close());

const recovering = (more: WorldOptions = {}): Promise<World> =>
  createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY, redeliverEvery: 60, ...more });

const redelivered = ({ stage }: World): readonly { readonly guid: string }[] =>
  stage.github.webhooks.deliveries.filter(({ redelivery }) => redelivery);

describe("a webhook that was lost", () => {
  test("is found at GitHub, delivered again, and the request goes on within two minutes", async () => {
    world = await recovering();
    const { people, shown } = world;
    await world.advance(3_600);
    world.dropWebhooks();
    const number = people.ask("alice");
    await people.token("alice", number);
    await world.run();
    expect(await shown.status(number)).toBe("");
    world.dropWebhooks(false);
    await world.until(async () => (await shown.labels(number)).includes("access: active"), 120);
    expect(await shown.tally(number)).toMatchObject({ grants: 1, statuses: 1, sealed: 1 });
    const before = redelivered(world).length;
    await world.advance(1_800);
    expect(redelivered(world)).toHaveLength(before);
  });

  test("because the App answered 500 is found, too", async () => {
    let status = 500;
    world = await recovering({ answer: () => status });
    await world.run();
    const number = world.people.ask("alice");
    await world.run();
    expect(await world.shown.status(number)).toBe("");
    status = 202;
    await world.until(async () => (await world.shown.status(number)) !== "", 120);
    await world.run();
    const before = redelivered(world).length;
    expect(before).toBeGreaterThan(0);
    await world.advance(1_800);
    expect(redelivered(world)).toHaveLength(before);
  });

  test("again and again is asked for four times in all, with growing pauses", async () => {
    world = await recovering({ answer: () => 500 });
    world.people.ask("alice");
    await world.advance(4 * 3_600);
    const again = redelivered(world).map(({ guid }) => guid);
    expect(again.length).toBeGreaterThan(0);
    for (const one of again) expect(again.filter((guid) => guid === one)).toHaveLength(mostAttempts - 1);
  });

  test("before everything was looked at is left alone: it was seen without it", async () => {
    let status = 500;
    world = await recovering({ lookEvery: 300, redeliverEvery: 600, answer: () => status });
    const number = world.people.ask("alice");
    await world.until(async () => (await world.shown.status(number)) !== "", 400);
    status = 202;
    await world.advance(1_800);
    expect(redelivered(world)).toEqual([]);
  });
});

test("a webhook that was taken is never asked for again", async () => {
  world = await recovering();
  world.people.ask("alice");
  await world.advance(3_600);
  expect(redelivered(world)).toEqual([]);
});

test("a pass asks for fifty of them at most, the oldest first", async () => {
  world = await recovering();
  const { webhooks } = world.stage.github;
  const before = webhooks.deliveries.length;
  world.dropWebhooks();
  for (let i = 0; i < 60; i++) world.people.ask("alice");
  await world.advance(75);
  const lost = webhooks.deliveries.slice(before).filter(({ redelivery }) => !redelivery);
  expect(lost.length).toBeGreaterThan(60);
  expect(redelivered(world).map(({ guid }) => guid)).toEqual(lost.slice(0, 50).map(({ guid }) => guid));
});
