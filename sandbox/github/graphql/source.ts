import { GraphQLError, type GraphQLResolveInfo } from "graphql";
import { allowed, canSee } from "../access.ts";
import type { Limits } from "../limits.ts";
import { parseNeed } from "../router.ts";
import type { Repository } from "../state.ts";
import type { Twin, Viewer } from "../twin.ts";

/** What resolvers see. */
export interface Graph {
  twin: Twin;
  viewer: Viewer;
  limits: Limits;
}

// biome-ignore lint/suspicious/noExplicitAny: the schema has judged the arguments before a resolver sees them
export type Arguments = Record<string, any>;

/** An object of the graph: values, and functions of the arguments, run only when asked for. */
export type Source = Record<string, unknown | ((args: Arguments, info: GraphQLResolveInfo) => unknown)>;

export function failure(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

export function unimplemented(what: string): GraphQLError {
  return failure("TWIN_UNIMPLEMENTED", `the twin does not implement ${what}`);
}

export function isUnimplemented(error: GraphQLError): boolean {
  return error.extensions["type"] === "TWIN_UNIMPLEMENTED";
}

/** Refuses arguments that a resolver would ignore. */
export function only(args: Arguments, info: GraphQLResolveInfo, ...names: string[]): void {
  const unknown = Object.keys(args).filter((name) => !names.includes(name) && args[name] != null);
  if (unknown.length > 0)
    throw unimplemented(`${info.parentType.name}.${info.fieldName}(${unknown.join(", ")})`);
}

/** A part of a repository that an App needs a permission for. */
export function requireRead({ twin, viewer }: Graph, repository: Repository, app: string): void {
  if (!canSee(twin, viewer, repository)) throw failure("NOT_FOUND", "Could not resolve to a Repository.");
  if (!allowed(twin, viewer, repository, parseNeed(app, "read"))) {
    throw failure("FORBIDDEN", "Resource not accessible by integration");
  }
}

const paging = ["first", "last", "after", "before"];

function cursorOf(index: number): string {
  return Buffer.from(`cursor:v2:${index}`).toString("base64");
}

function indexOf(cursor: unknown): number {
  const index = /^cursor:v2:(\d+)$/.exec(Buffer.from(String(cursor), "base64").toString("utf8"))?.[1];
  if (index === undefined)
    throw failure("INVALID_CURSOR_ARGUMENTS", `\`${String(cursor)}\` does not appear to be a valid cursor.`);
  return Number(index);
}

function checkPaging(args: Arguments, info: GraphQLResolveInfo): void {
  const { first, last } = args;
  const name = info.fieldName;
  if (first == null && last == null) {
    const message = `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`;
    throw failure("MISSING_PAGINATION_BOUNDARIES", message);
  }
  for (const [which, value] of Object.entries({ first, last })) {
    if (value == null || (value >= 0 && value <= 100)) continue;
    if (value < 0)
      throw failure(
        "INVALID_PAGINATION",
        `\`${which}\` on the \`${name}\` connection cannot be less than zero.`,
      );
    const message = `Requesting ${value} records on the \`${name}\` connection exceeds the \`${which}\` limit of 100 records.`;
    throw failure("EXCESSIVE_PAGINATION", message);
  }
}

/** A page of `items`, in the arguments' terms. `more`: further arguments that the caller has dealt with. */
export function connection<T>(
  args: Arguments,
  info: GraphQLResolveInfo,
  items: T[],
  show: (item: T) => unknown,
  more: string[] = [],
): Source {
  only(args, info, ...paging, ...more);
  checkPaging(args, info);
  const { first, last, after, before } = args;
  let start = after == null ? 0 : indexOf(after) + 1;
  let end = before == null ? items.length : Math.min(items.length, indexOf(before));
  if (first != null) end = Math.min(end, start + Number(first));
  if (last != null) start = Math.max(start, end - Number(last));
  const shown = items.slice(start, end);
  return {
    totalCount: items.length,
    nodes: () => shown.map(show),
    edges: () => shown.map((item, i) => ({ cursor: cursorOf(start + i), node: () => show(item) })),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: shown.length > 0 ? cursorOf(start) : null,
      endCursor: shown.length > 0 ? cursorOf(end - 1) : null,
    },
  };
}

/** ISO time, or null. */
export function time(at: number | null | undefined): string | null {
  return at == null ? null : `${new Date(Math.floor(at / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
