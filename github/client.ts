// One repository on GitHub, as this project calls it.

import type { ZodType } from "zod";
import type { Clock } from "./clock.ts";

/** Names in braces are filled from `with` and escaped; `{owner}` and `{repo}` are the client's own. */
export interface Get<T> {
  readonly path: string;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly as: ZodType<T>;
}

export interface Send<T> extends Omit<Get<T>, "as"> {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly as?: ZodType<T>;
  /** Doing it twice is doing it once, so it is tried again after a failure that may have had its effect. */
  readonly repeatable?: boolean;
  /** Only shows something to people: grants and ends go before it. */
  readonly mayWait?: boolean;
}

export interface Query<T> {
  /** A GraphQL document with one named operation. */
  readonly text: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly as: ZodType<T>;
  /** Paths (`repository.subject`) that may be null because GitHub finds nothing there. */
  readonly mayMiss?: readonly string[];
}

export interface GitHubClient {
  readonly owner: string;
  readonly repo: string;
  readonly clock: Clock;
  readonly get: <T>(call: Get<T>) => Promise<T>;
  /** All items of a list, page by page. */
  readonly list: <T>(call: Get<readonly T[]>) => Promise<readonly T[]>;
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
  readonly fetch?: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly onRequest?: (request: {
    readonly method: string;
    readonly path: string;
    readonly write: boolean;
  }) => void;
  /** For one attempt, in milliseconds of real time. Default 20 s. */
  readonly timeout?: number;
  /** The longest wait for a limit, in milliseconds. Default 2 minutes. */
  readonly patience?: number;
}

export declare function createClient(options: ClientOptions): GitHubClient;
