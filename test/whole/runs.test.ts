// What a run of the workflow may do: only a first attempt, of the default branch's head, in the environment. Whoever dispatches it, whatever they dispatch.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Person } from "../../sandbox/stage.ts";
import { changeLaw } from "./law-change.ts";
import { runsOf } from "./shown.ts";
import { audit, issuedFor } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false });
});
afterEach(() => world.close());

const fullName = "acme/access";
const repo = { owner: "acme", repo: "access" };

const killApp = (): void => {
  for (const app of world.apps) app.kill();
};

/** Decided, with a key, and not dispatched. */
async function readyToGrant(): Promise<number> {
  const number = world.people.ask("alice");
  await world.run();
  killApp();
  await world.people.token("alice", number);
  return number;
}

async function grant(number: number, login: Person = "pat", ref = "main"): Promise<string | undefined> {
  await world.people.dispatch(login, "grant", number, ref);
  await world.run();
  return world.runs.at(-1)?.state;
}

const grants = () => world.runs.filter(({ command }) => command === "grant");

describe("a re-run", () => {
  test("does nothing but dispatch anew: an old run has the workflow and the policies of its day", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.people.token("alice", number);
    await world.run();
    killApp();
    expect(await grant(number)).toBe("the request is pending");
    const [old] = runsOf(world.stage).filter(({ displayTitle }) => displayTitle.startsWith("grant"));
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
    await world.stage.as("pat").rest.actions.reRunWorkflow({ ...repo, run_id: old?.id ?? 0 });
    await world.run();
    expect(grants().map(({ state }) => state)).toEqual(["the request is pending", "dispatched", "active"]);
    expect(grants()[1]?.effects).toEqual(["POST actions/workflows/access.yml/dispatches"]);
  });

  test("of a run that granted grants nothing a second time", async () => {
    const number = await readyToGrant();
    expect(await grant(number)).toBe("active");
    const old = runsOf(world.stage).findLast(({ displayTitle }) => displayTitle.startsWith("grant"));
    await world.stage.as("pat").rest.actions.reRunWorkflow({ ...repo, run_id: old?.id ?? 0 });
    await world.run();
    expect(issuedFor(world, number)).toBe(1);
    expect((await world.shown.tally(number)).grants).toBe(1);
  });

  test("with debug logging says no more", async () => {
    const number = await readyToGrant();
    await grant(number);
    const old = runsOf(world.stage).findLast(({ displayTitle }) => displayTitle.startsWith("grant"));
    await world.stage
      .as("pat")
      .rest.actions.reRunWorkflow({ ...repo, run_id: old?.id ?? 0, enable_debug_logging: true });
    await world.run();
    noSecretIsAnywhere();
  });
});

test("a run of an old commit does nothing but dispatch anew", async () => {
  world.close();
  world = await createWorld({ cron: false, actions: { dispatchDelayMs: 60_000 } });
  const number = await readyToGrant();
  await world.people.dispatch("pat", "grant", number);
  // while it waits for a runner, the law changes
  await changeLaw(world, { "policies/note.cedar": "// nothing to see here\n" });
  await world.run();
  expect(grants().map(({ state }) => state)).toEqual(["dispatched", "active"]);
  expect(issuedFor(world, number)).toBe(1);
});

describe("a run that somebody dispatched by hand", () => {
  test("too early grants nothing: before the key", async () => {
    const number = world.people.ask("alice");
    await world.run();
    expect(await grant(number)).toBe("the request is approved, and waits for: key");
    expect(issuedFor(world, number)).toBe(0);
  });

  test("too early grants nothing: before `from`", async () => {
    const number = world.people.ask("alice", { from: "2026-12-01T12:00:00Z" });
    await world.people.token("alice", number);
    await world.run();
    expect(await grant(number)).toBe("the request is approved, and waits for: start");
    await world.advanceTo("2026-12-01T12:01:00Z");
    expect(issuedFor(world, number)).toBe(1);
  });

  test("too early grants nothing: before the merge", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.people.token("alice", number);
    await world.run();
    killApp();
    for (const approver of ["bob", "erin"] as const) await world.people.approve(approver, number);
    await grant(number);
    expect(issuedFor(world, number)).toBe(0);
    expect((await world.shown.tally(number)).merges).toBe(0);
  });

  test("that finds all approvals merges, and grants: nobody else would start the next run", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.people.token("alice", number);
    await world.run();
    killApp();
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
    expect(await grant(number)).toBe("active");
    expect(grants()).toHaveLength(1);
    expect(await world.shown.tally(number)).toMatchObject({ merges: 1, grants: 1, sealed: 1 });
  });

  test("that merges while the default branch moves hands over to one new run, under the law of now", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.people.token("alice", number);
    await world.run();
    killApp();
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
    let merged = false;
    let held = false;
    // its first look after the merge is held up, and the law changes meanwhile
    world.stage.github.faults.add({
      times: 1,
      when: ({ path, graphql }) => {
        merged ||= path.endsWith("/merge");
        held = merged && graphql?.operations[0] === "Request";
        return held;
      },
      respond: "timeout",
    });
    await world.people.dispatch("pat", "grant", number);
    await world.until(() => held);
    await changeLaw(world, { "policies/note.cedar": "// nothing to see here\n" });
    await world.run();
    expect(grants().map(({ state }) => state)).toEqual([
      "the default branch has moved; a new run goes on",
      "active",
    ]);
    expect(await world.shown.tally(number)).toMatchObject({ merges: 1, grants: 1, sealed: 1 });
  });

  test("to end what nobody asked to end ends nothing", async () => {
    const number = await readyToGrant();
    await grant(number);
    await world.people.dispatch("pat", "end", number);
    await world.run();
    expect((await audit(world, number)).verdict).toMatchObject({ state: "active" });
  });

  test("a hundred times grants once", async () => {
    const number = await readyToGrant();
    for (let i = 0; i < 10; i++) await world.people.dispatch("pat", "grant", number);
    await world.run();
    expect(issuedFor(world, number)).toBe(1);
    expect(await world.shown.tally(number)).toMatchObject({ grants: 1, sealed: 1 });
  });

  test.each(["999", "0", "-1", "1; echo", "1e3", "0x1"])("about `%s` touches nothing", async (text) => {
    const before = world.stage.github.requests.length;
    await world.stage.as("pat").rest.actions.createWorkflowDispatch({
      ...repo,
      workflow_id: "access.yml",
      ref: "main",
      inputs: { command: "grant", request: text },
    });
    await world.run();
    const writes = world.stage.github.requests
      .slice(before)
      .filter(
        ({ method, path, graphql }) =>
          method !== "GET" && path.startsWith("/repos/") && graphql === undefined,
      );
    expect(writes.filter(({ path }) => !path.endsWith("/dispatches"))).toEqual([]);
    expect(world.stage.aws.calls.filter(({ operation }) => operation === "CreateSchedule")).toEqual([]);
  });
});

describe("while the App listens, without its timer", () => {
  beforeEach(async () => {
    world.close();
    world = await createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY });
  });

  test("a run that failed is tried again soon, and each time later", async () => {
    world.stage.aws.faults.add({
      when: ({ operation }) => operation === "DescribeInstances" && grants().length < 4,
      error: "AccessDeniedException",
    });
    const number = world.people.ask("alice");
    await world.people.token("alice", number);
    const began: number[] = [];
    for (let count = 1; count <= 4; count++) {
      await world.until(() => grants().length === count, 299);
      began.push(world.time.now());
    }
    await world.run();
    expect(
      grants()
        .map(({ state }) => state)
        .at(-1),
    ).toBe("active");
    const pauses = began.slice(1).map((at, i) => Math.round((at - (began[i] ?? 0)) / 1_000));
    expect(pauses[0]).toBeLessThan(30);
    expect(pauses[1]).toBeGreaterThanOrEqual((pauses[0] ?? 0) + 12);
    expect(pauses[2]).toBeGreaterThanOrEqual((pauses[1] ?? 0) + 25);
  });

  test("a key that is posted while a run is at work is answered right after it", async () => {
    const number = world.people.ask("alice");
    await world.people.token("alice", number);
    await world.until(() => grants().length === 1);
    await world.people.token("alice", number);
    await world.run();
    await world.advance(60);
    expect(await world.shown.sealed(number)).toHaveLength(2);
  });
});

describe("a run outside the default branch", () => {
  test("gets neither the environment's secret nor an identity that AWS takes", async () => {
    const number = await readyToGrant();
    const { github } = world.stage;
    github.addCollaborator(fullName, "mallory", "write");
    // a workflow of the attacker's own making, under the same name
    github.pushFiles("mallory", fullName, "evil", { "NOTE.md": "nothing to see here\n" }, "Note");
    const sha = github.commit({
      repository: fullName,
      parent: "main",
      files: { "policies/auto-approval.cedar": "" },
      message: "Note",
      by: "mallory",
    });
    github.push("mallory", fullName, "evil-of-main", sha);
    const before = world.runs.length;
    await world.people.dispatch("mallory", "grant", number, "evil-of-main");
    await world.run();
    expect(world.runs.length).toBe(before);
    const run = runsOf(world.stage).at(-1);
    expect(run).toMatchObject({ headBranch: "evil-of-main", conclusion: "failure" });
    expect(world.stage.actions.jobs(run?.id ?? 0)[0]?.grants?.secrets ?? []).toEqual([]);
    expect(issuedFor(world, number)).toBe(0);
  });
});

/** Nothing that AWS ever issued, and no private key, stands in a log, a comment or a file. */
function noSecretIsAnywhere(): void {
  const logs = runsOf(world.stage).flatMap(({ id }) =>
    world.stage.actions.jobs(id).map(({ log }) => log.unmaskedForTests()),
  );
  const files = [...world.shown.ledger().values()];
  const text = [...logs, ...files, ...world.apps.flatMap(({ log }) => log)].join("\n");
  const secrets = [...world.stage.aws.issuedSecrets(), world.stage.app.privateKey.split("\n")[1] ?? ""];
  expect(secrets.length).toBeGreaterThan(2);
  for (const secret of secrets) expect(text).not.toContain(secret);
}
