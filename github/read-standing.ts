// Where a person stands before they ask, in one query with their own token: who they are, the repository, and the commits that a decision would rest on.

import * as z from "zod/mini";
import type { RepositoryFacts } from "../core/facts.ts";
import type { Account, Sha, UserId } from "../core/ids.ts";
import type { GitHubClient } from "./client.ts";
import { sha } from "./graphql-shape.ts";
import { lawMayLack, lawSelection, lawShape, ownersSelection, ownersShape, rememberLaw } from "./read-law.ts";

export interface Standing {
  /** Whose token this is. */
  readonly viewer: Account;
  readonly repository: RepositoryFacts;
  /** The default branch's head: the law is read at it. */
  readonly head: Sha;
  /** Head of the branch `inventory`; undefined before its first run. */
  readonly inventory: Sha | undefined;
  /** Undefined: Hallpass is not set up here, and nobody decides. */
  readonly ledger: Sha | undefined;
}

const ref = z.nullable(z.object({ target: z.object({ oid: sha }) }));

const answer = z.object({
  viewer: z.object({ login: z.string(), databaseId: z.int() }),
  repository: z.object({
    ...ownersShape,
    databaseId: z.int(),
    name: z.string(),
    visibility: z.string(),
    url: z.string(),
    owner: z.object({ login: z.string() }),
    defaultBranchRef: z.object({ name: z.string(), target: z.object({ oid: sha, ...lawShape }) }),
    inventory: ref,
    ledger: ref,
  }),
});

const query = `
query Standing($owner: String!, $repo: String!) {
  viewer { login databaseId }
  repository(owner: $owner, name: $repo) {
    ${ownersSelection}
    databaseId name visibility url
    owner { login }
    defaultBranchRef { name target { oid ... on Commit {${lawSelection}
    } } }
    inventory: ref(qualifiedName: "refs/heads/inventory") { target { oid } }
    ledger: ref(qualifiedName: "refs/heads/ledger") { target { oid } }
  }
}`;

/** The law is remembered, so that `readLaw` of this commit costs nothing. */
export async function readStanding(client: GitHubClient): Promise<Standing> {
  const { owner, repo } = client;
  const { viewer, repository } = await client.query({
    text: query,
    variables: { owner, repo },
    as: answer,
    ...lawMayLack("repository.defaultBranchRef.target"),
  });
  const { name: defaultBranch, target } = repository.defaultBranchRef;
  await rememberLaw(client, target.oid, target, repository.codeowners);
  return {
    viewer: { login: viewer.login, id: viewer.databaseId as UserId },
    repository: {
      id: repository.databaseId,
      owner: repository.owner.login,
      name: repository.name,
      closed: repository.visibility !== "PUBLIC",
      defaultBranch,
      htmlUrl: repository.url,
    },
    head: target.oid,
    inventory: repository.inventory?.target.oid,
    ledger: repository.ledger?.target.oid,
  };
}

/** Somebody by their login. Throws `not-found` where GitHub knows nobody of that name. */
export async function readPerson(
  client: GitHubClient,
  login: string,
): Promise<{ readonly account: Account; readonly isPerson: boolean }> {
  const person = await client.get({
    path: "/users/{login}",
    with: { login },
    as: z.object({ login: z.string(), id: z.int(), type: z.string() }),
  });
  return {
    account: { login: person.login, id: person.id as UserId },
    isPerson: person.type === "User",
  };
}
