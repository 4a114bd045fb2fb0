// What has run out, is verified, recorded and told; what should not be open, is ended. Sessions are listed first and the ledger is read after, so that a grant
// which opens in between is never taken for an orphan.

import type { CallTarget } from "../aws/clients.ts";
import { inParallel } from "../aws/parallel.ts";
import { listSessions, type OpenedSession, terminateSessions } from "../aws/sessions.ts";
import { decide } from "../core/decide.ts";
import type { Facts } from "../core/facts.ts";
import type { Instant, RequestNumber, Sha } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import { plan } from "../core/plan.ts";
import { type Problem, problem } from "../core/problem.ts";
import {
  type ActiveRecord,
  type EndedGrant,
  type EndedRecord,
  type LedgerRecord,
  parseSessionName,
  recordPath,
} from "../core/record.ts";
import { type LedgerFolder, readLedger } from "../github/ledger.ts";
import { listUnsettled } from "../github/unsettled.ts";
import { type Apart, apart } from "./apart.ts";
import { commitEnds } from "./commit-ends.ts";
import { type EarlyEnd, endEarly, finishEnds } from "./end.ts";
import { type Closing, endSessions, sessionsOf } from "./ended-sessions.ts";
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

/** A session younger than this may belong to a grant whose record GitHub does not show yet, in milliseconds; two minutes unless the config says otherwise. */
const orphanAge = ({ limits }: Config): number => 2 * limits.settle * 1000;

export async function sweep(deps: PowerDeps, config: Config): Promise<Swept> {
  const parts = apart();
  const open = await openSessions(deps, config, parts);
  const { active, ended: recent } = await readLedger(deps.client, recentMonths(deps));
  const found = { ...active, parts };
  const orphans = await endOrphans(deps, config, open, {
    ...found,
    numbers: numbersOf(active),
    over: numbersOf(recent),
  });
  const due = await lookAtOpen(deps, config, found);
  const goesOn = due.flatMap(({ goesOn }) => goesOn ?? []);
  const refused = await endEarlyOnes(deps, config, due, parts);
  const ended = await endDue(deps, config, { ...found, due: due.flatMap(({ over }) => over ?? []) });
  const denied = await denyRevoked(deps, config);
  const lately = recent.records.flatMap((each) => revokedLately(deps, each));
  const unfinished = (await parts.try(() => finishEnds(deps, config, lately))) ?? [];
  // INVARIANT: what is shown or issued comes after everything that ends, and afresh: writes are paced, and a run has a time limit
  for (const number of goesOn) await parts.try(() => lookAt(deps, number));
  const settled = numbersOf(active);
  const looked: Settled[] = [];
  for (const number of await listUnsettled(deps.client, deps.us))
    if (!settled.has(number)) looked.push(...((await parts.try(() => lookAt(deps, number))) ?? []));
  await tellNews(deps, config, looked);
  const spoilt = active.unreadable.flatMap(({ problems }) => problems);
  return {
    ended,
    orphans,
    problems: distinct([
      ...orphans.map(orphanProblem),
      ...spoilt,
      ...parts.problems,
      ...refused,
      ...denied,
      ...unfinished,
    ]),
  };
}

/** INVARIANT: a record that somebody has spoilt still says by its name whose sessions are explained. */
const numbersOf = ({ records, unreadable }: LedgerFolder<LedgerRecord>): ReadonlySet<RequestNumber> =>
  new Set([...records.map(({ subject }) => subject.number), ...unreadable.map(({ number }) => number)]);

/** One cause often stands in the way of many. */
const distinct = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(problems.map((each) => [each.message, each])).values(),
];

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
  config: Config,
  open: readonly Open[],
  { numbers, over, parts }: Explained,
): Promise<readonly string[]> {
  const orphans: string[] = [];
  for (const { at, session } of open) {
    const number = parseSessionName(session.session)?.request;
    const young = (session.started ?? 0) >= deps.clock.now() - orphanAge(config);
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

/** What has to be done about a grant that is open: end it before its time, record that its time is over, or show how it stands: without a server nobody else answers a key that was posted inside the window. */
interface Due {
  readonly early?: EarlyEnd;
  readonly over?: Over;
  readonly goesOn?: RequestNumber;
}

/** Each costs GitHub a query or two. */
const looksAtOnce = 4;

interface Over {
  /** Undefined when the issue is gone: there is nobody to tell. */
  readonly facts: Facts | undefined;
  readonly record: ActiveRecord;
}

async function lookAtOpen(
  deps: PowerDeps,
  config: Config,
  { records, parts }: Found,
): Promise<readonly Due[]> {
  const looked = await inParallel(records, looksAtOnce, (record) =>
    parts.try(() => lookAtOne(deps, config, record)),
  );
  return looked.flatMap((each) => each ?? []);
}

async function lookAtOne(deps: PowerDeps, config: Config, record: ActiveRecord): Promise<Due | undefined> {
  const facts = await gather(deps, record.subject.number);
  const isOver = deps.clock.now() >= graceOver(record, config);
  if (facts === undefined) {
    if (isOver) return { over: { facts, record } };
    // of a request that was deleted or moved away nobody can ask for its early end any more
    const gone = { facts, record, by: "hallpass", why: "the request is gone" };
    return deps.clock.now() < record.granted.until ? { early: gone } : undefined;
  }
  const verdict = decide(facts);
  if (verdict.state !== "active") return undefined;
  if (verdict.next === "end") return { early: { facts, record, ...verdict.endBecause } };
  if (isOver) return { over: { facts, record } };
  return plan(facts, verdict).length > 0 ? { goesOn: record.subject.number } : undefined;
}

async function endEarlyOnes(
  deps: PowerDeps,
  config: Config,
  due: readonly Due[],
  parts: Apart,
): Promise<readonly Problem[]> {
  const ends = due.flatMap(({ early }) => early ?? []);
  const done = (await parts.try(() => endEarly(deps, config, ends))) ?? [];
  return [
    ...ends.flatMap(({ facts, record }) => (facts === undefined ? [goneProblem(record)] : [])),
    ...done.flatMap((each) => (each.did === "refused" ? each.problems : [])),
  ];
}

const goneProblem = ({ subject }: ActiveRecord): Problem =>
  problem(
    "fact.unavailable",
    `request #${subject.number} was deleted or moved away while its access was open; its access is ended early. An admin looks into the audit log for who did that`,
  );

/** Of what has run out: that nothing is left open is seen, or made so, for all of them side by side; then one commit, and each is told. */
async function endDue(
  deps: PowerDeps,
  config: Config,
  { head: seen, due, parts }: Found & { readonly due: readonly Over[] },
): Promise<readonly EndedGrant[]> {
  const closings = await endSessions(deps, config, { grants: due.map(({ record }) => record), early: false });
  const over: (Over & { readonly ended: EndedGrant })[] = [];
  for (const [i, each] of due.entries()) {
    const ended = await parts.try(() => verifiedEnd(deps, config, each, closings[i]));
    if (ended !== undefined) over.push({ ...each, ended });
  }
  if (over.length === 0) return [];
  const head = await commitEnds(
    deps,
    over.map(({ ended, record }) => ({ record: ended, removes: recordPath(record) })),
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

/** The runbook sleeps to `until`, terminates, waits `settle` and terminates again; before that is over there is nothing to verify. */
const graceOver = (record: ActiveRecord, config: Config): number =>
  record.granted.until + 2 * config.limits.settle * 1000;

/** Nothing is left open, or was ended here; then the record says what was opened and how each ended. */
async function verifiedEnd(
  deps: PowerDeps,
  config: Config,
  { facts, record }: Over,
  closing: Closing | undefined,
): Promise<EndedGrant> {
  if (closing?.because !== undefined) throw new Error(closing.because);
  const left = closing?.found ?? 0;
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
