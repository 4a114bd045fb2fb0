// A node: what can be reached through AWS Systems Manager.

import type { AccountId, NodeId, Region } from "./ids.ts";

/** AWS's own names of the two kinds, as policies and the inventory use them. */
export type NodeType = "AWS::EC2::Instance" | "AWS::SSM::ManagedInstance";

export interface Node {
  readonly type: NodeType;
  readonly account: AccountId;
  readonly region: Region;
  readonly id: NodeId;
  /** The tag `Name` of an EC2 instance, the computer or activation name of a managed instance; some have none. */
  readonly name?: string;
  readonly platform?: string;
  readonly agent: "online" | "offline" | "unknown";
  readonly tags: Readonly<Record<string, string>>;
}

export const nodeType = (id: string): NodeType =>
  id.startsWith("mi-") ? "AWS::SSM::ManagedInstance" : "AWS::EC2::Instance";

/** `account/region/id`: names one node among all, in messages, maps and comparisons. */
export const nodeKey = (node: {
  readonly account: string;
  readonly region: string;
  readonly id: string;
}): string => `${node.account}/${node.region}/${node.id}`;
