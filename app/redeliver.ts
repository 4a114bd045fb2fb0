// Webhooks that nobody took, sent again by GitHub. It does not try twice by itself: https://docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries

import type { Octokit } from "@octokit/rest";

export interface RedeliverOptions {
  /** As the App. */
  readonly app: Octokit;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What was first delivered before is left alone. */
  readonly since: number;
}

/** Of one delivery, the first among them. What fails so often fails for a reason that sending it again does not mend. */
export const mostAttempts = 4;
/** In one pass. More have been lost than that: looking at everything is the cheaper way. */
export const mostAtOnce = 50;
/** Pages of a hundred. */
const mostPages = 10;
/** Milliseconds after the first attempt; twice as long after each one more. */
const firstPause = 20_000;

interface Attempt {
  readonly id: number;
  readonly guid: string;
  readonly at: number;
  /** Not the first one. */
  readonly again: boolean;
  readonly taken: boolean;
}

/** Asks GitHub to send what has had no successful attempt; answers how many those were. Oldest first. */
export async function redeliverLost({ app, now, since }: RedeliverOptions): Promise<number> {
  const lost = lostAmong(await recentAttempts(app, since), now).slice(0, mostAtOnce);
  for (const { id } of lost) await app.rest.apps.redeliverWebhookDelivery({ delivery_id: id });
  return lost.length;
}

/** Newest first, as GitHub lists them. */
async function recentAttempts(app: Octokit, since: number): Promise<readonly Attempt[]> {
  const found: Attempt[] = [];
  let pages = 0;
  for await (const { data } of app.paginate.iterator(app.rest.apps.listWebhookDeliveries, {
    per_page: 100,
  })) {
    const attempts = data.map(
      ({ id, guid, delivered_at, redelivery, status_code }): Attempt => ({
        id,
        guid,
        at: Date.parse(delivered_at),
        again: redelivery,
        taken: status_code >= 200 && status_code < 400,
      }),
    );
    found.push(...attempts.filter(({ at }) => at >= since));
    if (attempts.some(({ at }) => at < since) || ++pages === mostPages) break;
  }
  return found;
}

/** The latest attempt of each delivery that may be tried again, oldest first. */
export function lostAmong(attempts: readonly Attempt[], now: number): readonly Attempt[] {
  const byGuid = new Map<string, Attempt[]>();
  for (const attempt of attempts) byGuid.set(attempt.guid, [...(byGuid.get(attempt.guid) ?? []), attempt]);
  // GitHub lists the newest first, and its times are of a second
  return [...byGuid.values()]
    .reverse()
    .flatMap((all) => {
      const latest = all.reduce((newest, each) => (each.at > newest.at ? each : newest));
      const due = latest.at + firstPause * 2 ** (all.length - 1) <= now;
      // INVARIANT: without its first attempt we do not know how many there were
      const known = all.some(({ again }) => !again);
      return known && due && all.length < mostAttempts && !all.some(({ taken }) => taken) ? [latest] : [];
    })
    .sort((a, b) => a.at - b.at);
}
