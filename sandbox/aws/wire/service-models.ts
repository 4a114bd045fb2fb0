import * as ec2 from "@aws-sdk/client-ec2";
import * as events from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as tagging from "@aws-sdk/client-resource-groups-tagging-api";
import * as scheduler from "@aws-sdk/client-scheduler";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { NormalizedSchema } from "@smithy/core/schema";
import type { StaticErrorSchema, StaticOperationSchema } from "@smithy/types";

/** A service by the name that stands in a signature's credential scope. */
export type ServiceId = "ssm" | "sts" | "iam" | "ec2" | "scheduler" | "events" | "tagging";
export type Protocol = "json" | "query" | "ec2" | "rest";

export interface OperationModel {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** Only of REST services. */
  readonly http?: { readonly method: string; readonly path: string };
}

export interface ErrorModel {
  readonly name: string;
  /** What stands on the wire, which for query services may be another word than the shape's name. */
  readonly code: string;
  readonly status: number;
  readonly messageMember: string;
}

export interface ServiceModel {
  readonly id: ServiceId;
  readonly protocol: Protocol;
  readonly version: string;
  readonly target: string;
  readonly operations: ReadonlyMap<string, OperationModel>;
  readonly errors: ReadonlyMap<string, ErrorModel>;
}

type Traits = { http?: [string, string, number]; httpError?: number; awsQueryError?: [string, number] };

function traitsOf(traits: unknown): Traits {
  return typeof traits === "object" && traits !== null ? (traits as Traits) : {};
}

function schemaOf(reference: unknown): NormalizedSchema {
  return NormalizedSchema.of((typeof reference === "function" ? reference() : reference) as never);
}

function readOperation([, , name, traits, input, output]: StaticOperationSchema): OperationModel {
  const http = traitsOf(traits).http;
  const shapes = { name, input: schemaOf(input), output: schemaOf(output) };
  return http === undefined ? shapes : { ...shapes, http: { method: http[0], path: http[1] } };
}

function readError([, , name, traits, members]: StaticErrorSchema): ErrorModel {
  const { httpError, awsQueryError, ...rest } = traitsOf(traits);
  const serverSide = (rest as { error?: string }).error === "server";
  return {
    name,
    code: awsQueryError?.[0] ?? name,
    status: httpError ?? (serverSide ? 500 : 400),
    messageMember: members.find((member) => member.toLowerCase() === "message") ?? "message",
  };
}

function service(
  id: ServiceId,
  protocol: Protocol,
  version: string,
  target: string,
  client: Readonly<Record<string, unknown>>,
): ServiceModel {
  const schemas = Object.values(client).filter((value): value is unknown[] => Array.isArray(value));
  const operations = schemas.filter((schema) => schema[0] === 9) as unknown as StaticOperationSchema[];
  const errors = schemas.filter((schema) => schema[0] === -3) as unknown as StaticErrorSchema[];
  return {
    id,
    protocol,
    version,
    target,
    operations: new Map(operations.map((operation) => [operation[2], readOperation(operation)])),
    errors: new Map(errors.map((error) => [error[2], readError(error)])),
  };
}

/** Every service of the twin, read from the schemas that the SDK's own clients serialize by. */
export const serviceModels: Readonly<Record<ServiceId, ServiceModel>> = {
  ssm: service("ssm", "json", "2014-11-06", "AmazonSSM", ssm),
  sts: service("sts", "query", "2011-06-15", "", sts),
  iam: service("iam", "query", "2010-05-08", "", iam),
  ec2: service("ec2", "ec2", "2016-11-15", "", ec2),
  scheduler: service("scheduler", "rest", "2021-06-30", "", scheduler),
  events: service("events", "json", "2015-10-07", "AWSEvents", events),
  tagging: service("tagging", "json", "2017-01-26", "ResourceGroupsTaggingAPI_20170126", tagging),
};
