// Issues that our App has opened because of `/extend`, and whether one of them may speak for the author of that comment.

import * as z from "zod/mini";
import { parseCommand } from "../core/commands.ts";
import { type Extend, parseExtension, renderExtension, saysTheSame } from "../core/extension.ts";
import type { CommandFacts, ExtensionOf, OpenedExtension, UsFacts } from "../core/facts.ts";
import type { Account, Instant, RequestNumber } from "../core/ids.ts";
import { parseActive, parseEnded } from "../core/parse-record.ts";
import type { ActiveRecord } from "../core/record.ts";
import { isPerson } from "./account.ts";
import type { GitHubClient } from "./client.ts";
import { readFirstText } from "./first-text.ts";
import type { CommentReading, RequestReading } from "./reading.ts";

/** GitHub's clock and the comment's may differ by a little. In milliseconds. */
const drift = 60_000;

const issueShape = z.object({
  number: z.int(),
  body: z.nullish(z.string()),
  user: z.nullable(z.object({ id: z.int() })),
});

/** What our App has opened for `/extend` comments on this request since the first of them, lowest number first. */
export async function listExtensions(
  client: GitHubClient,
  us: UsFacts,
  { request, since }: { readonly request: RequestNumber; readonly since: Instant },
): Promise<readonly OpenedExtension[]> {
  const found: OpenedExtension[] = [];
  for (let page = 1; ; page++) {
    const issues = await client.get({
      path: "/repos/{owner}/{repo}/issues",
      query: {
        creator: `${us.slug}[bot]`,
        state: "all",
        since: new Date(since - drift).toISOString(),
        sort: "created",
        direction: "asc",
        per_page: 100,
        page,
      },
      as: z.array(issueShape),
    });
    for (const { number, body, user } of issues) {
      const of = user?.id === us.botId ? parseExtension(body ?? "") : undefined;
      if (of?.request === request) found.push({ number: number as RequestNumber, comment: of.comment });
    }
    if (issues.length < 100) return found.sort(byNumber);
  }
}

const byNumber = (a: OpenedExtension, b: OpenedExtension): number => a.number - b.number;

/** Ensures that there is one. Two processes may both open theirs: the lowest number counts, and the other one says so and is closed when it is looked at. */
export async function openExtension(
  client: GitHubClient,
  us: UsFacts,
  asked: {
    readonly request: RequestNumber;
    readonly said: Extend;
    readonly title: string;
    readonly body: string;
  },
): Promise<readonly OpenedExtension[]> {
  const { request, said, title, body } = asked;
  const look = () => listExtensions(client, us, { request, since: said.at });
  const before = await look();
  if (before.some(({ comment }) => comment === said.comment)) return before;
  const { number } = await client.send({
    method: "POST",
    path: "/repos/{owner}/{repo}/issues",
    body: { title, body, labels: ["access: pending"] },
    as: z.object({ number: z.int() }),
    mayWait: false,
  });
  const own = { number: number as RequestNumber, comment: said.comment };
  return [...(await look()).filter((each) => each.number !== number), own].sort(
    (a, b) => a.number - b.number,
  );
}

export type Judged =
  | {
      readonly requester: Account;
      readonly at: Instant;
      readonly comments: readonly CommentReading[];
      readonly why?: undefined;
    }
  | { readonly why: string };

/**
 * Whose extension it is: the author of an own, unedited `/extend` on a request of theirs that was open then, if the text is exactly what that asks for. ATTACK: whoever has
 * the App's key opens issues in its name. `first` is the other request, read afresh.
 */
export async function judgeExtension(
  client: GitHubClient,
  { subject, us }: RequestReading,
  of: ExtensionOf,
  first: RequestReading | undefined,
): Promise<Judged> {
  const comment = first?.subject.comments.find(({ id }) => id === of.comment);
  if (first === undefined || comment === undefined)
    return { why: `the \`/extend\` on #${of.request} is gone` };
  const said = saidIn(comment);
  if (typeof said === "string") return { why: `${said} on #${of.request}` };
  const record = await grantOf(client, of.request);
  if (record === undefined) return { why: `#${of.request} has no grant in the ledger` };
  const unfit = unfitGrant(first, record, said);
  if (unfit !== undefined) return { why: `#${of.request} ${unfit}` };
  if (comment.author?.id !== record.requester.id || !isPerson(comment.author))
    return { why: `the \`/extend\` on #${of.request} is not of its requester` };
  if (!saysTheSame(subject.body, renderExtension(record, said)))
    return { why: `its text is not what the \`/extend\` on #${of.request} asks for` };
  const [lowest] = (await listExtensions(client, us, { request: of.request, since: said.at })).filter(
    (each) => each.comment === of.comment,
  );
  if (lowest !== undefined && lowest.number < subject.number)
    return { why: `#${lowest.number} answers the same \`/extend\`` };
  return { requester: comment.author, at: said.at, comments: first.subject.comments };
}

function saidIn({ id, body, at, edited }: CommentReading): Extend | string {
  if (edited) return "somebody has edited the `/extend`";
  const parsed = parseCommand(body);
  return parsed?.ok === true && parsed.value.command === "extend"
    ? { comment: id, at, for: parsed.value.for }
    : "the comment is no `/extend`";
}

/** By its first text in the append-only history: what lies there now may be anybody's who has the App's key. */
async function grantOf(client: GitHubClient, request: RequestNumber): Promise<ActiveRecord | undefined> {
  const path = `active/${request}.yaml`;
  const text = await readFirstText(client, path);
  const record = text === undefined ? undefined : parseActive(text, path);
  return record?.ok === true ? record.value : undefined;
}

function unfitGrant(
  { subject, ledger, us }: RequestReading,
  { granted, requester }: ActiveRecord,
  { at }: Extend,
): string | undefined {
  if (at < granted.at || at >= granted.until) return "was not open when its requester said `/extend`";
  // the first of a chain is a person's own
  const { author } = subject;
  if (author?.id !== us.botId && author?.id !== requester.id)
    return "is not of the one whom its record names";
  const ended = ledger.ended === undefined ? undefined : parseEnded(ledger.ended.text, ledger.ended.path);
  if (ended === undefined || (ended.ok && ended.value.ended.how === "expired")) return undefined;
  return ended.ok ? `ended early: ${ended.value.ended.how}` : "has a record that cannot be read";
}

/** The requester's last key on the first request by the time of `/extend`: it serves until they post one here. */
export function keyOnFirst(
  comments: readonly CommentReading[],
  requester: Account,
  by: Instant,
): readonly CommandFacts[] {
  return comments
    .flatMap(({ id, author, body, at, edited }): readonly CommandFacts[] => {
      if (edited || author?.id !== requester.id || at > by) return [];
      const parsed = parseCommand(body);
      return parsed?.ok === true && parsed.value.command === "token"
        ? [{ comment: id, by: requester, at, allowed: true, ...parsed.value }]
        : [];
    })
    .sort((a, b) => a.at - b.at || a.comment - b.comment)
    .slice(-1);
}
