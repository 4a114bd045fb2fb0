// What people may do in the repository now.

import * as z from "zod/mini";
import type { Account, UserId } from "../core/ids.ts";
import type { GitHubClient } from "./client.ts";
import { revokersToCheck } from "./commands.ts";
import { isGitHubError } from "./error.ts";
import type { RequestReading } from "./reading.ts";

type Permission = "none" | "read" | "write" | "admin";

/** Whether this very account (the login may have changed hands) has read access to the repository now. */
export const readAccess = async (client: GitHubClient, account: Account): Promise<boolean> =>
  (await permissionOf(client, account)) !== "none";

/** Who of those who wrote `/revoke` on somebody else's request may write. No request when nobody did. */
export async function readRevokers(
  client: GitHubClient,
  reading: RequestReading,
): Promise<ReadonlySet<UserId>> {
  const writers = new Set<UserId>();
  for (const person of revokersToCheck(reading)) {
    const permission = await permissionOf(client, person);
    if (permission === "write" || permission === "admin") writers.add(person.id);
  }
  return writers;
}

async function permissionOf(client: GitHubClient, { login, id }: Account): Promise<Permission> {
  try {
    const { permission, user } = await client.get({
      path: "/repos/{owner}/{repo}/collaborators/{login}/permission",
      with: { login },
      as: z.object({
        permission: z.enum(["none", "read", "write", "admin"]),
        user: z.nullable(z.object({ id: z.int() })),
      }),
    });
    return user?.id === id ? permission : "none";
  } catch (error) {
    // GitHub knows nobody of that login any more
    if (isGitHubError(error, "not-found")) return "none";
    throw error;
  }
}
