// Moving records to `ended/`: one commit for all that a run ends, tried again when somebody else wrote to the ledger first.

import type { Sha } from "../core/ids.ts";
import { type EndedRecord, recordPath, renderRecord } from "../core/record.ts";
import type { BranchTexts } from "../github/branch-files.ts";
import type { GitHubClient } from "../github/client.ts";
import { commitToLedger, readLedgerFiles } from "../github/ledger.ts";

export interface End {
  readonly record: EndedRecord;
  /** Path of the record it comes from, which is taken away. */
  readonly removes: string;
}

/**
 * Answers the ledger's head afterwards. What is there already is not written again. `seen`: a head at which all that is removed was there and nothing of what is added; it
 * saves a look, unless the ledger has moved since.
 */
export async function commitEnds(
  deps: { readonly client: GitHubClient },
  ends: readonly End[],
  seen?: Sha,
): Promise<Sha> {
  const paths = ends.flatMap(({ record, removes }) => [recordPath(record), removes]);
  let known = seen === undefined ? undefined : asSeen(seen, ends);
  for (let attempt = 0; attempt < 8; attempt++) {
    const there = known ?? (await readLedgerFiles(deps.client, paths));
    known = undefined;
    const additions = ends
      .map(({ record }) => ({ path: recordPath(record), content: renderRecord(record) }))
      .filter(({ path, content }) => there.texts.get(path) !== content);
    const deletions = ends.map(({ removes }) => removes).filter((path) => there.texts.has(path));
    if (additions.length === 0 && deletions.length === 0) return there.head;
    const committed = await commitToLedger(deps.client, {
      expectedHead: there.head,
      message: messageOf(ends),
      additions,
      deletions,
    });
    if (committed.ok) return committed.head;
  }
  throw new Error("the ledger moved under every one of 8 attempts to end records; run it again");
}

const asSeen = (head: Sha, ends: readonly End[]): BranchTexts => ({
  head,
  texts: new Map(ends.map(({ removes }) => [removes, ""])),
});

function messageOf(ends: readonly End[]): string {
  const numbers = ends.map(({ record }) => record.subject.number);
  const title =
    numbers.length === 1 ? `End access request #${numbers[0]}` : `End ${numbers.length} access requests`;
  return [title, "", ...numbers.map((number) => `Hallpass-Request: ${number}`)].join("\n");
}
