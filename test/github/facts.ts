// Facts about a request as these folders' readers see it; what other folders add (the law, Cedar's answers) is left at its simplest.

import type { Facts } from "../../core/facts.ts";
import type { AccountId, Instant, NodeId, Region, RequestNumber, Seconds, Sha } from "../../core/ids.ts";
import { problem, refused } from "../../core/problem.ts";
import { type ApprovedRecord, recordPath, renderRecord } from "../../core/record.ts";
import type { AccessRequest } from "../../core/request.ts";
import type { GitHubStep } from "../../core/step.ts";
import type { GitHubClient } from "../../github/client.ts";
import { commandFacts, othersToCheck } from "../../github/commands.ts";
import { judgePulls } from "../../github/pulls.ts";
import { readWriters } from "../../github/read-access.ts";
import { readRequest } from "../../github/read-request.ts";
import type { RequestReading } from "../../github/reading.ts";
import { ledgerFacts } from "../../github/records.ts";
import { shownFacts } from "../../github/shown.ts";
import { subjectFacts } from "../../github/subject.ts";
import type { AccessRepo } from "./access-repo.ts";

export async function look(
  { client, us, clock }: Pick<AccessRepo, "client" | "us" | "clock">,
  number: RequestNumber,
): Promise<RequestReading> {
  const reading = await readRequest(client, us, number, clock.now() as Instant);
  if (reading === undefined) throw new Error(`no #${number}`);
  return reading;
}

export async function factsOf(client: GitHubClient, reading: RequestReading): Promise<Facts> {
  const ledger = ledgerFacts(reading);
  if (!ledger.ok) throw new Error(ledger.problems[0].message);
  return {
    now: reading.now,
    repository: reading.repository,
    us: reading.us,
    law: { commit: reading.defaultHead, law: refused(problem("config.missing", "no law here")) },
    subject: subjectFacts(reading, true),
    asked: refused(problem("fact.unavailable", "not read here")),
    pulls: judgePulls(reading).pulls,
    memberships: new Map(),
    unreadableTeams: [],
    teamSizes: new Map(),
    lookalikes: [],
    ledger: ledger.value,
    commands: commandFacts(reading, {
      writer: await readWriters(client, othersToCheck(reading, "writer")),
      approver: new Set(),
    }),
    shown: shownFacts(reading),
  };
}

export const gather = async (world: AccessRepo, number: RequestNumber): Promise<Facts> =>
  factsOf(world.client, await look(world, number));

export const accessRequest: AccessRequest = {
  nodes: [{ by: "id", id: "i-0123456789abcdef0" as NodeId }],
  access: "shell",
  for: 3600 as Seconds,
  reason: "INC-1 checkout is down",
};

export const approvedRecord = (facts: Facts, more: Partial<ApprovedRecord> = {}): ApprovedRecord => ({
  folder: "approved",
  request: accessRequest,
  requester: facts.subject.author,
  subject: { kind: facts.subject.kind, number: facts.subject.number },
  nodes: [
    {
      type: "AWS::EC2::Instance",
      account: "111122223333" as AccountId,
      region: "eu-central-1" as Region,
      id: "i-0123456789abcdef0" as NodeId,
      name: "app01",
      tags: { Name: "app01" },
    },
  ],
  policies: facts.law.commit as Sha,
  ...more,
});

export function openPullStep(
  facts: Facts,
  more: Partial<ApprovedRecord> = {},
): Extract<GitHubStep, { do: "open-pull" }> {
  const record = approvedRecord(facts, more);
  const nth = facts.pulls.length + 1;
  const { number } = facts.subject;
  return {
    do: "open-pull",
    branch: nth === 1 ? `request/${number}` : `request/${number}-${nth}`,
    path: recordPath(record),
    content: renderRecord(record),
    title: `Access request #${number}`,
    body: `For #${number}`,
  };
}
