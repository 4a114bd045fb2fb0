// A decision is good for a while, a request open for a while; what comes too late comes for nothing. And what only shows, decides nothing.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { audit, createThief, issuedFor } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false, lookEvery: 3_600 });
});
afterEach(() => world.close());

const repo = { owner: "acme", repo: "access" };
const hour = 3_600;

const howEnded = (number: number): string | undefined =>
  /^ {2}how: (.*)$/m.exec(world.shown.record(number)?.text ?? "")?.[1];

describe("a stale decision", () => {
  test("of policies, older than `decisionGoodFor` when the key comes, is not acted upon", async () => {
    const number = world.people.ask("alice");
    await world.advance(24 * hour + 60);
    await world.people.token("alice", number);
    await world.run();
    expect(issuedFor(world, number)).toBe(0);
    expect(howEnded(number)).toBe("lapsed");
    expect(await world.shown.labels(number)).toEqual(["access: lapsed"]);
  });

  test("of policies is not acted upon by the Action either, though no App ever said so", async () => {
    const number = world.people.ask("alice");
    await world.run();
    for (const app of world.apps) app.kill();
    await world.advance(24 * hour + 60);
    await world.people.token("alice", number);
    await createThief(world).dispatch("grant", number);
    await world.run();
    expect(issuedFor(world, number)).toBe(0);
    expect(howEnded(number)).toBe("lapsed");
  });

  test("of people, merged and older than `decisionGoodFor`, is not acted upon", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
    await world.run();
    expect((await world.shown.tally(number)).merges).toBe(1);
    for (const app of world.apps) app.kill();
    await world.advance(24 * hour + 60);
    await world.people.token("alice", number);
    await createThief(world).dispatch("grant", number);
    await world.run();
    expect(issuedFor(world, number)).toBe(0);
    expect(howEnded(number)).toBe("lapsed");
  });

  test("is counted from `from` where one was asked for", async () => {
    const number = world.people.ask("alice", { from: "2026-12-03T09:00:00Z" });
    await world.people.token("alice", number);
    await world.advanceTo("2026-12-03T09:05:00Z");
    expect(issuedFor(world, number)).toBe(1);
  });
});

describe("a request that waits", () => {
  test("for approvers lapses after `openFor`, once", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.advance(8 * 24 * hour);
    expect(howEnded(number)).toBe("lapsed");
    expect(await world.shown.tally(number)).toMatchObject({ openPulls: 0, merges: 0, ends: 1 });
  });

  test("for its author to mend the form lapses after `openFor`, and is mended until then", async () => {
    const [mended, left] = [1, 2].map(() => world.people.ask("alice", { for: "soon" }));
    if (mended === undefined || left === undefined) throw new Error("nobody asked");
    await world.run();
    expect(await world.shown.labels(left)).toEqual(["access: invalid"]);
    await world.people.edit("alice", mended, (body) => body.replace("soon", "1h"));
    await world.people.token("alice", mended);
    await world.run();
    expect(issuedFor(world, mended)).toBe(1);
    await world.advance(8 * 24 * hour);
    expect(howEnded(left)).toBe("lapsed");
  });
});

describe("what only shows decides nothing", () => {
  test.each(["access: approved", "access: active", "access: expired", "access: rejected"])(
    "the label `%s`, put there by somebody",
    async (label) => {
      const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
      await world.people.token("alice", number);
      await world.run();
      await world.stage.as("pat").rest.issues.setLabels({ ...repo, issue_number: number, labels: [label] });
      await world.run();
      expect((await audit(world, number)).verdict.state).toBe("pending");
      expect(issuedFor(world, number)).toBe(0);
      // and is put right
      expect(await world.shown.labels(number)).toEqual(["access: pending"]);
    },
  );

  test("a status comment of somebody else, or the App's own, edited by somebody", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    const text = "<!-- hallpass:status -->\n### Access request: approved\n";
    await world.people.comment("mallory", number, text);
    const [own] = await world.shown.comments(number);
    await world.stage.as("pat").rest.issues.updateComment({ ...repo, comment_id: own?.id ?? 0, body: text });
    await world.run();
    expect((await audit(world, number)).verdict.state).toBe("pending");
    expect(await world.shown.status(number)).toContain("waiting for approval");
  });

  test("a green check `hallpass` of another App does not satisfy the ledger's ruleset", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    const [pull] = await world.shown.pulls(number);
    const { github } = world.stage;
    const permissions = {
      checks: "write",
      contents: "write",
      pull_requests: "write",
      metadata: "read",
    } as const;
    const app = github.createApp({ slug: "other-app", owner: "acme", permissions, events: [] });
    github.installApp("other-app", "acme");
    await expect(createThief(world, app).merge(pull?.number ?? 0)).rejects.toMatchObject({ status: 405 });
    expect((await world.shown.tally(number)).merges).toBe(0);
  });

  test("a check of our own, green, without the approvals", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.people.token("alice", number);
    await world.run();
    const [pull] = await world.shown.pulls(number);
    const { data } = await world.stage
      .as("olivia")
      .rest.pulls.get({ ...repo, pull_number: pull?.number ?? 0 });
    const { octokit } = createThief(world);
    await octokit.rest.checks.create({
      ...repo,
      name: "hallpass",
      head_sha: data.head.sha,
      status: "completed",
      conclusion: "success",
    });
    await world.people.approve("bob", number);
    await world.run();
    expect((await audit(world, number)).verdict).toMatchObject({ state: "pending", tally: { missing: [2] } });
    expect((await world.shown.tally(number)).merges).toBe(0);
  });
});
