// One repository on GitHub, as this project calls it. Plain fetch: loading Octokit costs half of what starting Node costs, its errors hold
// whole answers, and nothing here needs more of it than filling in a path.

import type { Clock } from "./clock.ts";
import { GitHubError } from "./error.ts";
import { createEtags } from "./etags.ts";
import type { Fetch, Wire } from "./exchange.ts";
import { graphqlAnswer } from "./graphql-answer.ts";
import type { Shape } from "./graphql-shape.ts";
import { createPace, type WriteLimits, writeLimits } from "./pace.ts";
import { persist, refuse, signOnAt } from "./persist.ts";
import { createMemory } from "./remember.ts";

/** Names in braces are filled from `with` and escaped; `{owner}` and `{repo}` are the client's own. */
export interface Get<T> {
  readonly path: string;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly as: Shape<T>;
  /** The list must fit on one page: a next page is an error. */
  readonly whole?: boolean;
}

export interface Send<T> extends Omit<Get<T>, "as" | "whole"> {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly as?: Shape<T>;
  /** Doing it twice is doing it once, so it is tried again after a failure that may have had its effect. */
  readonly repeatable?: boolean;
  /** Only shows something to people: grants and ends go before it. */
  readonly mayWait?: boolean;
}

export interface Query<T> {
  /** A GraphQL document with one named operation. */
  readonly text: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly as: Shape<T>;
  /** Paths (`repository.subject`) that may be null because GitHub finds nothing there. */
  readonly mayMiss?: readonly string[];
  /** The same, where what GitHub does not show us counts as not there. */
  readonly mayHide?: readonly string[];
}

export interface GitHubClient {
  readonly owner: string;
  readonly repo: string;
  readonly clock: Clock;
  readonly get: <T>(call: Get<T>) => Promise<T>;
  readonly send: <T = undefined>(call: Send<T>) => Promise<T>;
  readonly query: <T>(call: Query<T>) => Promise<T>;
  /** A GraphQL mutation: a write. */
  readonly mutate: <T>(call: Query<T>) => Promise<T>;
  /** What never changes under its key (a commit, a blob) is asked once and kept, bounded. */
  readonly remember: <T>(key: string, load: () => Promise<T>) => Promise<T>;
  readonly counts: { readonly requests: number; readonly writes: number };
}

export interface ClientOptions {
  readonly owner: string;
  readonly repo: string;
  /** Called before every request; `refused` is a token that GitHub answered 401 to. */
  readonly token: (refused?: string) => Promise<string> | string;
  /** `https://api.github.com`, `https://HOST/api/v3`, or a twin's plain base. */
  readonly baseUrl: string;
  readonly fetch?: Fetch;
  readonly clock: Clock;
  readonly onRequest?: (request: {
    readonly method: string;
    /** As in `Get.path`, or the name of a GraphQL operation. */
    readonly call: string;
    readonly write: boolean;
  }) => void;
  /** For one attempt, in milliseconds of real time. Default 20 s. */
  readonly timeout?: number;
  /** The longest wait for one of GitHub's limits, in milliseconds of the clock. Default 2 minutes. */
  readonly patience?: number;
  /** Called before each such wait, in milliseconds. */
  readonly onLimit?: (wait: number) => void;
  readonly writeLimits?: WriteLimits;
}

const keptAnswers = 4_000_000;
const keptThings = 500;

export function createClient(options: ClientOptions): GitHubClient {
  const { owner, repo, clock, baseUrl } = options;
  const base = baseUrl.replace(/\/+$/, "");
  const counts = { requests: 0, writes: 0 };
  const etags = createEtags(keptAnswers);
  const pace = createPace(clock, options.writeLimits ?? writeLimits);

  /** Every request of the client goes out here. */
  const exchange = (call: string, wire: Wire, kind: { again: boolean; write?: { mayWait: boolean } }) =>
    persist(
      {
        fetch: options.fetch ?? globalThis.fetch,
        clock,
        token: options.token,
        timeout: options.timeout ?? 20_000,
        patience: options.patience ?? 120_000,
        pace,
        onLimit: (wait) => options.onLimit?.(wait),
        onAttempt: () => {
          counts.requests += 1;
          if (kind.write !== undefined) counts.writes += 1;
          options.onRequest?.({ method: wire.method, call, write: kind.write !== undefined });
        },
      },
      { call, wire, ...kind },
    );

  const address = ({ path, with: values, query }: Omit<Get<unknown>, "as">): string =>
    `${base}${fill(path, { owner, repo, ...values })}${search(query)}`;

  async function get<T>({ as, whole, ...where }: Get<T>): Promise<T> {
    const call = `GET ${where.path}`;
    const url = address(where);
    const kept = etags.find(url);
    const headers = kept === undefined ? {} : { "if-none-match": kept.etag };
    const answer = await exchange(call, { method: "GET", url, headers }, { again: true });
    if (answer.status === 304 && kept !== undefined) return read(call, as, kept.body);
    if (answer.status !== 200) throw refuse(call, answer);
    if (whole === true && /rel="next"/.test(answer.headers.get("link") ?? ""))
      throw new GitHubError("truncated", { call });
    const value = read(call, as, answer.body);
    const etag = answer.headers.get("etag");
    if (etag !== null) etags.keep(url, { etag, body: answer.body }, answer.size);
    return value;
  }

  async function send<T = undefined>(request: Send<T>): Promise<T> {
    const { method, body, as, repeatable = false, mayWait = false, ...where } = request;
    const call = `${method} ${where.path}`;
    const wire = { method, url: address(where), headers: {}, ...jsonBody(body) };
    const answer = await exchange(call, wire, { again: repeatable, write: { mayWait } });
    if (answer.status < 200 || answer.status > 299) throw refuse(call, answer);
    return as === undefined ? (undefined as T) : read(call, as, answer.body);
  }

  async function graphql<T>(query: Query<T>, kind: Parameters<typeof exchange>[2]): Promise<T> {
    const call = /^\s*(?:query|mutation)\s+(\w+)/.exec(query.text)?.[1] ?? "GraphQL";
    const wire = {
      method: "POST",
      url: graphqlUrl(base),
      headers: {},
      ...jsonBody({ query: query.text, variables: query.variables ?? {} }),
    };
    const answer = await exchange(call, wire, kind);
    if (answer.status !== 200) throw refuse(call, answer);
    return read(call, query.as, graphqlAnswer(call, answer.body, query, signOnAt(answer.headers)));
  }

  return {
    owner,
    repo,
    clock,
    get,
    send,
    query: (query) => graphql(query, { again: true }),
    mutate: (query) => graphql(query, { again: false, write: { mayWait: false } }),
    remember: createMemory(keptThings),
    counts,
  };
}

/** GitHub Enterprise Server has its REST under `/api/v3` and its GraphQL beside it. */
export function graphqlUrl(base: string): string {
  return /\/api\/v3$/.test(base) ? base.replace(/\/v3$/, "/graphql") : `${base}/graphql`;
}

/** INVARIANT: every value is escaped, so that a name can never lead to another address. */
export function fill(path: string, values: Readonly<Record<string, string | number>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined || value === "" || value === "." || value === "..")
      throw new GitHubError("malformed", { call: path, said: `no good value for ${name}` });
    return encodeURIComponent(value);
  });
}

function search(query: Readonly<Record<string, string | number>> = {}): string {
  const written = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) written.set(key, String(value));
  return written.size === 0 ? "" : `?${written}`;
}

const jsonBody = (body: unknown) => (body === undefined ? {} : { body: JSON.stringify(body) });

function read<T>(call: string, as: Shape<T>, body: unknown): T {
  const parsed = as.safeParse(body);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.map(String).join(".") ?? "";
  throw new GitHubError("malformed", { call, said: where });
}
