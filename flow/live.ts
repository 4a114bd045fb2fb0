// The Action's second look: the same request, the same facts from GitHub, and the nodes as AWS shows them now instead of the inventory.

import type { Aws } from "../aws/clients.ts";
import { describeNodes } from "../aws/nodes.ts";
import type { Facts } from "../core/facts.ts";
import type { Config } from "../core/law.ts";
import { type Node, nodeKey } from "../core/node.ts";
import { type Parsed, problem, refused, unlessProblems } from "../core/problem.ts";
import type { AccessRequest } from "../core/request.ts";
import { resolveNodes } from "../core/selectors.ts";
import { answersOf, type GatherDeps } from "./gather.ts";
import type { LoadedLaw } from "./law.ts";
import { byPlace, placeOf } from "./places.ts";

/** The facts again, with live nodes and Cedar's answers about them. Throws `AwsError` when AWS cannot be read. */
export async function lookLive(
  deps: Pick<GatherDeps, "engine"> & { readonly aws: Aws },
  law: LoadedLaw,
  facts: Facts,
): Promise<Facts> {
  if (!facts.asked.ok || facts.nodes?.ok !== true) return facts;
  const request = facts.asked.value;
  const live = await liveNodes(deps.aws, law.config, facts.nodes.value);
  const nodes = live.ok ? stillNamed(request, live.value, law.config) : live;
  if (!nodes.ok) return { ...facts, nodes };
  return { ...facts, nodes, answers: await answersOf(deps, law, facts, { request, nodes: nodes.value }) };
}

async function liveNodes(aws: Aws, config: Config, nodes: readonly Node[]): Promise<Parsed<readonly Node[]>> {
  const found = await Promise.all(
    byPlace(nodes).map(({ place, nodes: here }) =>
      describeNodes(aws, { ...placeOf(config, place), ids: here.map(({ id }) => id) }),
    ),
  );
  const known = new Map(found.flat().map((node) => [nodeKey(node), node]));
  const missing = nodes.filter((node) => !known.has(nodeKey(node)));
  return unlessProblems(
    missing.map((node) =>
      problem("request.node-unknown", `AWS knows no node \`${nodeKey(node)}\` any more; ask anew`, {
        field: "Nodes",
      }),
    ),
    nodes.flatMap((node) => known.get(nodeKey(node)) ?? []),
  );
}

// ATTACK: whoever can tag moves a name or a tag to another node between the inventory and the grant, and whoever has the App's key pins other nodes under the
// names that people expect; the live nodes must still be the ones named
function stillNamed(request: AccessRequest, live: readonly Node[], config: Config): Parsed<readonly Node[]> {
  const again = resolveNodes(request.nodes, {
    inventory: live,
    accounts: config.accounts,
    maxNodes: config.limits.maxNodes,
    field: "Nodes",
  });
  if (!again.ok) return again;
  const keys = (nodes: readonly Node[]) => nodes.map(nodeKey).sort().join();
  return keys(again.value) === keys(live)
    ? again
    : refused(
        problem("trust.different-answer", "AWS names other nodes now than the inventory did; ask anew", {
          field: "Nodes",
        }),
      );
}
