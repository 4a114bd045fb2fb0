// What outlasts an early end until the old one: the deny of its credentials. Its text is a function of the ledger, so nobody has to remember what it should say.

import { type Revoked, writeDeny } from "../aws/deny.ts";
import { longestGrant } from "../core/config.ts";
import type { AccountConfig, Config } from "../core/law.ts";
import type { Problem } from "../core/problem.ts";
import type { EndedGrant, EndedRecord } from "../core/record.ts";
import { readEnded } from "../github/ledger.ts";
import { apart } from "./apart.ts";
import type { PowerDeps } from "./grant.ts";

/** Months, `2026/12`, in which a revocation that still matters can have been recorded, whatever the limits were then. */
export const recentMonths = ({ clock }: Pick<PowerDeps, "clock">): readonly string[] =>
  monthsBack(clock.now(), longestGrant);

const mostPasses = 8;

/**
 * Makes every account's access role deny what the ledger has as revoked and whose credentials could still live. Written whole, and then the ledger is read again until
 * it says the same: of two revocations at once the later writer has seen both. What a dead run left, the sweep repairs.
 */
export async function denyRevoked(
  deps: PowerDeps,
  config: Config,
  more: readonly EndedGrant[] = [],
): Promise<readonly Problem[]> {
  let written: string | undefined;
  let failed: readonly Problem[] = [];
  for (let pass = 0; pass < mostPasses; pass++) {
    const ledger = await readEnded(deps.client, recentMonths(deps));
    const revoked = [...ledger.records, ...more].flatMap(revokedGrant);
    const said = JSON.stringify(revoked.map(({ session }) => session).sort());
    const unread = ledger.unreadable.flatMap(({ problems }) => problems);
    if (said === written) return [...unread, ...failed];
    written = said;
    // only a sweep takes names out: a run that ends its own may have read the ledger before another's was there. Nor does a record that somebody has spoilt
    const keep = more.length > 0 || unread.length > 0;
    const { changed, problems } = await denyEverywhere(deps, config, { revoked, keep });
    failed = problems;
    if (!changed) return [...unread, ...failed];
  }
  return failed;
}

interface Wanted {
  readonly revoked: readonly RevokedGrant[];
  readonly keep: boolean;
}

interface RevokedGrant extends Revoked {
  readonly accounts: ReadonlySet<string>;
}

async function denyEverywhere(deps: PowerDeps, config: Config, wanted: Wanted) {
  const parts = apart();
  let changed = false;
  for (const account of config.accounts) {
    const revoked = wanted.revoked.filter(({ accounts }) => accounts.has(account.id));
    const written = await parts.try(() => denyIn(deps, account, { ...wanted, revoked }));
    changed ||= written === true;
  }
  return { changed, problems: parts.problems };
}

const revokedGrant = ({ granted, ended, nodes }: EndedRecord): readonly RevokedGrant[] =>
  granted !== undefined && nodes !== undefined && ended.how === "revoked"
    ? [{ session: granted.session, until: granted.until, at: ended.at, accounts: accountsOf(nodes) }]
    : [];

async function denyIn(deps: PowerDeps, account: AccountConfig, wanted: Wanted): Promise<boolean> {
  const [region] = account.regions;
  if (region === undefined) return false;
  const at = { account, region, repository: deps.repositoryId };
  const { changed, everybody } = await writeDeny(deps.aws, { ...at, ...wanted });
  if (everybody)
    deps.say(
      `account ${account.id}: too many revocations to name; everybody's credentials issued until now are denied`,
    );
  return changed;
}

const accountsOf = (nodes: readonly { readonly account: string }[]): ReadonlySet<string> =>
  new Set(nodes.map(({ account }) => account));

/** `2026/12`, oldest first. */
function monthsBack(now: number, seconds: number): readonly string[] {
  const months = new Set<string>();
  for (let at = now - seconds * 1000; ; at += 20 * 86_400_000) {
    months.add(new Date(Math.min(at, now)).toISOString().slice(0, 7).replace("-", "/"));
    if (at >= now) return [...months];
  }
}
