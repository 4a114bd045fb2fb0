// How a request is decided: by a policy, by people, by a guardrail, by somebody who says no.

import type { Stage } from "../../stage.ts";
import { ask, edit, openPullOf, review, statusOf, until } from "../cast.ts";
import { askAndSee, closedAs, goIn, goOut, isRefused } from "../inside.ts";
import type { Story, StorySet } from "../story.ts";

/** A development node, decided by AWS's own announcement policy. */
export const automatic: Story = {
  letter: "a",
  title: "a development node: a policy decides at once",
  play: async (set) => {
    const fields = { nodes: "r2d2-dev-01", for: "8s", reason: "look at the new build's logs" };
    const request = await askAndSee(set, "alice", fields);
    set.tell.say(
      "App",
      "approved by policy auto-approval.cedar:4, word for word AWS's own example: nobody has to approve",
    );
    const inside = await goIn(set, { who: "alice", request, on: "r2d2-dev-01" });
    await isRefused(set, inside, "r2d2-app-01", "with the same credentials");
    const shell = await goOut(set, inside);
    return { requests: [request], found: { shell } };
  },
};

/** A production node: two levels, three people, and what does not count. */
export const twoLevels: Story = {
  letter: "b",
  title: "r2d2-app-01, production: DevOps leads, then two of security",
  play: async (set) => {
    const { sandbox, tell } = set;
    const request = ask(sandbox.stage, "alice", {
      nodes: "r2d2-app-01",
      for: "9s",
      reason: "INC-1234 checkout is down",
      ticket: "INC-1234",
    });
    tell.say("alice", `opens issue #${request}: r2d2-app-01, shell, 9s, INC-1234`);
    const first = await pullOf(sandbox.stage, request);
    tell.say(
      "App",
      `people decide: opens pull request #${first} that pins the node; that is what they approve`,
    );
    const second = await approvedInVain(set, request, first);
    await approvedByAll(set, request, second);
    const inside = await goIn(set, { who: "alice", request, on: "r2d2-app-01" });
    await isRefused(set, inside, "r2d2-app-02", "with the same credentials");
    const shell = await goOut(set, inside);
    return { requests: [request], found: { shell } };
  },
};

const pullOf = async (stage: Stage, request: number, notThis?: number): Promise<number> =>
  until("a pull request", async () => {
    const pull = await openPullOf(stage, request);
    return pull === undefined || pull.number === notThis ? undefined : pull.number;
  });

/** The requester's own approval, and one of what was then edited. Answers the new pull request. */
async function approvedInVain(
  { sandbox: { stage }, tell }: StorySet,
  request: number,
  first: number,
): Promise<number> {
  await review(stage, "alice", first, "APPROVE");
  await until("her approval to be refused", async () =>
    (await statusOf(stage, request))?.includes("nobody approves their own request"),
  );
  tell.say("alice", "approves her own request: GitHub takes it, Hallpass does not count it");
  await review(stage, "bob", first, "APPROVE");
  await until("level 1", async () => (await statusOf(stage, request))?.includes("[x] **Level 1**"));
  tell.say("bob", "(DevOps lead) approves: level 1 is filled");
  await edit(stage, "alice", request, "\n9s\n", "\n8s\n");
  const second = await pullOf(stage, request, first);
  tell.say("alice", "edits the issue: 8s instead of 9s");
  tell.say(
    "App",
    `closes #${first} and opens #${second}: approvals are of what was seen, so everybody is asked again`,
  );
  return second;
}

async function approvedByAll(
  { sandbox: { stage }, tell }: StorySet,
  request: number,
  pull: number,
): Promise<void> {
  for (const [login, why] of [
    ["bob", "(DevOps lead) approves the new one"],
    ["carol", "(named in approvals.yaml) approves: one of two"],
    ["erin", "(security) approves: level 2 is filled by two different people"],
  ] as const) {
    await review(stage, login, pull, "APPROVE");
    tell.say(login, why);
  }
  await until("the merge", async () => ((await openPullOf(stage, request)) === undefined ? true : undefined));
  tell.say("App", `merges #${pull} into the ledger, with trailers that say who approved which level`);
}

export const guardrail: Story = {
  letter: "c",
  title: "c3po-vault-01: a guardrail, which no approver can override",
  play: async (set) => {
    const { sandbox, tell } = set;
    const request = ask(sandbox.stage, "alice", {
      nodes: "c3po-vault-01",
      for: "10s",
      reason: "rotate a key",
    });
    tell.say("alice", `opens issue #${request}: c3po-vault-01`);
    await closedAs(set, request, "denied");
    tell.say("App", "denied by guardrail `never`, closed and recorded");
    return { requests: [request] };
  },
};

export const rejection: Story = {
  letter: "d",
  title: "bb8-batch-01: a reviewer says no",
  play: async (set) => {
    const { sandbox, tell } = set;
    const request = ask(sandbox.stage, "alice", {
      nodes: "bb8-batch-01",
      for: "10s",
      reason: "just looking",
    });
    tell.say("alice", `opens issue #${request}: bb8-batch-01`);
    const pull = await pullOf(sandbox.stage, request);
    tell.say("App", `opens pull request #${pull} and asks @acme/platform`);
    await review(sandbox.stage, "pat", pull, "REQUEST_CHANGES", "say what you are looking for");
    tell.say("pat", "(platform) requests changes: that rejects it");
    await closedAs(set, request, "rejected");
    tell.say("App", "rejected: pull request and issue closed, recorded in ended/");
    return { requests: [request] };
  },
};
