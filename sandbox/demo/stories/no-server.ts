// Hallpass with no server: the workflow's own triggers are all there is. The cron is stopped until access is open, so that nothing else can have done it.

import type { Sandbox } from "../../start.ts";
import { ask, openPullOf, review, until } from "../cast.ts";
import { askAndSee, goIn, goOut, type Inside } from "../inside.ts";
import { expect, type Story, type StorySet } from "../story.ts";

const repo = { owner: "acme", repo: "access" } as const;

export const noServer: Story = {
  letter: "r",
  title: "no server at all: issues, comments and reviews start the workflow by themselves",
  play: async (set) => {
    const { sandbox, tell } = set;
    sandbox.cron.stop();
    await Promise.all([sandbox.app.stop(), sandbox.stage.actions.idle()]);
    sandbox.stage.github.setVariable("acme/access", "HALLPASS_SERVERLESS", "true");
    tell.say(
      "pat",
      "stops the App and sets the variable HALLPASS_SERVERLESS to `true`; the cron is off as well",
    );
    const before = await runsOf(sandbox);
    const { deliveries } = sandbox.stage.github.webhooks;
    const sent = deliveries.length;
    const inside = await Promise.all([byPolicy(set), byPeople(set)]);
    const since = (await runsOf(sandbox)).slice(before.length);
    const triggers = [...new Set(since.map(({ event }) => event))].sort();
    tell.say("GitHub", `ran the workflow ${since.length} times, for: ${triggers.join(", ")}`);
    sandbox.cron.start();
    const shells = await Promise.all(inside.map((each) => goOut(set, each)));
    expect(
      deliveries.slice(sent).every(({ statusCode }) => statusCode === 0),
      "no webhook to have been taken",
    );
    sandbox.stage.github.setVariable("acme/access", "HALLPASS_SERVERLESS", "false");
    await sandbox.app.start();
    tell.say("pat", "starts the App again: either can take over from the other at any time");
    return {
      requests: inside.map(({ request }) => request),
      found: { shell: Math.max(...shells), triggers, runs: since.length },
    };
  },
};

async function byPolicy(set: StorySet): Promise<Inside> {
  const on = "r2d2-dev-01";
  const request = await askAndSee(set, "alice", {
    nodes: on,
    for: "6s",
    reason: "see it work with no server",
  });
  set.tell.say("Action", `started by the issue itself, it says in #${request} that a policy approves it`);
  return goIn(set, { who: "alice", request, on });
}

async function byPeople(set: StorySet): Promise<Inside> {
  const { sandbox, tell } = set;
  const on = "r2d2-app-02";
  const request = ask(sandbox.stage, "dave", { nodes: on, for: "6s", reason: "INC-1234 checkout is down" });
  tell.say("dave", `opens issue #${request}: ${on}, shell, 6s`);
  const pull = await until("a pull request", () => openPullOf(sandbox.stage, request));
  tell.say("Action", `opens pull request #${pull.number}, for people to approve`);
  for (const login of ["bob", "carol", "erin"] as const) {
    await review(sandbox.stage, login, pull.number, "APPROVE");
    tell.say(login, "approves: the review runs wake.yml, which may do nothing, and access.yml follows it");
  }
  await until("the merge", async () =>
    (await openPullOf(sandbox.stage, request)) === undefined ? true : undefined,
  );
  tell.say("Action", `merges #${pull.number} into the ledger`);
  return goIn(set, { who: "dave", request, on });
}

/** Those that a runner had, oldest first: a job that is skipped has none, and costs nothing. */
async function runsOf({ stage }: Sandbox) {
  const octokit = stage.as("pat");
  const runs = await octokit.paginate(octokit.rest.actions.listWorkflowRunsForRepo, {
    ...repo,
    per_page: 100,
  });
  return runs.filter(({ conclusion }) => conclusion !== "skipped").reverse();
}
