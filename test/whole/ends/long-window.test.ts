// Windows longer than any credentials live: AWS allows up to 336 hours. Credentials are issued again inside; the end stays exact.

import { afterEach, expect, test } from "vitest";
import { createWorld, type World } from "../world.ts";
import { documentOf, granted, node } from "./grants.ts";
import { hold } from "./holder.ts";

let world: World;
afterEach(() => world.close());

const hours = 3_600;

test("a window of 336 hours: new credentials for the asking, to the last second and not beyond", async () => {
  // nothing of ours is awake meanwhile
  world = await createWorld({
    cron: false,
    lookEvery: Number.POSITIVE_INFINITY,
    limits: { maxDuration: "336h" },
  });
  const { number, record, holder, document } = await granted(world, { for: "336h" });
  const { at, until } = record.granted;
  expect(until - at).toBe(336 * hours * 1_000);
  expect(document).toBe("Hallpass-Shell-1440");
  await world.advance(11 * hours);
  await holder.start(node);

  await world.advance(2 * hours);
  await expect(holder.start(node)).rejects.toMatchObject({ name: "ExpiredTokenException" });
  const again = async () => {
    await world.people.token("alice", number);
    await world.run();
    const taken = await world.operator("alice").take(number);
    const [issued] = taken.credentials;
    if (issued === undefined) throw new Error("nothing was issued");
    expect(taken.record.granted.until).toBe(until);
    return { issued, holder: hold(world, issued, documentOf(taken.record)) };
  };
  const second = await again();
  expect(Date.parse(second.issued.Expiration) - world.time.now()).toBeGreaterThan(12 * hours * 1_000 - 5_000);
  await second.holder.start(node);

  await world.advanceTo(until - 60_000);
  await expect(second.holder.start(node)).rejects.toMatchObject({ name: "ExpiredTokenException" });
  const last = await again();
  expect(Date.parse(last.issued.Expiration)).toBe(until);
  await world.advanceTo(until - 1_000);
  await last.holder.start(node);
  await world.advanceTo(until);
  await expect(last.holder.start(node)).rejects.toMatchObject({ name: "AccessDeniedException" });
  await world.advance(120);
  expect(last.holder.open()).toBe(0);
  expect(world.stage.aws.mishaps).toEqual([]);

  await world.people.token("alice", number);
  await world.people.dispatch("pat", "sweep");
  await world.run();
  expect(await world.shown.labels(number)).toEqual(["access: expired"]);
  expect(await world.shown.tally(number)).toMatchObject({ grants: 1, ends: 1, sealed: 3 });
  expect(await world.shown.untils(number)).toHaveLength(1);
}, 120_000);
