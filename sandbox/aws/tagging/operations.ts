import type * as Tagging from "@aws-sdk/client-resource-groups-tagging-api";
import { AwsError } from "../errors.ts";
import { pageOf } from "../paging.ts";
import { nodeArn, nodesById } from "../ssm/nodes.ts";
import { type Call, type Operations, operation } from "../twin.ts";
import type { Tags } from "../world.ts";

interface Tagged {
  readonly arn: string;
  /** As a filter names it: `ec2:instance`. */
  readonly type: string;
  readonly tags: Tags;
}

/** Everything of a Region that is, or could be, tagged. */
function taggedResources(call: Call): readonly Tagged[] {
  const { region, account } = call;
  const nodes = nodesById(region.nodes).map(({ id, type, tags }) => ({
    arn: nodeArn(account.id, region.name, id),
    type: type === "ec2" ? "ec2:instance" : "ssm:managed-instance",
    tags,
  }));
  const documents = [...region.documents.values()].map(({ name, tags }) => ({
    arn: `arn:aws:ssm:${region.name}:${account.id}:document/${name}`,
    type: "ssm:document",
    tags,
  }));
  const groups = [...region.scheduleGroups.values()].map(({ arn, tags }) => ({
    arn,
    type: "scheduler:schedule-group",
    tags,
  }));
  return [...nodes, ...documents, ...groups].filter(({ tags }) => tags.size > 0);
}

function passes(resource: Tagged, input: Tagging.GetResourcesInput): boolean {
  const types = input.ResourceTypeFilters ?? [];
  if (input.ResourceARNList !== undefined) return input.ResourceARNList.includes(resource.arn);
  if (
    types.length > 0 &&
    !types.some((type) => resource.type === type || resource.type.startsWith(`${type}:`))
  )
    return false;
  return (input.TagFilters ?? []).every(({ Key = "", Values = [] }) => {
    const value = resource.tags.get(Key);
    return value !== undefined && (Values.length === 0 || Values.includes(value));
  });
}

export const taggingOperations: Operations = {
  GetResources: operation<Tagging.GetResourcesInput, Tagging.GetResourcesOutput>({
    authorize: (_, call) => call.require({ action: "tag:GetResources", resource: "*" }),
    run: (input, call) => {
      if (
        input.ResourceARNList !== undefined &&
        (input.TagFilters ?? input.ResourceTypeFilters ?? input.ResourcesPerPage) !== undefined
      ) {
        throw new AwsError("InvalidParameterException", "ResourceARNList goes with no other filter");
      }
      const found = taggedResources(call).filter((resource) => passes(resource, input));
      const token = input.PaginationToken === "" ? undefined : input.PaginationToken;
      const { items, next } = pageOf(
        found,
        input.ResourcesPerPage ?? 50,
        token,
        "PaginationTokenExpiredException",
      );
      return {
        PaginationToken: next ?? "",
        ResourceTagMappingList: items.map(({ arn, tags }) => ({
          ResourceARN: arn,
          Tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
        })),
      };
    },
  }),
};
