// How old the inventory is that a request is decided on, for people to see.

import type { Instant, Sha } from "../core/ids.ts";
import { inventoryPath, type OldInventory } from "../core/inventory.ts";
import type { Node } from "../core/node.ts";
import type { Parsed } from "../core/problem.ts";
import type { GitHubClient } from "../github/client.ts";
import { isGitHubError } from "../github/error.ts";
import { readInventory, readInventoryTime } from "../github/read-inventory.ts";

const minute = 60_000;
/** Two runs of the cron, which is every hour and late at times. */
const oldAfter = 120 * minute;
const askAgainAfter = 30 * minute;

/** Of the nodes that are asked for; where these are not known, of every place: the node may be in any of them. */
export async function oldInventory(
  client: GitHubClient,
  head: Sha | undefined,
  { nodes, now }: { readonly nodes: Parsed<readonly Node[]>; readonly now: Instant },
): Promise<readonly OldInventory[]> {
  if (head === undefined) return [];
  // asked for already with the nodes: this costs no request
  const files = await readInventory(client, head);
  if (!files.ok) return [];
  const unread = files.value.flatMap(({ account, region, unreadSince }) =>
    unreadSince === undefined ? [] : [{ place: { account, region }, since: unreadSince }],
  );
  if (unread.length > 0) {
    const asked = nodes.ok ? new Set(nodes.value.map(inventoryPath)) : undefined;
    return unread.filter(({ place }) => asked?.has(inventoryPath(place)) ?? true);
  }
  const changedAt = files.value[0]?.changedAt ?? now;
  // most inventories change more often than that, and then nothing has to be asked
  if (now - changedAt < oldAfter) return [];
  const since = Math.max(changedAt, (await lastRun(client, now)) ?? changedAt) as Instant;
  return now - since < oldAfter ? [] : [{ since }];
}

const lastRun = (client: GitHubClient, now: Instant): Promise<Instant | undefined> =>
  client.remember(`inventory run ${Math.floor(now / askAgainAfter)}`, async () => {
    try {
      return await readInventoryTime(client);
    } catch (error) {
      // a workflow that is not there has never run; whoever may not see its runs knows of none
      if (isGitHubError(error, "not-found", "forbidden")) return undefined;
      throw error;
    }
  });
