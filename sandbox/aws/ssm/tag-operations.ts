import type * as Ssm from "@aws-sdk/client-ssm";
import { AwsError } from "../errors.ts";
import { requestTagKeys, tagKeys } from "../iam/request-keys.ts";
import { type Call, type Operations, operation } from "../twin.ts";
import type { Tags } from "../world.ts";
import { tagMap } from "./document-operations.ts";
import { documentArn } from "./documents.ts";
import { nodeArn } from "./nodes.ts";

interface Resource {
  readonly ResourceType: string | undefined;
  readonly ResourceId: string | undefined;
}

/** The tags that Systems Manager keeps itself: of hybrid nodes, documents and automations. EC2 keeps those of instances. */
function tagsOf({ ResourceType, ResourceId = "" }: Resource, call: Call): Tags | undefined {
  switch (ResourceType) {
    case "ManagedInstance":
      return ResourceId.startsWith("mi-") ? call.region.nodes.get(ResourceId)?.tags : undefined;
    case "Document":
      return call.region.documents.get(ResourceId)?.tags;
    case "Automation":
      return call.region.executions.get(ResourceId)?.tags;
    default:
      return undefined;
  }
}

function arnOf({ ResourceType, ResourceId = "" }: Resource, call: Call): string {
  switch (ResourceType) {
    case "ManagedInstance":
      return nodeArn(call.account.id, call.region.name, ResourceId);
    case "Document":
      return documentArn(call.region, ResourceId);
    case "Automation":
      return `arn:aws:ssm:${call.region.name}:${call.account.id}:automation-execution/${ResourceId}`;
    default:
      return `arn:aws:ssm:${call.region.name}:${call.account.id}:${ResourceType?.toLowerCase()}/${ResourceId}`;
  }
}

function found(resource: Resource, call: Call): Tags {
  const tags = tagsOf(resource, call);
  if (tags === undefined) throw new AwsError("InvalidResourceId", `${resource.ResourceId} does not exist`);
  return tags;
}

function ask(action: string, input: Resource, call: Call, added: Tags = new Map()): void {
  const keys = { ...tagKeys(tagsOf(input, call), "aws:ResourceTag"), ...requestTagKeys(added) };
  call.require({ action: `ssm:${action}`, resource: arnOf(input, call), keys });
}

export const tagOperations: Operations = {
  ListTagsForResource: operation<Ssm.ListTagsForResourceRequest, Ssm.ListTagsForResourceResult>({
    authorize: (input, call) => ask("ListTagsForResource", input, call),
    run: (input, call) => ({ TagList: [...found(input, call)].map(([Key, Value]) => ({ Key, Value })) }),
  }),
  AddTagsToResource: operation<Ssm.AddTagsToResourceRequest, Ssm.AddTagsToResourceResult>({
    authorize: (input, call) => ask("AddTagsToResource", input, call, tagMap(input.Tags)),
    run: (input, call) => {
      const tags = found(input, call);
      for (const [key, value] of tagMap(input.Tags)) tags.set(key, value);
      return {};
    },
  }),
  RemoveTagsFromResource: operation<Ssm.RemoveTagsFromResourceRequest, Ssm.RemoveTagsFromResourceResult>({
    authorize: (input, call) => ask("RemoveTagsFromResource", input, call),
    run: (input, call) => {
      const tags = found(input, call);
      for (const key of input.TagKeys ?? []) tags.delete(key);
      return {};
    },
  }),
};
