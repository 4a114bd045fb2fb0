// What has run out, is verified, recorded and told; what should not be open, is ended. Sessions are listed first and the ledger is read after, so that a grant
// which opens in between is never taken for an orphan.

import type { CallTarget } from "../aws/clients.ts";
import { listSessions, type OpenedSession, terminateSessions } from "../aws/sessions.ts";
import { decide } from "../core/decide.ts";
import type { Facts } from "../core/facts.ts";
import type { Instant, RequestNumber, Sha } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import { type Problem, problem } from "../core/problem.ts";
import {
  type ActiveRecord,
  type EndedGrant,
  type EndedRecord,
  type LedgerRecord,
  parseSessionName,
} from "../core/record.ts";
import { type LedgerFolder, readLedger } from "../github/ledger.ts";
import { listUnsettled } from "../github/unsettled.ts";
import { type Apart, apart } from "./apart.ts";
import { commitEnds } from "./commit-ends.ts";
import { endNow, finishEnd } from "./end.ts";
import { sessionsOf, terminateAll } from "./ended-sessions.ts";
import { endChanges, tell, tellNews } from "./events.ts";
import { gather } from "./gather.ts";
import type { PowerDeps } from "./grant.ts";
import { allPlaces } from "./places.ts";
import { reconcile, type Settled, settle } from "./reconcile.ts";
import { denyRevoked, recentMonths } from "./revoked.ts";

export interface Swept {
  readonly ended: readonly EndedGrant[];
  /** Session ids that no record explains, ended now. */
  readonly orphans: readonly string[];
  /** What could not be looked at or ended; the run fails so that somebody looks, and the next sweep tries again. */
  readonly problems: readonly Problem[];
}

/** A session younger than this may belong to a grant whose record was not read yet, in milliseconds. */
const orphanAge = 120_000;

export async function sweep(deps: PowerDeps, config: Config): Promise<Swept> {
  const parts = apart();
  const open = await openSessions(deps, config, parts);
  const { active, ended: recent } = await readLedger(deps.client, recentMonths(deps, config));
  const found = { ...active, parts };
  const orphans = await endOrphans(deps, open, {
    ...found,
    numbers: numbersOf(active),
    over: numbersOf(recent),
  });
  const ended = await endDue(deps, config, found);
  const denied = await denyRevoked(deps, config);
  for (const record of recent.records.flatMap((each) => revokedLately(deps, each)))
    await parts.try(() => finishEnd(deps, config, record));
  const settled = numbersOf(active);
  const looked: Settled[] = [];
  for (const number of await listUnsettled(deps.client, deps.us))
    if (!settled.has(number)) looked.push(...((await parts.try(() => lookAt(deps, number))) ?? []));
  await tellNews(deps, config, looked);
  const spoilt = active.unreadable.flatMap(({ problems }) => problems);
  return {
    ended,
    orphans,
    problems: [...orphans.map(orphanProblem), ...spoilt, ...parts.problems, ...denied],
  };
}

/** INVARIANT: a record that somebody has spoilt still says by its name whose sessions are explained. */
const numbersOf = ({ records, unreadable }: LedgerFolder<LedgerRecord>): ReadonlySet<RequestNumber> =>
  new Set([...records.map(({ subject }) => subject.number), ...unreadable.map(({ number }) => number)]);

/** Longer than any number of sweeps that fail in a row. */
const finishedWithin = 24 * 3_600_000;

const revokedLately = ({ clock }: PowerDeps, record: EndedRecord): readonly EndedGrant[] =>
  record.granted !== undefined &&
  record.ended.how === "revoked" &&
  clock.now() - record.ended.at < finishedWithin
    ? [record]
    : [];

const orphanProblem = (id: string): Problem =>
  problem(
    "trust.orphan",
    `session \`${id}\` was open and no record explains it; it is ended. Somebody had credentials that no grant of the ledger gave: an admin looks into CloudTrail for who assumed the access role`,
  );

async function lookAt(deps: PowerDeps, number: RequestNumber): Promise<readonly Settled[]> {
  const settled = await reconcile(deps, number);
  return settled === undefined ? [] : [settled];
}

interface Open {
  readonly at: CallTarget;
  readonly session: OpenedSession;
}

interface Found {
  /** Of the ledger, where the records were seen. */
  readonly head: Sha;
  readonly records: readonly ActiveRecord[];
  /** INVARIANT: one account that is out of order, or one request, keeps none of the others open. */
  readonly parts: Apart;
}

interface Explained extends Found {
  /** Of requests whose access is open, and of those whose access is over. */
  readonly numbers: ReadonlySet<RequestNumber>;
  readonly over: ReadonlySet<RequestNumber>;
}

async function openSessions(deps: PowerDeps, config: Config, parts: Apart): Promise<readonly Open[]> {
  const whose = { prefix: `hp.${deps.repositoryId}.` };
  const found = await Promise.all(
    allPlaces(config).map(async (at) => {
      const sessions = await parts.try(() => listSessions(deps.aws, { ...at, whose, state: "active" }));
      return (sessions ?? []).map((session) => ({ at, session }));
    }),
  );
  return found.flat();
}

/**
 * Sessions of this repository's prefix that no active record explains. Another repository's are never touched. Answers those of no grant at all: what a grant that is
 * over left open is ended too, and is no stranger's.
 */
async function endOrphans(
  deps: PowerDeps,
  open: readonly Open[],
  { numbers, over, parts }: Explained,
): Promise<readonly string[]> {
  const orphans: string[] = [];
  for (const { at, session } of open) {
    const number = parseSessionName(session.session)?.request;
    const young = (session.started ?? 0) >= deps.clock.now() - orphanAge;
    if (young || (number !== undefined && numbers.has(number))) continue;
    deps.say(`ending session ${session.id} on ${session.node}: no open grant explains it`);
    await parts.try(() => endSession(deps, at, session.id));
    if (number === undefined || !over.has(number)) orphans.push(session.id);
  }
  return orphans;
}

async function endSession(deps: PowerDeps, at: CallTarget, id: string): Promise<void> {
  const [ended] = await terminateSessions(deps.aws, { ...at, ids: [id] });
  if (ended?.failed !== undefined) throw ended.failed;
}

async function endDue(
  deps: PowerDeps,
  config: Config,
  { head: seen, records, parts }: Found,
): Promise<readonly EndedGrant[]> {
  const over: Over[] = [];
  for (const record of records) {
    const found = await parts.try(() => endOne(deps, config, record));
    if (found !== undefined) over.push(found);
  }
  if (over.length === 0) return [];
  const head = await commitEnds(
    deps,
    over.map(({ ended }) => ({ record: ended, removes: `active/${ended.subject.number}.yaml` })),
    seen,
  );
  for (const { facts, ended } of over) {
    if (facts === undefined) continue;
    const { active: _, ...ledger } = facts.ledger;
    await parts.try(() => settle(deps, { ...facts, ledger: { ...ledger, head, ended } }));
    await tell(deps, config, facts, { ...ended, changes: endChanges(ended) });
  }
  return over.map(({ ended }) => ended);
}

interface Over {
  /** Undefined when the issue is gone: there is nobody to tell. */
  readonly facts: Facts | undefined;
  readonly ended: EndedGrant;
}

/** Ends a grant early where somebody asked for it; answers the record of one that has run out, for all of them to be written in one commit. */
async function endOne(deps: PowerDeps, config: Config, record: ActiveRecord): Promise<Over | undefined> {
  const facts = await gather(deps, record.subject.number);
  if (facts === undefined) return endGone(deps, config, record);
  const verdict = decide(facts);
  if (verdict.state !== "active") return undefined;
  if (verdict.next === "end") {
    const done = await endNow(deps, config, facts, { record, ...verdict.endBecause });
    if (done.did === "refused") throw new Error(done.problems.map(({ message }) => message).join("; "));
    return undefined;
  }
  if (deps.clock.now() < graceOver(record, config)) {
    // without a server nobody else answers a key that was posted inside the window
    await settle(deps, facts);
    return undefined;
  }
  return { facts, ended: await verifiedEnd(deps, config, record, facts) };
}

/** Of a request that was deleted or moved away: nobody can ask for its early end any more, so it ends at once, and the run says so. */
async function endGone(deps: PowerDeps, config: Config, record: ActiveRecord): Promise<Over | undefined> {
  const now = deps.clock.now();
  if (now >= graceOver(record, config))
    return { facts: undefined, ended: await verifiedEnd(deps, config, record, undefined) };
  if (now >= record.granted.until) return undefined;
  const done = await endNow(deps, config, undefined, {
    record,
    by: "hallpass",
    why: "the request is gone",
  });
  const others = done.did === "refused" ? done.problems.map(({ message }) => `; ${message}`) : [];
  throw new Error(
    `request #${record.subject.number} was deleted or moved away while its access was open; its access is ended early. An admin looks into the audit log for who did that${others.join("")}`,
  );
}

/** The runbook sleeps to `until`, terminates, waits `settle` and terminates again; before that is over there is nothing to verify. */
const graceOver = (record: ActiveRecord, config: Config): number =>
  record.granted.until + 2 * config.limits.settle * 1000;

/** Nothing is left open, or is ended here; then the record says what was opened and how each ended. */
async function verifiedEnd(
  deps: PowerDeps,
  config: Config,
  record: ActiveRecord,
  facts: Facts | undefined,
): Promise<EndedGrant> {
  const left = await terminateAll(deps.aws, config, record);
  if (left > 0)
    deps.say(`${left} session(s) of ${record.granted.session} were still open, and are ended now`);
  const sessions = await sessionsOf(deps.aws, config, record, record.granted.until);
  // a comment can be deleted; a session cannot have been opened without credentials
  const unfinished = facts?.shown.answered.length === 0 && sessions.length === 0;
  const { folder: _, ...rest } = record;
  return {
    ...rest,
    folder: "ended",
    ended: {
      at: wholeSecond(deps.clock.now()),
      how: unfinished ? "failed" : "expired",
      by: left > 0 ? "sweep" : "schedule",
      why: unfinished ? "no credentials could be delivered inside the window" : "the agreed time is over",
      sessions,
    },
  };
}

const wholeSecond = (at: number): Instant => (Math.floor(at / 1000) * 1000) as Instant;
