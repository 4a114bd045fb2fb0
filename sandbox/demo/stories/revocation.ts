// Access that ends before its time, because somebody said so.

import { comment, issueOf, until } from "../cast.ts";
import { askAndSee, closedAs, goIn, isRefused, shellTerminated } from "../inside.ts";
import { expect, type Story } from "../story.ts";

export const revocation: Story = {
  letter: "e",
  title: "r2d2-dev-02 for five minutes: revoked after a few seconds",
  play: async (set) => {
    const { sandbox, tell } = set;
    const fields = { nodes: "r2d2-dev-02", for: "5m", reason: "compare two builds" };
    const request = await askAndSee(set, "alice", fields);
    const inside = await goIn(set, { who: "alice", request, on: "r2d2-dev-02" });
    const asked = Date.now();
    await comment(sandbox.stage, "pat", request, "/revoke wrong node, see INC-1234");
    tell.say("pat", "(write access) comments `/revoke wrong node, see INC-1234`");
    const shell = await shellTerminated(inside, asked);
    tell.say("Action", `recorded the end, denied the session name, terminated the shell: after ${shell} s`);
    await isRefused(set, inside, "r2d2-dev-02", "with the old credentials, at once");
    const left = inside.grant.record.granted.until - Date.now();
    expect(left > 60_000, "the window to be open still");
    await closedAs(set, request, "revoked");
    const { labels } = await issueOf(sandbox.stage, request);
    expect(!labels.includes("access: active"), "the label `access: active` to be gone");
    await until("the schedule to be gone", async () => (schedules(set.sandbox, request) ? undefined : true));
    tell.say(
      "Action",
      "found nothing in its second pass, took its schedule along, wrote who revoked it and why, closed the issue",
    );
    return { requests: [request], found: { shell } };
  },
};

function schedules({ stage }: Parameters<Story["play"]>[0]["sandbox"], request: number): boolean {
  const group = stage.aws.region(stage.account, stage.region).scheduleGroups.get("hallpass");
  return group?.schedules.has(`hp.${stage.repository.id}.${request}`) === true;
}
