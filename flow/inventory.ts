// The inventory: what nodes there are and whether a grant would work there, written to the branch `inventory`, two files a place, only when they have changed.

import type { Aws } from "../aws/clients.ts";
import { grantDocuments } from "../aws/documents.ts";
import { AwsError } from "../aws/errors.ts";
import { listNodes } from "../aws/nodes.ts";
import { inParallel } from "../aws/parallel.ts";
import { inspectPlace } from "../aws/preflight.ts";
import { runbookName } from "../aws/runbook.ts";
import type { Instant } from "../core/ids.ts";
import { inventoryPath, renderInventory, renderUnread, unreadPath } from "../core/inventory.ts";
import type { Config } from "../core/law.ts";
import { renderReport, reportPath } from "../core/preflight.ts";
import { type Problem, problem } from "../core/problem.ts";
import type { GitHubClient } from "../github/client.ts";
import { writeInventory } from "../github/write-inventory.ts";
import { allPlaces } from "./places.ts";

export interface Inventoried {
  readonly places: readonly { readonly path: string; readonly nodes: number }[];
  readonly changed: readonly string[];
  /** What could not be read of a place; what was known of it stays. */
  readonly problems: readonly Problem[];
}

/** Reads every account and Region, at most this many at a time. */
const atOnce = 8;

export async function inventory(
  deps: {
    readonly client: GitHubClient;
    readonly aws: Aws;
    readonly repositoryId: number;
    readonly say: (line: string) => void;
  },
  config: Config,
): Promise<Inventoried> {
  const read = await inParallel(allPlaces(config), atOnce, async (at) => {
    const place = { account: at.account.id, region: at.region };
    return [
      await written(inventoryPath(place), async () => {
        const nodes = await listNodes(deps.aws, at);
        deps.say(`${inventoryPath(place)}: ${nodes.length} nodes`);
        return { content: renderInventory(nodes), nodes: nodes.length };
      }),
      await written(reportPath(place), async () => {
        const documents = [...grantDocuments(config), runbookName];
        const report = await inspectPlace(deps.aws, { ...at, documents, repository: deps.repositoryId });
        return { content: renderReport(report) };
      }),
    ];
  });
  const files = read.flat().flatMap((each) => ("failed" in each ? [] : [each]));
  const unread = allPlaces(config)
    .map(({ account, region }) => ({ account: account.id, region }))
    .map((place) => ({
      path: unreadPath(place),
      isRead: files.some(({ path }) => path === inventoryPath(place)),
    }));
  const content = renderUnread(deps.client.clock.now() as Instant);
  const changed = await writeInventory(
    deps.client,
    [...files, ...unread.filter(({ isRead }) => !isRead).map(({ path }) => ({ path, content, once: true }))],
    unread.filter(({ isRead }) => isRead).map(({ path }) => path),
  );
  return {
    places: files.flatMap(({ path, nodes }) => (nodes === undefined ? [] : [{ path, nodes }])),
    changed,
    problems: read.flat().flatMap((each) => ("failed" in each ? [each.failed] : [])),
  };
}

interface Written {
  readonly path: string;
  readonly content: string;
  /** Only of a list of nodes. */
  readonly nodes?: number;
}

/** One account's failure never hides the others, and what was known of it stays. */
async function written(
  path: string,
  read: () => Promise<Omit<Written, "path">>,
): Promise<Written | { readonly failed: Problem }> {
  try {
    return { path, ...(await read()) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { failed: problem("fact.unavailable", `${path}: ${error.message}`) };
  }
}
