// How a file of the ledger began. Its present text may be anybody's who has the App's key; its history is append-only, so its first text stays what it was.

import * as z from "zod/mini";
import { readFiles } from "./branch-files.ts";
import type { GitHubClient } from "./client.ts";
import { sha } from "./graphql-shape.ts";

/** The text of a path in the commit that added it to the ledger; undefined when none ever did. */
export async function readFirstText(client: GitHubClient, path: string): Promise<string | undefined> {
  const commits = await client.get({
    path: "/repos/{owner}/{repo}/commits",
    query: { sha: "ledger", path, per_page: 100 },
    as: z.array(z.object({ sha })),
    whole: true,
  });
  const first = commits.at(-1);
  if (first === undefined) return undefined;
  const { texts } = await readFiles(client, first.sha, [path]);
  return texts.get(path);
}
