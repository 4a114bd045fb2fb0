import type { Account, UserId } from "../core/ids.ts";
import type { GitHubClient } from "./client.ts";
import type { RequestReading } from "./reading.ts";

/** Whether this very account (the login may have changed hands) has read access to the repository now. */
export declare function readAccess(client: GitHubClient, account: Account): Promise<boolean>;

/** Who of those who wrote `/revoke` on somebody else's request may write. No request when nobody did. */
export declare function readRevokers(
  client: GitHubClient,
  reading: RequestReading,
): Promise<ReadonlySet<UserId>>;
