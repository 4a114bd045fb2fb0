// What a run begins with, in one query: who we are, where the default branch is (a run of another commit does nothing but start anew), and the law there.

import * as z from "zod/mini";
import type { Sha, UserId } from "../core/ids.ts";
import type { GitHubClient } from "./client.ts";
import { sha } from "./graphql-shape.ts";
import { lawMayLack, lawSelection, lawShape, ownersSelection, ownersShape, rememberLaw } from "./read-law.ts";

export interface Start {
  readonly branch: string;
  readonly sha: Sha;
  /** Whose token this is: our App's bot. */
  readonly viewer: { readonly login: string; readonly id: UserId };
}

const answer = z.object({
  viewer: z.object({ login: z.string(), databaseId: z.int() }),
  repository: z.object({
    ...ownersShape,
    defaultBranchRef: z.object({ name: z.string(), target: z.object({ oid: sha, ...lawShape }) }),
  }),
});

const query = `
query Start($owner: String!, $repo: String!) {
  viewer { login databaseId }
  repository(owner: $owner, name: $repo) { ${ownersSelection} defaultBranchRef { name target { oid ... on Commit {${lawSelection}
  } } } }
}`;

/** The law is remembered, so that `readLaw` of this commit costs nothing. */
export async function readStart(client: GitHubClient): Promise<Start> {
  const { owner, repo } = client;
  const { viewer, repository } = await client.query({
    text: query,
    variables: { owner, repo },
    as: answer,
    ...lawMayLack("repository.defaultBranchRef.target"),
  });
  const { name, target } = repository.defaultBranchRef;
  await rememberLaw(client, target.oid, target, repository.codeowners);
  return { branch: name, sha: target.oid, viewer: { login: viewer.login, id: viewer.databaseId as UserId } };
}
