import type { UsFacts } from "../core/facts.ts";
import type { RequestNumber } from "../core/ids.ts";
import type { GitHubClient } from "./client.ts";

/** Numbers of all requests that may have something left to do: open ones, and closed ones that still show an unfinished state. */
export declare function listUnsettled(client: GitHubClient, us: UsFacts): Promise<readonly RequestNumber[]>;
