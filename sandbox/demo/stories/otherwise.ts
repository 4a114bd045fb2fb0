// Other ways to ask: by a pull request from a fork, and for later.

import { formatInstant, type Instant } from "../../../core/ids.ts";
import type { Stage } from "../../stage.ts";
import { review, until } from "../cast.ts";
import { askAndSee, goIn, goOut, node } from "../inside.ts";
import { expect, type Story } from "../story.ts";

const repo = { owner: "acme", repo: "access" } as const;

export const fromFork: Story = {
  letter: "j",
  title: "a pull request to the ledger, written by hand in a fork",
  play: async (set) => {
    const { sandbox, tell } = set;
    const { stage } = sandbox;
    const request = await written(stage);
    tell.say("dave", `opens pull request #${request} from his fork: one file, r2d2-app-01 by its id, 8s`);
    await until("the decision", async () => asked(stage, request));
    tell.say("App", "takes it for a request, and asks the people whom the rule names to review it as it is");
    for (const login of ["bob", "carol", "erin"] as const) await review(stage, login, request, "APPROVE");
    tell.say("bob", "and carol and erin approve");
    await until("the merge", async () => ((await pullOf(stage, request)).merged ? true : undefined));
    tell.say("App", `merges #${request} into the ledger`);
    const inside = await goIn(set, { who: "dave", request, on: "r2d2-app-01" });
    const shell = await goOut(set, inside);
    return { requests: [request], found: { shell } };
  },
};

async function written({ github, as }: Stage): Promise<number> {
  const fork = github.fork("dave", "acme/access", { defaultBranchOnly: false });
  const file = `nodes: [${node("r2d2-app-01")}]\nfor: 8s\nreason: INC-1236 restart the workers\n`;
  const sha = github.commit({
    repository: fork,
    parent: "ledger",
    files: { "approved/dave-inc-1236.yaml": file },
    message: "INC-1236",
    by: "dave",
  });
  github.push("dave", fork, "inc-1236", sha);
  const { data } = await as("dave").rest.pulls.create({
    ...repo,
    head: "dave:inc-1236",
    base: "ledger",
    title: "INC-1236",
    maintainer_can_modify: false,
  });
  return data.number;
}

const pullOf = async (stage: Stage, pull_number: number) =>
  (await stage.as("pat").rest.pulls.get({ ...repo, pull_number })).data;

async function asked(stage: Stage, pull: number): Promise<true | undefined> {
  const { requested_reviewers: people = [], requested_teams: teams = [] } = await pullOf(stage, pull);
  return [...(people ?? []), ...(teams ?? [])].length > 0 ? true : undefined;
}

export const laterStart: Story = {
  letter: "n",
  title: "r2d2-dev-01, but not before a later start",
  play: async (set) => {
    const { tell } = set;
    const on = "r2d2-dev-01";
    const from = (Math.ceil(Date.now() / 1000) * 1000 + 8_000) as Instant;
    const fields = { nodes: on, for: "8s", reason: "the nightly job", from: formatInstant(from) };
    const request = await askAndSee(set, "alice", fields);
    tell.say("App", `decided already; access opens at ${formatInstant(from)}, and not before`);
    const inside = await goIn(set, { who: "alice", request, on });
    const { at } = inside.grant.record.granted;
    expect(at >= from, `the grant not before ${formatInstant(from)}, got ${formatInstant(at)}`);
    const waited = Math.round((at - from) / 100) / 10;
    tell.say("App", `looked again at the start by itself: open ${waited} s after it`);
    const shell = await goOut(set, inside);
    return { requests: [request], found: { shell, waited } };
  },
};
