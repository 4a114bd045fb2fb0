// The inventory: what nodes there are, written to the branch `inventory`, one file a place, only when it has changed.

import type { Aws } from "../aws/clients.ts";
import { AwsError } from "../aws/errors.ts";
import { listNodes } from "../aws/nodes.ts";
import { inParallel } from "../aws/parallel.ts";
import { inventoryPath, renderInventory } from "../core/inventory.ts";
import type { Config } from "../core/law.ts";
import { type Problem, problem } from "../core/problem.ts";
import type { GitHubClient } from "../github/client.ts";
import { writeInventory } from "../github/write-inventory.ts";
import { allPlaces } from "./places.ts";

export interface Inventoried {
  readonly places: readonly { readonly path: string; readonly nodes: number }[];
  readonly changed: readonly string[];
  /** Places that could not be read; what was known of them stays. */
  readonly problems: readonly Problem[];
}

/** Reads every account and Region, at most this many at a time. */
const atOnce = 8;

export async function inventory(
  deps: { readonly client: GitHubClient; readonly aws: Aws; readonly say: (line: string) => void },
  config: Config,
): Promise<Inventoried> {
  const read = await inParallel(allPlaces(config), atOnce, async (at) => {
    const path = inventoryPath({ account: at.account.id, region: at.region });
    try {
      const nodes = await listNodes(deps.aws, at);
      deps.say(`${path}: ${nodes.length} nodes`);
      return { read: { path, nodes: nodes.length, content: renderInventory(nodes) } };
    } catch (error) {
      // one account's failure never hides the others
      if (!(error instanceof AwsError)) throw error;
      return { failed: problem("fact.unavailable", `${path}: ${error.message}`) };
    }
  });
  const files = read.flatMap((each) => (each.read === undefined ? [] : [each.read]));
  const changed = await writeInventory(deps.client, files);
  return {
    places: files.map(({ path, nodes }) => ({ path, nodes })),
    changed,
    problems: read.flatMap((each) => (each.failed === undefined ? [] : [each.failed])),
  };
}
