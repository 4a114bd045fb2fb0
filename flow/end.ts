// Early revocation, in this order: record, deny, terminate, wait, terminate again. A run that dies in between is finished by the sweep.

import { type Revoked, writeDeny } from "../aws/deny.ts";
import { removeEnd } from "../aws/schedule.ts";
import { decide } from "../core/decide.ts";
import type { Facts } from "../core/facts.ts";
import type { Instant, RequestNumber } from "../core/ids.ts";
import type { AccountConfig, Config } from "../core/law.ts";
import type { Problem } from "../core/problem.ts";
import {
  type ActiveRecord,
  type EndedGrant,
  type EndedRecord,
  recordPath,
  renderRecord,
} from "../core/record.ts";
import { readEnded } from "../github/ledger.ts";
import { apart } from "./apart.ts";
import { commitEnds } from "./commit-ends.ts";
import { sessionsOf, terminateAll } from "./ended-sessions.ts";
import { endChanges, tell } from "./events.ts";
import { gather } from "./gather.ts";
import type { PowerDeps } from "./grant.ts";
import { byPlace, placeOf } from "./places.ts";
import { settle } from "./reconcile.ts";

export type Ended =
  | { readonly did: "ended"; readonly record: EndedGrant }
  | { readonly did: "nothing"; readonly why: string }
  | { readonly did: "refused"; readonly problems: readonly Problem[] };

export async function end(deps: PowerDeps, number: RequestNumber): Promise<Ended> {
  const facts = await gather(deps, number);
  if (facts === undefined) return { did: "nothing", why: `#${number} is no access request` };
  const law = await deps.laws.at(facts.law.commit);
  if (!law.ok) return { did: "refused", problems: law.problems };
  const verdict = decide(facts);
  if (verdict.state !== "active" || verdict.next !== "end") {
    await settle(deps, facts);
    return { did: "nothing", why: `nobody who may has asked to end it; it is ${verdict.state}` };
  }
  return endNow(deps, law.value.config, facts, {
    record: verdict.record,
    by: verdict.endBecause?.by ?? "hallpass",
    why: verdict.endBecause?.why ?? "revoked",
  });
}

/** Ends a grant before its time, whoever found the reason. */
export async function endNow(
  deps: PowerDeps,
  config: Config,
  facts: Facts,
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
  await parts.try(() => terminateAll(deps.aws, config, record));
  await deps.clock.sleep(config.limits.settle * 1000);
  await parts.try(() => terminateAll(deps.aws, config, record));
  const problems = [...denied, ...parts.problems];
  const shown = problems.length > 0 ? ended : await proveEnd(deps, config, record, ended);
  const { active: _active, ...ledger } = facts.ledger;
  await settle(deps, { ...facts, ledger: { ...ledger, head, ended: shown } });
  await tell(deps, config, facts, { ...shown, changes: endChanges(shown) });
  return problems.length > 0 ? { did: "refused", problems } : { did: "ended", record: shown };
}

/** INVARIANT: the end that AWS has scheduled goes only when nothing is left for it to end. */
async function proveEnd(
  deps: PowerDeps,
  config: Config,
  record: ActiveRecord,
  ended: EndedGrant,
): Promise<EndedGrant> {
  await Promise.all(
    byPlace(record.nodes).map(({ place }) =>
      removeEnd(deps.aws, { ...placeOf(config, place), session: record.granted.session }),
    ),
  );
  const sessions = await sessionsOf(deps.aws, config, record, ended.ended.at);
  const proved: EndedGrant = { ...ended, ended: { ...ended.ended, sessions } };
  if (renderRecord(proved) !== renderRecord(ended))
    await commitEnds(deps, [{ record: proved, removes: recordPath(record) }]);
  return proved;
}

/**
 * The deny of every account's access role, as the ledger says it: every revoked session whose credentials could still live. Written whole, so that two
 * revocations at once cannot lose one, and the sweep repairs what a dead run left.
 */
export async function denyRevoked(
  deps: PowerDeps,
  config: Config,
  more: readonly EndedGrant[] = [],
): Promise<readonly Problem[]> {
  const ended = await readEnded(deps.client, monthsBack(deps.clock.now(), config.limits.maxDuration));
  if (!ended.ok) return ended.problems;
  const revoked = [...ended.value.records, ...more].flatMap(revokedGrant);
  const parts = apart();
  for (const account of config.accounts)
    await parts.try(() =>
      denyIn(
        deps,
        account,
        revoked.filter(({ accounts }) => accounts.has(account.id)),
      ),
    );
  return parts.problems;
}

const revokedGrant = ({ granted, ended, nodes }: EndedRecord) =>
  granted !== undefined && nodes !== undefined && ended.how === "revoked"
    ? [{ session: granted.session, until: granted.until, at: ended.at, accounts: accountsOf(nodes) }]
    : [];

async function denyIn(deps: PowerDeps, account: AccountConfig, revoked: readonly Revoked[]): Promise<void> {
  const [region] = account.regions;
  if (region === undefined) return;
  const { everybody } = await writeDeny(deps.aws, {
    account,
    region,
    repository: deps.repositoryId,
    revoked,
  });
  if (everybody)
    deps.say(
      `account ${account.id}: too many revocations to name; everybody's credentials issued until now are denied`,
    );
}

const accountsOf = (nodes: readonly { readonly account: string }[]): ReadonlySet<string> =>
  new Set(nodes.map(({ account }) => account));

/** Months, `2026/12`, in which a revocation that still matters can have been recorded. */
function monthsBack(now: number, seconds: number): readonly string[] {
  const months = new Set<string>();
  for (let at = now - seconds * 1000; ; at += 20 * 86_400_000) {
    months.add(new Date(Math.min(at, now)).toISOString().slice(0, 7).replace("-", "/"));
    if (at >= now) return [...months];
  }
}
