import type * as Ssm from "@aws-sdk/client-ssm";
import { AwsError } from "../errors.ts";
import { pageWhere } from "../paging.ts";
import { type Operations, operation } from "../twin.ts";
import type { Node } from "../world.ts";
import { nodeAsk, nodesById } from "./nodes.ts";

const agentVersion = "3.3.3050.0";

/** What a filter key reads of a node. */
const filterKeys: Readonly<Record<string, (node: Node) => string | undefined>> = {
  InstanceIds: (node) => node.id,
  AgentVersion: () => agentVersion,
  PingStatus: (node) => node.agent,
  PlatformTypes: (node) => node.platform,
  ActivationIds: (node) => (node.type === "hybrid" ? activationOf(node) : undefined),
  IamRole: () => undefined,
  ResourceType: (node) => resourceType(node),
  AssociationStatus: () => undefined,
};

function passes(node: Node, filter: Ssm.InstanceInformationStringFilter): boolean {
  const key = filter.Key ?? "";
  const values = filter.Values ?? [];
  if (key === "tag-key") return values.some((value) => node.tags.has(value));
  const found = key.startsWith("tag:") ? node.tags.get(key.slice(4)) : filterKeys[key]?.(node);
  return found !== undefined && values.includes(found);
}

function checkFilter(filter: Ssm.InstanceInformationStringFilter): void {
  const key = filter.Key ?? "";
  if (key !== "tag-key" && !key.startsWith("tag:") && filterKeys[key] === undefined) {
    throw new AwsError("InvalidFilterKey", `The specified key \`${key}\` isn't valid.`);
  }
}

function resourceType(node: Node): "EC2Instance" | "ManagedInstance" {
  return node.type === "ec2" ? "EC2Instance" : "ManagedInstance";
}

function activationOf(node: Node): string {
  const [a, b] = [node.id.slice(3, 11), node.id.slice(11, 15)];
  return `${a}-${b}-4000-8000-${node.id.slice(-12).padStart(12, "0")}`;
}

function describe(node: Node): Ssm.InstanceInformation {
  return {
    InstanceId: node.id,
    PingStatus: node.agent as Ssm.PingStatus,
    LastPingDateTime: new Date(node.lastPing),
    AgentVersion: agentVersion,
    IsLatestVersion: true,
    PlatformType: node.platform,
    PlatformName: {
      Linux: "Amazon Linux",
      Windows: "Microsoft Windows Server 2022 Datacenter",
      MacOS: "macOS",
    }[node.platform],
    PlatformVersion: { Linux: "2023", Windows: "10.0.20348", MacOS: "14.5" }[node.platform],
    ResourceType: resourceType(node),
    ComputerName: `${node.name || node.id}.internal`,
    IPAddress: "10.0.0.10",
    // EC2 instances have their name in a tag
    ...(node.type === "hybrid"
      ? { Name: node.name, ActivationId: activationOf(node), RegistrationDate: new Date(node.registeredAt) }
      : {}),
  };
}

export const inventoryOperations: Operations = {
  DescribeInstanceInformation: operation<
    Ssm.DescribeInstanceInformationRequest,
    Ssm.DescribeInstanceInformationResult
  >({
    authorize: (_, call) =>
      call.require({
        action: "ssm:DescribeInstanceInformation",
        resource: "*",
      }),
    run: (input, call) => {
      const filters = [
        ...(input.Filters ?? []),
        ...(input.InstanceInformationFilterList ?? []).map((old) => ({ Key: old.key, Values: old.valueSet })),
      ];
      for (const filter of filters) checkFilter(filter);
      const keep = (node: Node) => node.agent !== "none" && filters.every((filter) => passes(node, filter));
      const nodes = nodesById(call.region.nodes);
      const { items, next } = pageWhere(
        nodes,
        keep,
        input.MaxResults ?? 10,
        input.NextToken,
        "InvalidNextToken",
      );
      return {
        InstanceInformationList: items.map(describe),
        ...(next === undefined ? {} : { NextToken: next }),
      };
    },
  }),
  GetConnectionStatus: operation<Ssm.GetConnectionStatusRequest, Ssm.GetConnectionStatusResponse>({
    authorize: (input, call) =>
      call.require({ action: "ssm:GetConnectionStatus", ...nodeAsk(call, input.Target ?? "") }),
    run: (input, call) => {
      const connected = call.region.nodes.get(input.Target ?? "")?.agent === "Online";
      return { Target: input.Target, Status: connected ? "connected" : "notconnected" };
    },
  }),
};
