// The part of Systems Manager that Hallpass uses; loaded when first called.

import {
  DescribeDocumentCommand,
  DescribeInstanceInformationCommand,
  DescribeSessionsCommand,
  ListTagsForResourceCommand,
  SSMClient,
  TerminateSessionCommand,
} from "@aws-sdk/client-ssm";

export const Client = SSMClient;
export const commands = {
  DescribeDocument: DescribeDocumentCommand,
  DescribeInstanceInformation: DescribeInstanceInformationCommand,
  DescribeSessions: DescribeSessionsCommand,
  ListTagsForResource: ListTagsForResourceCommand,
  TerminateSession: TerminateSessionCommand,
};
