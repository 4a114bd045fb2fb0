import { AwsError } from "../../errors.ts";
import type { Principal } from "../../iam/principal.ts";
import { assumeForService } from "../../sts/assume-role.ts";
import type { Call, Twin } from "../../twin.ts";
import type { Region, Tags } from "../../world.ts";
import { findDocument } from "../documents.ts";
import { type AutomationDocument, type AutomationParameter, readAutomationDocument } from "./document.ts";
import type { AutomationExecution } from "./execution.ts";
import { runAutomation } from "./run.ts";
import { convert, StepFailure, substitute } from "./values.ts";

/** Executions that may run at once in an account and Region. */
const concurrentLimit = 100;

type Given = Readonly<Record<string, readonly string[]>>;

export interface StartRequest {
  readonly documentName: string;
  readonly given: Given;
  readonly clientToken: string | undefined;
  readonly tags: Tags;
}

/** The runbook that a request names, and its parameters' values; also what `authorize` needs to know of it. */
export function readRunbook(
  region: Region,
  request: StartRequest,
): { document: AutomationDocument; scope: Map<string, unknown>; assumeRole: string | undefined } {
  const found = findDocument(region, request.documentName);
  if (found === undefined || found.type !== "Automation") {
    throw new AwsError(
      "AutomationDefinitionNotFoundException",
      `Automation runbook ${request.documentName} not found`,
    );
  }
  const document = readAutomationDocument(found.content);
  const scope = readParameters(document, request.given);
  const role = document.assumeRole === undefined ? "" : String(substitute(document.assumeRole, scope));
  return { document, scope, assumeRole: role === "" ? undefined : role };
}

function readParameters(document: AutomationDocument, given: Given): Map<string, unknown> {
  for (const name of Object.keys(given)) {
    if (!document.parameters.has(name)) invalid(`Parameter \`${name}\` is not in the runbook`);
  }
  return new Map(
    [...document.parameters].map(([name, parameter]) => [name, readParameter(name, parameter, given[name])]),
  );
}

function readParameter(
  name: string,
  parameter: AutomationParameter,
  given: readonly string[] | undefined,
): unknown {
  const value = given === undefined ? parameter.default : parse(parameter.type, given);
  if (value === undefined) return invalid(`Parameter \`${name}\` is missing`);
  const converted = convertParameter(name, value, parameter.type);
  for (const item of Array.isArray(converted) ? converted : [converted]) {
    if (
      parameter.allowedPattern !== undefined &&
      typeof item === "string" &&
      !parameter.allowedPattern.test(item)
    ) {
      invalid(`Parameter \`${name}\` does not match ${parameter.allowedPattern.source}`);
    }
    if (
      parameter.allowedValues !== undefined &&
      !parameter.allowedValues.map(String).includes(String(item))
    ) {
      invalid(`Parameter \`${name}\` must be one of ${parameter.allowedValues.join(", ")}`);
    }
  }
  return converted;
}

/** Values come as lists of text; maps come as JSON in them. */
function parse(type: string, given: readonly string[]): unknown {
  if (type === "StringList") return given;
  if (type !== "StringMap" && type !== "MapList") return given.length === 1 ? given[0] : given;
  try {
    return given.length === 1 ? JSON.parse(given[0] ?? "") : given.map((text) => JSON.parse(text));
  } catch {
    return invalid("a map must be given as JSON");
  }
}

function convertParameter(name: string, value: unknown, type: string): unknown {
  try {
    return convert(value, type);
  } catch (error) {
    if (error instanceof StepFailure) return invalid(`Parameter \`${name}\`: ${error.message}`);
    throw error;
  }
}

/** Starts a run in the background. */
export function startExecution(call: Call, request: StartRequest): AutomationExecution {
  const { twin, region } = call;
  const repeated = findRepeated(region, request);
  if (repeated !== undefined) return repeated;
  const running = [...region.executions.values()].filter((execution) => execution.endedAt === undefined);
  if (running.length >= concurrentLimit) {
    throw new AwsError(
      "AutomationExecutionLimitExceededException",
      `over ${concurrentLimit} executions at once`,
    );
  }
  const { document, scope, assumeRole } = readRunbook(region, request);
  const id = twin.ids.uuid();
  const execution: AutomationExecution = {
    id,
    account: region.account,
    region: region.name,
    documentName: request.documentName,
    document,
    executedBy: call.principal.arn,
    assumeRole,
    principal: assumeRole === undefined ? call.principal : assume(twin, region, assumeRole, id),
    parameters: request.given,
    clientToken: request.clientToken,
    startedAt: twin.now(),
    tags: request.tags,
    steps: [],
    stop: new AbortController(),
    outputs: {},
    status: "InProgress",
    failure: undefined,
    endedAt: undefined,
  };
  region.executions.set(id, execution);
  for (const [name, value] of builtIns(execution, twin.now())) scope.set(name, value);
  twin.background((closed) => {
    const signal = AbortSignal.any([closed, execution.stop.signal]);
    return runAutomation({ twin, execution, scope, signal });
  });
  if (assumeRole === undefined) twin.background((closed) => limitOwnRun(twin, execution, closed));
  return execution;
}

/** A run in its starter's own name, without a role, is over after twelve hours. */
async function limitOwnRun(twin: Twin, execution: AutomationExecution, closed: AbortSignal): Promise<void> {
  await twin.clock.sleep(12 * 3_600_000, closed);
  if (execution.endedAt !== undefined) return;
  execution.status = "TimedOut";
  execution.endedAt = twin.now();
  execution.stop.abort();
}

function findRepeated(region: Region, request: StartRequest): AutomationExecution | undefined {
  if (request.clientToken === undefined) return undefined;
  const earlier = [...region.executions.values()].find(
    ({ clientToken }) => clientToken === request.clientToken,
  );
  if (earlier === undefined) return undefined;
  const same =
    earlier.documentName === request.documentName &&
    JSON.stringify(earlier.parameters) === JSON.stringify(request.given);
  if (same) return earlier;
  throw new AwsError("IdempotentParameterMismatch", "the ClientToken was used with other parameters");
}

function assume(twin: Twin, region: Region, roleArn: string, id: string): Principal {
  const keys = {
    "aws:SourceAccount": region.account,
    "aws:SourceArn": `arn:aws:ssm:${region.name}:${region.account}:automation-execution/${id}`,
  };
  return (
    assumeForService(twin, roleArn, "ssm.amazonaws.com", `Automation-${id}`, keys) ??
    invalid("The defined assume role is unable to be assumed.")
  );
}

function builtIns(execution: AutomationExecution, now: number): readonly (readonly [string, string])[] {
  const iso = new Date(now).toISOString();
  return [
    ["global:REGION", execution.region],
    ["global:ACCOUNT_ID", execution.account],
    ["global:DATE", iso.slice(0, 10)],
    ["global:DATE_TIME", `${iso.slice(0, 10)}_${iso.slice(11, 19).replace(/:/g, ".")}`],
    ["automation:EXECUTION_ID", execution.id],
  ];
}

function invalid(message: string): never {
  throw new AwsError("InvalidAutomationExecutionParametersException", message);
}
