// What people may do in the repository now.

import * as z from "zod/mini";
import type { Account, UserId } from "../core/ids.ts";
import type { GitHubClient } from "./client.ts";
import { isGitHubError } from "./error.ts";

type Permission = "none" | "read" | "write" | "admin";

/** Whether this very account (the login may have changed hands) has read access to the repository now. */
export const readAccess = async (client: GitHubClient, account: Account): Promise<boolean> =>
  (await permissionOf(client, account)) !== "none";

/** Who of them may write to the repository. */
export async function readWriters(
  client: GitHubClient,
  people: readonly Account[],
): Promise<ReadonlySet<UserId>> {
  const writers = new Set<UserId>();
  for (const person of people) {
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
