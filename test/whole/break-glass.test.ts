// Access before anybody has approved, and the review that has to follow. dave is on call; r2d2-app-01 is production, and needs a lead and two of security.

import { afterEach, describe, expect, test } from "vitest";
import { parseExtension } from "../../core/extension.ts";
import { parseActive, parseEnded } from "../../core/parse-record.ts";
import { changeLaw } from "./law-change.ts";
import { createThief, issuedFor } from "./thief.ts";
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
    const world = await worldWith({ lookEvery: 1_200 });
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

describe("whoever was not waited for is told", () => {
  const repo = { owner: "acme", repo: "access" };
  const handles = ["@acme/devops-leads", "@acme/security", "@carol"];

  /** No App, and a run that finds the word: nobody has said anything to anybody. */
  async function foundByARun(world: World): Promise<number> {
    const number = await asked(world);
    for (const app of world.apps) app.kill();
    await world.people.comment("dave", number, "/break-glass INC-1234 nobody answers");
    return number;
  }
  const grant = async (world: World, number: number) => {
    await world.people.dispatch("pat", "grant", number);
    await world.run();
  };

  test("by the run that grants, before credentials exist", async () => {
    const world = await worldWith({ cron: false });
    const number = await foundByARun(world);
    await grant(world, number);
    const effects = world.runs.at(-1)?.effects ?? [];
    const comment = effects.indexOf("POST issues/N/comments");
    const issued = effects.findLastIndex((each) => each.startsWith("aws sts"));
    expect(comment).toBeGreaterThan(-1);
    expect(issued).toBeGreaterThan(comment);
    const [told] = await remindersOf(world, number);
    for (const handle of handles) expect(told?.body).toContain(handle);
    expect(await world.shown.sealed(number)).toHaveLength(1);
  });

  test("though the credentials cannot be delivered", async () => {
    const world = await worldWith({ cron: false });
    const number = await foundByARun(world);
    world.stage.github.faults.add({
      when: ({ method, body }) => method === "POST" && body.includes("hallpass:credentials"),
      respond: () => new Response("{}", { status: 403, headers: { "content-type": "application/json" } }),
    });
    await grant(world, number);
    expect(await world.shown.sealed(number)).toEqual([]);
    const [told] = await remindersOf(world, number);
    for (const handle of handles) expect(told?.body).toContain(handle);
  });

  test("and where they cannot be told, nothing is issued until they can", async () => {
    const world = await worldWith({ cron: false });
    const number = await foundByARun(world);
    world.stage.github.faults.add({
      when: ({ method, body }) => method === "POST" && body.includes("hallpass:reminder"),
      respond: () => new Response("{}", { status: 403, headers: { "content-type": "application/json" } }),
    });
    await grant(world, number);
    expect(issuedFor(world, number)).toBe(0);
    world.stage.github.faults.clear();
    await grant(world, number);
    expect(issuedFor(world, number)).toBe(1);
    expect(await world.shown.tally(number)).toMatchObject({ grants: 1, sealed: 1 });
  });

  test("with no server, by the run that the word starts", async () => {
    const world = await worldWith({ cron: false, serverless: true });
    const number = await broken(world);
    expect(await world.shown.labels(number)).toEqual(["access: active", "break-glass: unanswered"]);
    expect(await remindersOf(world, number)).toHaveLength(1);
  });

  const pullOf = async (world: World, number: number) => {
    const found = (await world.shown.pulls(number)).find(({ state }) => state === "open");
    if (found === undefined) throw new Error("no pull request is open");
    return found;
  };

  test.each<[string, (world: World, pull: { number: number; head: string }) => Promise<unknown>, number]>([
    ["closed", (world, { number }) => world.people.close("olivia", number), 1],
    [
      "closed, and its branch deleted",
      async (world, { number, head }) => {
        await world.people.close("olivia", number);
        await createThief(world).octokit.rest.git.deleteRef({ ...repo, ref: `heads/${head}` });
      },
      1,
    ],
    [
      "sent to another branch",
      async (world, { number: pull_number }) => {
        const { git, pulls } = world.stage.as("olivia").rest;
        const { data } = await git.getRef({ ...repo, ref: "heads/ledger" });
        const base = `elsewhere-${pull_number}`;
        await git.createRef({ ...repo, ref: `refs/heads/${base}`, sha: data.object.sha });
        await pulls.update({ ...repo, pull_number, base });
      },
      2,
    ],
  ])(
    "again and again, though the pull request is %s, while access is open and after it",
    async (_, lose, pulls) => {
      const world = await worldWith({ cron: false, lookEvery: 1_200 });
      const number = await broken(world);
      const [told] = await remindersOf(world, number);
      await lose(world, await pullOf(world, number));
      await world.advance(1_200);
      expect(await world.shown.labels(number)).toEqual(["access: active", "break-glass: unanswered"]);
      expect(await world.shown.pulls(number)).toHaveLength(pulls);
      await pullOf(world, number);
      await world.advance(4_000);
      await world.people.dispatch("pat", "sweep");
      await world.run();
      expect(await world.shown.labels(number)).toEqual(["access: expired", "break-glass: unanswered"]);
      await lose(world, await pullOf(world, number));
      await world.advance(1_200);
      await world.advance(4 * 3_600);
      const [again, ...more] = await remindersOf(world, number);
      expect(more).toEqual([]);
      expect(again?.id).not.toBe(told?.id);
      expect(again?.body).toContain(`#${(await pullOf(world, number)).number}`);
      for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
      await world.run();
      expect(endOf(world, number).breakGlass?.review).toMatchObject({ how: "approved" });
      expect(await world.shown.state(number)).toBe("closed");
    },
  );
});

test("whoever broke the glass cannot end its review by closing the request and its pull request while nobody listens", async () => {
  const world = await worldWith({ cron: false, lookEvery: 1_200 });
  const number = await broken(world);
  await world.people.close("dave", number);
  await world.run();
  expect(await world.shown.labels(number)).toEqual(["access: revoked", "break-glass: unanswered"]);
  world.dropWebhooks();
  const [pull] = await world.shown.pulls(number);
  await world.people.close("olivia", pull?.number ?? 0);
  expect((await world.shown.tally(number)).openPulls).toBe(0);
  await world.advance(5 * 3_600);
  expect((await world.shown.tally(number)).openPulls).toBe(1);
  expect((await remindersOf(world, number))[0]?.body).toContain("hallpass:reminder review-3");
  for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
  await world.advance(1_200);
  expect(endOf(world, number).breakGlass?.review).toMatchObject({ how: "approved" });
  expect(await world.shown.labels(number)).toEqual(["access: revoked"]);
});

describe("an extension of what people approved", () => {
  /** Extended by whoever is on call, who has 50 minutes left. */
  async function extended(world: World, left: number): Promise<readonly [number, number]> {
    const first = await asked(world);
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, first);
    await world.run();
    await world.advance(3_600 - left);
    await world.people.comment("dave", first, "/extend 1h");
    await world.run();
    const { data } = await world.stage
      .as("olivia")
      .rest.issues.listForRepo({ owner: "acme", repo: "access", state: "all" });
    const second = data.find(({ body }) => parseExtension(body ?? "")?.request === first)?.number;
    if (second === undefined) throw new Error("there is no extension");
    return [first, second];
  }

  test("is opened by its requester's broken glass in the last minutes, and reviewed", async () => {
    const world = await worldWith({ cron: false });
    const [, second] = await extended(world, 120);
    expect(await world.shown.labels(second)).toEqual(["access: pending"]);
    await world.people.comment("pat", second, "/break-glass INC-1234 nobody answers");
    await world.run();
    expect(issuedFor(world, second)).toBe(0);
    await world.people.comment("dave", second, "/break-glass INC-1234 nobody answers");
    await world.run();
    expect(issuedFor(world, second)).toBe(1);
    expect(await world.shown.labels(second)).toEqual(["access: active", "break-glass: unanswered"]);
    expect(await remindersOf(world, second)).toHaveLength(1);
    await world.people.reject("bob", second);
    await world.run();
    expect(endOf(world, second)).toMatchObject({
      requester: { login: "dave" },
      ended: { how: "revoked", by: "bob" },
      breakGlass: { why: "INC-1234 nobody answers", review: { how: "rejected", by: ["bob"] } },
    });
  });

  test("that begins later waits for people, and says where to ask", async () => {
    const world = await worldWith({ cron: false });
    const [, second] = await extended(world, 3_000);
    await world.people.comment("dave", second, "/break-glass INC-1234 nobody answers");
    await world.run();
    expect(issuedFor(world, second)).toBe(0);
    expect(await world.shown.status(second)).toContain("can wait for people; ask in a new one without it");
  });

  test("is not opened by a glass that was broken in the first request", async () => {
    const world = await worldWith({ cron: false });
    const first = await broken(world);
    await world.advance(3_600 - 120);
    await world.people.comment("dave", first, "/extend 1h");
    await world.run();
    const { data } = await world.stage
      .as("olivia")
      .rest.issues.listForRepo({ owner: "acme", repo: "access", state: "all" });
    const second = data.find(({ body }) => parseExtension(body ?? "")?.request === first)?.number ?? 0;
    expect(await world.shown.labels(second)).toEqual(["access: pending"]);
    expect(issuedFor(world, second)).toBe(0);
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
