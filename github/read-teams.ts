import type { TeamHandle } from "../core/ids.ts";
import type { Memberships } from "../core/tally.ts";
import type { GitHubClient } from "./client.ts";

export interface TeamsReading {
  /** Of the readable teams; logins in lower case, only of those asked for. */
  readonly memberships: Memberships;
  readonly unreadable: readonly TeamHandle[];
  readonly sizes: ReadonlyMap<TeamHandle, number>;
}

export declare function readTeams(
  client: GitHubClient,
  teams: readonly TeamHandle[],
  logins: readonly string[],
): Promise<TeamsReading>;
