import { AwsError } from "../errors.ts";
import type { Scope } from "../sigv4.ts";
import { fromJson } from "./json.ts";
import { fromForm } from "./query.ts";
import { type OperationModel, type ServiceModel, serviceModels } from "./service-models.ts";
import { isStruct, ShapeError, type Struct } from "./shape.ts";
import { decodeComponent, readForm, type WireRequest } from "./wire-request.ts";

/** What is asked of which service, its input decoded but not yet checked. */
export interface Route {
  readonly service: ServiceModel;
  readonly operation: OperationModel;
  readInput(): Struct;
}

/** The one call that comes without a signature: what it carries is its proof. */
export const unsignedOperation = "AssumeRoleWithWebIdentity";

/** Which service a request is for: its signature's scope says so, or else it is the one unsigned call. */
export function findService(request: WireRequest, scope: Scope | undefined): ServiceModel {
  if (scope !== undefined) {
    const service = Object.values(serviceModels).find((model) => model.id === scope.service);
    if (service !== undefined) return service;
    throw new AwsError("UnknownService", `no service is signed for as \`${scope.service}\``, 404);
  }
  if (readForm(request.body).get("Action") === unsignedOperation) return serviceModels.sts;
  throw new AwsError("MissingAuthenticationToken", "Missing Authentication Token", 403);
}

export function findRoute(request: WireRequest, service: ServiceModel): Route {
  switch (service.protocol) {
    case "json":
      return routeByTarget(request, service);
    case "rest":
      return routeByPath(request, service);
    case "query":
    case "ec2":
      return routeByAction(request, service);
  }
}

function routeByTarget(request: WireRequest, service: ServiceModel): Route {
  const [target, name] = (request.headers.get("x-amz-target") ?? "").split(".");
  const operation = target === service.target ? service.operations.get(name ?? "") : undefined;
  if (operation === undefined)
    throw new AwsError("UnknownOperationException", `no operation \`${target}.${name}\``);
  return {
    service,
    operation,
    readInput: () => readBody(request, operation),
  };
}

function routeByAction(request: WireRequest, service: ServiceModel): Route {
  const form = readForm(request.body);
  const name = form.get("Action") ?? "";
  const operation = form.get("Version") === service.version ? service.operations.get(name) : undefined;
  if (operation === undefined) {
    const message = `Could not find operation ${name} for version ${form.get("Version")}`;
    throw new AwsError("InvalidAction", message);
  }
  return { service, operation, readInput: () => fromForm(operation.input, form, service.protocol) };
}

function routeByPath(request: WireRequest, service: ServiceModel): Route {
  for (const operation of service.operations.values()) {
    const labels =
      operation.http?.method === request.method ? matchPath(operation.http.path, request.path) : undefined;
    if (labels !== undefined)
      return { service, operation, readInput: () => readRest(request, operation, labels) };
  }
  throw new AwsError("UnknownOperationException", `no operation at ${request.method} ${request.path}`, 404);
}

function matchPath(template: string, path: string): ReadonlyMap<string, string> | undefined {
  const wanted = template.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const labels = new Map<string, string>();
  for (const [index, part] of wanted.entries()) {
    const found = given[index] ?? "";
    if (part.startsWith("{")) labels.set(part.slice(1, -1), decodeComponent(found.replaceAll("+", "%2B")));
    else if (part !== found) return undefined;
  }
  return labels;
}

function readRest(
  request: WireRequest,
  operation: OperationModel,
  labels: ReadonlyMap<string, string>,
): Struct {
  const query = new Map(request.query.map(([key, value]) => [key, decodeComponent(value)]));
  const input: Record<string, unknown> = { ...readBody(request, operation) };
  for (const [name, member] of operation.input.structIterator()) {
    const { httpLabel, httpQuery } = member.getMergedTraits();
    const text = httpLabel ? labels.get(name) : query.get(httpQuery ?? "");
    if (text === undefined) continue;
    input[name] = member.isNumericSchema() ? Number(text) : member.isListSchema() ? [text] : text;
  }
  return input;
}

function readBody(request: WireRequest, operation: OperationModel): Struct {
  if (request.body === "") return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(request.body);
  } catch {
    throw new ShapeError("type", "", "the body is not JSON");
  }
  const value = fromJson(operation.input, parsed);
  if (!isStruct(value)) throw new ShapeError("type", "", "the body is not a JSON object");
  return value;
}
