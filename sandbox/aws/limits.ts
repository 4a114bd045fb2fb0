import { AwsError } from "./errors.ts";
import { type ServiceId, serviceModels } from "./wire/service-models.ts";
import { isStruct, type Struct } from "./wire/shape.ts";

/** Lengths and ranges by number (of a text or list its size), patterns and closed lists of words. */
interface Limit {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  readonly words?: readonly string[];
}

type Limits = Readonly<Record<string, Limit>>;

const documentName: Limit = { pattern: /^[a-zA-Z0-9_\-.:/]{3,128}$/ };
const documentVersion: Limit = { pattern: /^([$]LATEST|[$]DEFAULT|[1-9][0-9]*)$/ };
const arn: Limit = { min: 20, max: 2_048 };
const ssmTags: Limits = {
  Tags: { max: 1_000 },
  "Tags[].Key": { min: 1, max: 128, pattern: /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u },
  "Tags[].Value": { max: 256, pattern: /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u },
};
const taggable: Limit = {
  words:
    "Document ManagedInstance MaintenanceWindow Parameter PatchBaseline OpsItem OpsMetadata Automation Association".split(
      " ",
    ),
};
const executionId: Limits = { AutomationExecutionId: { min: 36, max: 36 } };
const sessionId: Limits = { SessionId: { min: 1, max: 96 } };

/** Latin-1 with tab, line feed and carriage return. */
const policyCharacters = /^[\t\n\r\u0020-\u00FF]+$/;
const policyText: Limit = { min: 1, max: 131_072, pattern: policyCharacters };
const iamName = (max: number): Limit => ({ min: 1, max, pattern: /^[\w+=,.@-]+$/ });
const roleName: Limits = { RoleName: iamName(64) };
const iamTags: Limits = {
  Tags: { max: 50 },
  "Tags[].Key": { min: 1, max: 128, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u },
  "Tags[].Value": { max: 256, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u },
};

const assume: Limits = {
  RoleArn: arn,
  RoleSessionName: { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ },
  PolicyArns: { max: 10 },
  "PolicyArns[].arn": arn,
  Policy: { min: 1, max: 2_048, pattern: policyCharacters },
  DurationSeconds: { min: 900, max: 43_200 },
};

const schedulerName: Limit = { min: 1, max: 64, pattern: /^[0-9a-zA-Z-_.]+$/ };
const clientToken: Limit = { min: 1, max: 64, pattern: /^[a-zA-Z0-9-_]+$/ };
const schedule: Limits = {
  Name: schedulerName,
  GroupName: schedulerName,
  ClientToken: clientToken,
  Description: { max: 512 },
  ScheduleExpression: { min: 1, max: 256 },
  ScheduleExpressionTimezone: { min: 1, max: 50 },
  State: { words: ["ENABLED", "DISABLED"] },
  ActionAfterCompletion: { words: ["NONE", "DELETE"] },
  "FlexibleTimeWindow.Mode": { words: ["OFF", "FLEXIBLE"] },
  "FlexibleTimeWindow.MaximumWindowInMinutes": { min: 1, max: 1_440 },
  "Target.Arn": { min: 1, max: 1_600 },
  "Target.Input": { min: 1 },
  "Target.RoleArn": { min: 1, max: 1_600, pattern: /^arn:aws(-[a-z]+)?:iam::\d{12}:role\/[\w+=,.@/-]+$/ },
  "Target.RetryPolicy.MaximumEventAgeInSeconds": { min: 60, max: 86_400 },
  "Target.RetryPolicy.MaximumRetryAttempts": { min: 0, max: 185 },
};

/** What the SDK's schemas do not carry, for the calls the twin answers. */
const limits: Readonly<Record<string, Limits>> = {
  "ssm:DescribeInstanceInformation": {
    "Filters[].Key": { min: 1 },
    "Filters[].Values": { min: 1, max: 100 },
    "Filters[].Values[]": { min: 1 },
    MaxResults: { min: 5, max: 50 },
  },
  "ssm:StartSession": {
    Target: { min: 1, max: 400 },
    DocumentName: documentName,
    Reason: { min: 1, max: 256, pattern: /^.{1,256}$/ },
    "Parameters[][]": { min: 1, max: 65_535 },
  },
  "ssm:ResumeSession": sessionId,
  "ssm:TerminateSession": sessionId,
  "ssm:DescribeSessions": {
    State: { words: ["Active", "History"] },
    MaxResults: { min: 1, max: 200 },
    Filters: { min: 1, max: 6 },
    "Filters[].key": {
      words: ["InvokedAfter", "InvokedBefore", "Target", "Owner", "Status", "SessionId", "AccessType"],
    },
    "Filters[].value": { min: 1, max: 400 },
  },
  "ssm:GetConnectionStatus": { Target: { min: 1, max: 400 } },
  "ssm:StartAutomationExecution": {
    DocumentName: documentName,
    DocumentVersion: documentVersion,
    Parameters: { min: 1, max: 200 },
    "Parameters[]": { max: 50 },
    "Parameters[][]": { min: 1, max: 512 },
    ClientToken: {
      min: 36,
      max: 36,
      pattern: /^[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}$/,
    },
    Mode: { words: ["Auto", "Interactive"] },
    ...ssmTags,
  },
  "ssm:GetAutomationExecution": executionId,
  "ssm:DescribeAutomationStepExecutions": { ...executionId, MaxResults: { min: 1, max: 50 } },
  "ssm:StopAutomationExecution": { ...executionId, Type: { words: ["Complete", "Cancel"] } },
  "ssm:DescribeAutomationExecutions": {
    Filters: { min: 1, max: 10 },
    "Filters[].Key": {
      words:
        "DocumentNamePrefix ExecutionStatus ExecutionId ParentExecutionId CurrentAction StartTimeBefore StartTimeAfter AutomationType TagKey TargetResourceGroup AutomationSubtype OpsItemId".split(
          " ",
        ),
    },
    "Filters[].Values": { min: 1, max: 10 },
    "Filters[].Values[]": { min: 1, max: 150 },
    MaxResults: { min: 1, max: 50 },
  },
  "ssm:GetDocument": {
    Name: documentName,
    DocumentVersion: documentVersion,
    DocumentFormat: { words: ["YAML", "JSON", "TEXT"] },
  },
  "ssm:DescribeDocument": { Name: documentName, DocumentVersion: documentVersion },
  "ssm:ListDocuments": {
    Filters: { max: 6 },
    "Filters[].Key": { min: 1, max: 128 },
    MaxResults: { min: 1, max: 50 },
  },
  "ssm:CreateDocument": {
    Name: { pattern: /^[a-zA-Z0-9_\-.]{3,128}$/ },
    Content: { min: 1 },
    DocumentFormat: { words: ["YAML", "JSON", "TEXT"] },
    TargetType: { max: 200, pattern: /^\/[\w.\-:/]*$/ },
    ...ssmTags,
  },
  "ssm:DeleteDocument": { Name: documentName },
  "ssm:ListTagsForResource": { ResourceType: taggable },
  "ssm:AddTagsToResource": { ResourceType: taggable, ...ssmTags },
  "ssm:RemoveTagsFromResource": { ResourceType: taggable, "TagKeys[]": { min: 1, max: 128 } },
  "sts:AssumeRole": {
    ...assume,
    ...iamTags,
    ExternalId: { min: 2, max: 1_224 },
    SourceIdentity: { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ },
  },
  "sts:AssumeRoleWithWebIdentity": {
    ...assume,
    WebIdentityToken: { min: 4, max: 20_000 },
    ProviderId: { min: 4, max: 2_048 },
  },
  "iam:CreateRole": {
    ...roleName,
    Path: { min: 1, max: 512, pattern: /^(\/|\/[\u0021-\u007E]+\/)$/ },
    AssumeRolePolicyDocument: policyText,
    Description: { max: 1_000 },
    MaxSessionDuration: { min: 3_600, max: 43_200 },
    PermissionsBoundary: arn,
    ...iamTags,
  },
  "iam:GetRole": roleName,
  "iam:DeleteRole": roleName,
  "iam:UpdateAssumeRolePolicy": { ...roleName, PolicyDocument: policyText },
  "iam:PutRolePolicy": { ...roleName, PolicyName: iamName(128), PolicyDocument: policyText },
  "iam:GetRolePolicy": { ...roleName, PolicyName: iamName(128) },
  "iam:DeleteRolePolicy": { ...roleName, PolicyName: iamName(128) },
  "iam:ListRolePolicies": { ...roleName, MaxItems: { min: 1, max: 1_000 } },
  "iam:ListAttachedRolePolicies": { ...roleName, MaxItems: { min: 1, max: 1_000 } },
  "iam:AttachRolePolicy": { ...roleName, PolicyArn: arn },
  "iam:PutRolePermissionsBoundary": { ...roleName, PermissionsBoundary: arn },
  "iam:DeleteRolePermissionsBoundary": roleName,
  "iam:CreatePolicy": { PolicyName: iamName(128), PolicyDocument: policyText, ...iamTags },
  "iam:CreateOpenIDConnectProvider": {
    Url: { min: 1, max: 255 },
    "ClientIDList[]": { min: 1, max: 255 },
    "ThumbprintList[]": { min: 40, max: 40 },
  },
  "scheduler:CreateScheduleGroup": {
    Name: schedulerName,
    ClientToken: clientToken,
    "Tags[].Value": { min: 1, max: 256 },
  },
  "scheduler:GetScheduleGroup": { Name: schedulerName },
  "scheduler:CreateSchedule": schedule,
  "scheduler:UpdateSchedule": schedule,
  "scheduler:GetSchedule": { Name: schedulerName, GroupName: schedulerName },
  "scheduler:DeleteSchedule": { Name: schedulerName, GroupName: schedulerName, ClientToken: clientToken },
  "scheduler:ListSchedules": {
    GroupName: schedulerName,
    NamePrefix: schedulerName,
    MaxResults: { min: 1, max: 100 },
    NextToken: { min: 1, max: 2_048 },
    State: { words: ["ENABLED", "DISABLED"] },
  },
  "events:PutEvents": { Entries: { min: 1, max: 10 }, "Entries[].EventBusName": { min: 1, max: 1_600 } },
  "tagging:GetResources": {
    ResourcesPerPage: { min: 1, max: 100 },
    TagFilters: { max: 50 },
    "TagFilters[].Key": { min: 1, max: 128 },
    "TagFilters[].Values": { max: 20 },
    ResourceARNList: { min: 1, max: 100 },
  },
  "ec2:DescribeInstances": { MaxResults: { min: 5, max: 1_000 } },
};

/** Refuses what is too long, too short, out of range or not of the pattern, in AWS's words. */
export function checkLimits(service: ServiceId, operation: string, input: Struct): void {
  for (const [path, limit] of Object.entries(limits[`${service}:${operation}`] ?? {})) {
    for (const value of valuesAt(input, path)) {
      const broken = brokenConstraint(value, limit);
      if (broken !== undefined) throw refusal(service, path, broken);
    }
  }
}

function refusal(service: ServiceId, path: string, constraint: string): AwsError {
  const at = path.charAt(0).toLowerCase() + path.slice(1);
  const message = `1 validation error detected: Value at '${at}' failed to satisfy constraint: ${constraint}`;
  const { protocol } = serviceModels[service];
  const code = {
    query: "ValidationError",
    ec2: "InvalidParameterValue",
    json: "ValidationException",
    rest: "ValidationException",
  }[protocol];
  return new AwsError(service === "tagging" ? "InvalidParameterException" : code, message);
}

function brokenConstraint(value: unknown, limit: Limit): string | undefined {
  const size = measure(value);
  const kind = typeof value === "number" ? "value" : "length";
  if (limit.min !== undefined && size < limit.min)
    return `Member must have ${kind} greater than or equal to ${limit.min}`;
  if (limit.max !== undefined && size > limit.max)
    return `Member must have ${kind} less than or equal to ${limit.max}`;
  if (limit.words !== undefined && !limit.words.includes(String(value))) {
    return `Member must satisfy enum value set: [${limit.words.join(", ")}]`;
  }
  if (limit.pattern !== undefined && typeof value === "string" && !limit.pattern.test(value)) {
    return `Member must satisfy regular expression pattern: ${limit.pattern.source}`;
  }
  return undefined;
}

function measure(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return isStruct(value) ? Object.keys(value).length : 0;
}

/** `Filters[].Values[]`: dots go into structures, brackets into every element of a list or map. */
function valuesAt(input: unknown, path: string): readonly unknown[] {
  let values: unknown[] = [input];
  for (const step of path.replace(/\[\]/g, ".[]").split(".")) {
    values = values.flatMap((value) => {
      if (step === "[]") return Array.isArray(value) ? value : isStruct(value) ? Object.values(value) : [];
      return isStruct(value) ? [value[step]] : [];
    });
  }
  return values.filter((value) => value !== undefined);
}
