// The Action's second look: the same request, the same facts from GitHub, and the nodes as AWS shows them now instead of the inventory.

import type { Aws } from "../aws/clients.ts";
import { describeNodes } from "../aws/nodes.ts";
import type { Facts } from "../core/facts.ts";
import type { Config } from "../core/law.ts";
import { type Node, nodeKey } from "../core/node.ts";
import { type Parsed, problem, unlessProblems } from "../core/problem.ts";
import { stillNamed } from "../core/selectors.ts";
import { answersOf, type GatherDeps } from "./gather.ts";
import type { LoadedLaw } from "./law.ts";
import { lookupIn } from "./nodes-asked.ts";
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
  const nodes = live.ok ? stillNamed(request.nodes, live.value, lookupIn(live.value, law.config)) : live;
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
