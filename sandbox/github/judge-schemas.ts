import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";
import type { Json } from "./http.ts";

// GitHub's schemas, made ready to judge with.

interface Slice {
  paths: Record<string, Record<string, Json>>;
  components: Json;
}

interface WebhookSlice {
  events: Json;
  components: Json;
}

/** Members that GitHub sends and some of its descriptions have not caught up with. */
const late: Json = {
  client_id: true,
  has_discussions: true,
  notification_setting: true,
  organization_id: true,
  type: true,
  user_view_type: true,
  web_commit_signoff_required: true,
};

/** Schemas that are parts of others know some of the members only. */
function partsIn(value: unknown, found: Set<unknown>, within = false): Set<unknown> {
  if (Array.isArray(value)) for (const item of value) partsIn(item, found, within);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return found;
  const schema = value as Json;
  if (within) found.add(schema["$ref"] ?? schema);
  for (const [key, item] of Object.entries(schema)) {
    const part = key === "allOf" || (key === "anyOf" && ("properties" in schema || within));
    partsIn(item, found, part);
  }
  return found;
}

/** Closes objects against members that GitHub does not describe, so that invented ones are seen. */
function close(value: unknown, parts: Set<unknown>, at: string): void {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) close(item, parts, `${at}/${i}`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const schema = value as Json;
  // refusals carry more than is described, requests may
  if (
    /^#\/components\/(schemas\/[^/]*error[^/]*|responses\/.*)$/.test(at) ||
    /\/(responses\/[345]\d\d|requestBody)$/.test(at)
  )
    return;
  const whole = !parts.has(schema) && !parts.has(at) && !("allOf" in schema) && !("anyOf" in schema);
  const plain = schema["type"] === "object" && "properties" in schema && !("additionalProperties" in schema);
  if (plain && whole) {
    schema["additionalProperties"] = false;
    schema["properties"] = { ...late, ...(schema["properties"] as Json) };
  }
  for (const [key, item] of Object.entries(schema)) close(item, parts, `${at}/${key}`);
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`openapi/${name}`, import.meta.url), "utf8")) as T;
}

function createValidator(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  formats.default(ajv);
  // bots have addresses such as `1+slug[bot]@users.noreply.github.com`
  ajv.addFormat("email", /^[^@\s]+@[^@\s]+$/);
  // GitHub writes "" where there is no address
  ajv.addFormat("uri", (value: string) => value === "" || URL.canParse(value));
  ajv.addFormat("repo.nwo", true);
  ajv.addFormat("timestamp", true);
  return ajv;
}

/** The description names path parameters otherwise than the twin's patterns. */
export function anonymous(path: string): string {
  return path.replace(/\{\w+\}/g, "{}").replace(/\/$/, "");
}

export interface Description {
  rest: Slice;
  hooks: WebhookSlice;
  /** Paths by their shape. */
  paths: Map<string, string>;
  validator(ref: string): ValidateFunction | undefined;
}

let description: Description | undefined;

/** Read and compiled once in a process, each schema when it is first needed. */
export function describe(): Description {
  if (description !== undefined) return description;
  const rest = load<Slice>("rest.json");
  const hooks = load<WebhookSlice>("webhooks.json");
  for (const slice of [rest, hooks]) close(slice, partsIn(slice, new Set()), "#");
  const ajv = createValidator();
  ajv.addSchema({ $id: "rest", ...rest }, "rest");
  ajv.addSchema({ $id: "hooks", ...hooks }, "hooks");
  const compiled = new Map<string, ValidateFunction | undefined>();
  const validator = (ref: string): ValidateFunction | undefined => {
    if (!compiled.has(ref)) compiled.set(ref, ajv.getSchema(ref));
    return compiled.get(ref);
  };
  const paths = new Map(Object.keys(rest.paths).map((path) => [anonymous(path), path]));
  description = { rest, hooks, paths, validator };
  return description;
}
