// Opening a door. The Action trusts nothing but the number: it gathers the facts afresh, decides with the same code, and goes on only on the same answer.

import { createHash } from "node:crypto";
import type { Aws } from "../aws/clients.ts";
import { AwsError, mayPass } from "../aws/errors.ts";
import { ensureEnd, readEnd, removeEnd } from "../aws/schedule.ts";
import { decide } from "../core/decide.ts";
import type { Facts } from "../core/facts.ts";
import type { Instant, RequestNumber } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import { nodeKey } from "../core/node.ts";
import { plan, reminderSteps } from "../core/plan.ts";
import { type Problem, problem } from "../core/problem.ts";
import { type ActiveRecord, recordPath, renderRecord, sessionName } from "../core/record.ts";
import { formatRequest } from "../core/request-file.ts";
import type { Verdict } from "../core/verdict.ts";
import { readFirstText } from "../github/first-text.ts";
import { commitToLedger } from "../github/ledger.ts";
import { performGitHubStep } from "../github/perform.ts";
import { readProtection } from "../github/read-protection.ts";
import { runIsOver, startWorkflow } from "../github/runs.ts";
import { deliver, issueAll, policyProblems } from "./deliver.ts";
import { failChanges, grantChanges, tell } from "./events.ts";
import { type GatherDeps, gather } from "./gather.ts";
import type { LoadedLaw } from "./law.ts";
import { lookLive } from "./live.ts";
import { byPlace, placeOf } from "./places.ts";
import { lookReady } from "./preflight-live.ts";
import { settle } from "./reconcile.ts";

export interface PowerDeps extends GatherDeps {
  readonly aws: Aws;
  /** Numeric id of the access repo, which session names begin with. */
  readonly repositoryId: number;
  readonly defaultBranch: string;
  /** Id of this workflow run: whose write a record is. */
  readonly run: number;
  /** One line for the run's log. Never a secret. */
  readonly say: (line: string) => void;
}

export type Granted =
  | { readonly did: "granted" | "resumed"; readonly until: Instant }
  | { readonly did: "nothing"; readonly why: string }
  /** Nothing was moved; the request shows why, and the run fails so that somebody looks. */
  | { readonly did: "refused"; readonly problems: readonly Problem[] }
  /** The request has ended as `failed`, with the reason in its record. */
  | { readonly did: "failed"; readonly why: string };

export async function grant(deps: PowerDeps, number: RequestNumber): Promise<Granted> {
  const facts = await gather(deps, number);
  if (facts === undefined) return { did: "nothing", why: `#${number} is no access request` };
  const { defaultBranch: branch } = facts.repository;
  const unprotected = await readProtection(deps.client, deps.us, { branch, commit: facts.law.commit });
  if (unprotected.length > 0) return refuse(deps, facts, unprotected);
  const law = await deps.laws.at(facts.law.commit);
  if (!law.ok) return refuse(deps, facts, law.problems);
  const verdict = decide(facts);
  if (verdict.state === "active") return resume(deps, law.value, facts, verdict);
  if (verdict.state === "broken") return refuse(deps, facts, verdict.problems);
  if (isReady(verdict)) return begin(deps, law.value, facts);
  // this run is the one that a dispatch would find at work: what it makes ready, a merge above all, it also grants
  const settled = await settle(deps, { ...facts, shown: { ...facts.shown, dispatched: true } });
  const again = isReady(settled.verdict) ? await gather(deps, number) : undefined;
  if (again !== undefined && again.law.commit !== facts.law.commit) return handOver(deps, number);
  return again !== undefined && isReady(decide(again))
    ? begin(deps, law.value, again)
    : { did: "nothing", why: `the request is ${describe(verdict)}` };
}

/**
 * The default branch has moved while this run made the request ready, and it may act on the head only. INVARIANT: one run hands over for one merge; the next finds it
 * merged, and looks once.
 */
async function handOver(
  { client, defaultBranch: branch }: PowerDeps,
  request: RequestNumber,
): Promise<Granted> {
  await startWorkflow(client, { command: "grant", request, branch });
  return { did: "nothing", why: "the default branch has moved; a new run goes on" };
}

const isReady = (verdict: Verdict): boolean => verdict.state === "approved" && verdict.waitingFor === "grant";

const describe = (verdict: Verdict): string =>
  verdict.state === "approved" ? `approved, and waits for: ${verdict.waitingFor}` : verdict.state;

/** What was decided, by what, and for which nodes: the App's answer and the Action's have to be the same. */
function answerOf(verdict: Verdict): string {
  if (verdict.state !== "approved") return describe(verdict);
  const { outcome, nodes, waitingFor } = verdict;
  const by = outcome.outcome === "manual" ? outcome.rules.map(({ name, line }) => [name, line]) : [];
  return JSON.stringify([outcome.outcome, by, verdict.glass !== undefined, waitingFor, nodes.map(nodeKey)]);
}

/** A first grant: the same answer on what AWS shows now, then the record, the end, the beginning. */
async function begin(deps: PowerDeps, law: LoadedLaw, seen: Facts): Promise<Granted> {
  deps.say("the facts on GitHub approve it; looking at the nodes in AWS");
  const facts = await lookReady(deps, law, seen);
  const verdict = decide(facts);
  if (verdict.state === "broken") return refuse(deps, facts, verdict.problems);
  if (verdict.state !== "approved" || answerOf(verdict) !== answerOf(decide(seen)))
    return fail(deps, seen, difference(verdict));
  const at = wholeSecond(deps.clock.now());
  const record: ActiveRecord = {
    folder: "active",
    request: verdict.request,
    requester: facts.subject.author,
    subject: { kind: facts.subject.kind, number: facts.subject.number },
    nodes: verdict.nodes,
    policies: facts.law.commit,
    granted: {
      at,
      until: (at + verdict.request.for * 1000) as Instant,
      session: sessionName(facts.repository.id, facts.subject.number),
      run: deps.run,
    },
    ...glassOf(verdict),
  };
  const unfit = policyProblems(law.config, record);
  if (unfit !== undefined) return fail(deps, seen, unfit.message);
  const recorded = await recordActive(deps, facts, record);
  if (recorded === undefined) return { did: "nothing", why: "another run is opening it" };
  return open(deps, law, recorded, { record, first: true, outcome: verdict.outcome });
}

/** The record says for good that nobody was waited for, why, and who reviews it. */
const glassOf = ({
  glass,
  outcome,
}: Extract<Verdict, { state: "approved" }>): Pick<ActiveRecord, "breakGlass"> =>
  glass === undefined
    ? {}
    : {
        breakGlass: {
          at: wholeSecond(glass.at),
          why: glass.why,
          policies: glass.policies.map(({ name }) => name),
          levels: outcome.levels,
        },
      };

/** INVARIANT: the record is the lock and the clock. Whoever commits `active/<id>.yaml` opens the door; nobody can commit it a second time. */
async function recordActive(deps: PowerDeps, facts: Facts, record: ActiveRecord): Promise<Facts | undefined> {
  let current = facts;
  for (let attempt = 0; attempt < 8; attempt++) {
    const { approved, head } = current.ledger;
    const committed = await commitToLedger(deps.client, {
      expectedHead: head,
      message: `Open access request #${record.subject.number}\n\nHallpass-Request: ${record.subject.number}\nHallpass-Policies: ${record.policies}`,
      additions: [{ path: recordPath(record), content: renderRecord(record) }],
      deletions: approved === undefined ? [] : [recordPath(approved)],
    });
    if (committed.ok)
      return { ...current, ledger: { head: committed.head, active: record, everActive: true } };
    // somebody else wrote to the ledger first: look whether it was about this request
    const again = await gather(deps, record.subject.number);
    if (again === undefined || again.ledger.everActive || again.ledger.ended !== undefined) return undefined;
    if (decide(again).state !== "approved") return undefined;
    current = { ...facts, ledger: again.ledger };
  }
  throw new Error("the ledger moved under every one of 8 attempts to write the record; run it again");
}

/** A grant that is open: credentials again inside the window, or a run that died finished by the next, with the same `until`. */
async function resume(
  deps: PowerDeps,
  law: LoadedLaw,
  facts: Facts,
  verdict: Extract<Verdict, { state: "active" }>,
): Promise<Granted> {
  const { record } = verdict;
  if (verdict.next !== "issue") {
    await settle(deps, facts);
    return { did: "nothing", why: `access is open, and the next step is: ${verdict.next}` };
  }
  if (record.granted.run !== deps.run && !(await runIsOver(deps.client, record.granted.run)))
    return { did: "nothing", why: `run ${record.granted.run} is still at it` };
  const distrust = distrusted(facts, record);
  if (distrust !== undefined) return refuse(deps, facts, [distrust]);
  return open(deps, law, facts, { record, first: false });
}

/**
 * ATTACK: the ledger's present files are not believed. A record that says more than its request asked for, or another session, is not resumed. Today's limits are no part of
 * this: what was granted under those of its day is known by the digest in AWS's schedule.
 */
function distrusted(facts: Facts, record: ActiveRecord): Problem | undefined {
  const { granted, request, requester, subject } = record;
  const same =
    granted.session === sessionName(facts.repository.id, facts.subject.number) &&
    granted.until === granted.at + request.for * 1000 &&
    requester.id === facts.subject.author.id &&
    subject.number === facts.subject.number;
  return same ? undefined : forged(record);
}

const forged = (record: ActiveRecord): Problem =>
  problem(
    "trust.replay",
    `\`${recordPath(record)}\` does not say what the grant of this request would; somebody wrote it by hand: an admin has to look at the ledger's history`,
  );

interface Opening {
  readonly record: ActiveRecord;
  /** Whether this run wrote it. */
  readonly first: boolean;
  /** What decided it; only the run that decided knows. */
  readonly outcome?: Extract<Verdict, { state: "approved" }>["outcome"];
}

async function open(
  deps: PowerDeps,
  law: LoadedLaw,
  facts: Facts,
  { record, first, outcome }: Opening,
): Promise<Granted> {
  try {
    const until = await ensureEnds(deps, law, facts, { record, first });
    if ("problem" in until) return refuse(deps, facts, [until.problem]);
    const told = record.breakGlass === undefined ? facts : await tellSkipped(deps, facts);
    const issued = await issueAll(deps, law.config, record, until.until);
    const answered = await deliver(deps, told, issued);
    await settle(deps, answered);
    // a run that died may have written the record; who delivers first is who tells
    if (facts.shown.answered.length === 0)
      await tell(deps, law.config, facts, { ...record, changes: grantChanges(outcome, until.until) });
    return { did: first ? "granted" : "resumed", until: until.until };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // INVARIANT: an end is taken back only by the run that wrote the record: of any other, credentials may be out there already
    if (!first || mayPass(error) || error.code === "expired")
      return refuse(deps, facts, [problem("fact.unavailable", error.said)]);
    await takeEndsBack(deps, law.config, record, error);
    const failed = await fail(deps, facts, error.message);
    await tell(deps, law.config, facts, { ...record, changes: failChanges(error.message) });
    return failed;
  }
}

async function takeEndsBack(
  deps: PowerDeps,
  config: Config,
  { nodes, granted }: ActiveRecord,
  because: AwsError,
): Promise<void> {
  // somebody else's schedule of that name is not ours to remove
  if (because.code === "conflict") return;
  await Promise.allSettled(
    byPlace(nodes).map(({ place }) =>
      removeEnd(deps.aws, { ...placeOf(config, place), session: granted.session }),
    ),
  );
}

/**
 * Schedules the end in every place before anything begins. Answers until when credentials may reach: the earlier of the record's `until` and what AWS's
 * schedules say, which only the Action's role can write. No schedule, no token: a later run makes none unless the request is still decided.
 *
 * ATTACK: whoever has the App's key writes other nodes into a record that was granted. The schedule holds the digest of the record that it was made for.
 */
async function ensureEnds(
  deps: PowerDeps,
  law: LoadedLaw,
  facts: Facts,
  { record, first }: { readonly record: ActiveRecord; readonly first: boolean },
): Promise<{ readonly until: Instant } | { readonly problem: Problem }> {
  const { until, session } = record.granted;
  const grant = createHash("sha256").update(renderRecord(record)).digest("hex");
  let earliest = until;
  for (const { place } of byPlace(record.nodes)) {
    const at = { ...placeOf(law.config, place), session };
    const there = first ? undefined : await readEnd(deps.aws, at);
    if (there !== undefined) {
      if (there.grant !== grant) return { problem: forged(record) };
      earliest = Math.min(earliest, there.until) as Instant;
      continue;
    }
    if (!first && !(await stillDecided(deps, law, facts, record)))
      return {
        problem: problem(
          "trust.stale-decision",
          `AWS has no end scheduled for \`${session}\` in ${place.account}/${place.region}, and the request would not be granted now, or AWS cannot be asked; if it goes on, ask anew`,
        ),
      };
    deps.say(`scheduling the end in ${place.account}/${place.region}`);
    await ensureEnd(deps.aws, { ...at, until, settle: law.config.limits.settle, grant });
  }
  return { until: earliest };
}

/**
 * Whether the request would be granted now if its record were not there: what a run that died before its schedule has to show again.
 *
 * ATTACK: whoever has the App's key writes the record before the Action does: for somebody else, before `from`, or without the mark of a broken glass. And when the schedule has fired and is gone, whoever has the App's key starts a second clock with a record of their own. The first one stays in history.
 */
async function stillDecided(
  deps: PowerDeps,
  law: LoadedLaw,
  facts: Facts,
  record: ActiveRecord,
): Promise<boolean> {
  const again = await gather(deps, facts.subject.number, { asIfNeverGranted: true });
  if (again === undefined) return false;
  const verdict = decide(await lookLive(deps, law, again));
  if (verdict.state !== "approved" || verdict.waitingFor !== "grant") return false;
  const { breakGlass } = glassOf(verdict);
  return (
    (await readFirstText(deps.client, recordPath(record))) === renderRecord(record) &&
    record.granted.at <= deps.clock.now() &&
    record.granted.at >= (verdict.request.from ?? 0) &&
    record.requester.id === again.subject.author.id &&
    JSON.stringify(record.breakGlass) === JSON.stringify(breakGlass) &&
    formatRequest(verdict.request) === formatRequest(record.request) &&
    verdict.nodes.map(nodeKey).join() === record.nodes.map(nodeKey).join()
  );
}

/** INVARIANT: before credentials of a broken glass exist, whoever was not waited for has been told, by the App or here. */
async function tellSkipped(deps: PowerDeps, facts: Facts): Promise<Facts> {
  const verdict = decide(facts);
  let told = facts;
  if (verdict.state === "active")
    for (const step of reminderSteps(facts, verdict)) told = await performGitHubStep(deps.client, step, told);
  return told;
}

const difference = (verdict: Verdict): string =>
  `the facts on GitHub approved it, but with what AWS shows now it is ${
    verdict.state === "approved" ? "decided by other rules" : describe(verdict)
  }${
    verdict.state === "invalid" ? `: ${verdict.problems.map(({ message }) => message).join("; ")}` : ""
  }${verdict.state === "ending" ? `: ${verdict.why}` : ""}`;

/** Shows on the request what stands in its way. It stays where it is: the next run tries again. */
async function refuse(deps: PowerDeps, facts: Facts, problems: readonly Problem[]): Promise<Granted> {
  await performAll(deps, facts, { state: "broken", problems });
  return { did: "refused", problems };
}

/** Ends the request as `failed`, with the reason, in the ledger and on the issue. */
async function fail(deps: PowerDeps, facts: Facts, why: string): Promise<Granted> {
  await settle(deps, await performAll(deps, facts, { state: "ending", how: "failed", by: "hallpass", why }));
  return { did: "failed", why };
}

async function performAll(deps: PowerDeps, facts: Facts, verdict: Verdict): Promise<Facts> {
  let after = facts;
  for (const step of plan(facts, verdict)) after = await performGitHubStep(deps.client, step, after);
  return after;
}

const wholeSecond = (at: number): Instant => (Math.floor(at / 1000) * 1000) as Instant;
