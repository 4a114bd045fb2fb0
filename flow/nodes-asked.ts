// Which nodes a request is about, as the inventory has them. INVARIANT: what the inventory cannot say is no mistake of the requester's: it is a fact that cannot be had.

import { currentPull } from "../core/decide.ts";
import type { Facts, PullFacts } from "../core/facts.ts";
import type { Sha } from "../core/ids.ts";
import { inventoryPath } from "../core/inventory.ts";
import type { Config } from "../core/law.ts";
import { type Node, nodeKey } from "../core/node.ts";
import { type Parsed, type Problem, problem, refused, unlessProblems } from "../core/problem.ts";
import type { PinnedNode } from "../core/record.ts";
import type { AccessRequest } from "../core/request.ts";
import { type Lookup, resolveNodes, stillNamed } from "../core/selectors.ts";
import type { GitHubClient } from "../github/client.ts";
import { type InventoryFile, readInventory } from "../github/read-inventory.ts";
import { allPlaces, type PlaceId } from "./places.ts";
import { preflightSeen } from "./preflight.ts";

export interface Asked {
  readonly config: Config;
  readonly facts: Facts;
  readonly request: AccessRequest;
}

/** `inventory` is the head of its branch; undefined before its first run. */
export async function nodesAsked(
  client: GitHubClient,
  inventory: Sha | undefined,
  asked: Asked,
): Promise<Parsed<readonly Node[]>> {
  if (inventory === undefined) return refused(noInventory);
  const files = await readInventory(client, inventory);
  if (!files.ok) return files;
  const { config, facts, request } = asked;
  const pinned = facts.subject.kind === "issue" ? currentPull(facts, request) : undefined;
  const lookup = lookupIn(
    files.value.flatMap((file) => file.nodes),
    config,
  );
  if (pinned?.file.ok === true) {
    const there = pinnedNodes(pinned.file.value.nodes, files.value);
    return there.ok ? asNamed(request, there.value, { pull: pinned.number, lookup }) : there;
  }
  const nodes = resolveNodes(request.nodes, lookup);
  if (!nodes.ok) return unlessUnseen(nodes.problems, config, files.value);
  if (facts.subject.kind === "pull" && facts.pulls.some(isAsked)) return nodes;
  const wanted = {
    config,
    request,
    nodes: nodes.value,
    repository: facts.repository.id,
    number: facts.subject.number,
    now: facts.now,
  };
  return unlessProblems(preflightSeen(wanted, files.value), nodes.value);
}

export const lookupIn = (inventory: readonly Node[], { accounts, limits }: Config): Lookup => ({
  inventory,
  accounts,
  maxNodes: limits.maxNodes,
  field: "Nodes",
});

const noInventory = problem(
  "fact.unavailable",
  "there is no inventory yet: an admin runs the workflow `access` with the command `inventory`",
);

const unseen = (place: PlaceId): Problem =>
  problem(
    "fact.unavailable",
    `the inventory has no \`${inventoryPath(place)}\`, so nobody can say what nodes are there: an admin looks at the last run of the workflow \`access\` with the command \`inventory\``,
  );

/** A node that is unknown may be in a place that nobody has looked at yet. */
function unlessUnseen(
  problems: readonly [Problem, ...Problem[]],
  config: Config,
  files: readonly InventoryFile[],
): Parsed<never> {
  const seen = new Set(files.map(inventoryPath));
  const [place] = allPlaces(config)
    .map(({ account, region }) => ({ account: account.id, region }))
    .filter((each) => !seen.has(inventoryPath(each)));
  const isUnknown = problems.some(({ code }) => code === "request.node-unknown");
  return place !== undefined && isUnknown ? refused(unseen(place), ...problems) : refused(...problems);
}

/** INVARIANT: what people are reviewing is not taken away from them by an agent that is restarted; the Action looks at it again before it grants. */
const isAsked = ({ asked, reviews }: PullFacts): boolean => asked || reviews.length > 0;

/** What people approved is these nodes; their tags are as they are now. */
function pinnedNodes(
  pinned: readonly PinnedNode[],
  files: readonly InventoryFile[],
): Parsed<readonly Node[]> {
  const seen = new Set(files.map(inventoryPath));
  const known = new Map(files.flatMap(({ nodes }) => nodes).map((node) => [nodeKey(node), node]));
  const missing = pinned.filter((node) => !known.has(nodeKey(node)));
  return unlessProblems(
    missing.map((node) => (seen.has(inventoryPath(node)) ? gone(node) : unseen(node))),
    pinned.flatMap((node) => known.get(nodeKey(node)) ?? []),
  );
}

/**
 * INVARIANT: people approve node ids, of nodes that the issue names while they do. By whom a pull request was opened that pins others cannot be seen: by us, before a
 * name or a tag was changed, or by whoever has the App's key. Nothing moves then, and it is the Action's answer too, which asks AWS the same (`live.ts`).
 */
function asNamed(
  { nodes: selectors }: AccessRequest,
  pinned: readonly Node[],
  { pull, lookup }: { readonly pull: number; readonly lookup: Lookup },
): Parsed<readonly Node[]> {
  const named = stillNamed(selectors, pinned, lookup);
  if (named.ok) return named;
  const [{ message }] = named.problems;
  return refused(
    problem(
      "trust.pinned-nodes",
      `\`#${pull}\` pins other nodes than are asked for now. If a name or a tag was changed, change it back, or cancel this and ask anew; if none was, whoever has the App's key opened it, and an admin changes the key: ${message}`,
      { field: "Nodes" },
    ),
  );
}

const gone = (node: PinnedNode): Problem =>
  problem(
    "request.node-unknown",
    `\`${nodeKey(node)}\` is not in the inventory any more; cancel this and ask anew`,
    { field: "Nodes" },
  );
