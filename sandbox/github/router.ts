import { findRepository, forbidden, type Need, requireAccess, requireWriter } from "./access.ts";
import { type Answer, type Fields, fields, type Json, notFound, refusal } from "./http.ts";
import type { Access, Permission, Permissions, Repository } from "./state.ts";
import type { Twin, Viewer, Writer } from "./twin.ts";

/** One REST request on its way through the twin. */
export interface Call {
  twin: Twin;
  viewer: Viewer;
  params: Record<string, string>;
  query: URLSearchParams;
  body: Fields;
  headers: Headers;
  /** As the client wrote it, for Link headers. */
  requestUrl: URL;
}

/** A call below `/repos/{owner}/{repo}` that has passed the access check. */
export interface RepositoryCall extends Call {
  repository: Repository;
}

export interface WriteCall extends RepositoryCall {
  writer: Writer;
}

export interface Route {
  method: string;
  pattern: string;
  expression: RegExp;
  names: string[];
  handle(call: Call): Answer;
}

/** These parameters take slashes. */
const long = new Set(["path", "ref", "basehead", "branch"]);

export function route(line: string, handle: (call: Call) => Answer): Route {
  const [method = "", pattern = ""] = line.split(" ");
  const names: string[] = [];
  const source = pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    return long.has(name) ? "(.+)" : "([^/]+)";
  });
  return { method, pattern, expression: new RegExp(`^${source}/?$`), names, handle };
}

/** `"issues:write|pull_requests:write"`: alternatives; `"contents:write+workflows:write"`: both; `""`: no App. */
export function parseNeed(app: string, user: Permission): Need {
  const alternatives = app.split("|").filter((text) => text !== "");
  const parsed = alternatives.map((text): Permissions => {
    const pairs = text.split("+").map((pair) => pair.split(":") as [string, Access]);
    return Object.fromEntries(pairs);
  });
  return { app: parsed, user };
}

/** A route below `/repos/{owner}/{repo}`. `line` leaves that prefix out. */
export function onRepository(
  line: string,
  app: string,
  user: Permission,
  handle: (call: RepositoryCall) => Answer,
): Route {
  const need = parseNeed(app, user);
  const [method, rest = ""] = line.split(" ");
  return route(`${method} /repos/{owner}/{repo}${rest}`, (call) => {
    const { owner = "", repo = "" } = call.params;
    const repository = findRepository(call.twin, owner, repo);
    if (repository === undefined) throw notFound();
    requireAccess(call.twin, call.viewer, repository, need);
    return handle({ ...call, repository });
  });
}

/** As {@link onRepository}, for what needs a name to be done in. */
export function byWriter(
  line: string,
  app: string,
  user: Permission,
  handle: (call: WriteCall) => Answer,
): Route {
  return onRepository(line, app, user, (call) => {
    // an App's JWT speaks for nobody on a repository
    if (call.viewer.kind === "app") throw forbidden(call.viewer);
    return handle({ ...call, writer: requireWriter(call.viewer) });
  });
}

export interface Router {
  find(method: string, path: string): { route: Route; params: Record<string, string> } | undefined;
}

export function createRouter(routes: Route[]): Router {
  const literals = (pattern: string) => pattern.split("/").filter((part) => !part.startsWith("{")).length;
  const sorted = [...routes].sort((a, b) => literals(b.pattern) - literals(a.pattern));
  return {
    find(method, path) {
      for (const candidate of sorted) {
        if (candidate.method !== method) continue;
        const match = candidate.expression.exec(path);
        if (match === null) continue;
        const values = candidate.names.map((name, i): [string, string] => [name, decode(match[i + 1] ?? "")]);
        return { route: candidate, params: Object.fromEntries(values) };
      }
      return undefined;
    },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusal(400, "Bad Request");
  }
}

export function parseBody(text: string): Fields {
  if (text.trim() === "") return fields({});
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return fields({ labels: value });
    if (typeof value === "object" && value !== null) return fields(value as Json);
  } catch {
    // falls through to the refusal
  }
  throw refusal(400, "Problems parsing JSON");
}

export interface Page<T> {
  items: T[];
  link: Record<string, string>;
}

/** One page and its Link header: `per_page` at most 100, 30 when not given. */
export function page<T>(call: Call, all: T[]): Page<T> {
  const size = Math.min(100, Math.max(1, Number.parseInt(call.query.get("per_page") ?? "30", 10) || 30));
  const number = Math.max(1, Number.parseInt(call.query.get("page") ?? "1", 10) || 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const links: string[] = [];
  const link = (target: number, rel: string) => {
    const url = new URL(call.requestUrl);
    url.searchParams.set("page", String(target));
    links.push(`<${url.href}>; rel="${rel}"`);
  };
  if (number > 1) link(number - 1, "prev");
  if (number < last) {
    link(number + 1, "next");
    link(last, "last");
  }
  if (number > 1) link(1, "first");
  const items = all.slice((number - 1) * size, number * size);
  return { items, link: links.length > 0 ? { link: links.join(", ") } : {} };
}

/** A page of a list endpoint, each item shown. */
export function listed<T>(call: Call, all: T[], show: (item: T) => unknown): Answer {
  const { items, link } = page(call, all);
  return { status: 200, body: items.map(show), headers: link };
}

/** As {@link listed}, for endpoints that wrap the list and count it. */
export function counted<T>(
  call: Call,
  key: string,
  all: T[],
  show: (item: T) => unknown,
  more: Json = {},
): Answer {
  const { items, link } = page(call, all);
  return { status: 200, body: { total_count: all.length, ...more, [key]: items.map(show) }, headers: link };
}
