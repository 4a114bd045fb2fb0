import { tagKeys } from "../iam/request-keys.ts";
import type { Call } from "../twin.ts";
import type { Node } from "../world.ts";

/** The ARN of a node by its id: instances belong to EC2, hybrid nodes to Systems Manager. */
export function nodeArn(account: string, region: string, id: string): string {
  return id.startsWith("mi-")
    ? `arn:aws:ssm:${region}:${account}:managed-instance/${id}`
    : `arn:aws:ec2:${region}:${account}:instance/${id}`;
}

/** What IAM sees of a node: its tags under both names. A node that does not exist has none. */
export function nodeAsk(
  call: Call,
  id: string,
): { resource: string; keys: Readonly<Record<string, string | readonly string[] | undefined>> } {
  const tags = call.region.nodes.get(id)?.tags;
  const keys = tagKeys(tags, "aws:ResourceTag", "ssm:resourceTag");
  return { resource: nodeArn(call.account.id, call.region.name, id), keys };
}

const sorted = new WeakMap<ReadonlyMap<string, Node>, readonly Node[]>();

/** The nodes of a Region in the order of their ids. Nodes come and never go, so their number tells whether any is new. */
export function nodesById(nodes: ReadonlyMap<string, Node>): readonly Node[] {
  const known = sorted.get(nodes);
  if (known?.length === nodes.size) return known;
  const fresh = [...nodes.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  sorted.set(nodes, fresh);
  return fresh;
}
