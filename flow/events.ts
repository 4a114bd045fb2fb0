// Telling EventBridge what became of a request, in the account and Region of each of its nodes. Best effort: what cannot be sent is said in the run's log, and neither a
// grant nor an end waits for it.

import { type EventChange, putEvents } from "../aws/events.ts";
import type { Facts } from "../core/facts.ts";
import type { Instant } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import { type EndedRecord, type PinnedNode, sessionName } from "../core/record.ts";
import type { AccessRequest } from "../core/request.ts";
import type { Verdict } from "../core/verdict.ts";
import { type News, readNews } from "../github/news.ts";
import { apart } from "./apart.ts";
import { gather } from "./gather.ts";
import type { PowerDeps } from "./grant.ts";
import { byPlace, placeOf } from "./places.ts";
import { settle } from "./reconcile.ts";

/** What a change is about; what was never known (the nodes of an unknown name) cannot be told of. */
interface About {
  readonly request?: AccessRequest;
  readonly nodes?: readonly PinnedNode[];
}

export async function tell(
  deps: Pick<PowerDeps, "aws" | "say" | "clock">,
  config: Config,
  facts: Facts,
  { request, nodes = [], changes }: About & { readonly changes: readonly EventChange[] },
): Promise<void> {
  if (request === undefined) return;
  const { repository, subject } = facts;
  const common = {
    repository: `${repository.owner}/${repository.name}`,
    request: subject.number,
    session: sessionName(repository.id, subject.number),
    url: `${repository.htmlUrl}/issues/${subject.number}`,
    requester: subject.author.login,
    reason: request.reason,
    at: deps.clock.now() as Instant,
    opened: subject.createdAt,
  };
  await Promise.all(
    byPlace(nodes).map(async ({ place, nodes: here }) => {
      const parts = apart();
      await parts.try(() =>
        putEvents(deps.aws, {
          ...placeOf(config, place),
          events: here.flatMap(({ id }) => changes.map((change) => ({ ...common, ...change, node: id }))),
        }),
      );
      for (const { message } of parts.problems)
        deps.say(`EventBridge was not told of #${subject.number}: ${message}`);
    }),
  );
}

type Decided = Extract<Verdict, { state: "approved" }>["outcome"];
type Levels = Extract<Decided, { outcome: "manual" }>["levels"];

/** Automatic ones too, of which AWS's product tells nobody. */
export function grantChanges(outcome: Decided | undefined, until: Instant): readonly EventChange[] {
  const granted = { kind: "request", status: "Approved", until } as const;
  switch (outcome?.outcome) {
    case undefined:
      return [granted];
    case "auto":
      return [{ ...granted, automatic: true }];
    case "manual":
      return [{ ...granted, automatic: false }, ...levelChanges(outcome.levels, "Approved")];
  }
}

const levelChanges = (levels: Levels, status: "PendingApproval" | "Approved"): readonly EventChange[] =>
  levels.map(({ people, teams }, index) => ({
    kind: "level",
    status,
    level: index + 1,
    approvers: [...people, ...teams].map((name) => `@${name}`),
  }));

const statuses = {
  expired: "Expired",
  revoked: "Revoked",
  denied: "Denied",
  rejected: "Rejected",
  cancelled: "Cancelled",
  lapsed: "Lapsed",
  invalid: "Lapsed",
} as const;

export const endChanges = ({ ended: { how, why } }: EndedRecord): readonly EventChange[] =>
  how === "failed" ? failChanges(why) : [{ kind: "request", status: statuses[how] }];

export const failChanges = (why: string): readonly EventChange[] => [{ kind: "failed", policies: [], why }];

/** A request that the sweep has just looked at. */
export interface Looked {
  readonly facts: Facts;
  readonly verdict: Verdict;
}

/**
 * What the App did since the last sweep, which holds no AWS credential to tell of it: requests that ended without a grant, and those that wait for people. Each exactly
 * once, by the dates that GitHub gave the ledger's commits, the pull requests and the sweeps themselves. Grants and their ends are told by the run that makes them.
 */
export async function tellNews(deps: PowerDeps, config: Config, looked: readonly Looked[]): Promise<void> {
  const parts = apart();
  const news = await parts.try(() => readNews(deps.client, deps.us, deps));
  if (news !== undefined) {
    for (const each of looked) await parts.try(() => tellWaiting(deps, config, news, each));
    for (const number of news.ended) await parts.try(() => tellEnded(deps, config, number));
  }
  for (const { message } of parts.problems) deps.say(`EventBridge was not told: ${message}`);
}

async function tellWaiting(deps: PowerDeps, config: Config, { opened }: News, { facts, verdict }: Looked) {
  if (verdict.state !== "pending" || !opened.includes(facts.subject.number)) return;
  const { request, nodes, outcome } = verdict;
  const changes: readonly EventChange[] = [
    { kind: "request", status: "PendingApproval" },
    ...levelChanges(outcome.levels, "PendingApproval"),
  ];
  await tell(deps, config, facts, { request, nodes, changes });
}

async function tellEnded(deps: PowerDeps, config: Config, number: News["ended"][number]): Promise<void> {
  const facts = await gather(deps, number);
  // whoever ended it may have died before the last word, or another with a stale one after it; a closed request is in no list of what is unsettled
  if (facts !== undefined) await settle(deps, facts);
  const ended = facts?.ledger.ended;
  if (facts === undefined || ended === undefined || ended.granted !== undefined) return;
  await tell(deps, config, facts, { ...ended, changes: endChanges(ended) });
}
