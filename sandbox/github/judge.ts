import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";
import type { Asked } from "./faults.ts";
import type { Answer, Json } from "./http.ts";
import type { Route } from "./router.ts";

// Holds the twin to GitHub's published OpenAPI description: each REST request body it accepts, each response it
// gives and each webhook it sends. A twin that invents a field teaches the code that is tested on it something false.

export interface Judge {
  request(asked: Asked, route: Route): void;
  response(asked: Asked, route: Route | undefined, answer: Answer): void;
  webhook(event: string, action: string | undefined, payload: Json): void;
  /** What was checked: `POST /repos/{owner}/{repo}/issues 201`, `webhook issues.opened`. */
  checked: Map<string, number>;
}

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

/** Statuses that GitHub answers and its description leaves out for some operations. */
const undocumented = new Set([301, 302, 304, 400, 401, 403, 404, 405, 409, 410, 415, 422, 429, 503]);

function pointer(...steps: string[]): string {
  return steps
    .map((step) => `/${encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"))}`)
    .join("");
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

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Json)[key] : undefined;
}

/** The description names path parameters otherwise than the twin's patterns. */
function anonymous(path: string): string {
  return path.replace(/\{\w+\}/g, "{}").replace(/\/$/, "");
}

interface Description {
  rest: Slice;
  hooks: WebhookSlice;
  /** Paths by their shape. */
  paths: Map<string, string>;
  validator(ref: string): ValidateFunction | undefined;
}

let description: Description | undefined;

/** Read and compiled once in a process, each schema when it is first needed. */
function describe(): Description {
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

export function createJudge(): Judge {
  const { rest, hooks, paths, validator } = describe();
  const checked = new Map<string, number>();

  const check = (what: string, ref: string, value: unknown): void => {
    const validate = validator(ref);
    if (validate === undefined) throw new Error(`judge: no schema for ${what} at ${ref}`);
    checked.set(what, (checked.get(what) ?? 0) + 1);
    if (validate(value)) return;
    const errors = (validate.errors ?? [])
      .slice(0, 12)
      .map((error) => `  ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
    throw new Error(`judge: ${what} is not what GitHub describes\n${errors.join("\n")}`);
  };

  const operationOf = (route: Route): { path: string; operation: Json; method: string } | undefined => {
    const path = paths.get(anonymous(route.pattern)) ?? paths.get(anonymous(`${route.pattern}/{path}`));
    const method = route.method.toLowerCase();
    const operation = path === undefined ? undefined : rest.paths[path]?.[method];
    return path === undefined || operation === undefined ? undefined : { path, operation, method };
  };

  return {
    checked,
    request: (asked, route) => {
      const found = operationOf(route);
      if (found === undefined || asked.body === "") return;
      const schema = member(
        member(member(found.operation["requestBody"], "content"), "application/json"),
        "schema",
      );
      if (schema === undefined) return;
      let value: unknown;
      try {
        value = JSON.parse(asked.body);
      } catch {
        return;
      }
      const { path, method } = found;
      const ref = `rest#${pointer("paths", path, method, "requestBody", "content", "application/json", "schema")}`;
      check(`${route.method} ${route.pattern} request`, ref, value);
    },
    response: (asked, route, answer) => {
      const found = route === undefined ? undefined : operationOf(route);
      if (route === undefined || found === undefined) {
        if (route !== undefined && !route.pattern.startsWith("/_twin/")) {
          throw new Error(`judge: ${route.method} ${route.pattern} is not in the slice`);
        }
        return;
      }
      const { path, method, operation } = found;
      const what = `${route.method} ${route.pattern} ${answer.status}`;
      const described = member(operation["responses"], String(answer.status));
      if (described === undefined) {
        if (undocumented.has(answer.status)) return;
        throw new Error(`judge: ${what}: GitHub never answers so\n  to ${asked.method} ${asked.path}`);
      }
      const shared = member(described, "$ref");
      const steps =
        typeof shared === "string"
          ? shared.slice(1)
          : pointer("paths", path, method, "responses", String(answer.status));
      const content =
        typeof shared === "string"
          ? member(member(rest.components, "responses"), shared.split("/").at(-1) ?? "")
          : described;
      const schema = member(member(member(content, "content"), "application/json"), "schema");
      if (schema === undefined || answer.body === undefined || answer.body instanceof Uint8Array) return;
      check(
        what,
        `rest#${steps}${pointer("content", "application/json", "schema")}`,
        JSON.parse(JSON.stringify(answer.body)),
      );
    },
    webhook: (event, action, payload) => {
      const name = [event, ...(action === undefined ? [] : [action])].join("-").replaceAll("_", "-");
      const known = event === "repository_dispatch" ? "repository-dispatch-sample.collected" : name;
      if (member(hooks.events, known) === undefined)
        throw new Error(`judge: webhook ${event}.${action} is not in the slice`);
      const value: unknown = JSON.parse(JSON.stringify(payload));
      check(
        `webhook ${event}${action === undefined ? "" : `.${action}`}`,
        `hooks#${pointer("events", known)}`,
        value,
      );
    },
  };
}
