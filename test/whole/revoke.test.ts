// Ending early: record, deny, terminate, wait, terminate again. A run that dies in between is finished by the sweep; the holder of the credentials is out either way.

import { afterEach, describe, expect, test } from "vitest";
import { parseEnded } from "../../core/parse-record.ts";
import type { GrantedCredentials } from "../../flow/seal.ts";
import { changeLaw } from "./law-change.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

const node = "i-0d0d0d0d0d0d0d0d1";

interface Open {
  readonly number: number;
  readonly issued: GrantedCredentials;
}

async function worldWith(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld({ cron: false, ...options });
  worlds.push(world);
  return world;
}

/** Access for four hours, with a shell that is open. */
async function opened(world: World): Promise<Open> {
  const number = world.people.ask("alice", { for: "4h" });
  await world.people.token("alice", number);
  await world.run();
  const operator = world.operator("alice");
  const [issued] = (await operator.take(number)).credentials;
  if (issued === undefined) throw new Error("nothing was issued");
  await operator.start(issued, node, "Hallpass-Shell-240");
  return { number, issued };
}

async function swept(world: World): Promise<void> {
  await world.advance(900);
  await world.people.dispatch("pat", "sweep");
  await world.run();
}

/** Nobody is in, nobody gets in until the credentials are dead by themselves, and the record says what was. */
async function isOut(world: World, { number, issued }: Open): Promise<void> {
  expect(world.shown.sessions(number)).toMatchObject([{ open: false }]);
  await expect(world.operator("alice").start(issued, node, "Hallpass-Shell-240")).rejects.toThrow();
  const found = world.shown.record(number);
  expect(parseEnded(found?.text ?? "", found?.path ?? "")).toMatchObject({
    ok: true,
    value: { ended: { how: "revoked", by: "alice", sessions: [{ node, how: "terminated" }] } },
  });
  expect(await world.shown.labels(number)).toEqual(["access: revoked"]);
  expect(await world.shown.state(number)).toBe("closed");
  expect(await world.shown.tally(number)).toMatchObject({ grants: 1, ends: 1, statuses: 1 });
}

const calm = await worldWith();
const first = await opened(calm);
await calm.people.comment("alice", first.number, "/revoke");
await calm.run();
await isOut(calm, first);
const effects = calm.runs.find(({ command }) => command === "end")?.effects ?? [];

describe("the run that revokes, killed between any two of its writes and calls", () => {
  test("writes and calls at all", () => {
    expect(effects.length).toBeGreaterThan(8);
  });

  test.each([...["before any", ...effects].entries()])("%i: %s", async (point) => {
    let killed = false;
    const world = await worldWith({
      runDiesAt: ({ command }) => {
        if (command !== "end" || killed) return undefined;
        killed = true;
        return point;
      },
    });
    const open = await opened(world);
    await world.people.comment("alice", open.number, "/revoke");
    await world.run();
    await swept(world);
    await swept(world);
    await isOut(world, open);
  });
});

describe("two revocations at once", () => {
  test("lose neither: the deny names both", async () => {
    const world = await worldWith();
    const both = [await opened(world), await opened(world)];
    await Promise.all(both.map(({ number }) => world.people.comment("alice", number, "/revoke")));
    await world.run();
    for (const each of both) await isOut(world, each);
  });
});

describe("an issue that goes away while access is open", () => {
  test("ends access at once, and a sweep says so", async () => {
    const world = await worldWith();
    const { number, issued } = await opened(world);
    world.stage.github.createRepository({ owner: "acme", name: "elsewhere", visibility: "private" });
    world.stage.github.transferIssue("olivia", "acme/access", number, "acme/elsewhere");
    await world.advance(60);
    await swept(world);
    expect(world.shown.sessions(number)).toMatchObject([{ open: false }]);
    await expect(world.operator("alice").start(issued, node, "Hallpass-Shell-240")).rejects.toThrow();
    expect(world.shown.record(number)).toMatchObject({
      path: expect.stringMatching(/^ended\//),
      text: expect.stringContaining("the request is gone"),
    });
    const problems = world.runs.flatMap((run) => ("problems" in run ? (run.problems ?? []) : []));
    expect(problems.join("\n")).toContain(`#${number} was deleted or moved away`);
  });
});

describe("policies that do not load", () => {
  const broken = { "policies/broken.cedar": "permit (principal, action, resource" };

  test("stop no revocation", async () => {
    const world = await worldWith();
    const open = await opened(world);
    await changeLaw(world, broken);
    await world.people.comment("alice", open.number, "/revoke");
    await world.run();
    await isOut(world, open);
  });

  test("stop no sweep: what has run out is closed", async () => {
    const world = await worldWith();
    const { number } = await opened(world);
    await changeLaw(world, broken);
    await world.advance(4 * 3_600 + 900);
    await swept(world);
    expect(await world.shown.labels(number)).toEqual(["access: expired"]);
    expect(await world.shown.state(number)).toBe("closed");
  });
});

describe("closing the issue", () => {
  test("ends access like /revoke", async () => {
    const world = await worldWith();
    const open = await opened(world);
    await world.people.close("alice", open.number);
    await world.run();
    await isOut(world, open);
  });
});
