// `/token` with what nothing can be sealed to: told before anything is issued, and a good key afterwards opens access at once.

import { afterAll, beforeAll, expect, test } from "vitest";
import { issuedFor } from "../thief.ts";
import { createWorld, type World } from "../world.ts";
import { hybridOfLowOrder, lowOrderPoints, recipientOf } from "./age-keys.ts";
import { asRead } from "./as-read.ts";

const [low = new Uint8Array()] = lowOrderPoints;

const cases: readonly (readonly [name: string, comment: string, says: RegExp])[] = [
  ["nothing", "/token", /expected `?\/token age1/],
  ["a word", "/token please", /got `?please/],
  ["an SSH key", "/token ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ", /expected `?\/token age1/],
  ["a secret key", "/token AGE-SECRET-KEY-1QQQQQQQQQQ", /secret key; make a new one, delete this comment/],
  [
    "a key with a slip of the hand",
    "/token age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq",
    /expected/,
  ],
  ["a point of low order", `/token ${recipientOf("age", low)}`, /nothing can be sealed to that key/],
  [
    "a hybrid key with one",
    `/token ${recipientOf("age1pq", hybridOfLowOrder)}`,
    /nothing can be sealed to that key/,
  ],
  ["two keys", `/token ${recipientOf("age", low)} ${recipientOf("age", low)}`, /expected/],
  ["a mention and HTML", "/token @acme/security <img src=x>", /expected/],
  [
    "a plugin's key",
    "/token age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
    /expected/,
  ],
  ["60,000 characters", `/token ${"x".repeat(60_000)}`, /expected/],
];

let world: World;
const numbers = new Map<string, number>();
const numberOf = (name: string): number => numbers.get(name) ?? 0;

beforeAll(async () => {
  world = await createWorld({ cron: false });
  for (const [name, comment] of cases) {
    const number = world.people.ask("alice");
    numbers.set(name, number);
    await world.people.comment("alice", number, comment);
  }
  await world.run();
}, 30_000);
afterAll(() => world.close());

test.each(cases)("%s as a key is told, and starts nothing", async (name, _, says) => {
  const number = numberOf(name);
  const status = await world.shown.status(number);
  expect(asRead(status)).toMatch(says);
  // in code GitHub finds neither
  expect(status.replace(/`[^`\n]*`/g, "")).not.toMatch(/@acme|<img/);
  expect(status.length).toBeLessThan(10_000);
  expect(issuedFor(world, number)).toBe(0);
  expect(world.runs.filter(({ request }) => request === String(number))).toEqual([]);
});

test("a bad key, said by somebody else, troubles nobody", async () => {
  const number = world.people.ask("alice");
  await world.people.comment("bob", number, `/token ${recipientOf("age", low)}`);
  await world.run();
  expect(await world.shown.status(number)).not.toContain("sealed to that key");
});

test("a good key after a bad one opens access, and the note is gone", async () => {
  for (const [name] of cases) await world.people.token("alice", numberOf(name));
  await world.run();
  for (const [name] of cases) {
    const number = numberOf(name);
    expect(await world.shown.tally(number)).toMatchObject({ grants: 1, sealed: 1, statuses: 1 });
    expect(asRead(await world.shown.status(number))).not.toMatch(/nothing can be sealed|expected/);
  }
}, 30_000);

test("a bad key while access is open is told, and takes nothing away", async () => {
  const number = numberOf("a word");
  await world.people.comment("alice", number, `/token ${recipientOf("age", low)}`);
  await world.run();
  expect(asRead(await world.shown.status(number))).toMatch(/nothing can be sealed to that key/);
  expect(await world.shown.labels(number)).toEqual(["access: active"]);
  expect(issuedFor(world, number)).toBe(1);
  await expect(world.operator("alice").take(number)).resolves.toMatchObject({ record: { folder: "active" } });
});
