// Who counts, on a whole system: approvals and rejections as GitHub shows them after everything that people (and whoever has the App's key) can do to them.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IgnoredBecause } from "../../core/tally.ts";
import type { Person } from "../../sandbox/stage.ts";
import { changeLaw } from "./law-change.ts";
import { audit, createThief, issuedFor } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false });
});
afterEach(() => world.close());

const fullName = "acme/access";
const repo = { owner: "acme", repo: "access" };

async function asked(login: Person = "alice"): Promise<number> {
  const number = world.people.ask(login, { nodes: "r2d2-app-01" });
  await world.people.token(login, number);
  await world.run();
  return number;
}

/** From here on the App's key is in other hands. */
const killApp = (): void => {
  for (const app of world.apps) app.kill();
};

async function tallyOf(number: number) {
  const { verdict } = await audit(world, number);
  if (verdict.state !== "pending") throw new Error(`it is ${verdict.state}, not pending`);
  return verdict.tally;
}

const ignored = (login: string, because: IgnoredBecause) =>
  expect.objectContaining({ ignored: expect.arrayContaining([{ login, because }]) });

async function pullOf(number: number): Promise<number> {
  return (await world.shown.pulls(number)).at(-1)?.number ?? 0;
}

describe("an approval", () => {
  test("that somebody dismissed counts for nothing", async () => {
    const number = await asked();
    const review = await world.people.approve("bob", number);
    await world.people.dismiss("pat", await pullOf(number), review);
    await world.people.approve("erin", number);
    await world.people.approve("carol", number);
    await world.run();
    expect(await tallyOf(number)).toMatchObject({ approval: "pending", missing: [1] });
    expect(await tallyOf(number)).toEqual(ignored("bob", "was-dismissed"));
  });

  test("of the requester counts for nothing, whatever level names them", async () => {
    const number = await asked("bob");
    await world.people.approve("bob", number);
    await world.run();
    expect(await tallyOf(number)).toEqual(ignored("bob", "is-the-requester"));
    expect(await tallyOf(number)).toMatchObject({ missing: [1, 2] });
  });

  test("of a bot counts for nothing", async () => {
    const number = await asked();
    killApp();
    const { octokit } = createThief(world);
    // our own bot cannot approve its own pull request; another App's can
    await expect(
      octokit.rest.pulls.createReview({ ...repo, pull_number: await pullOf(number), event: "APPROVE" }),
    ).rejects.toMatchObject({ status: 422 });
    const { github } = world.stage;
    const permissions = { pull_requests: "write", contents: "read", metadata: "read" } as const;
    const app = github.createApp({ slug: "other-app", owner: "acme", permissions, events: [] });
    github.installApp("other-app", "acme");
    const other = createThief(world, app);
    await other.octokit.rest.pulls.createReview({
      ...repo,
      pull_number: await pullOf(number),
      event: "APPROVE",
    });
    expect(await tallyOf(number)).toEqual(ignored("other-app[bot]", "is-not-a-person"));
  });

  test("of somebody who has left the team counts for nothing", async () => {
    const number = await asked();
    await world.people.approve("bob", number);
    await world.run();
    expect(await tallyOf(number)).toMatchObject({ missing: [2] });
    world.stage.github.removeTeamMember("acme", "devops-leads", "bob");
    world.stage.github.removeTeamMember("acme", "security", "bob");
    expect(await tallyOf(number)).toEqual(ignored("bob", "is-in-no-level"));
  });

  test("of an earlier pull request counts for nothing after an edit, and the earlier one is closed", async () => {
    const number = await asked();
    for (const approver of ["bob", "erin"] as const) await world.people.approve(approver, number);
    await world.run();
    await world.people.edit("alice", number, (body) => body.replace("1h", "2h"));
    await world.run();
    expect(await world.shown.pulls(number)).toMatchObject([
      { head: `request/${number}-2`, state: "open" },
      { head: `request/${number}`, state: "closed" },
    ]);
    expect(await tallyOf(number)).toMatchObject({ missing: [1, 2] });
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
    await world.run();
    expect(issuedFor(world, number)).toBe(1);
  });
});

describe("a rejection", () => {
  test("ends the request, and no approval after it opens it again", async () => {
    const number = await asked();
    await world.people.reject("erin", number);
    await world.run();
    expect(world.shown.record(number)?.text).toMatch(/how: rejected\n {2}by: erin/);
    expect(await world.shown.labels(number)).toEqual(["access: rejected"]);
    expect(await world.shown.state(number)).toBe("closed");
  });

  test("that the requester dismissed still rejects", async () => {
    const number = await asked("pat");
    killApp();
    const review = await world.people.reject("erin", number);
    await world.people.dismiss("pat", await pullOf(number), review);
    for (const approver of ["bob", "dave", "carol"] as const) await world.people.approve(approver, number);
    expect((await audit(world, number)).verdict).toMatchObject({
      state: "ending",
      how: "rejected",
      by: "erin",
    });
    await createThief(world).dispatch("grant", number);
    await world.run();
    expect(issuedFor(world, number)).toBe(0);
    expect(world.shown.record(number)?.text).toContain("how: rejected");
  });

  test("that its author took back by approving does not", async () => {
    const number = await asked();
    killApp();
    await world.people.reject("erin", number);
    await world.people.approve("erin", number);
    expect(await tallyOf(number)).toMatchObject({ approval: "pending", missing: [1, 2] });
  });

  test("by somebody who could not approve is ignored, and the status says why", async () => {
    const number = await asked();
    await world.people.reject("mallory", number);
    await world.run();
    expect(await tallyOf(number)).toEqual(ignored("mallory", "is-in-no-level"));
    expect(await world.shown.status(number)).toContain("mallory");
  });
});

describe("a pull request written by hand", () => {
  const file = [
    "nodes: [i-0a0a0a0a0a0a0a0a1]",
    "access: shell",
    "for: 1h",
    "reason: INC-1 checkout is down",
    "",
  ].join("\n");

  /** A branch of dave's, in the access repo itself, and its pull request. */
  async function written(parent = "ledger", name = "fix"): Promise<{ pull: number; branch: string }> {
    const { github } = world.stage;
    github.addCollaborator(fullName, "dave", "write");
    const files = { [`approved/dave-${name}.yaml`]: file };
    const sha = github.commit({ repository: fullName, parent, files, message: "Access", by: "dave" });
    github.push("dave", fullName, `dave-${name}`, sha);
    const { data } = await world.stage
      .as("dave")
      .rest.pulls.create({ ...repo, head: `dave-${name}`, base: "ledger", title: "Access" });
    await world.people.token("dave", data.number);
    await world.run();
    return { pull: data.number, branch: `dave-${name}` };
  }

  async function approvedByAll(pull: number): Promise<void> {
    for (const approver of ["bob", "erin", "carol"] as const)
      await world.people.review(approver, pull, "APPROVE");
    await world.run();
  }

  test("is approved, merged and granted like one of ours", async () => {
    const { pull } = await written();
    await approvedByAll(pull);
    expect(issuedFor(world, pull)).toBe(1);
    expect(world.shown.ledger().has(`active/${pull}.yaml`)).toBe(true);
  });

  test("loses its approvals by a force-push, though GitHub re-points them to the new head", async () => {
    const { github } = world.stage;
    const { pull, branch } = await written();
    killApp();
    for (const approver of ["bob", "erin", "carol"] as const)
      await world.people.review(approver, pull, "APPROVE");
    await world.advance(5);
    // the same patch as another commit: GitHub keeps the approvals
    const again = github.commit({
      repository: fullName,
      parent: "ledger",
      files: { "approved/dave-fix.yaml": file },
      message: "Access, again",
      by: "dave",
    });
    github.push("dave", fullName, branch, again, { force: true });
    const { data } = await world.stage.as("olivia").rest.pulls.listReviews({ ...repo, pull_number: pull });
    expect(data.map(({ state, commit_id }) => [state, commit_id])).toEqual([
      ["APPROVED", again],
      ["APPROVED", again],
      ["APPROVED", again],
    ]);
    expect(await tallyOf(pull)).toMatchObject({ approval: "pending", missing: [1, 2] });
    expect(await tallyOf(pull)).toEqual(ignored("bob", "is-of-another-head"));
  });

  test("is not approved by who pushed to its branch", async () => {
    const { github } = world.stage;
    const { pull, branch } = await written();
    github.addCollaborator(fullName, "bob", "write");
    const sha = github.commit({
      repository: fullName,
      parent: branch,
      files: {},
      message: "Nothing",
      by: "bob",
      author: { name: "dave", email: "dave@users.noreply.github.com" },
    });
    github.push("bob", fullName, branch, sha);
    await approvedByAll(pull);
    expect(await tallyOf(pull)).toEqual(ignored("bob", "pushed-to-the-branch"));
    expect(issuedFor(world, pull)).toBe(0);
  });

  test("is over once it was closed, reopened or not", async () => {
    const { pull } = await written();
    await world.stage.as("dave").rest.pulls.update({ ...repo, pull_number: pull, state: "closed" });
    await world.run();
    expect(world.shown.record(pull)?.text).toContain("how: cancelled");
    await world.stage.as("dave").rest.pulls.update({ ...repo, pull_number: pull, state: "open" });
    await approvedByAll(pull);
    expect(issuedFor(world, pull)).toBe(0);
    expect((await audit(world, pull)).verdict.state).toBe("over");
  });
});

test("a level that only the requester could have filled is named as out of reach before anybody reviews", async () => {
  const rules = '- nodes: "*"\n  levels: ["2 of @acme/security"]\n';
  await changeLaw(world, { "policies/approvals.yaml": rules });
  const byMember = world.people.ask("erin", { nodes: "r2d2-app-01" });
  const byOther = world.people.ask("alice", { nodes: "r2d2-app-01" });
  await world.run();
  expect(await world.shown.status(byMember)).toContain("it needs 2, and at most 1 can approve");
  expect(await world.shown.status(byOther)).not.toContain("out of reach");
});
