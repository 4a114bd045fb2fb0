// Two processes at once, pull requests and branches by others, and everything else that is there already when a step begins.

import { beforeAll, describe, expect, it } from "vitest";
import type { Facts } from "../../core/facts.ts";
import type { Instant } from "../../core/ids.ts";
import { type EndedRecord, renderRecord } from "../../core/record.ts";
import type { GitHubStep } from "../../core/step.ts";
import { commitToLedger } from "../../github/ledger.ts";
import { performGitHubStep } from "../../github/perform.ts";
import { type AccessRepo, accessRepo, fails, fullName } from "./access-repo.ts";
import { gather, openPullStep } from "./facts.ts";

let world: AccessRepo;
beforeAll(async () => {
  world = await accessRepo();
});

const ask = async () => gather(world, await world.ask());

function merge(facts: Facts): GitHubStep {
  const [pull] = facts.pulls;
  if (pull === undefined) throw new Error("no pull");
  return {
    do: "merge",
    pull: pull.number,
    head: pull.head,
    title: "Approve",
    message: "Hallpass-Request: 1",
  };
}

const end = (facts: Facts, removes: readonly string[] = []): Extract<GitHubStep, { do: "record-end" }> => {
  const record: EndedRecord = {
    folder: "ended",
    requester: facts.subject.author,
    subject: { kind: facts.subject.kind, number: facts.subject.number },
    ended: { at: facts.now, how: "cancelled", by: "alice", why: "no more needed", sessions: [] },
  };
  return { do: "record-end", record, removes };
};

const openPulls = async (branch: string) =>
  (await world.as("ada", "GET", `/pulls?state=open&head=acme:${branch}`)) as {
    number: number;
    user: { login: string };
  }[];

/** Requests and answers take turns of different lengths, the same for a seed. */
function jittery(fetch: typeof globalThis.fetch, seed: number): typeof globalThis.fetch {
  let state = seed * 7919;
  const turns = async () => {
    state = (state * 48_271) % 2_147_483_647;
    for (let turn = state % 5; turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
  };
  return async (...request) => {
    await turns();
    const response = await fetch(...request);
    await turns();
    return response;
  };
}

describe("open-pull", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    "makes one pull request when three processes open it at once (%i)",
    async (seed) => {
      const facts = await ask();
      const step = openPullStep(facts);
      const fetch = jittery(world.github.fetch, seed);
      const all = await Promise.allSettled(
        [1, 2, 3].map(() => performGitHubStep(world.newClient({ fetch }), step, facts)),
      );
      expect(all.some(({ status }) => status === "fulfilled")).toBe(true);
      expect(await openPulls(step.branch)).toHaveLength(1);
      expect((await gather(world, facts.subject.number)).pulls).toMatchObject([
        { open: true, file: { ok: true } },
      ]);
    },
  );

  it("takes up a branch that a dead pass left without its commit", async () => {
    const facts = await ask();
    const step = openPullStep(facts);
    world.github.push("ada", fullName, step.branch, facts.ledger.head);
    const after = await performGitHubStep(world.newClient(), step, facts);
    expect(after.pulls).toHaveLength(1);
  });

  it("replaces a branch that says something else: a stranger's, or ours for a text of before", async () => {
    const facts = await ask();
    const step = openPullStep(facts);
    world.github.push("dave", fullName, step.branch, facts.ledger.head);
    world.github.pushFiles("dave", fullName, step.branch, { [step.path]: "nodes: everything\n" }, "Mine");
    const theirs = (await world.as("dave", "POST", "/pulls", {
      head: step.branch,
      base: "ledger",
      title: "Access request",
    })) as { number: number };
    await performGitHubStep(world.newClient(), step, facts);
    const [pull, ...others] = (await gather(world, facts.subject.number)).pulls;
    expect(others).toEqual([]);
    expect(pull?.file).toMatchObject({ ok: true });
    expect(pull?.number).not.toBe(theirs.number);
  });

  it("does not take a stranger's pull request from the right branch for ours", async () => {
    const facts = await ask();
    const step = openPullStep(facts);
    world.github.push("dave", fullName, step.branch, facts.ledger.head);
    world.github.pushFiles("dave", fullName, step.branch, { [step.path]: step.content }, "The same");
    await world.as("dave", "POST", "/pulls", { head: step.branch, base: "ledger", title: "Access request" });
    await fails(performGitHubStep(world.newClient(), step, facts), "conflict");
    await performGitHubStep(world.newClient(), step, facts);
    expect(await openPulls(step.branch)).toMatchObject([{ user: { login: "hallpass[bot]" } }]);
  });
});

describe("reopen-pull", () => {
  it("puts back the branch that was deleted with it", async () => {
    const before = await ask();
    const facts = await performGitHubStep(world.client, openPullStep(before), before);
    const number = facts.pulls[0]?.number ?? 0;
    await world.as("dave", "PATCH", `/pulls/${number}`, { state: "closed" });
    world.github.push("dave", fullName, facts.pulls[0]?.branch ?? "", null);
    await performGitHubStep(world.newClient(), { do: "reopen-pull", pull: number }, facts);
    expect((await gather(world, facts.subject.number)).pulls).toMatchObject([{ number, open: true }]);
  });
});

describe("ask-reviewers", () => {
  it("asks one by one when one of them cannot be asked", async () => {
    const before = await ask();
    const facts = await performGitHubStep(world.client, openPullStep(before), before);
    const pull = facts.pulls[0]?.number ?? 0;
    const step: GitHubStep = {
      do: "ask-reviewers",
      pull,
      people: ["bob", "eve"],
      teams: ["nobody", "security"],
    };
    const after = await performGitHubStep(world.newClient(), step, facts);
    expect(after.pulls).toMatchObject([{ asked: true }]);
    expect(await world.as("ada", "GET", `/pulls/${pull}/requested_reviewers`)).toMatchObject({
      users: [{ login: "bob" }],
      teams: [{ slug: "security" }],
    });
  });
});

describe("merge", () => {
  it("tries again while the base moves under it", async () => {
    const before = await ask();
    const facts = await performGitHubStep(world.client, openPullStep(before), before);
    world.github.quirks.baseModifiedRaces = 2;
    const after = await performGitHubStep(world.newClient(), merge(facts), facts);
    expect(after.pulls).toMatchObject([{ merged: true }]);
  });

  it("refuses another head than the one that was approved", async () => {
    const before = await ask();
    const facts = await performGitHubStep(world.client, openPullStep(before), before);
    const branch = facts.pulls[0]?.branch ?? "";
    world.github.pushFiles("dave", fullName, branch, { "approved/other.yaml": "x\n" }, "One more");
    await fails(performGitHubStep(world.newClient(), merge(facts), facts), "conflict");
    expect((await gather(world, facts.subject.number)).pulls).toEqual([]);
  });

  it("does not merge what was closed meanwhile", async () => {
    const before = await ask();
    const facts = await performGitHubStep(world.client, openPullStep(before), before);
    await world.as("dave", "PATCH", `/pulls/${facts.pulls[0]?.number}`, { state: "closed" });
    await fails(performGitHubStep(world.newClient(), merge(facts), facts), "conflict");
  });
});

describe("record-end", () => {
  const write = async (path: string, content: string) => {
    const { ledger } = await ask();
    const client = world.newClient();
    return commitToLedger(client, {
      expectedHead: ledger.head,
      message: "Another",
      additions: [{ path, content }],
      deletions: [],
    });
  };

  it("writes on top of what others wrote meanwhile", async () => {
    const facts = await ask();
    await write("ended/2026/12/9999.yaml", "x: 1\n");
    const after = await performGitHubStep(world.newClient(), end(facts), facts);
    expect(after.ledger.ended).toMatchObject({ ended: { how: "cancelled" } });
  });

  it("leaves the record of whoever was first", async () => {
    const facts = await ask();
    const mine = end(facts);
    const theirs: EndedRecord = {
      ...mine.record,
      ended: { ...mine.record.ended, how: "lapsed", by: "hallpass" },
    } as EndedRecord;
    await write(`ended/2026/12/${facts.subject.number}.yaml`, renderRecord(theirs));
    const after = await performGitHubStep(world.newClient(), mine, facts);
    expect(after.ledger.ended).toMatchObject({ ended: { how: "lapsed", by: "hallpass" } });
  });

  it("does not end as never granted what was granted meanwhile", async () => {
    const facts = await ask();
    await write(`active/${facts.subject.number}.yaml`, "granted: now\n");
    await fails(performGitHubStep(world.newClient(), end(facts), facts), "conflict");
  });

  it("removes what is still there of what it should remove", async () => {
    const before = await ask();
    const opened = await performGitHubStep(world.client, openPullStep(before), before);
    const facts = await performGitHubStep(world.client, merge(opened), opened);
    const approved = `approved/${facts.subject.number}.yaml`;
    await write("ended/2026/12/9998.yaml", "x: 1\n");
    const after = await performGitHubStep(world.newClient(), end(facts, [approved]), facts);
    expect(after.ledger.approved).toBeUndefined();
    const again = await gather(world, facts.subject.number);
    expect(again.ledger).toMatchObject({ ended: { ended: { how: "cancelled" } } });
    expect(again.ledger.approved).toBeUndefined();
  });

  it("gives up when the ledger never holds still, and changes nothing", async () => {
    const facts = await ask();
    world.github.faults.add({
      when: ({ graphql }) => graphql?.mutation === true,
      times: 8,
      respond: () =>
        new Response(
          JSON.stringify({
            data: null,
            errors: [{ type: "STALE_DATA", path: ["createCommitOnBranch"], message: "moved" }],
          }),
        ),
    });
    await fails(performGitHubStep(world.newClient(), end(facts), facts), "conflict");
    world.github.faults.clear();
    expect((await gather(world, facts.subject.number)).ledger.ended).toBeUndefined();
  });
});

describe("status", () => {
  it("is written anew when somebody deleted it", async () => {
    const before = await ask();
    const body = "<!-- hallpass:status -->\none";
    const facts = await performGitHubStep(world.client, { do: "status", body }, before);
    await world.as("ada", "DELETE", `/issues/comments/${facts.shown.statuses[0]?.id}`);
    const after = await performGitHubStep(world.newClient(), { do: "status", body }, facts);
    expect(after.shown.statuses).toHaveLength(1);
    expect((await gather(world, facts.subject.number)).shown.statuses).toEqual(after.shown.statuses);
  });
});

describe("time", () => {
  it("ends the asking for reviewers an hour after the pull request was opened", async () => {
    const before = await ask();
    const facts = await performGitHubStep(world.client, openPullStep(before), before);
    expect((await gather(world, facts.subject.number)).pulls).toMatchObject([{ asked: false }]);
    world.clock.pass(61 * 60_000);
    expect((await gather(world, facts.subject.number)).pulls).toMatchObject([{ asked: true }]);
    expect(facts.now).toBeLessThan(world.clock.now() as Instant);
  });
});
