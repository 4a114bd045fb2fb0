import type * as Tagging from "@aws-sdk/client-resource-groups-tagging-api";
import { AwsError } from "../errors.ts";
import { pageWhere } from "../paging.ts";
import type { ScheduleGroup } from "../scheduler/schedules.ts";
import { documentArn, type SsmDocument } from "../ssm/documents.ts";
import { nodeArn, nodesById } from "../ssm/nodes.ts";
import { type Call, type Operations, operation } from "../twin.ts";
import type { Node, Tags } from "../world.ts";

interface Tagged {
  readonly arn: string;
  /** As a filter names it: `ec2:instance`. */
  readonly type: string;
  readonly tags: Tags;
}

/** Everything of a Region that is, or could be, tagged, as it is kept. */
function taggable({ region }: Call): readonly (Node | SsmDocument | ScheduleGroup)[] {
  return [...nodesById(region.nodes), ...region.documents.values(), ...region.scheduleGroups.values()];
}

function asTagged(item: Node | SsmDocument | ScheduleGroup, { account, region }: Call): Tagged {
  const { tags } = item;
  if ("agent" in item) {
    const type = item.type === "ec2" ? "ec2:instance" : "ssm:managed-instance";
    return { arn: nodeArn(account.id, region.name, item.id), type, tags };
  }
  return "schedules" in item
    ? { arn: item.arn, type: "scheduler:schedule-group", tags }
    : { arn: documentArn(region, item.name), type: "ssm:document", tags };
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
      const keep = (item: Node | SsmDocument | ScheduleGroup) =>
        item.tags.size > 0 && passes(asTagged(item, call), input);
      const token = input.PaginationToken === "" ? undefined : input.PaginationToken;
      const { items, next } = pageWhere(
        taggable(call),
        keep,
        input.ResourcesPerPage ?? 50,
        token,
        "PaginationTokenExpiredException",
      );
      return {
        PaginationToken: next ?? "",
        ResourceTagMappingList: items.map((item) => ({
          ResourceARN: asTagged(item, call).arn,
          Tags: [...item.tags].map(([Key, Value]) => ({ Key, Value })),
        })),
      };
    },
  }),
};
