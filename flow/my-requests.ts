// One person's requests: those that they opened, and those that our App opened because they said `/extend`. For display only, as all that GitHub shows.

import * as z from "zod/mini";
import { sameLogin } from "../core/ids.ts";
import type { GitHubClient } from "../github/client.ts";
import { isGitHubError } from "../github/error.ts";
import { listRequests, pagesOfRequests, type ShownRequest } from "./shown-requests.ts";

export interface Me {
  readonly login: string;
  /** Our App's id. */
  readonly app: number;
}

/**
 * The newest first, `most` at the most. GitHub finds issues by who opened them and not by whom they are for, so all open ones are looked at; that is one request for a hundred of them.
 */
export async function listMyOpen(
  client: GitHubClient,
  me: Me,
  most: number,
): Promise<readonly ShownRequest[]> {
  const found: ShownRequest[] = [];
  for await (const page of pagesOfRequests(client, { state: "open" })) {
    found.push(...(await mineOf(client, me, page)));
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}

/** Extensions follow what they extend soon; what is ten pages newer is another story. */
const mostPages = 10;

/** Over or not. Only who has asked for something themselves can have extended it. */
export async function newestOfMine(client: GitHubClient, me: Me): Promise<ShownRequest | undefined> {
  const [own] = await listRequests(client, { state: "all", creator: me.login }, 1);
  if (own === undefined) return undefined;
  let pages = 0;
  for await (const page of pagesOfRequests(client, { state: "all" })) {
    const newer = page.filter(({ request }) => request > own.request);
    const [newest] = await mineOf(client, me, newer);
    if (newest !== undefined) return newest;
    if (newer.length < page.length || ++pages === mostPages) break;
  }
  return own;
}

async function mineOf(
  client: GitHubClient,
  { login, app }: Me,
  requests: readonly ShownRequest[],
): Promise<readonly ShownRequest[]> {
  const judged = await Promise.all(
    requests.map(async (each) => {
      if (sameLogin(each.by, login)) return [each];
      if (each.extension?.app !== app) return [];
      const by = await authorOf(client, each.extension.comment);
      return by !== undefined && sameLogin(by, login) ? [{ ...each, by }] : [];
    }),
  );
  return judged.flat();
}

/** Of the `/extend`; undefined where it is gone. */
async function authorOf(client: GitHubClient, comment: number): Promise<string | undefined> {
  try {
    const { user } = await client.get({
      path: "/repos/{owner}/{repo}/issues/comments/{comment}",
      with: { comment },
      as: z.object({ user: z.nullable(z.object({ login: z.string() })) }),
    });
    return user?.login;
  } catch (error) {
    if (isGitHubError(error, "not-found")) return undefined;
    throw error;
  }
}
