// An issue that our App opened because of `/extend` is its requester's own, if what the App says of it holds. Then it is looked at as if they had opened it with the comment.

import { formOfExtension, heededExtends, parseExtension } from "../core/extension.ts";
import type { CommandFacts, ExtensionFacts, ExtensionOf, Facts } from "../core/facts.ts";
import type { Account } from "../core/ids.ts";
import type { GitHubClient } from "../github/client.ts";
import { judgeExtension, keyOnFirst, listExtensions } from "../github/extensions.ts";
import { unlessCut } from "../github/read-list.ts";
import { readRequest } from "../github/read-request.ts";
import type { Actor, RequestReading } from "../github/reading.ts";
import { ledgerFacts } from "../github/records.ts";
import { shownFacts } from "../github/shown.ts";

export interface Extended {
  readonly reading: RequestReading;
  /** Absent where the issue is no extension. */
  readonly extends?: ExtensionFacts;
  /** The key that was posted on the first request. */
  readonly keys: readonly CommandFacts[];
}

export async function withRequester(
  client: GitHubClient,
  reading: RequestReading,
  asIfNeverGranted: boolean,
): Promise<Extended> {
  const { subject, us } = reading;
  const ours = subject.kind === "issue" && subject.author?.id === us.botId;
  const of = ours ? parseExtension(subject.body) : undefined;
  if (of === undefined) return { reading, keys: [] };
  const ledger = ledgerFacts(reading);
  const record = ledger.ok && !asIfNeverGranted ? (ledger.value.ended ?? ledger.value.active) : undefined;
  // INVARIANT: after activation only revocation, the requester's leaving and time change anything. The end in AWS holds the digest of the record, so that nobody has
  // credentials issued for a requester whom somebody else wrote into it
  if (record !== undefined)
    return {
      reading: askedBy(reading, record.requester),
      extends: of,
      keys: record.folder === "active" ? await keyOf(client, reading, of, record.requester) : [],
    };
  const first = await readFirst(client, reading, of);
  const judged = await judgeExtension(client, reading, of, first);
  if (judged.why !== undefined) return { reading, extends: { ...of, unfounded: judged.why }, keys: [] };
  const { requester, at, comments } = judged;
  const asked = askedBy(reading, requester);
  return {
    // it was asked when the comment was written, however late anybody looked at that
    reading: {
      ...asked,
      subject: { ...asked.subject, createdAt: at, body: formOfExtension(subject.body) },
    },
    extends: of,
    keys: keyOnFirst(comments, requester, at),
  };
}

const askedBy = (reading: RequestReading, requester: Account): RequestReading => {
  const author: Actor = { kind: "User", login: requester.login, id: requester.id };
  return { ...reading, subject: { ...reading.subject, author } };
};

const readFirst = (client: GitHubClient, { us, now }: RequestReading, { request }: ExtensionOf) =>
  readRequest(client, us, request, now);

/** For a run that died before it delivered; after that, a key is posted on the extension itself. */
async function keyOf(
  client: GitHubClient,
  reading: RequestReading,
  of: ExtensionOf,
  requester: Account,
): Promise<readonly CommandFacts[]> {
  if (shownFacts(reading).answered.length > 0) return [];
  // what cannot be read whole must not keep access from being ended
  const first = await unlessCut(true, readFirst(client, reading, of));
  const said = first?.subject.comments.find(({ id }) => id === of.comment);
  return first === undefined || said === undefined
    ? []
    : keyOnFirst(first.subject.comments, requester, said.at);
}

/** What was opened because of `/extend` on this one; nothing is asked where nobody said so. */
export async function withExtensions(client: GitHubClient, facts: Facts): Promise<Facts> {
  const { active, ended } = facts.ledger;
  const [first] = active === undefined || ended !== undefined ? [] : heededExtends(facts.commands, active);
  if (first === undefined) return facts;
  const asked = { request: facts.subject.number, since: first.at };
  return { ...facts, extensions: await listExtensions(client, facts.us, asked) };
}
