import type { Instant, Sha } from "../core/ids.ts";
import type { Node } from "../core/node.ts";
import type { Parsed } from "../core/problem.ts";
import type { GitHubClient } from "./client.ts";

export interface InventoryFile {
  readonly account: string;
  readonly region: string;
  readonly nodes: readonly Node[];
}

/** The inventory at one commit of its branch; files that have not changed are not read again. */
export declare function readInventory(
  client: GitHubClient,
  head: Sha,
): Promise<Parsed<readonly InventoryFile[]>>;

/** When the last `inventory` run succeeded: the inventory's age. */
export declare function readInventoryTime(client: GitHubClient): Promise<Instant | undefined>;
