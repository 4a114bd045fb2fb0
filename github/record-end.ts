// The last record of a request that ends without a grant.

import type { Facts } from "../core/facts.ts";
import { parseEnded } from "../core/parse-record.ts";
import { recordPath, renderRecord } from "../core/record.ts";
import type { GitHubStep } from "../core/step.ts";
import type { GitHubClient } from "./client.ts";
import { GitHubError } from "./error.ts";
import { commitToLedger, readLedgerFiles } from "./ledger.ts";

type RecordEnd = Extract<GitHubStep, { do: "record-end" }>;

const mostAttempts = 8;

/** Answers the ledger as it is then. Whoever else has ended the request meanwhile was right. */
export async function recordEnd(
  client: GitHubClient,
  step: RecordEnd,
  known: Facts["ledger"],
): Promise<Facts["ledger"]> {
  const { record } = step;
  const { number } = record.subject;
  const path = recordPath(record);
  const active = `active/${number}.yaml`;
  const { everActive } = known;
  let { head } = known;
  let deletions = step.removes;
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const committed = await commitToLedger(client, {
      expectedHead: head,
      message:
        step.message ?? `End access request #${number}: ${record.ended.how}\n\nHallpass-Request: ${number}`,
      additions: [{ path, content: renderRecord(record) }],
      deletions,
    });
    if (committed.ok) return { head: committed.head, everActive, ended: record };
    const now = await readLedgerFiles(client, [...new Set([path, active, ...step.removes])]);
    const theirs = now.texts.get(path);
    if (theirs !== undefined) {
      const ended = parseEnded(theirs, path);
      if (!ended.ok) throw new GitHubError("malformed", { call: "record-end", said: path });
      return { head: now.head, everActive, ended: ended.value };
    }
    // INVARIANT: a request that was granted meanwhile is not ended as one that never was
    if (now.texts.has(active) && !step.removes.includes(active))
      throw new GitHubError("conflict", { call: "record-end", said: `${active} is there now` });
    head = now.head;
    deletions = step.removes.filter((each) => now.texts.has(each));
  }
  throw new GitHubError("conflict", { call: "record-end", said: "the ledger keeps moving" });
}
