// The ledger's present files are not believed. The attacker has the App's key: they may write anything into the ledger, and our App is out of the way.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AccountId, NodeId, Region, Seconds, UserId } from "../../core/ids.ts";
import { type ActiveRecord, type ApprovedRecord, renderRecord } from "../../core/record.ts";
import { storyNode } from "./story.ts";
import { audit, createThief, forgeActive, issuedFor, later, type Thief } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
let thief: Thief;
beforeEach(async () => {
  world = await createWorld({ cron: false });
  thief = createThief(world);
});
afterEach(() => world.close());

const vault = "i-0b0b0b0b0b0b0b0b1";

const killApp = (): void => {
  for (const app of world.apps) app.kill();
};

/** Asked for and not decided. */
async function pendingRequest(): Promise<number> {
  const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
  await world.people.token("alice", number);
  await world.run();
  killApp();
  return number;
}

async function openAccess(): Promise<number> {
  const number = world.people.ask("alice", { for: "1h" });
  await world.people.token("alice", number);
  await world.run();
  killApp();
  expect(issuedFor(world, number)).toBe(1);
  return number;
}

async function overRequest(): Promise<number> {
  const number = await openAccess();
  await world.advance(4_000);
  await world.people.dispatch("pat", "sweep");
  await world.run();
  expect(world.shown.record(number)?.path).toMatch(/^ended\//);
  return number;
}

const pinned = (id: string): ApprovedRecord["nodes"] => [
  {
    type: "AWS::EC2::Instance",
    account: world.stage.account as AccountId,
    region: world.stage.region as Region,
    id: id as NodeId,
    name: "r2d2-app-01",
    tags: {},
  },
];

async function forgedApproval(number: number): Promise<ApprovedRecord> {
  const { facts } = await audit(world, number);
  if (!facts.asked.ok) throw new Error("the request is invalid");
  return {
    folder: "approved",
    request: facts.asked.value,
    requester: facts.subject.author,
    subject: { kind: "issue", number: facts.subject.number },
    nodes: pinned(storyNode),
    policies: facts.law.commit,
  };
}

async function granted(number: number): Promise<string | undefined> {
  await thief.dispatch("grant", number);
  await world.run();
  const run = world.runs.filter(({ command }) => command === "grant").at(-1);
  return run?.state ?? run?.problems.join();
}

const lasting = (record: ActiveRecord, seconds: number): ActiveRecord => ({
  ...record,
  request: { ...record.request, for: seconds as Seconds },
  granted: { ...record.granted, until: later(record.granted.at, seconds) },
});

const shifted = (record: ActiveRecord, seconds: number): ActiveRecord => ({
  ...record,
  granted: {
    ...record.granted,
    at: later(record.granted.at, seconds),
    until: later(record.granted.until, seconds),
  },
});

describe("a forged record in approved/", () => {
  test("committed to the ledger without a pull request grants nothing", async () => {
    const number = await pendingRequest();
    const record = await forgedApproval(number);
    await thief.commit("ledger", { [`approved/${number}.yaml`]: renderRecord(record) });
    expect(await granted(number)).toBe("the request is pending");
    expect(issuedFor(world, number)).toBe(0);
    expect(world.shown.ledger().has(`active/${number}.yaml`)).toBe(false);
  });

  test("merged with a green check of our own grants nothing", async () => {
    const number = await pendingRequest();
    const [own] = await world.shown.pulls(number);
    await thief.merge(own?.number ?? 0);
    expect(world.shown.ledger().has(`approved/${number}.yaml`)).toBe(true);
    expect(await granted(number)).not.toBe("active");
    expect(issuedFor(world, number)).toBe(0);
    expect(world.shown.record(number)?.text).toContain("how: failed");
  });

  test("of a number that nobody asked for grants nothing", async () => {
    const record = await forgedApproval(await pendingRequest());
    await thief.commit("ledger", { "approved/999.yaml": renderRecord(record) });
    expect(await granted(999)).toBe("#999 is no access request");
    expect(issuedFor(world, 999)).toBe(0);
  });
});

describe("a forged record in active/", () => {
  const forged = (approved: ApprovedRecord, seconds: number): ActiveRecord => ({
    ...approved,
    folder: "active",
    request: { ...approved.request, for: seconds as Seconds },
    granted: {
      at: later(world.time.now(), 0),
      until: later(world.time.now(), seconds),
      session: `hp.${world.stage.repository.id}.${approved.subject.number}`,
      run: 1,
    },
  });

  test("without a schedule in AWS is no grant: no schedule, no token", async () => {
    const number = await pendingRequest();
    const record = forged(await forgedApproval(number), 3_600);
    await thief.commit("ledger", { [`active/${number}.yaml`]: renderRecord(record) });
    expect(await granted(number)).toBe("refused");
    expect(world.runs.at(-1)?.problems.join()).toContain("AWS has no end scheduled");
    expect(issuedFor(world, number)).toBe(0);
  });

  test.each([
    ["a later end", (record: ActiveRecord) => lasting(record, 28_800)],
    ["an end beyond every limit", (record: ActiveRecord) => lasting(record, 43_200)],
    ["another start", (record: ActiveRecord) => shifted(record, 1_800)],
    ["other nodes", (record: ActiveRecord) => ({ ...record, nodes: pinned(vault) })],
    ["more nodes", (record: ActiveRecord) => ({ ...record, nodes: [...record.nodes, ...pinned(vault)] })],
    [
      "another way of access",
      (record: ActiveRecord) => ({ ...record, request: { ...record.request, access: "ssh" as const } }),
    ],
  ])("with %s than were granted issues nothing", async (_, change) => {
    const number = await openAccess();
    await thief.commit("ledger", { [`active/${number}.yaml`]: forgeActive(world, number, change) });
    await world.people.token("alice", number);
    expect(await granted(number)).toBe("refused");
    expect(issuedFor(world, number)).toBe(1);
  });

  test("with a new clock after the end is no second grant, though the schedule is gone and the decision still good", async () => {
    const number = await openAccess();
    await world.advance(3_700);
    await thief.commit("ledger", {
      [`active/${number}.yaml`]: forgeActive(world, number, (record) => shifted(record, 3_650)),
    });
    await world.people.token("alice", number);
    expect(await granted(number)).toBe("refused");
    expect(issuedFor(world, number)).toBe(1);
  });

  test("by which somebody else would be the requester issues nothing", async () => {
    const number = await openAccess();
    const change = (record: ActiveRecord) => ({
      ...record,
      requester: { login: "mallory", id: 666 as UserId },
    });
    await thief.commit("ledger", { [`active/${number}.yaml`]: forgeActive(world, number, change) });
    await world.people.token("alice", number);
    expect(await granted(number)).toBe("refused");
    expect(issuedFor(world, number)).toBe(1);
  });
});

describe("a finished request", () => {
  const moved = async (number: number, to: string): Promise<void> => {
    const found = world.shown.record(number);
    const text = found?.text ?? "";
    // the record without what only an end has
    const content = to.startsWith("active/")
      ? text.replace(/\nended:[\s\S]*$/, "\n")
      : text.replace(/\ngranted:[\s\S]*$/, "\n");
    await thief.commit("ledger", { [found?.path ?? ""]: null, [to]: content });
  };

  test("moved back to approved/ is not granted again: it was active once", async () => {
    const number = await overRequest();
    await moved(number, `approved/${number}.yaml`);
    await world.people.reopen("olivia", number);
    expect(await granted(number)).toBe("refused");
    expect((await audit(world, number)).verdict).toMatchObject({
      state: "broken",
      problems: [{ code: "trust.replay" }],
    });
    expect(issuedFor(world, number)).toBe(1);
  });

  test("moved back to active/ with a new clock is revoked, not granted: its issue was closed once", async () => {
    const number = await overRequest();
    await moved(number, `active/${number}.yaml`);
    await thief.commit("ledger", {
      [`active/${number}.yaml`]: forgeActive(world, number, (record) => shifted(record, 4_000)),
    });
    await world.people.reopen("olivia", number);
    await world.people.token("alice", number);
    expect(await granted(number)).toBe("access is open, and the next step is: end");
    expect(issuedFor(world, number)).toBe(1);
    expect(world.shown.record(number)?.text).toContain("how: revoked");
  });

  test("taken out of the ledger altogether is not granted again", async () => {
    const number = await overRequest();
    await thief.commit("ledger", { [world.shown.record(number)?.path ?? ""]: null });
    await world.people.reopen("olivia", number);
    expect(await granted(number)).toBe("refused");
    expect(issuedFor(world, number)).toBe(1);
  });
});

describe("the App's key", () => {
  test("finds no AWS: a token of it is no identity there, and a pull request of it changes no law", async () => {
    await expect(
      thief.octokit.rest.repos.createOrUpdateFileContents({
        owner: "acme",
        repo: "access",
        path: "policies/auto-approval.cedar",
        branch: "main",
        message: "Let everybody in",
        content: "",
      }),
    ).rejects.toMatchObject({ status: expect.any(Number) });
    await expect(thief.commit("main", { "policies/guardrails.cedar": "" })).rejects.toThrow();
  });

  test("rewrites no history of the ledger", async () => {
    const number = await overRequest();
    const [first] = await world.shown.history();
    await expect(
      thief.octokit.rest.git.updateRef({
        owner: "acme",
        repo: "access",
        ref: "heads/ledger",
        sha: first?.sha ?? "",
        force: true,
      }),
    ).rejects.toMatchObject({ status: 422 });
    await expect(
      thief.octokit.rest.git.deleteRef({ owner: "acme", repo: "access", ref: "heads/ledger" }),
    ).rejects.toMatchObject({ status: 422 });
    expect((await audit(world, number)).facts.ledger.everActive).toBe(true);
  });
});
