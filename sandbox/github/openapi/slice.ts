import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { events, operations } from "./selection.ts";

// Cuts the operations and webhooks this twin has out of GitHub's own OpenAPI description (385 MB installed, so it
// is no dependency). To make the slice anew:
//   npm i --prefix /tmp/openapi --no-save --ignore-scripts @octokit/openapi@23.0.2
//   node --import tsx sandbox/github/openapi/slice.ts /tmp/openapi/node_modules/@octokit/openapi

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const dropped = new Set(["description", "summary", "example", "examples", "externalDocs", "tags", "title", "deprecated"]);

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An App's `events`: GitHub's list of their names is behind its own events (`repository_ruleset` and others). */
function isEventList(key: string, item: Json): boolean {
  return key === "events" && isObject(item) && item["type"] === "array";
}

/** OpenAPI 3.0 → JSON Schema, without prose. Below `properties` the keys are names, not keywords. */
function convert(value: Json, namesNotKeywords = false): Json {
  if (Array.isArray(value)) return value.map((item) => convert(item));
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (!namesNotKeywords && (dropped.has(key) || key.startsWith("x-"))) continue;
    // GitHub's alternatives overlap, so that its own answers match more than one of a `oneOf`
    const name = !namesNotKeywords && key === "oneOf" ? "anyOf" : key;
    if (name in result) throw new Error(`both oneOf and anyOf in ${JSON.stringify(value).slice(0, 200)}`);
    result[name] = isEventList(key, item) ? { type: "array", items: { type: "string" } } : convert(item, key === "properties" && !namesNotKeywords);
  }
  if (!namesNotKeywords && result["nullable"] === true) {
    delete result["nullable"];
    return { anyOf: [result, { type: "null" }] };
  }
  return result;
}

function references(value: Json, found: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) references(item, found);
  else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key === "$ref" && typeof item === "string") found.add(item);
      else references(item, found);
    }
  }
}

function at(root: JsonObject, pointer: string): Json {
  let value: Json | undefined = root;
  for (const step of pointer.replace(/^#\//, "").split("/")) {
    value = isObject(value) ? value[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  if (value === undefined) throw new Error(`the description has no ${pointer}`);
  return value;
}

/** The components that `value` needs, themselves converted, and those they need. */
function componentsOf(root: JsonObject, value: Json): JsonObject {
  const components: JsonObject = {};
  const waiting = new Set<string>();
  const done = new Set<string>();
  references(value, waiting);
  for (const pointer of waiting) {
    if (done.has(pointer)) continue;
    done.add(pointer);
    const [, , kind = "", name = ""] = pointer.split("/");
    const component = convert(at(root, pointer));
    const group = (components[kind] ??= {});
    if (isObject(group)) group[name] = component;
    references(component, waiting);
  }
  return components;
}

/** The list of installations has accounts that are user and enterprise at once; a single installation is described right. */
function mend(operation: JsonObject): JsonObject {
  if (operation["operationId"] !== "apps/list-installations") return operation;
  const schema = { type: "array", items: { $ref: "#/components/schemas/installation" } };
  return { ...operation, responses: { "200": { content: { "application/json": { schema } } } } };
}

function sliceRest(root: JsonObject): { paths: JsonObject; components: JsonObject } {
  const wanted = new Set(operations);
  const paths: JsonObject = {};
  for (const [path, item] of Object.entries(root["paths"] as JsonObject)) {
    for (const [method, operation] of Object.entries(item as JsonObject)) {
      if (!isObject(operation) || !wanted.delete(String(operation["operationId"]))) continue;
      const { requestBody, responses, operationId } = convert(mend(operation)) as JsonObject;
      const kept: JsonObject = { operationId: operationId ?? "", responses: responses ?? {} };
      if (requestBody !== undefined) kept["requestBody"] = requestBody;
      paths[path] = { ...(paths[path] as JsonObject | undefined), [method]: kept };
    }
  }
  if (wanted.size > 0) throw new Error(`not in the description: ${[...wanted].join(" ")}`);
  const components = componentsOf(root, paths);
  delete components["headers"];
  return { paths, components };
}

function sliceWebhooks(root: JsonObject): { events: JsonObject; components: JsonObject } {
  const all = root["x-webhooks"] as JsonObject;
  const kept: JsonObject = {};
  for (const name of events) {
    const post = (all[name] as JsonObject | undefined)?.["post"] as JsonObject | undefined;
    if (post === undefined) throw new Error(`not in the description: webhook ${name}`);
    kept[name] = convert(at(post, "requestBody/content/application~1json/schema"));
  }
  return { events: kept, components: componentsOf(root, kept) };
}

const folder = process.argv[2] ?? "";
const text = readFileSync(`${folder}/generated/api.github.com.json`, "utf8");
const description = JSON.parse(text) as JsonObject;
const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { version: string };
const source = {
  package: `@octokit/openapi@${version}`,
  file: "generated/api.github.com.json",
  sha256: createHash("sha256").update(text).digest("hex"),
};
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
writeFileSync(here("rest.json"), `${JSON.stringify({ source, ...sliceRest(description) })}\n`);
writeFileSync(here("webhooks.json"), `${JSON.stringify({ source, ...sliceWebhooks(description) })}\n`);
