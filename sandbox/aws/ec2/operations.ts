import type * as Ec2 from "@aws-sdk/client-ec2";
import { AwsError } from "../errors.ts";
import { requestTagKeys, tagKeys } from "../iam/request-keys.ts";
import { matches, readPattern } from "../iam/wildcards.ts";
import { pageWhere } from "../paging.ts";
import { nodeArn, nodesById } from "../ssm/nodes.ts";
import { type Call, type Operations, operation } from "../twin.ts";
import type { Node } from "../world.ts";

/** Filters take `*` and `?`. */
function isLike(value: string | undefined, patterns: readonly string[]): boolean {
  return (
    value !== undefined &&
    patterns.some((pattern) => matches(readPattern(pattern, new Map(), false) ?? [], value))
  );
}

function passes(node: Node, { Name = "", Values = [] }: Ec2.Filter): boolean {
  if (Name.startsWith("tag:")) return isLike(node.tags.get(Name.slice(4)), Values);
  switch (Name) {
    case "tag-key":
      return [...node.tags.keys()].some((key) => isLike(key, Values));
    case "instance-id":
      return isLike(node.id, Values);
    case "instance-state-name":
      return isLike("running", Values);
    case "platform":
      return isLike(node.platform === "Windows" ? "windows" : undefined, Values);
    default:
      throw new AwsError("InvalidParameterValue", `The filter '${Name}' is invalid`);
  }
}

function describe(node: Node): Ec2.Instance {
  return {
    InstanceId: node.id,
    State: { Code: 16, Name: "running" },
    PlatformDetails: node.platform === "Windows" ? "Windows" : "Linux/UNIX",
    ...(node.platform === "Windows" ? { Platform: "windows" as Ec2.PlatformValues } : {}),
    InstanceType: "t3.micro",
    PrivateIpAddress: "10.0.0.10",
    LaunchTime: new Date(node.registeredAt),
    Tags: [...node.tags].map(([Key, Value]) => ({ Key, Value })),
  };
}

function tagPairs(tags: readonly Ec2.Tag[] | undefined): readonly (readonly [string, string])[] {
  return (tags ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""] as const);
}

function askEach(
  action: string,
  ids: readonly string[] | undefined,
  call: Call,
  tags: readonly Ec2.Tag[] | undefined,
): void {
  for (const id of ids ?? []) {
    const present = call.region.nodes.get(id)?.tags;
    const keys = {
      ...tagKeys(present, "aws:ResourceTag", "ec2:ResourceTag"),
      ...requestTagKeys(tagPairs(tags)),
    };
    call.require({ action: `ec2:${action}`, resource: nodeArn(call.account.id, call.region.name, id), keys });
  }
}

function found(ids: readonly string[] | undefined, call: Call): readonly Node[] {
  return (ids ?? []).map((id) => {
    const node = call.region.nodes.get(id);
    if (node?.type === "ec2") return node;
    throw new AwsError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
  });
}

export const ec2Operations: Operations = {
  DescribeInstances: operation<Ec2.DescribeInstancesRequest, Ec2.DescribeInstancesResult>({
    authorize: (_, call) => call.require({ action: "ec2:DescribeInstances", resource: "*" }),
    run: (input, call) => {
      if (input.InstanceIds !== undefined && input.MaxResults !== undefined) {
        throw new AwsError(
          "InvalidParameterCombination",
          "MaxResults and InstanceIds cannot be used together",
        );
      }
      const nodes =
        input.InstanceIds === undefined ? nodesById(call.region.nodes) : found(input.InstanceIds, call);
      const keep = (node: Node) =>
        node.type === "ec2" && (input.Filters ?? []).every((filter) => passes(node, filter));
      const { items, next } = pageWhere(
        nodes,
        keep,
        input.MaxResults ?? 1_000,
        input.NextToken,
        "InvalidNextToken",
      );
      const Reservations = items.map((node) => ({
        ReservationId: `r-${node.id.slice(2)}`,
        OwnerId: node.account,
        Instances: [describe(node)],
      }));
      return { Reservations, ...(next === undefined ? {} : { NextToken: next }) };
    },
  }),
  CreateTags: operation<Ec2.CreateTagsRequest, unknown>({
    authorize: (input, call) => askEach("CreateTags", input.Resources, call, input.Tags),
    run: (input, call) => {
      for (const { tags } of found(input.Resources, call))
        for (const [key, value] of tagPairs(input.Tags)) tags.set(key, value);
      return {};
    },
  }),
  DeleteTags: operation<Ec2.DeleteTagsRequest, unknown>({
    authorize: (input, call) => askEach("DeleteTags", input.Resources, call, input.Tags),
    run: (input, call) => {
      for (const { tags } of found(input.Resources, call))
        for (const [key] of tagPairs(input.Tags)) tags.delete(key);
      return {};
    },
  }),
};
