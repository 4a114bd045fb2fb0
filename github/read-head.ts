// Where the default branch is now: the law is read at it, and a run of another commit does nothing but start anew.

import * as z from "zod/mini";
import type { Sha } from "../core/ids.ts";
import { parseSha } from "../core/parse-ids.ts";
import type { GitHubClient } from "./client.ts";
import { GitHubError } from "./error.ts";

const answer = z.object({
  repository: z.object({
    defaultBranchRef: z.object({ name: z.string(), target: z.object({ oid: z.string() }) }),
  }),
});

const query = `query DefaultHead($owner: String!, $repo: String!) {
  repository(owner: $owner, name: $repo) { defaultBranchRef { name target { oid } } }
}`;

export async function readDefaultHead(
  client: GitHubClient,
): Promise<{ readonly branch: string; readonly sha: Sha }> {
  const { owner, repo } = client;
  const { repository } = await client.query({ text: query, variables: { owner, repo }, as: answer });
  const sha = parseSha(repository.defaultBranchRef.target.oid);
  if (sha === undefined) throw new GitHubError("malformed", { call: "DefaultHead", said: "oid" });
  return { branch: repository.defaultBranchRef.name, sha };
}
