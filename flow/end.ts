// Early revocation, in this order: record, deny, terminate, wait, terminate again until nothing is left. A run that dies in between is finished by the sweep.

import { removeEnd } from "../aws/schedule.ts";
import { decide } from "../core/decide.ts";
import type { Facts } from "../core/facts.ts";
import type { Instant, RequestNumber } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import type { Problem } from "../core/problem.ts";
import { type ActiveRecord, type EndedGrant, recordPath, renderRecord } from "../core/record.ts";
import { apart } from "./apart.ts";
import { commitEnds } from "./commit-ends.ts";
import { sessionsOf, terminateAll } from "./ended-sessions.ts";
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
  return endNow(deps, config.value, facts, {
    record: verdict.record,
    by: verdict.endBecause?.by ?? "hallpass",
    why: verdict.endBecause?.why ?? "revoked",
  });
}

/** Ends a grant before its time, whoever found the reason. Without facts the request is gone: then there is nobody to show it to. */
export async function endNow(
  deps: PowerDeps,
  config: Config,
  facts: Facts | undefined,
  { record, by, why }: { readonly record: ActiveRecord; readonly by: string; readonly why: string },
): Promise<Ended> {
  const at = (Math.floor(deps.clock.now() / 1000) * 1000) as Instant;
  const { folder: _, ...granted } = record;
  const ended: EndedGrant = {
    ...granted,
    folder: "ended",
    ended: { at, how: "revoked", by, why, sessions: [] },
  };
  const head = await commitEnds(deps, [{ record: ended, removes: recordPath(record) }]);
  deps.say(`revoked by ${by}; denying its credentials and ending its sessions`);
  const parts = apart();
  const denied = await denyRevoked(deps, config, [ended]);
  // also when the deny failed: what is open now is ended now, and the sweep repairs the deny
  await parts.try(() => endSessions(deps, config, record));
  const problems = [...denied, ...parts.problems];
  const shown = problems.length > 0 ? ended : await proveEnd(deps, config, ended);
  if (facts !== undefined) {
    const { active: _active, ...ledger } = facts.ledger;
    await settle(deps, { ...facts, ledger: { ...ledger, head, ended: shown } });
    await tell(deps, config, facts, { ...shown, changes: endChanges(shown) });
  }
  return problems.length > 0 ? { did: "refused", problems } : { did: "ended", record: shown };
}

const mostPasses = 5;

/** The deny takes its time to spread, and until then the holder can begin anew: a second pass, and more until one finds nothing to end. */
async function endSessions(deps: PowerDeps, config: Config, record: ActiveRecord): Promise<void> {
  const parts = apart();
  for (let pass = 1; pass <= mostPasses; pass++) {
    const open = await parts.try(() => terminateAll(deps.aws, config, record));
    if (pass > 1 && open === 0) return;
    if (pass < mostPasses) await deps.clock.sleep(config.limits.settle * 1000);
  }
  const [problem] = parts.problems;
  if (problem !== undefined) throw new Error(problem.message);
}

/** INVARIANT: the end that AWS has scheduled goes only when nothing is left for it to end. */
async function proveEnd(deps: PowerDeps, config: Config, ended: EndedGrant): Promise<EndedGrant> {
  await Promise.all(
    byPlace(ended.nodes).map(({ place }) =>
      removeEnd(deps.aws, { ...placeOf(config, place), session: ended.granted.session }),
    ),
  );
  const sessions = await sessionsOf(deps.aws, config, ended, ended.ended.at);
  const proved: EndedGrant = { ...ended, ended: { ...ended.ended, sessions } };
  if (renderRecord(proved) !== renderRecord(ended))
    await commitEnds(deps, [{ record: proved, removes: `active/${ended.subject.number}.yaml` }]);
  return proved;
}

/**
 * What a run that died left of an early end that it had recorded: sessions are ended, and the proof is written. Nothing where all was done.
 */
export async function finishEnd(deps: PowerDeps, config: Config, ended: EndedGrant): Promise<void> {
  const open = await terminateAll(deps.aws, config, ended);
  const sessions = await sessionsOf(deps.aws, config, ended, ended.ended.at);
  if (open === 0 && sessions.length === ended.ended.sessions.length) return;
  deps.say(`finishing the end of ${ended.granted.session}: ${open} session(s) were still open`);
  await proveEnd(deps, config, ended);
}
