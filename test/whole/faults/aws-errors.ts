// What AWS says can go wrong with each call that we make: the SDK's own list of an operation's errors, and what every call can meet.

import { readFileSync } from "node:fs";
import type { CallName, ServiceName } from "../../../aws/calls.ts";
import { toAwsError } from "../../../aws/errors.ts";

export type FaultyCall = CallName | "sts:AssumeRoleWithWebIdentity";

const packages: Readonly<Record<ServiceName | "sts", string>> = {
  ec2: "client-ec2",
  ssm: "client-ssm",
  tag: "client-resource-groups-tagging-api",
  scheduler: "client-scheduler",
  iam: "client-iam",
  events: "client-eventbridge",
  sts: "client-sts",
};

export interface ModelledError {
  readonly name: string;
  /** Whose fault it is says which status AWS answers with. */
  readonly status: 400 | 500;
}

/** Errors that the service's model gives the operation; EC2's model has none. */
export function modelledErrors(call: FaultyCall): readonly ModelledError[] {
  const [service, operation] = call.split(":") as [ServiceName | "sts", string];
  const path = `../../../node_modules/@aws-sdk/${packages[service]}/dist-types/commands/${operation}Command.d.ts`;
  const text = readFileSync(new URL(path, import.meta.url), "utf8");
  const thrown = [...text.matchAll(/@throws \{@link (\w+)\} \((client|server) fault\)/g)];
  return thrown.map(([, name = "", fault]) => ({ name, status: fault === "server" ? 500 : 400 }));
}

/** What is in no operation's model and can be the answer to any: no permission, too many calls, old credentials, a fault of AWS's, no answer, and the unheard-of. */
export const commonErrors = [
  "AccessDeniedException",
  "ThrottlingException",
  "ExpiredTokenException",
  "ServiceUnavailable",
  "SomethingNewException",
  "timeout",
  "after-effect",
] as const;

/** What is done about an error goes by its kind alone; an answer that is lost is two kinds, by whether the call had its effect. */
export function kindOf(call: FaultyCall, { name, status }: ModelledError): string {
  if (name === "timeout" || name === "after-effect") return name;
  const place = { call, account: "111122223333", region: "eu-central-1", role: "role" };
  return toAwsError({ name, $metadata: { httpStatusCode: status } }, place).code;
}

/** Names of errors that a call can meet, one of each kind. */
export function oneOfEachKind(call: FaultyCall): readonly string[] {
  const common = commonErrors.map((name) => ({ name, status: 400 }) as const);
  return [
    ...new Map(
      [...modelledErrors(call), ...common].map((error) => [kindOf(call, error), error.name]),
    ).values(),
  ];
}
