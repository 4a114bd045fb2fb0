import type { Clock } from "./clock.ts";

export interface AppTokenOptions {
  readonly owner: string;
  readonly repo: string;
  readonly appId: number;
  /** PEM, PKCS#1 or PKCS#8; `\n` may be written out. */
  readonly privateKey: string;
  readonly baseUrl: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly clock: Clock;
  /** The installation's id, where a webhook has named it already; saves a request. */
  readonly installation?: number;
}

/** For `ClientOptions.token`: an installation token narrowed to the repository, kept until shortly before it expires. */
export declare function appTokens(options: AppTokenOptions): (refused?: string) => Promise<string>;

/** Who we are: the App's slug and its bot's user id. */
export declare function readUs(
  options: Omit<AppTokenOptions, "owner" | "repo" | "installation">,
): Promise<import("../core/facts.ts").UsFacts>;
