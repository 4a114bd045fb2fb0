// The stories of the demo. Each step is a person's, or something seen on GitHub or in AWS; a step that does not come out as told fails the demo.

import { formatInstant } from "../../core/ids.ts";
import type { TakenGrant } from "../../flow/take-credentials.ts";
import { nodes } from "../stage.ts";
import type { Sandbox } from "../start.ts";
import {
  ask,
  comment,
  createOperator,
  edit,
  issueOf,
  type Operator,
  openPullOf,
  refusalOf,
  review,
  statusOf,
  until,
} from "./cast.ts";
import type { Teller } from "./tell.ts";

export interface Set {
  readonly sandbox: Sandbox;
  readonly tell: Teller;
}

const node = (name: (typeof nodes)[number]["name"]): string =>
  nodes.find((each) => each.name === name)?.id ?? "no such node";

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the story did not come out as told: expected ${what}`);
}

/** A grant that is open, with the shell that is in it. */
interface Inside {
  readonly operator: Operator;
  readonly grant: TakenGrant;
  readonly request: number;
  readonly shell: {
    readonly sessionId: string;
    readonly ended: { readonly at: number; readonly how: string } | undefined;
  };
}

/** Posts the key, takes the credentials, starts a session, and is refused elsewhere. */
async function goIn(
  { sandbox, tell }: Set,
  request: number,
  { on, notOn }: { readonly on: string; readonly notOn: string },
): Promise<Inside> {
  const { stage } = sandbox;
  const operator = await createOperator(sandbox, "alice");
  tell.say(
    "alice",
    `comments \`/token ${operator.recipient.slice(0, 14)}…\`: the key to seal to, from nobody but her`,
  );
  await comment(stage, "alice", request, `/token ${operator.recipient}`);
  const grant = await operator.take(request);
  tell.say(
    "Action",
    `granted: record committed, end scheduled in AWS, credentials sealed and posted; until ${formatInstant(grant.record.granted.until)}`,
  );
  tell.say(
    "alice",
    "opens the seal: written by the App, never edited, and AWS says they are this grant's credentials",
  );
  const started = await operator.start(grant, on);
  const shell = stage.aws.openShell(started);
  tell.say("alice", `is in a shell on ${on}: session ${started.SessionId}`);
  const refusal = await refusalOf(() => operator.start(grant, notOn));
  expect(refusal === "AccessDeniedException", `AWS to refuse another node, got ${refusal ?? "a session"}`);
  tell.say("AWS", `refuses her on ${notOn}: ${refusal}`);
  return { operator, grant, request, shell };
}

/** The window ends by itself: nothing new, nothing left open, and the issue says so. */
async function goOut(
  { sandbox, tell }: Set,
  { operator, grant, request, shell }: Inside,
  on: string,
): Promise<void> {
  const { stage } = sandbox;
  const { until: end } = grant.record.granted;
  await until("the end of the window", async () => (Date.now() > end + 100 ? true : undefined));
  const refusal = await refusalOf(() => operator.start(grant, on));
  expect(refusal === "AccessDeniedException", `AWS to refuse after the end, got ${refusal ?? "a session"}`);
  tell.say("AWS", `the window is over: the same credentials start nothing more (${refusal})`);
  const ended = await until("the open shell to be ended", async () => shell.ended);
  expect(ended.how === "terminated", "the open shell to be terminated");
  tell.say(
    "runbook",
    `ended the open shell ${((ended.at - end) / 1000).toFixed(1)} s after the end, with no GitHub involved`,
  );
  await until("the issue to be closed", async () =>
    (await issueOf(stage, request)).open ? undefined : true,
  );
  const { labels } = await issueOf(stage, request);
  expect(labels.includes("access: expired"), "the label `access: expired`");
  tell.say(
    "sweep",
    "verified that nothing is left, moved the record to ended/, told the issue and closed it",
  );
}

/** (a) A development node, decided by AWS's own announcement policy. */
export async function automatic(set: Set, during: () => Promise<void>): Promise<number> {
  const { sandbox, tell } = set;
  tell.chapter("a", "a development node: a policy decides at once");
  const request = ask(sandbox.stage, "alice", {
    nodes: "r2d2-dev-01",
    for: "8s",
    reason: "look at the new build's logs",
  });
  tell.say("alice", `opens issue #${request}: r2d2-dev-01, shell, 8s`);
  await until("the decision", async () => (await statusOf(sandbox.stage, request))?.includes("automatic"));
  tell.say(
    "App",
    "approved by policy auto-approval.cedar:4, word for word AWS's own example: nobody has to approve",
  );
  const inside = await goIn(set, request, { on: node("r2d2-dev-01"), notOn: node("r2d2-app-01") });
  await during();
  tell.chapter("a", "the same development node, as its window ends");
  await goOut(set, inside, node("r2d2-dev-01"));
  return request;
}

/** (b) A production node: two levels, three people, and what does not count. */
export async function twoLevels(set: Set): Promise<number> {
  const { sandbox, tell } = set;
  const { stage } = sandbox;
  tell.chapter("b", "r2d2-app-01, production: DevOps leads, then two of security");
  const request = ask(stage, "alice", {
    nodes: "r2d2-app-01",
    for: "9s",
    reason: "INC-1234 checkout is down",
    ticket: "INC-1234",
  });
  tell.say("alice", `opens issue #${request}: r2d2-app-01, shell, 9s, INC-1234`);
  const first = await until("a pull request", () => openPullOf(stage, request));
  tell.say(
    "App",
    `people decide: opens pull request #${first.number} that pins the node; that is what they approve`,
  );
  await review(stage, "alice", first.number, "APPROVE");
  await until("her approval to be refused", async () =>
    (await statusOf(stage, request))?.includes("nobody approves their own request"),
  );
  tell.say("alice", "approves her own request: GitHub takes it, Hallpass does not count it");
  await review(stage, "bob", first.number, "APPROVE");
  await until("level 1", async () => (await statusOf(stage, request))?.includes("[x] **Level 1**"));
  tell.say("bob", "(DevOps lead) approves: level 1 is filled");
  await edit(stage, "alice", request, "\n9s\n", "\n8s\n");
  const second = await until("a new pull request", async () => {
    const pull = await openPullOf(stage, request);
    return pull !== undefined && pull.number !== first.number ? pull : undefined;
  });
  tell.say("alice", "edits the issue: 8s instead of 9s");
  tell.say(
    "App",
    `closes #${first.number} and opens #${second.number}: approvals are of what was seen, so everybody is asked again`,
  );
  for (const [login, why] of [
    ["bob", "(DevOps lead) approves the new one"],
    ["carol", "(named in approvals.yaml) approves: one of two"],
    ["erin", "(security) approves: level 2 is filled by two different people"],
  ] as const) {
    await review(stage, login, second.number, "APPROVE");
    tell.say(login, why);
  }
  await until("the merge", async () => ((await openPullOf(stage, request)) === undefined ? true : undefined));
  tell.say(
    "App",
    `merges #${second.number} into the ledger, with trailers that say who approved which level`,
  );
  const inside = await goIn(set, request, { on: node("r2d2-app-01"), notOn: node("r2d2-app-02") });
  await goOut(set, inside, node("r2d2-app-01"));
  return request;
}

/** (c) A guardrail: no approver can override it. */
export async function guardrail({ sandbox, tell }: Set): Promise<number> {
  tell.chapter("c", "c3po-vault-01: a guardrail, while (a) is open");
  const request = ask(sandbox.stage, "alice", { nodes: "c3po-vault-01", for: "10s", reason: "rotate a key" });
  tell.say("alice", `opens issue #${request}: c3po-vault-01`);
  await closedAs({ sandbox, tell }, request, "denied");
  tell.say("App", "denied by guardrail `never`, closed and recorded; no approver can override it");
  return request;
}

/** (d) A person says no. */
export async function rejection({ sandbox, tell }: Set): Promise<number> {
  tell.chapter("d", "bb8-batch-01: a reviewer says no");
  const { stage } = sandbox;
  const request = ask(stage, "alice", { nodes: "bb8-batch-01", for: "10s", reason: "just looking" });
  tell.say("alice", `opens issue #${request}: bb8-batch-01`);
  const pull = await until("a pull request", () => openPullOf(stage, request));
  tell.say("App", `opens pull request #${pull.number} and asks @acme/platform`);
  await review(stage, "pat", pull.number, "REQUEST_CHANGES", "say what you are looking for");
  tell.say("pat", "(platform) requests changes: that rejects it");
  await closedAs({ sandbox, tell }, request, "rejected");
  tell.say("App", "rejected: pull request and issue closed, recorded in ended/");
  return request;
}

async function closedAs({ sandbox }: Set, request: number, state: string): Promise<void> {
  await until(`#${request} to be ${state}`, async () => {
    const issue = await issueOf(sandbox.stage, request);
    return !issue.open && issue.labels.includes(`access: ${state}`) ? true : undefined;
  });
}
