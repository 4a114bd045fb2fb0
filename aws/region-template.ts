// The CloudFormation of a Region, deployed in each one that has nodes: the session documents, the runbook, the schedule group, and who is told. `region.yaml` is
// made from this and from the forwards in `.github/hallpass.yml`; a test compares them.

import type { ForwardConfig } from "../core/law.ts";
import { accountId, type Json, partition, ref, sub } from "./cloudformation.ts";
import { sessionDocuments } from "./documents.ts";
import { endAccessRunbook, runbookName } from "./runbook.ts";

export function regionTemplate(forwards: readonly ForwardConfig[]): Json {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description:
      "Hallpass, in each Region of an account: session documents, the runbook that ends access, the schedule group",
    Parameters: parameters,
    Conditions: {
      LogsEncrypted: { "Fn::Equals": [ref("RequireEncryptedLogs"), "true"] },
      Notifies: { "Fn::Not": [{ "Fn::Equals": [ref("NotifyEmail"), ""] }] },
    },
    Resources: {
      ScheduleGroup: { Type: "AWS::Scheduler::ScheduleGroup", Properties: { Name: "hallpass" } },
      EndAccess: ssmDocument(runbookName, "Automation", endAccessRunbook(runbookRole)),
      ...Object.fromEntries(
        sessionDocuments(forwards, logs).map(({ name, content }) => [
          logicalId(name),
          ssmDocument(name, "Session", content),
        ]),
      ),
      ...notification,
    },
  };
}

const parameters: Json = {
  SessionLogGroup: {
    Type: "String",
    Description:
      "CloudWatch Logs group for what is typed in shells; empty for none. The nodes' own role writes it",
    Default: "",
  },
  SessionLogBucket: {
    Type: "String",
    Description: "S3 bucket for the same; empty for none",
    Default: "",
  },
  RequireEncryptedLogs: {
    Type: "String",
    Description: "Whether a shell is refused when its log group or bucket is not encrypted",
    AllowedValues: ["true", "false"],
    Default: "true",
  },
  NotifyEmail: {
    Type: "String",
    Description:
      "Address that gets every state change by mail; empty for none. For Slack and Teams add the topic to Amazon Q Developer in chat applications",
    Default: "",
  },
};

const logs = {
  logGroup: ref("SessionLogGroup"),
  bucket: ref("SessionLogBucket"),
  encrypted: { "Fn::If": ["LogsEncrypted", true, false] },
};

const runbookRole = sub(`arn:${partition}:iam::${accountId}:role/HallpassEndAccess`);

/** A new version takes the place of the old: the name is fixed, and sessions that run keep theirs. */
const ssmDocument = (name: string, type: "Session" | "Automation", content: Json): Json => ({
  Type: "AWS::SSM::Document",
  Properties: {
    Name: name,
    DocumentType: type,
    DocumentFormat: "JSON",
    UpdateMethod: "NewVersion",
    Content: content,
  },
});

/** Letters and digits only, and two names never share one: `Z` begins an escape. */
const logicalId = (name: string): string =>
  name
    .replace(/^Hallpass-/, "")
    .replaceAll("Z", "Z1")
    .replaceAll(/[^A-Za-z0-9]/g, "Z0");

const notification: Json = {
  Topic: { Type: "AWS::SNS::Topic", Condition: "Notifies", Properties: { TopicName: "hallpass" } },
  TopicPolicy: {
    Type: "AWS::SNS::TopicPolicy",
    Condition: "Notifies",
    Properties: {
      Topics: [ref("Topic")],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Events",
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sns:Publish",
            Resource: ref("Topic"),
            Condition: { ArnEquals: { "aws:SourceArn": { "Fn::GetAtt": ["Rule", "Arn"] } } },
          },
        ],
      },
    },
  },
  Subscription: {
    Type: "AWS::SNS::Subscription",
    Condition: "Notifies",
    Properties: { TopicArn: ref("Topic"), Protocol: "email", Endpoint: ref("NotifyEmail") },
  },
  Rule: {
    Type: "AWS::Events::Rule",
    Condition: "Notifies",
    Properties: {
      Description: "Hallpass: every state change",
      EventPattern: { source: ["hallpass"] },
      Targets: [{ Id: "topic", Arn: ref("Topic") }],
    },
  },
};
