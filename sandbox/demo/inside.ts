// The steps that most stories share: going in with what was granted, and the end of the window.

import { formatInstant } from "../../core/ids.ts";
import type { TakenGrant } from "../../flow/take-credentials.ts";
import { nodes, type Person, type Stage } from "../stage.ts";
import {
  ask,
  comment,
  createOperator,
  type FormFields,
  issueOf,
  type Operator,
  refusalOf,
  statusOf,
  until,
} from "./cast.ts";
import { expect, type StorySet } from "./story.ts";

type NodeName = (typeof nodes)[number]["name"];

export const node = (name: NodeName): string =>
  nodes.find((each) => each.name === name)?.id ?? "no such node";

type Shell = ReturnType<Stage["aws"]["openShell"]>;

/** A grant that is open, with the shell that is in it. */
export interface Inside {
  readonly who: Person;
  readonly operator: Operator;
  readonly grant: TakenGrant;
  readonly request: number;
  readonly on: NodeName;
  readonly shell: Shell;
}

/** Asks for a node that a policy opens at once, and waits for its decision. */
export async function askAndSee(
  { sandbox, tell }: StorySet,
  who: Person,
  fields: FormFields,
): Promise<number> {
  const request = ask(sandbox.stage, who, fields);
  tell.say(who, `opens issue #${request}: ${fields.nodes}, shell, ${fields.for}`);
  await until("the decision", async () => (await statusOf(sandbox.stage, request))?.includes("automatic"));
  return request;
}

interface Door {
  readonly who: Person;
  readonly request: number;
  readonly on: NodeName;
}

/** Posts the key, takes the credentials, starts a session. */
export async function goIn(set: StorySet, door: Door): Promise<Inside> {
  return enter(set, door, await postKey(set, door));
}

/** Answers who can open what is sealed to it. */
export async function postKey({ sandbox, tell }: StorySet, { who, request }: Door): Promise<Operator> {
  const operator = await createOperator(sandbox, who);
  tell.say(
    who,
    `comments \`/token ${operator.recipient.slice(0, 14)}…\`: the key to seal to, from nobody else`,
  );
  await comment(sandbox.stage, who, request, `/token ${operator.recipient}`);
  return operator;
}

/** Waits for the credentials. */
export async function enter(
  { sandbox, tell }: StorySet,
  { who, request, on }: Door,
  operator: Operator,
): Promise<Inside> {
  const grant = await operator.take(request);
  tell.say(
    "Action",
    `granted: record committed, end scheduled in AWS, credentials sealed and posted; until ${formatInstant(grant.record.granted.until)}`,
  );
  tell.say(
    who,
    "opens the seal: written by the App, never edited, and AWS says they are this grant's credentials",
  );
  const started = await operator.start(grant, node(on));
  const shell = sandbox.stage.aws.openShell(started);
  tell.say(who, `is in a shell on ${on}: session ${started.SessionId}`);
  return { who, operator, grant, request, on, shell };
}

/** The credentials open nothing on this node. */
export async function isRefused(
  { tell }: StorySet,
  { who, operator, grant }: Inside,
  on: NodeName,
  when: string,
): Promise<void> {
  const refusal = await refusalOf(() => operator.start(grant, node(on)));
  expect(refusal === "AccessDeniedException", `AWS to refuse ${on}, got ${refusal ?? "a session"}`);
  tell.say("AWS", `refuses ${who} on ${on} ${when}: ${refusal}`);
}

export const windowOver = ({ grant }: Inside): Promise<true> =>
  until("the end of the window", async () =>
    Date.now() > grant.record.granted.until + 100 ? true : undefined,
  );

/** Seconds after `from`, to a tenth, at which the open shell was terminated. */
export async function shellTerminated({ shell }: Inside, from: number): Promise<number> {
  const ended = await until("the open shell to be ended", async () => shell.ended);
  expect(ended.how === "terminated", `the open shell to be terminated, got ${ended.how}`);
  return Math.round((ended.at - from) / 100) / 10;
}

/** The window ends by itself: nothing new, nothing left open, and the issue says so. Answers how many seconds the shell outlived it. */
export async function goOut(set: StorySet, inside: Inside): Promise<number> {
  const seconds = await shellOutlivesWindow(set, inside);
  await closedAs(set, inside.request, "expired");
  set.tell.say(
    "sweep",
    "verified that nothing is left, moved the record to ended/, told the issue and closed it",
  );
  return seconds;
}

/** As far as AWS goes: refused, and the open shell terminated. */
export async function shellOutlivesWindow(set: StorySet, inside: Inside): Promise<number> {
  await windowOver(inside);
  await isRefused(set, inside, inside.on, theWindowIsOver);
  const seconds = await shellTerminated(inside, inside.grant.record.granted.until);
  set.tell.say("runbook", `ended ${inside.who}'s shell ${seconds} s after the end, with no GitHub involved`);
  return seconds;
}

export const theWindowIsOver = "with the same credentials, for the window is over";

export async function closedAs({ sandbox }: StorySet, request: number, state: string): Promise<void> {
  await until(`#${request} to be ${state}`, async () => {
    const issue = await issueOf(sandbox.stage, request);
    return !issue.open && issue.labels.includes(`access: ${state}`) ? true : undefined;
  });
}
