import type * as Ssm from "@aws-sdk/client-ssm";
import { AwsError } from "../errors.ts";
import { requestTagKeys, tagKeys } from "../iam/request-keys.ts";
import { pageOf } from "../paging.ts";
import { type Call, type Operations, operation } from "../twin.ts";
import type { AutomationExecution, StepExecution } from "./automation/execution.ts";
import { readRunbook, type StartRequest, startExecution } from "./automation/start.ts";
import { tagMap } from "./document-operations.ts";
import { documentArn, findDocument } from "./documents.ts";

function startRequest(input: Ssm.StartAutomationExecutionRequest): StartRequest {
  return {
    documentName: input.DocumentName ?? "",
    given: input.Parameters ?? {},
    clientToken: input.ClientToken,
    tags: tagMap(input.Tags),
  };
}

const executionArn = (call: Call, id: string) =>
  `arn:aws:ssm:${call.region.name}:${call.account.id}:automation-execution/${id}`;

/** What a run needs a permission on: the runbook's document and the execution, or, as AWS had it before, the definition. */
function startResources(input: Ssm.StartAutomationExecutionRequest, call: Call): readonly string[] {
  const document = documentArn(call.region, input.DocumentName ?? "");
  if (call.twin.parameters.automationResources === "definition") {
    return [
      `${document.replace(":document/", ":automation-definition/")}:${input.DocumentVersion ?? "$DEFAULT"}`,
    ];
  }
  return [document, executionArn(call, "*")];
}

const startAutomationExecution = operation<
  Ssm.StartAutomationExecutionRequest,
  Ssm.StartAutomationExecutionResult
>({
  authorize: (input, call) => {
    const tags = findDocument(call.region, input.DocumentName ?? "")?.tags;
    const keys = {
      ...tagKeys(tags, "aws:ResourceTag"),
      "ssm:DocumentVersion": input.DocumentVersion,
      ...requestTagKeys(tagMap(input.Tags)),
    };
    for (const resource of startResources(input, call))
      call.require({ action: "ssm:StartAutomationExecution", resource, keys });
    const { assumeRole } = readRunbook(call.region, startRequest(input));
    if (assumeRole === undefined) return;
    call.require({
      action: "iam:PassRole",
      resource: assumeRole,
      keys: { "iam:PassedToService": "ssm.amazonaws.com" },
    });
  },
  run: (input, call) => ({ AutomationExecutionId: startExecution(call, startRequest(input)).id }),
});

function ask(action: string, id: string | undefined, call: Call): void {
  const tags = call.region.executions.get(id ?? "")?.tags;
  call.require({
    action: `ssm:${action}`,
    resource: executionArn(call, id ?? ""),
    keys: tagKeys(tags, "aws:ResourceTag"),
  });
}

function find(id: string | undefined, call: Call): AutomationExecution {
  const execution = call.region.executions.get(id ?? "");
  if (execution === undefined) {
    throw new AwsError("AutomationExecutionNotFoundException", `Automation execution ${id} does not exist`);
  }
  return execution;
}

const mutable = (lists: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(lists).map(([key, values]) => [key, [...values]]));

/** What both the list of executions and the single one show. */
function summary(execution: AutomationExecution) {
  return {
    AutomationExecutionId: execution.id,
    DocumentName: execution.documentName,
    DocumentVersion: "1",
    AutomationExecutionStatus: execution.status,
    ExecutionStartTime: new Date(execution.startedAt),
    ...(execution.endedAt === undefined ? {} : { ExecutionEndTime: new Date(execution.endedAt) }),
    ExecutedBy: execution.executedBy,
    Mode: "Auto" as const,
    Outputs: mutable(execution.outputs),
    ...(execution.failure === undefined ? {} : { FailureMessage: execution.failure }),
  };
}

function describeStep({ step, ...record }: StepExecution): Ssm.StepExecution {
  const texts = (value: unknown) =>
    (Array.isArray(value) ? value : [value]).map((item) =>
      typeof item === "string" ? item : JSON.stringify(item),
    );
  return {
    StepName: step.name,
    Action: step.action,
    StepStatus: record.status,
    StepExecutionId: record.id,
    ExecutionStartTime: new Date(record.startedAt),
    ...(record.endedAt === undefined ? {} : { ExecutionEndTime: new Date(record.endedAt) }),
    ...(record.failure === undefined ? {} : { FailureMessage: record.failure }),
    ...(record.iteration === undefined ? {} : { ParentStepDetails: { Iteration: record.iteration } }),
    Outputs: Object.fromEntries(Object.entries(record.outputs).map(([name, value]) => [name, texts(value)])),
    OnFailure: step.onFailure,
    IsEnd: step.isEnd,
    IsCritical: step.isCritical,
  };
}

function passes(
  execution: AutomationExecution,
  { Key, Values = [] }: Ssm.AutomationExecutionFilter,
): boolean {
  switch (Key) {
    case "DocumentNamePrefix":
      return Values.some((value) => execution.documentName.startsWith(value));
    case "ExecutionStatus":
      return Values.includes(execution.status);
    case "ExecutionId":
      return Values.includes(execution.id);
    case "StartTimeAfter":
      return Values.every((value) => execution.startedAt >= Date.parse(value));
    case "StartTimeBefore":
      return Values.every((value) => execution.startedAt <= Date.parse(value));
    case "TagKey":
      return Values.some((value) => execution.tags.has(value));
    default:
      throw new AwsError("InvalidFilterKey", `the sandbox does not filter executions by ${Key}`);
  }
}

export const automationOperations: Operations = {
  StartAutomationExecution: startAutomationExecution,
  GetAutomationExecution: operation<Ssm.GetAutomationExecutionRequest, Ssm.GetAutomationExecutionResult>({
    authorize: (input, call) => ask("GetAutomationExecution", input.AutomationExecutionId, call),
    run: (input, call) => {
      const execution = find(input.AutomationExecutionId, call);
      return {
        AutomationExecution: {
          ...summary(execution),
          Parameters: mutable(execution.parameters),
          StepExecutions: execution.steps.map(describeStep),
          StepExecutionsTruncated: false,
        },
      };
    },
  }),
  DescribeAutomationExecutions: operation<
    Ssm.DescribeAutomationExecutionsRequest,
    Ssm.DescribeAutomationExecutionsResult
  >({
    authorize: (_, call) => call.require({ action: "ssm:DescribeAutomationExecutions", resource: "*" }),
    run: (input, call) => {
      const found = [...call.region.executions.values()]
        .filter((execution) => (input.Filters ?? []).every((filter) => passes(execution, filter)))
        .sort((a, b) => b.startedAt - a.startedAt);
      const { items, next } = pageOf(found, input.MaxResults ?? 50, input.NextToken, "InvalidNextToken");
      return {
        AutomationExecutionMetadataList: items.map(summary),
        ...(next === undefined ? {} : { NextToken: next }),
      };
    },
  }),
  StopAutomationExecution: operation<Ssm.StopAutomationExecutionRequest, Ssm.StopAutomationExecutionResult>({
    authorize: (input, call) => ask("StopAutomationExecution", input.AutomationExecutionId, call),
    run: (input, call) => {
      const execution = find(input.AutomationExecutionId, call);
      if (execution.endedAt !== undefined) {
        throw new AwsError("InvalidAutomationStatusUpdateException", `the execution is ${execution.status}`);
      }
      execution.status = input.Type === "Complete" ? "Success" : "Cancelled";
      execution.endedAt = call.now;
      execution.stop.abort();
      return {};
    },
  }),
};
