import { type CallRecord, withoutSecrets } from "./call-log.ts";
import { AnswerLost, AwsError } from "./errors.ts";
import type { createFaults } from "./faults.ts";
import { evaluate } from "./iam/evaluate.ts";
import { type Principal, policiesOf } from "./iam/principal.ts";
import { globalKeys } from "./iam/request-keys.ts";
import { requestContext } from "./iam/wildcards.ts";
import { checkLimits } from "./limits.ts";
import type { Ask, Call, Operations, Twin } from "./twin.ts";
import type { OperationModel, Protocol, ServiceId, ServiceModel } from "./wire/service-models.ts";
import { checkShape, ShapeError, type Struct } from "./wire/shape.ts";
import type { Account, Region } from "./world.ts";

/** What is needed to perform any call: the handlers, what goes wrong on purpose, and where it is written down. */
export interface Performer {
  readonly twin: Twin;
  readonly operations: Readonly<Record<ServiceId, Operations>>;
  readonly faults: ReturnType<typeof createFaults>;
  readonly log: CallRecord[];
}

export interface CallToPerform {
  readonly service: ServiceModel;
  readonly operation: OperationModel;
  readonly readInput: () => Struct;
  readonly account: Account;
  readonly region: Region;
  /** Absent: the unsigned call. */
  readonly principal: Principal | undefined;
}

/** Performs one call from decoded input to unchecked output, and writes it down however it ends. */
export async function perform(performer: Performer, wanted: CallToPerform): Promise<Struct> {
  const { twin, log } = performer;
  const base = {
    at: twin.now(),
    account: wanted.account.id,
    region: wanted.region.name,
    service: wanted.service.id,
    operation: wanted.operation.name,
    caller: wanted.principal?.arn ?? "",
  };
  let input: Struct = {};
  try {
    input = readChecked(wanted);
    const output = await run(performer, wanted, input);
    log.push({ ...base, input: withoutSecrets(input), outcome: "ok" });
    return output;
  } catch (error) {
    log.push({ ...base, input: withoutSecrets(input), ...outcomeOf(error) });
    throw error;
  }
}

function outcomeOf(error: unknown): { outcome: string; message?: string } {
  if (error instanceof AwsError) return { outcome: error.code, message: error.message };
  return { outcome: error instanceof AnswerLost ? "timeout" : "twin-bug", message: String(error) };
}

async function run(performer: Performer, wanted: CallToPerform, input: Struct): Promise<Struct> {
  const { service, operation, principal } = wanted;
  const target = {
    service: service.id,
    operation: operation.name,
    input,
    caller: principal?.arn ?? "",
    account: wanted.account.id,
    region: wanted.region.name,
  };
  const strike = performer.faults.strike(target, service);
  if (strike?.kind === "error") throw strike.error;
  if (strike?.kind === "timeout") throw new AnswerLost(`${service.id}:${operation.name}`);
  const handler = performer.operations[service.id][operation.name];
  if (handler === undefined) {
    throw new AwsError(
      "UnknownOperationException",
      `the sandbox does not have ${service.id}:${operation.name}`,
      501,
    );
  }
  const call = createCall(performer.twin, wanted);
  handler.authorize(input, call);
  const output = await handler.run(input, call);
  if (strike?.kind === "after-effect") throw new AnswerLost(`${service.id}:${operation.name}`);
  return output;
}

function readChecked({ service, operation, readInput }: CallToPerform): Struct {
  try {
    const input = readInput();
    checkShape(operation.input, input);
    checkLimits(service.id, operation.name, input);
    return input;
  } catch (error) {
    if (error instanceof ShapeError) throw shapeRefusal(service.protocol, error);
    throw error;
  }
}

/** The words for a malformed request, by protocol. */
function shapeRefusal(protocol: Protocol, error: ShapeError): AwsError {
  const missing = `1 validation error detected: Value null at '${error.path}' failed to satisfy constraint: Member must not be null`;
  switch (protocol) {
    case "json":
      return error.problem === "missing"
        ? new AwsError("ValidationException", missing)
        : new AwsError("SerializationException", error.message);
    case "rest":
      return new AwsError("ValidationException", error.problem === "missing" ? missing : error.message);
    case "query":
      return new AwsError("ValidationError", error.problem === "missing" ? missing : error.message);
    case "ec2": {
      const codes = {
        missing: "MissingParameter",
        unknown: "UnknownParameter",
        type: "InvalidParameterValue",
      };
      return new AwsError(codes[error.problem], error.message);
    }
  }
}

const deniedCodes: Readonly<Record<Protocol, readonly [code: string, status: number]>> = {
  json: ["AccessDeniedException", 400],
  rest: ["AccessDeniedException", 403],
  query: ["AccessDenied", 403],
  ec2: ["UnauthorizedOperation", 403],
};

function createCall(twin: Twin, wanted: CallToPerform): Call {
  const { service, account, region } = wanted;
  const now = twin.now();
  const caller = (): Principal => {
    if (wanted.principal === undefined) throw new AwsError("AccessDenied", "this call has no caller", 403);
    return wanted.principal;
  };
  const call: Call = {
    twin,
    service,
    account,
    region,
    now,
    get principal() {
      return caller();
    },
    evaluate(ask) {
      const context = requestContext({
        ...globalKeys(caller(), region.name, now),
        "aws:ResourceAccount": account.id,
        ...ask.keys,
      });
      const request = { action: ask.action, resource: ask.resource, context };
      return evaluate(request, policiesOf(caller(), account, now));
    },
    require(ask) {
      const evaluation = call.evaluate(ask);
      if (evaluation.decision !== "allow") throw call.denied(ask, evaluation);
    },
    denied(ask: Ask, evaluation) {
      const [code, status] = deniedCodes[service.protocol];
      const message = `User: ${caller().arn} is not authorized to perform: ${ask.action} on resource: ${ask.resource}`;
      const reason =
        evaluation.decision === "explicit-deny"
          ? `with ${evaluation.because}`
          : `because ${evaluation.because}`;
      return new AwsError(code, `${message} ${reason}`, status);
    },
  };
  return call;
}
