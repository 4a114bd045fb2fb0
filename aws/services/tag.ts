// The part of the tagging API that Hallpass uses; loaded when first called.

import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} from "@aws-sdk/client-resource-groups-tagging-api";

export const Client = ResourceGroupsTaggingAPIClient;
export const commands = { GetResources: GetResourcesCommand };
