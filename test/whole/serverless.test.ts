// No server at all: there is only the workflow, started by issues, comments and reviews, and by its cron where those are lost or not wanted. It is slower,
// and it is the same.

import { afterEach, describe, expect, test } from "vitest";
import { runsOf } from "./shown.ts";
import { once, play } from "./story.ts";
import { issuedFor } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

async function withoutServer(): Promise<World> {
  const made = await createWorld();
  for (const app of made.apps) app.kill();
  return made;
}

test("the two-level story ends right by the cron alone", async () => {
  world = await withoutServer();
  const told = await play(world);
  expect(told).toMatchObject(once);
});

test("an automatic request is granted, given credentials again, revoked and closed by the cron alone", async () => {
  world = await withoutServer();
  const { people, shown } = world;
  const number = people.ask("alice", { for: "4h" });
  await people.token("alice", number);
  await world.until(() => issuedFor(world, number) === 1, 3_600);
  await people.token("alice", number);
  await world.until(() => issuedFor(world, number) === 2, 3_600);
  await people.comment("alice", number, "/revoke");
  await world.until(async () => (await shown.state(number)) === "closed", 3_600);
  expect(await shown.labels(number)).toEqual(["access: revoked"]);
  expect(await shown.tally(number)).toMatchObject({ grants: 1, ends: 1, sealed: 2 });
});

/** Runs that a runner had: a job that is skipped has none, and costs nothing. */
const billed = ({ shown }: World): readonly string[] =>
  shown.runs().flatMap(({ title, conclusion }) => (conclusion === "skipped" ? [] : [title]));

/** No server and no cron: what happens, happens because of what somebody did just now. */
async function byEvents(): Promise<World> {
  return createWorld({ serverless: true, cron: false });
}

describe("by events, with no cron", () => {
  test("an automatic request is granted, given credentials again, and revoked at once", async () => {
    world = await byEvents();
    const { people, shown } = world;
    const number = people.ask("alice", { for: "4h" });
    await world.run();
    expect(await shown.status(number)).toContain("`/token age1…`");
    await people.token("alice", number);
    await world.run();
    expect(await shown.labels(number)).toEqual(["access: active"]);
    await people.token("alice", number);
    await world.run();
    expect(issuedFor(world, number)).toBe(2);
    await people.comment("alice", number, "/revoke");
    await world.run();
    expect(await shown.state(number)).toBe("closed");
    expect(await shown.labels(number)).toEqual(["access: revoked"]);
    expect(await shown.tally(number)).toMatchObject({ grants: 1, ends: 1, sealed: 2, statuses: 1 });
  });

  test("the two-level story ends right, in nine billed runs and the sweep", async () => {
    world = await byEvents();
    const before = billed(world).length;
    const told = await play(world);
    expect(told).toMatchObject(once);
    const { number } = told;
    const own = billed(world).slice(before);
    expect(own.filter((title) => title !== "sweep")).toEqual([
      `reconcile ${number}`,
      `reconcile ${number}`,
      ...["bob", "erin", "carol"].flatMap(() => [`request/${number}`, "reconcile"]),
      `grant ${number}`,
    ]);
  });

  test("a guardrail denies at once, and nobody can approve it", async () => {
    world = await byEvents();
    const number = world.people.ask("alice", { nodes: "c3po-vault-01" });
    await world.run();
    expect(await world.shown.state(number)).toBe("closed");
    expect(await world.shown.labels(number)).toEqual(["access: denied"]);
    expect(await world.shown.pulls(number)).toEqual([]);
  });

  test("a reviewer's rejection ends it at once", async () => {
    world = await byEvents();
    const { people, shown } = world;
    const number = people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    await people.reject("bob", number);
    await world.run();
    expect(await shown.state(number)).toBe("closed");
    expect(await shown.labels(number)).toEqual(["access: rejected"]);
    expect(await shown.tally(number)).toMatchObject({ openPulls: 0, merges: 0, grants: 0, ends: 1 });
  });

  test("an edit and a closing are seen at once, and what is no command costs nothing", async () => {
    world = await byEvents();
    const { people, shown } = world;
    const number = people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    await people.edit("alice", number, (body) => body.replace("r2d2-app-01", "r2d2-app-02"));
    await world.run();
    expect(await shown.pulls(number)).toMatchObject([{ state: "open" }, { state: "closed" }]);
    const before = billed(world).length;
    await people.comment("bob", number, "looks good, /token or not");
    await people.comment("bob", number, "/cancel");
    await people.comment("alice", number, "/assign bob");
    const plain = { owner: "acme", repo: "access", title: "The pipeline", body: "### What is slow" };
    const { data } = await world.stage.as("bob").request("POST /repos/{owner}/{repo}/issues", plain);
    await people.comment("bob", data.number, "/refresh");
    await world.run();
    expect(billed(world)).toHaveLength(before);
    await people.close("alice", number);
    await world.run();
    expect(await shown.labels(number)).toEqual(["access: cancelled"]);
  });
});

describe("beside a server, where the variable HALLPASS_SERVERLESS is not `true`", () => {
  test("no event starts a run that is billed", async () => {
    world = await createWorld({ cron: false });
    const { people } = world;
    const before = billed(world).length;
    const number = people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    await people.token("alice", number);
    await people.reject("bob", number);
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: rejected"]);
    expect(billed(world).slice(before)).toEqual([]);
  });
});

describe("a `wake.yml` that a pull request changed", () => {
  const greedy = `
name: wake
run-name: "1; command: grant"
on: { pull_request: {} }
jobs:
  wake:
    runs-on: ubuntu-latest
    ENVIRONMENT
    permissions: { id-token: write, contents: write }
    steps: [{ run: "true" }]
`;

  /** Somebody with write access proposes it; the jobs of the runs that come of it. */
  async function proposed(text: string) {
    world = await byEvents();
    const { github, repository, as, actions } = world.stage;
    const before = world.shown.runs().length;
    const files = { ".github/workflows/wake.yml": text };
    const tip = github.commit({
      repository: repository.fullName,
      parent: "refs/heads/ledger",
      files,
      message: "Wake",
      by: "pat",
    });
    github.push("pat", repository.fullName, "topic", tip);
    const { rest } = as("pat");
    await rest.pulls.create({ owner: "acme", repo: "access", head: "topic", base: "ledger", title: "Wake" });
    await world.run();
    return runsOf(world.stage)
      .slice(before)
      .map((run) => ({ ...run, jobs: actions.jobs(run.id) }));
  }

  test("gets neither the environment nor its secret", async () => {
    const runs = await proposed(greedy.replace("ENVIRONMENT", "environment: hallpass"));
    expect(runs.map(({ event, conclusion }) => `${event} ${conclusion}`)).toEqual([
      "pull_request failure",
      "workflow_run skipped",
    ]);
    expect(runs.flatMap(({ jobs }) => jobs.map(({ grants }) => grants))).toEqual([undefined, undefined]);
  });

  test("says no more to the powerful one than a number, and what is none fails there", async () => {
    const runs = await proposed(greedy.replace("ENVIRONMENT", ""));
    expect(runs.map(({ event, conclusion }) => `${event} ${conclusion}`)).toEqual([
      "pull_request success",
      "workflow_run failure",
    ]);
    expect(runs[0]?.jobs[0]?.grants?.secrets).toEqual([]);
    expect(world.runs.at(-1)).toMatchObject({
      command: "reconcile",
      effects: [],
      problems: [expect.stringContaining("needs the number of an issue or pull request")],
    });
  });
});
