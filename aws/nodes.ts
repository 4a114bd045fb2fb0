// Nodes as AWS shows them now: EC2 for instances and their tags, Systems Manager for agents and for managed instances outside EC2.

import type { Instance } from "@aws-sdk/client-ec2";
import type { InstanceInformation } from "@aws-sdk/client-ssm";
import type { NodeId } from "../core/ids.ts";
import { type Node, nodeType } from "../core/node.ts";
import type { Aws, CallTarget } from "./clients.ts";
import { inParallel } from "./parallel.ts";

/** These nodes, live, in the order asked. What AWS does not know, or knows as terminated, is left out. */
export async function describeNodes(
  aws: Aws,
  request: CallTarget & { readonly ids: readonly NodeId[] },
): Promise<readonly Node[]> {
  const ids = [...new Set(request.ids)];
  if (ids.length === 0) return [];
  const [instances, agents] = await Promise.all([
    inBatches(
      ids.filter((id) => id.startsWith("i-")),
      200,
      (batch) => instancesOf(aws, request, batch),
    ),
    inBatches(ids, 50, (batch) => agentsOf(aws, request, batch)),
  ]);
  const managed = agents.filter(({ InstanceId }) => InstanceId?.startsWith("mi-") === true);
  const tags = new Map(
    await inParallel(
      managed,
      3,
      async ({ InstanceId = "" }) => [InstanceId, await tagsOf(aws, request, InstanceId)] as const,
    ),
  );
  const nodes = new Map(assemble(request, instances, agents, tags).map((node) => [node.id, node]));
  return ids.flatMap((id) => nodes.get(id) ?? []);
}

/** All nodes of an account and Region, sorted by id: running and stopped instances, and managed instances. */
export async function listNodes(aws: Aws, at: CallTarget): Promise<readonly Node[]> {
  const [instances, agents, tags] = await Promise.all([
    instancesOf(aws, at, undefined),
    agentsOf(aws, at, undefined),
    managedTags(aws, at),
  ]);
  return assemble(at, instances, agents, tags).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

type Tags = Readonly<Record<string, string>>;

function assemble(
  at: CallTarget,
  instances: readonly Instance[],
  agents: readonly InstanceInformation[],
  managed: ReadonlyMap<string, Tags>,
): Node[] {
  const agentOf = new Map(agents.map((agent) => [agent.InstanceId, agent]));
  return [
    ...instances.flatMap((instance) => ec2Node(at, instance, agentOf.get(instance.InstanceId)) ?? []),
    ...agents.flatMap((agent) => managedNode(at, agent, managed.get(agent.InstanceId ?? "") ?? {}) ?? []),
  ];
}

function ec2Node(
  at: CallTarget,
  instance: Instance,
  agent: InstanceInformation | undefined,
): Node | undefined {
  if (instance.InstanceId === undefined) return undefined;
  const tags = tagRecord(instance.Tags ?? []);
  const platform =
    agent?.PlatformType ?? (instance.Platform?.toLowerCase() === "windows" ? "Windows" : "Linux");
  return node(at, instance.InstanceId, tags.Name, platform, agent, tags);
}

function managedNode(at: CallTarget, agent: InstanceInformation, tags: Tags): Node | undefined {
  if (agent.InstanceId?.startsWith("mi-") !== true) return undefined;
  return node(at, agent.InstanceId, agent.Name || agent.ComputerName, agent.PlatformType, agent, tags);
}

function node(
  at: CallTarget,
  id: string,
  name: string | undefined,
  platform: string | undefined,
  agent: InstanceInformation | undefined,
  tags: Tags,
): Node {
  return {
    type: nodeType(id),
    account: at.account.id,
    region: at.region,
    id: id as NodeId,
    ...(name ? { name } : {}),
    ...(platform ? { platform } : {}),
    agent: agent === undefined ? "unknown" : agent.PingStatus === "Online" ? "online" : "offline",
    tags,
  };
}

/** By filter and not by id: one unknown id would fail the whole call. */
async function instancesOf(
  aws: Aws,
  at: CallTarget,
  ids: readonly string[] | undefined,
): Promise<Instance[]> {
  const found: Instance[] = [];
  const Filters = [
    { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
    ...(ids === undefined ? [] : [{ Name: "instance-id", Values: [...ids] }]),
  ];
  let next: string | undefined;
  do {
    const page = await aws.send(at, "ec2:DescribeInstances", {
      Filters,
      MaxResults: 1_000,
      ...(next === undefined ? {} : { NextToken: next }),
    });
    for (const { Instances } of page.Reservations ?? []) found.push(...(Instances ?? []));
    next = page.NextToken || undefined;
  } while (next !== undefined);
  return found;
}

async function agentsOf(
  aws: Aws,
  at: CallTarget,
  ids: readonly string[] | undefined,
): Promise<InstanceInformation[]> {
  const found: InstanceInformation[] = [];
  let next: string | undefined;
  do {
    const page = await aws.send(at, "ssm:DescribeInstanceInformation", {
      MaxResults: 50,
      ...(ids === undefined ? {} : { Filters: [{ Key: "InstanceIds", Values: [...ids] }] }),
      ...(next === undefined ? {} : { NextToken: next }),
    });
    found.push(...(page.InstanceInformationList ?? []));
    next = page.NextToken || undefined;
  } while (next !== undefined);
  return found;
}

async function tagsOf(aws: Aws, at: CallTarget, id: string): Promise<Tags> {
  const { TagList } = await aws.send(at, "ssm:ListTagsForResource", {
    ResourceType: "ManagedInstance",
    ResourceId: id,
  });
  return tagRecord(TagList ?? []);
}

/** The tags of all managed instances, a hundred a call instead of one. */
async function managedTags(aws: Aws, at: CallTarget): Promise<ReadonlyMap<string, Tags>> {
  const found = new Map<string, Tags>();
  let next: string | undefined;
  do {
    const page = await aws.send(at, "tag:GetResources", {
      ResourceTypeFilters: ["ssm:managed-instance"],
      ResourcesPerPage: 100,
      ...(next === undefined ? {} : { PaginationToken: next }),
    });
    for (const { ResourceARN, Tags } of page.ResourceTagMappingList ?? []) {
      const id = ResourceARN?.split("/").at(-1);
      if (id !== undefined) found.set(id, tagRecord(Tags ?? []));
    }
    next = page.PaginationToken || undefined;
  } while (next !== undefined);
  return found;
}

/** Sorted by key, so that the same tags are the same text. */
function tagRecord(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): Tags {
  const entries = tags.map(({ Key = "", Value = "" }) => [Key, Value] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

async function inBatches<T, R>(
  items: readonly T[],
  size: number,
  work: (batch: readonly T[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const batches: T[][] = [];
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
  return (await inParallel(batches, 3, work)).flat();
}
