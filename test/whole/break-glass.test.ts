// Access before anybody has approved, and the review that has to follow. dave is on call; r2d2-app-01 is production, and needs a lead and two of security.

import { afterEach, describe, expect, test } from "vitest";
import { parseActive, parseEnded } from "../../core/parse-record.ts";
import { changeLaw } from "./law-change.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

const node = "i-0a0a0a0a0a0a0a0a1";

async function worldWith(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld(options);
  worlds.push(world);
  return world;
}

async function asked(world: World, who: "dave" | "alice" = "dave", more = {}): Promise<number> {
  const number = world.people.ask(who, { nodes: "r2d2-app-01", for: "1h", ...more });
  await world.people.token(who, number);
  await world.run();
  expect(await world.shown.labels(number)).toEqual(["access: pending"]);
  return number;
}

async function broken(world: World): Promise<number> {
  const number = await asked(world);
  await world.people.comment("dave", number, "/break-glass INC-1234 nobody answers");
  await world.run();
  return number;
}

const remindersOf = async (world: World, number: number) =>
  (await world.shown.comments(number)).filter(({ body }) => body.startsWith("<!-- hallpass:reminder "));

const endOf = (world: World, number: number) => {
  const found = world.shown.record(number);
  const parsed = parseEnded(found?.text ?? "", found?.path ?? "");
  if (!parsed.ok) throw new Error(parsed.problems[0].message);
  return parsed.value;
};

describe("a glass that a policy lets the requester break", () => {
  test("opens access at once, tells everybody who was not waited for, and stays open until they have answered", async () => {
    const world = await worldWith();
    const { shown, people } = world;
    const number = await broken(world);
    expect(await shown.labels(number)).toEqual(["access: active", "break-glass: unanswered"]);
    const record = parseActive(shown.ledger().get(`active/${number}.yaml`) ?? "", `active/${number}.yaml`);
    expect(record).toMatchObject({
      ok: true,
      value: {
        breakGlass: { why: "INC-1234 nobody answers", policies: ["on-call-breaks-glass"], levels: [{}, {}] },
      },
    });
    const [told, ...others] = await remindersOf(world, number);
    expect(others).toEqual([]);
    for (const handle of ["@acme/devops-leads", "@acme/security", "@carol"])
      expect(told?.body).toContain(handle);
    expect(await shown.status(number)).toContain("The glass was broken");

    const { record: grant, credentials } = await world.operator("dave").take(number);
    const [issued] = credentials;
    if (issued === undefined) throw new Error("nothing was issued");
    await world.operator("dave").start(issued, node, "Hallpass-Shell-60");
    await world.advanceTo(grant.granted.until + 1_800_000);
    expect(endOf(world, number).ended.how).toBe("expired");
    expect(await shown.labels(number)).toEqual(["access: expired", "break-glass: unanswered"]);
    expect(await shown.state(number)).toBe("open");
    expect(await shown.pulls(number)).toMatchObject([{ state: "open", merged: false }]);
    // another comment, not an edit, and never two
    const [again, ...more] = await remindersOf(world, number);
    expect(more).toEqual([]);
    expect(again?.id).not.toBe(told?.id);

    for (const approver of ["bob", "erin", "carol"] as const) await people.approve(approver, number);
    await world.run();
    expect(endOf(world, number).breakGlass?.review).toMatchObject({
      how: "approved",
      by: ["bob", "erin", "carol"],
    });
    expect(await shown.labels(number)).toEqual(["access: expired"]);
    expect(await shown.state(number)).toBe("closed");
    expect(await remindersOf(world, number)).toEqual([]);
    const trailers = (await shown.history()).find(({ message }) =>
      message.includes("Review the broken glass"),
    );
    expect(trailers?.message).toContain("\nHallpass-Level: 1 bob\n");
    await world.advance(7_200);
    expect(await shown.tally(number)).toMatchObject({
      openPulls: 0,
      merges: 0,
      grants: 1,
      ends: 1,
      sealed: 1,
    });
  });

  test("a no afterwards ends access that is open, and is recorded", async () => {
    const world = await worldWith();
    const number = await broken(world);
    await world.people.reject("bob", number);
    await world.until(async () => (await world.shown.state(number)) === "closed");
    expect(endOf(world, number)).toMatchObject({
      ended: { how: "revoked", by: "bob" },
      breakGlass: { review: { how: "rejected", by: ["bob"] } },
    });
    expect(await world.shown.labels(number)).toEqual(["access: revoked"]);
  });

  test("said twice it is one grant", async () => {
    const world = await worldWith();
    const number = await broken(world);
    await world.people.comment("dave", number, "/break-glass again");
    await world.run();
    expect(await world.shown.tally(number)).toMatchObject({ grants: 1, sealed: 1, pulls: 1 });
  });
});

describe("DANGEROUS the glass stays whole", () => {
  const waits = async (world: World, number: number, because: string) => {
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: pending"]);
    expect(await world.shown.status(number)).toContain(because);
    expect(await world.shown.tally(number)).toMatchObject({ grants: 0, sealed: 0 });
  };

  test("for whom no policy lets break it", async () => {
    const world = await worldWith();
    const number = await asked(world, "alice");
    await world.people.comment("alice", number, "/break-glass INC-1234 nobody answers");
    await waits(world, number, "no policy permits it");
  });

  test("when somebody else says so, on call or not", async () => {
    const world = await worldWith();
    const number = await asked(world, "alice");
    await world.people.comment("dave", number, "/break-glass INC-1234 nobody answers");
    await waits(world, number, "only the requester breaks the glass");
  });

  test("without a reason, and when the request was edited after it", async () => {
    const world = await worldWith();
    const number = await asked(world);
    await world.people.comment("dave", number, "/break-glass");
    await waits(world, number, "say why");
  });

  test("after somebody has said no", async () => {
    const world = await worldWith();
    const number = await asked(world);
    await world.people.reject("bob", number);
    await world.people.comment("dave", number, "/break-glass INC-1234 nobody answers");
    await world.run();
    expect(endOf(world, number).ended.how).toBe("rejected");
    expect(await world.shown.tally(number)).toMatchObject({ grants: 0, sealed: 0 });
  });

  test("when the comment was edited into it", async () => {
    const world = await worldWith();
    const number = await asked(world);
    const comment = await world.people.comment("dave", number, "please hurry");
    await world.stage.as("dave").rest.issues.updateComment({
      owner: "acme",
      repo: "access",
      comment_id: comment,
      body: "/break-glass INC-1234 nobody answers",
    });
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: pending"]);
    expect(await world.shown.tally(number)).toMatchObject({ grants: 0, sealed: 0 });
  });

  test("when the law has changed by the time of the grant", async () => {
    const world = await worldWith();
    const number = await asked(world);
    await changeLaw(world, { "policies/break-glass.cedar": "// nobody breaks the glass any more\n" });
    await world.people.comment("dave", number, "/break-glass INC-1234 nobody answers");
    await waits(world, number, "no policy permits it");
  });
});
