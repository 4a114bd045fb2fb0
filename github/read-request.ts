// One look at a request: one query, and more only for what did not fit in it.

import type * as z from "zod/mini";
import type { UsFacts } from "../core/facts.ts";
import type { Instant, RequestNumber, Sha } from "../core/ids.ts";
import { readFiles, wholeText } from "./branch-files.ts";
import type { GitHubClient } from "./client.ts";
import { GitHubError } from "./error.ts";
import type { FileText } from "./graphql-shape.ts";
import { hasRecord, isRequest } from "./is-request.ts";
import { monthsBack, monthsBetween } from "./months.ts";
import type { PullPages } from "./pull-shape.ts";
import { readHandWritten } from "./read-hand-written.ts";
import { restOfList, startOfList, unlessCut } from "./read-list.ts";
import type { HandWritten, LedgerReading, PullReading, RequestReading, SubjectReading } from "./reading.ts";
import { branchesLookedAt, monthsLookedAt, morePullsQuery, requestQuery } from "./request-query.ts";
import { morePullsAnswer, type RequestAnswer, requestAnswer } from "./request-shape.ts";

/** The request's branches in order: `request/12`, `request/12-2`, `request/12-3` … */
export const requestBranch = (number: RequestNumber, nth: number): string =>
  nth === 1 ? `request/${number}` : `request/${number}-${nth}`;

interface Look {
  readonly client: GitHubClient;
  readonly us: UsFacts;
  readonly number: RequestNumber;
  readonly now: Instant;
  readonly evenIfDecided: boolean;
}

/**
 * Undefined when that number is no access request: nothing at all, an ordinary issue, or a pull request of ours. What a pull request written by hand adds is not read any more
 * when its access is open or over, unless it is to be decided again (`evenIfDecided`).
 */
export async function readRequest(
  client: GitHubClient,
  us: UsFacts,
  number: RequestNumber,
  now: Instant,
  { evenIfDecided = false }: { readonly evenIfDecided?: boolean } = {},
): Promise<RequestReading | undefined> {
  const look = { client, us, number, now, evenIfDecided };
  const answer = await ask(look);
  const { subject, defaultBranchRef } = answer;
  // without a ledger Hallpass is not set up in this repository, and nothing in it concerns us
  if (subject === null || answer.ledger === null) return undefined;
  if (defaultBranchRef === null) throw missingBranch("a default branch");
  const ledger = await ledgerReading(look, answer.ledger.target, subject.createdAt);
  const reading: RequestReading = {
    now,
    us,
    repository: {
      id: answer.databaseId,
      owner: answer.owner.login,
      name: answer.name,
      closed: answer.visibility !== "PUBLIC",
      defaultBranch: defaultBranchRef.name,
      htmlUrl: answer.url,
    },
    defaultHead: defaultBranchRef.target.oid,
    ledger,
    inventory: answer.inventory?.target.oid,
    subject: await subjectReading(look, answer.databaseId, { subject, ledger }),
    pulls: await pullReadings(look, answer, ledger),
  };
  return isRequest(reading) ? reading : undefined;
}

const missingBranch = (what: string) =>
  new GitHubError("not-found", { call: "Request", said: `${what} in the repository` });

async function ask({ client, us, number, now }: Look): Promise<RequestAnswer> {
  const { owner, repo } = client;
  const months = monthsBack(now, monthsLookedAt);
  const { repository } = await client.query({
    text: requestQuery,
    variables: {
      owner,
      repo,
      number,
      app: us.appId,
      approvedPath: `approved/${number}.yaml`,
      activePath: `active/${number}.yaml`,
      ...Object.fromEntries(months.map((month, i) => [`ended${i}`, endedPath(month, number)])),
      ...Object.fromEntries(
        Array.from({ length: branchesLookedAt }, (_, i) => [`branch${i}`, requestBranch(number, i + 1)]),
      ),
    },
    as: requestAnswer,
    mayMiss: [
      "repository.subject",
      ...["approved", "active", "ended0", "ended1", "ended2", "ended3"].map(
        (file) => `repository.ledger.target.${file}`,
      ),
    ],
  });
  return repository;
}

const endedPath = (month: string, number: RequestNumber): string => `ended/${month}/${number}.yaml`;

async function ledgerReading(
  look: Look,
  { oid: head, everActive, ...files }: NonNullable<RequestAnswer["ledger"]>["target"],
  createdAt: Instant,
): Promise<LedgerReading> {
  const { number } = look;
  const active = wholeText(files.active, `active/${number}.yaml`);
  // ATTACK: a file too large to be read, laid beside an active record, must not keep that from being ended
  const textOf = active === undefined ? wholeText : (file: FileText | undefined) => file?.text;
  const approved = textOf(files.approved, `approved/${number}.yaml`);
  const ended =
    recentEnd(look, files, textOf) ??
    (active === undefined ? await olderEnd(look, head, createdAt) : undefined);
  return {
    head,
    everActive: everActive.nodes.length > 0,
    ...(approved === undefined ? {} : { approved }),
    ...(active === undefined ? {} : { active }),
    ...(ended === undefined ? {} : { ended }),
  };
}

type Ended = LedgerReading["ended"];

function recentEnd(
  { number, now }: Look,
  files: Readonly<Record<"ended0" | "ended1" | "ended2" | "ended3", FileText | undefined>>,
  textOf: typeof wholeText,
): Ended {
  const texts = [files.ended0, files.ended1, files.ended2, files.ended3];
  for (const [i, month] of monthsBack(now, monthsLookedAt).entries()) {
    const path = endedPath(month, number);
    const text = textOf(texts[i], path);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

/** Of a request older than the one query looks back. */
async function olderEnd({ client, number, now }: Look, head: Sha, createdAt: Instant): Promise<Ended> {
  const older = monthsBetween(createdAt, now).slice(monthsLookedAt);
  if (older.length === 0) return undefined;
  const paths = older.map((month) => endedPath(month, number));
  const { texts } = await readFiles(client, head, paths);
  for (const [path, text] of texts) return { path, text };
  return undefined;
}

type SubjectAnswer = NonNullable<RequestAnswer["subject"]>;

async function subjectReading(
  look: Look,
  repository: number,
  { subject: answer, ledger }: { readonly subject: SubjectAnswer; readonly ledger: LedgerReading },
): Promise<SubjectReading> {
  const { client, number } = look;
  const open = ledger.active !== undefined;
  const restOf = open ? startOfList : restOfList;
  const events = await restOf(client, number, "subjectEvents", answer.subjectEvents);
  const whole = {
    number,
    author: answer.author,
    body: answer.body,
    createdAt: answer.createdAt,
    lastEditedAt: answer.lastEditedAt,
    open: !answer.closed,
    labels: (answer.labels?.nodes ?? []).map(({ name }) => name),
    // null stands for a history that GitHub does not show: it counts as one that cannot be read
    edits:
      answer.edits === null
        ? undefined
        : await unlessCut(open, restOfList(client, number, "edits", answer.edits)),
    closings: events.flatMap((each) => (each.event === "closed" ? [{ by: each.by, at: each.at }] : [])),
    transferred: events.some((each) => each.event === "transferred"),
    comments: await restOf(client, number, "comments", answer.comments),
  };
  if (answer.__typename === "Issue") return { kind: "issue", mergedAt: undefined, ...whole };
  const { base, author } = answer.pages.pull;
  const asks = base === "ledger" && author?.id !== look.us.botId;
  const subject = { kind: "pull", mergedAt: answer.mergedAt, ...whole } as const;
  if (!asks && !hasRecord(ledger)) return subject;
  if (!asks) return { ...subject, pull: { ...firstPages(answer.pages), ...elsewhere(base) } };
  const decided = open || ledger.ended !== undefined;
  if (decided && !look.evenIfDecided) return { ...subject, pull: { ...firstPages(answer.pages), ...unread } };
  const pull = await wholePull(client, answer.pages, ledger);
  return { ...subject, pull: { ...pull, ...(await readHandWritten(client, repository, { pull, open })) } };
}

/** It has a record, so it was one of ours once; nothing of what it holds now is read. */
const elsewhere = (base: string): HandWritten => ({
  added: { problem: `it goes to \`${base}\`: expected it to go to \`ledger\`, by its author` },
  hands: [],
});

/** INVARIANT: whoever takes it for the content all the same finds nothing that could be approved. */
const unread: HandWritten = {
  added: { problem: "it is decided already, so what it adds was not read again" },
  hands: [undefined],
};

async function pullReadings(
  look: Look,
  answer: RequestAnswer,
  ledger: LedgerReading,
): Promise<readonly PullReading[]> {
  const { client, us, number } = look;
  const looked = [answer.pulls0, answer.pulls1, answer.pulls2];
  const pages: PullPages[] = [];
  for (let nth = 1; ; nth++) {
    const branch = requestBranch(number, nth);
    const found = await pullsOf(look, branch, looked[nth - 1]);
    pages.push(...found);
    // branches are numbered without a gap, so the first that nobody used is the last to ask for
    if (nth >= branchesLookedAt && found.length === 0) break;
  }
  const readings: PullReading[] = [];
  // of somebody else's nothing but its making counts, so its lists are not read to their end
  for (const each of pages)
    readings.push(
      each.pull.author?.id === us.botId ? await wholePull(client, each, ledger) : firstPages(each),
    );
  return readings.sort((a, b) => a.number - b.number);
}

const firstPages = ({ pull, reviews, events }: PullPages): PullReading => ({
  ...pull,
  reviews: reviews.nodes,
  events: events.nodes,
});

async function wholePull(
  client: GitHubClient,
  pages: PullPages,
  { active }: LedgerReading,
): Promise<PullReading> {
  const { pull, reviews, events } = pages;
  const whole = async () => ({
    ...pull,
    reviews: await restOfList(client, pull.number, "reviews", reviews),
    events: await restOfList(client, pull.number, "pullEvents", events),
  });
  // INVARIANT: one that is not read whole is nobody's, and approves nothing: a commit is what it has to show
  return (await unlessCut(active !== undefined, whole())) ?? { ...firstPages(pages), commit: undefined };
}

type PullsPage = z.output<typeof morePullsAnswer>["repository"]["pulls"];

async function pullsOf(
  { client, us, number }: Look,
  branch: string,
  first: PullsPage | undefined,
): Promise<readonly PullPages[]> {
  const { owner, repo } = client;
  const found = [...(first?.nodes ?? [])];
  let after = first === undefined ? null : first.next;
  while (after !== undefined) {
    const { repository } = await client.query({
      text: morePullsQuery,
      variables: { owner, repo, app: us.appId, approvedPath: `approved/${number}.yaml`, branch, after },
      as: morePullsAnswer,
    });
    found.push(...repository.pulls.nodes);
    after = repository.pulls.next;
  }
  return found;
}
