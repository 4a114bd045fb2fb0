// What people say in comments while access is open: more time, enough, and what nobody has to heed.

import type { Stage } from "../../stage.ts";
import { ask, comment, issueOf, openPullOf, review, statusOf, until } from "../cast.ts";
import {
  askAndSee,
  closedAs,
  goIn,
  goOut,
  type Inside,
  node,
  shellOutlivesWindow,
  shellTerminated,
} from "../inside.ts";
import { expect, type Story } from "../story.ts";

export const extension: Story = {
  letter: "k",
  title: "/extend: more time is a decision of its own",
  play: async (set) => {
    const { sandbox, tell } = set;
    const on = "r2d2-dev-02";
    const request = await askAndSee(set, "alice", { nodes: on, for: "12s", reason: "follow a slow query" });
    const first = await goIn(set, { who: "alice", request, on });
    await comment(sandbox.stage, "alice", request, "/extend 10s");
    tell.say("alice", "comments `/extend 10s`");
    const more = await until("the extension", async () => extensionOf(sandbox.stage, request));
    tell.say(
      "App",
      `opens issue #${more} for the same node and links both; it is decided like any other request`,
    );
    const second = await goInAgain(first, more, sandbox.stage);
    tell.say(
      "Action",
      "granted, and sealed to the key that she posted on the first one; she opens a second shell",
    );
    const { until: end } = first.grant.record.granted;
    expect(second.grant.record.granted.until > end, "the second end to be after the first");
    await shellOutlivesWindow(set, first);
    expect(second.shell.open, "the second shell to be open still");
    tell.say(
      "runbook",
      "left the second shell alone: the first end stays where it was, and so does the second",
    );
    const shell = await goOut(set, second);
    return { requests: [request, more], found: { shell } };
  },
};

async function extensionOf(stage: Stage, request: number): Promise<number | undefined> {
  const found = /is asked for in #(\d+)/.exec((await statusOf(stage, request)) ?? "")?.[1];
  return found === undefined ? undefined : Number(found);
}

/** With the same key, on the same node. */
async function goInAgain(first: Inside, request: number, stage: Stage): Promise<Inside> {
  const grant = await first.operator.take(request);
  const shell = stage.aws.openShell(await first.operator.start(grant, node(first.on)));
  return { ...first, grant, request, shell };
}

export const revokedByApprover: Story = {
  letter: "l",
  title: "/revoke by an approver, who has no write access",
  play: async (set) => {
    const { sandbox, tell } = set;
    const { stage } = sandbox;
    const on = "r2d2-app-02";
    const request = ask(stage, "alice", { nodes: on, for: "5m", reason: "INC-1235 drain the queue" });
    tell.say("alice", `opens issue #${request}: ${on}, shell, 5m`);
    const pull = await until("a pull request", async () => (await openPullOf(stage, request))?.number);
    for (const login of ["bob", "carol", "erin"] as const) await review(stage, login, pull, "APPROVE");
    tell.say("bob", "and carol and erin approve");
    const inside = await goIn(set, { who: "alice", request, on });
    const asked = Date.now();
    await comment(stage, "carol", request, "/revoke the queue is empty");
    tell.say("carol", "(may only read here, but approved it) comments `/revoke the queue is empty`");
    const shell = await shellTerminated(inside, asked);
    await closedAs(set, request, "revoked");
    tell.say("Action", `ended it, and recorded that carol did: her shell was over after ${shell} s`);
    return { requests: [request], found: { shell } };
  },
};

export const ignored: Story = {
  letter: "m",
  title: "commands that nobody has to heed",
  play: async (set) => {
    const { sandbox, tell } = set;
    const { stage } = sandbox;
    const on = "r2d2-dev-01";
    const request = await askAndSee(set, "alice", { nodes: on, for: "10s", reason: "read one log" });
    const inside = await goIn(set, { who: "alice", request, on });
    for (let i = 0; i < 3; i++) await comment(stage, "mallory", request, "/revoke");
    tell.say("mallory", "(a contractor) comments `/revoke`, three times");
    const why = await until("the answer", async () => answerIn(await statusOf(stage, request)));
    tell.say("App", `says in the status comment, once and in no comment of its own: ${why}`);
    const { labels } = await issueOf(stage, request);
    expect(inside.shell.open && labels.includes("access: active"), "alice's access to be open still");
    const shell = await goOut(set, inside);
    return { requests: [request], found: { shell, why } };
  },
};

const answerIn = (status: string | undefined): string | undefined =>
  /^> (`\/revoke` by `@mallory` did nothing: .*)$/m.exec(status ?? "")?.[1];
