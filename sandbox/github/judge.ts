import type { Asked } from "./faults.ts";
import type { Answer, Json } from "./http.ts";
import { anonymous, type Description, describe } from "./judge-schemas.ts";
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

/** Statuses that GitHub answers and its description leaves out for some operations. */
const undocumented = new Set([301, 302, 304, 400, 401, 403, 404, 405, 409, 410, 415, 422, 429, 503]);

function pointer(...steps: string[]): string {
  return steps
    .map((step) => `/${encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"))}`)
    .join("");
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Json)[key] : undefined;
}

/** Throws when the value is not what the schema at `ref` says. */
type Check = (what: string, ref: string, value: unknown) => void;

function createCheck({ validator }: Description, checked: Map<string, number>): Check {
  return (what, ref, value) => {
    const validate = validator(ref);
    if (validate === undefined) throw new Error(`judge: no schema for ${what} at ${ref}`);
    checked.set(what, (checked.get(what) ?? 0) + 1);
    if (validate(value)) return;
    const errors = (validate.errors ?? [])
      .slice(0, 12)
      .map((error) => `  ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
    throw new Error(`judge: ${what} is not what GitHub describes\n${errors.join("\n")}`);
  };
}

interface Operation {
  path: string;
  method: string;
  described: Json;
}

function operationOf({ rest, paths }: Description, route: Route): Operation | undefined {
  const path = paths.get(anonymous(route.pattern)) ?? paths.get(anonymous(`${route.pattern}/{path}`));
  const method = route.method.toLowerCase();
  const described = path === undefined ? undefined : rest.paths[path]?.[method];
  return path === undefined || described === undefined ? undefined : { path, described, method };
}

function schemaIn(content: unknown): unknown {
  return member(member(member(content, "content"), "application/json"), "schema");
}

const jsonSchema = pointer("content", "application/json", "schema");

function judgeRequest(description: Description, check: Check, asked: Asked, route: Route): void {
  const found = operationOf(description, route);
  if (found === undefined || asked.body === "" || schemaIn(found.described["requestBody"]) === undefined)
    return;
  const ref = `rest#${pointer("paths", found.path, found.method, "requestBody")}${jsonSchema}`;
  check(`${route.method} ${route.pattern} request`, ref, JSON.parse(asked.body));
}

function judgeResponse(
  description: Description,
  check: Check,
  asked: Asked,
  route: Route,
  answer: Answer,
): void {
  const found = operationOf(description, route);
  if (found === undefined) {
    if (route.pattern.startsWith("/_twin/")) return;
    throw new Error(`judge: ${route.method} ${route.pattern} is not in the slice`);
  }
  const what = `${route.method} ${route.pattern} ${answer.status}`;
  const described = member(found.described["responses"], String(answer.status));
  if (described === undefined) {
    if (undocumented.has(answer.status)) return;
    throw new Error(`judge: ${what}: GitHub never answers so\n  to ${asked.method} ${asked.path}`);
  }
  const shared = member(described, "$ref");
  const own = pointer("paths", found.path, found.method, "responses", String(answer.status));
  const at = typeof shared === "string" ? shared.slice(1) : own;
  const responses = member(description.rest.components, "responses");
  const content = typeof shared === "string" ? member(responses, shared.split("/").at(-1) ?? "") : described;
  if (schemaIn(content) === undefined || answer.body === undefined || answer.body instanceof Uint8Array)
    return;
  check(what, `rest#${at}${jsonSchema}`, JSON.parse(JSON.stringify(answer.body)));
}

function judgeWebhook({ hooks }: Description, check: Check, name: string, payload: Json): void {
  // what a dispatched event is called is its sender's to say
  const known = name.startsWith("repository_dispatch.")
    ? "repository-dispatch-sample.collected"
    : name.replaceAll(/[_.]/g, "-");
  if (member(hooks.events, known) === undefined)
    throw new Error(`judge: webhook ${name} is not in the slice`);
  check(`webhook ${name}`, `hooks#${pointer("events", known)}`, JSON.parse(JSON.stringify(payload)));
}

export function createJudge(): Judge {
  const description = describe();
  const checked = new Map<string, number>();
  const check = createCheck(description, checked);
  return {
    checked,
    request: (asked, route) => judgeRequest(description, check, asked, route),
    response: (asked, route, answer) => {
      if (route !== undefined) judgeResponse(description, check, asked, route, answer);
    },
    webhook: (event, action, payload) =>
      judgeWebhook(description, check, action === undefined ? event : `${event}.${action}`, payload),
  };
}
