// Early revocation, in this order: record, deny, terminate, wait, terminate again until nothing is left. A run that dies in between is finished by the sweep.

import { removeEnd } from "../aws/schedule.ts";
import { decide } from "../core/decide.ts";
import type { Facts } from "../core/facts.ts";
import type { Instant, RequestNumber, Sha } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import { type Problem, problem } from "../core/problem.ts";
import { type ActiveRecord, type EndedGrant, recordPath, renderRecord } from "../core/record.ts";
import { apart } from "./apart.ts";
import { commitEnds } from "./commit-ends.ts";
import { type Closing, endSessions, sessionsOf } from "./ended-sessions.ts";
import { endChanges, tell } from "./events.ts";
import { gather } from "./gather.ts";
import type { PowerDeps } from "./grant.ts";
import { byPlace, placeOf } from "./places.ts";
import { settle } from "./reconcile.ts";
import { denyRevoked } from "./revoked.ts";

export type Ended =
  | { readonly did: "ended"; readonly record: EndedGrant }
  | { readonly did: "nothing"; readonly why: string }
  | { readonly did: "refused"; readonly problems: readonly Problem[] };

export async function end(deps: PowerDeps, number: RequestNumber): Promise<Ended> {
  const facts = await gather(deps, number);
  if (facts === undefined) return { did: "nothing", why: `#${number} is no access request` };
  const config = await deps.laws.config(facts.law.commit);
  if (!config.ok) return { did: "refused", problems: config.problems };
  const verdict = decide(facts);
  if (verdict.state !== "active" || verdict.next !== "end") {
    await settle(deps, facts);
    return { did: "nothing", why: `nobody who may has asked to end it; it is ${verdict.state}` };
  }
  const [done] = await endEarly(deps, config.value, [
    { facts, record: verdict.record, ...verdict.endBecause },
  ]);
  return done ?? { did: "nothing", why: "there was nothing to end" };
}

/** A grant to be ended before its time, whoever found the reason. Without facts the request is gone: then there is nobody to show it to. */
export interface EarlyEnd {
  readonly facts: Facts | undefined;
  readonly record: ActiveRecord;
  readonly by: string;
  readonly why: string;
}

type EarlyEnded = Extract<Ended, { did: "ended" | "refused" }>;

/** Ends all of these, each step for all before the next, so that none waits for another's `settle`. Answers in their order. */
export async function endEarly(
  deps: PowerDeps,
  config: Config,
  ends: readonly EarlyEnd[],
): Promise<readonly EarlyEnded[]> {
  if (ends.length === 0) return [];
  const at = (Math.floor(deps.clock.now() / 1000) * 1000) as Instant;
  const all = ends.map((end) => ({ ...end, ended: revokedRecord(end, at) }));
  const head = await commitEnds(
    deps,
    all.map(({ record, ended }) => ({ record: ended, removes: recordPath(record) })),
  );
  for (const { by, record } of all)
    deps.say(`#${record.subject.number}: revoked by ${by}; denying its credentials, ending its sessions`);
  const revoked = all.map(({ ended }) => ended);
  const denied = await denyRevoked(deps, config, revoked);
  // also when the deny failed: what is open now is ended now, and the sweep repairs the deny
  const closings = await endSessions(deps, config, { grants: revoked, early: true });
  const done: EarlyEnded[] = [];
  for (const [i, { facts, ended }] of all.entries()) {
    const undone = [...denied, ...stillOpen(closings[i])];
    const parts = apart();
    const proved = undone.length > 0 ? undefined : await parts.try(() => proveEnd(deps, config, ended));
    const record = proved ?? ended;
    if (facts !== undefined) await parts.try(() => show(deps, config, facts, { head, ended: record }));
    const problems = [...undone, ...parts.problems];
    done.push(problems.length > 0 ? { did: "refused", problems } : { did: "ended", record });
  }
  return done;
}

const stillOpen = (closing: Closing | undefined): readonly Problem[] =>
  closing?.because === undefined ? [] : [problem("fact.unavailable", closing.because)];

const revokedRecord = (
  { record: { folder: _, ...granted }, by, why }: EarlyEnd,
  at: Instant,
): EndedGrant => ({
  ...granted,
  folder: "ended",
  ended: { at, how: "revoked", by, why, sessions: [] },
});

async function show(
  deps: PowerDeps,
  config: Config,
  facts: Facts,
  { head, ended }: { readonly head: Sha; readonly ended: EndedGrant },
): Promise<void> {
  const { active: _, ...ledger } = facts.ledger;
  await settle(deps, { ...facts, ledger: { ...ledger, head, ended } });
  await tell(deps, config, facts, { ...ended, changes: endChanges(ended) });
}

/** INVARIANT: the end that AWS has scheduled goes only when nothing is left for it to end. */
async function proveEnd(deps: PowerDeps, config: Config, ended: EndedGrant): Promise<EndedGrant> {
  const sessions = await sessionsOf(deps.aws, config, ended, ended.ended.at);
  await Promise.all(
    byPlace(ended.nodes).map(({ place }) =>
      removeEnd(deps.aws, { ...placeOf(config, place), session: ended.granted.session }),
    ),
  );
  const proved: EndedGrant = { ...ended, ended: { ...ended.ended, sessions } };
  if (renderRecord(proved) !== renderRecord(ended))
    await commitEnds(deps, [{ record: proved, removes: `active/${ended.subject.number}.yaml` }]);
  return proved;
}

/**
 * What runs that died left of early ends that they had recorded: sessions are ended, and the proof is written. Nothing where all was done. Answers what is still not done.
 */
export async function finishEnds(
  deps: PowerDeps,
  config: Config,
  ended: readonly EndedGrant[],
): Promise<readonly Problem[]> {
  const closings = await endSessions(deps, config, { grants: ended, early: false });
  const parts = apart();
  const open: Problem[] = [];
  for (const [i, record] of ended.entries()) {
    const undone = stillOpen(closings[i]);
    open.push(...undone);
    if (undone.length === 0) await parts.try(() => finishEnd(deps, config, record, closings[i]?.found ?? 0));
  }
  return [...open, ...parts.problems];
}

async function finishEnd(deps: PowerDeps, config: Config, ended: EndedGrant, found: number): Promise<void> {
  const sessions = await sessionsOf(deps.aws, config, ended, ended.ended.at);
  if (found === 0 && sessions.length === ended.ended.sessions.length) return;
  deps.say(`finishing the end of ${ended.granted.session}: ${found} session(s) were still open`);
  await proveEnd(deps, config, ended);
}
