// Every AWS call there is, with the role that makes it. What is not in this table cannot be called (`send` takes nothing else), and a
// test compares the table with the permissions in the CloudFormation, in both directions.

import type * as ec2 from "@aws-sdk/client-ec2";
import type * as events from "@aws-sdk/client-eventbridge";
import type * as iam from "@aws-sdk/client-iam";
import type * as tag from "@aws-sdk/client-resource-groups-tagging-api";
import type * as scheduler from "@aws-sdk/client-scheduler";
import type * as ssm from "@aws-sdk/client-ssm";

/** The roles that the Action itself uses. `access` is not among them: its credentials are for the operator. */
export type RoleName = "inventory" | "revoke";

/**
 * Named as IAM names the action. `passes` is the action that AWS checks besides. `AssumeRoleWithWebIdentity` is not here: it is
 * unsigned, allowed by trust policies, and made in one place (assume.ts).
 */
export const calls = {
  "ec2:DescribeInstances": { role: "inventory" },
  "ssm:DescribeDocument": { role: "inventory" },
  "ssm:DescribeInstanceInformation": { role: "inventory" },
  "ssm:ListTagsForResource": { role: "inventory" },
  "tag:GetResources": { role: "inventory" },
  "ssm:DescribeSessions": { role: "revoke" },
  "ssm:TerminateSession": { role: "revoke" },
  "scheduler:CreateSchedule": { role: "revoke", passes: "iam:PassRole" },
  "scheduler:DeleteSchedule": { role: "revoke" },
  "scheduler:GetSchedule": { role: "revoke" },
  "iam:DeleteRolePolicy": { role: "revoke" },
  "iam:GetRolePolicy": { role: "revoke" },
  "iam:PutRolePolicy": { role: "revoke" },
  "events:PutEvents": { role: "revoke" },
} as const satisfies Record<string, { readonly role: RoleName; readonly passes?: string }>;

export type CallName = keyof typeof calls;
export type ServiceName = CallName extends `${infer Service}:${string}` ? Service : never;

/** What goes in and comes out. */
export interface CallShapes {
  "ec2:DescribeInstances": [ec2.DescribeInstancesCommandInput, ec2.DescribeInstancesCommandOutput];
  "ssm:DescribeDocument": [ssm.DescribeDocumentCommandInput, ssm.DescribeDocumentCommandOutput];
  "ssm:DescribeInstanceInformation": [
    ssm.DescribeInstanceInformationCommandInput,
    ssm.DescribeInstanceInformationCommandOutput,
  ];
  "ssm:ListTagsForResource": [ssm.ListTagsForResourceCommandInput, ssm.ListTagsForResourceCommandOutput];
  "tag:GetResources": [tag.GetResourcesCommandInput, tag.GetResourcesCommandOutput];
  "ssm:DescribeSessions": [ssm.DescribeSessionsCommandInput, ssm.DescribeSessionsCommandOutput];
  "ssm:TerminateSession": [ssm.TerminateSessionCommandInput, ssm.TerminateSessionCommandOutput];
  "scheduler:CreateSchedule": [scheduler.CreateScheduleCommandInput, scheduler.CreateScheduleCommandOutput];
  "scheduler:DeleteSchedule": [scheduler.DeleteScheduleCommandInput, scheduler.DeleteScheduleCommandOutput];
  "scheduler:GetSchedule": [scheduler.GetScheduleCommandInput, scheduler.GetScheduleCommandOutput];
  "iam:DeleteRolePolicy": [iam.DeleteRolePolicyCommandInput, iam.DeleteRolePolicyCommandOutput];
  "iam:GetRolePolicy": [iam.GetRolePolicyCommandInput, iam.GetRolePolicyCommandOutput];
  "iam:PutRolePolicy": [iam.PutRolePolicyCommandInput, iam.PutRolePolicyCommandOutput];
  "events:PutEvents": [events.PutEventsCommandInput, events.PutEventsCommandOutput];
}

export type CallInput<C extends CallName> = CallShapes[C][0];
export type CallOutput<C extends CallName> = CallShapes[C][1];
