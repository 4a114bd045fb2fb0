// What only a pull request that a person opened needs: the one file it adds, and everyone who had a hand in it.

import * as z from "zod/mini";
import type { GitHubClient } from "./client.ts";
import { GitHubError, isGitHubError } from "./error.ts";
import { sha } from "./graphql-shape.ts";
import { readBlob } from "./read-blob.ts";
import type { HandWritten, PullReading } from "./reading.ts";

const person = z.nullish(z.object({ login: z.string() }));

const comparison = z.object({
  total_commits: z.int(),
  commits: z.array(z.object({ author: person, committer: person })),
  files: z.optional(z.array(z.object({ filename: z.string(), status: z.string(), sha: z.nullable(sha) }))),
});

/**
 * What cannot be read is a problem of this request, and no error of every look at it. INVARIANT: while access is open (`open`), nothing that its author pushes keeps it from
 * being ended.
 */
export async function readHandWritten(
  client: GitHubClient,
  repository: number,
  { pull, open }: { readonly pull: PullReading; readonly open: boolean },
): Promise<HandWritten> {
  try {
    return await readContent(client, repository, pull);
  } catch (error) {
    if (!isGitHubError(error, "not-found", "truncated") && !(open && error instanceof GitHubError))
      throw error;
    return {
      added: {
        problem: `what it adds, and who pushed it, cannot be read whole (${error.code}): open a new one, from the head of \`ledger\``,
      },
      hands: [undefined],
    };
  }
}

/** By SHA: the list of a pull request's files is not pinned to a head. */
async function readContent(
  client: GitHubClient,
  repository: number,
  pull: PullReading,
): Promise<HandWritten> {
  const compared = await client.get({
    path: "/repos/{owner}/{repo}/compare/{basehead}",
    with: { basehead: `ledger...${pull.head}` },
    as: comparison,
    whole: true,
  });
  const hands = compared.commits.flatMap(({ author, committer }) => [author?.login, committer?.login]);
  return {
    added: await addedFile(client, pull, compared),
    hands: [
      ...new Set([
        ...hands,
        ...(await authors(client, pull.number)),
        ...(pull.headRepository === repository ? await pushers(client, pull) : []),
      ]),
    ],
  };
}

async function addedFile(
  client: GitHubClient,
  pull: PullReading,
  { files = [] }: z.infer<typeof comparison>,
): Promise<HandWritten["added"]> {
  const [file, ...others] = files;
  if (file?.sha == null || others.length > 0)
    return { problem: `it changes ${files.length} files: expected one, added` };
  if (file.status !== "added")
    return { problem: `\`${file.filename}\` is ${file.status}: expected it to be added` };
  const name = file.filename.startsWith("approved/") ? file.filename.slice("approved/".length) : undefined;
  const entry = pull.commit?.tree.approved.find((each) => each.name === name);
  if (entry?.oid !== file.sha || entry.mode !== 0o100644)
    return { problem: `\`${file.filename}\` is not a regular file in \`approved/\`` };
  return { path: file.filename, text: await readBlob(client, file.sha) };
}

const authorsAnswer = z.object({
  repository: z.object({
    pullRequest: z.object({
      commits: z.object({
        pageInfo: z.object({ hasNextPage: z.boolean() }),
        nodes: z.array(
          z.object({
            commit: z.object({
              authors: z.object({
                pageInfo: z.object({ hasNextPage: z.boolean() }),
                nodes: z.array(z.object({ user: person })),
              }),
            }),
          }),
        ),
      }),
    }),
  }),
});

const authorsQuery = `query Authors($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) { pullRequest(number: $number) {
    commits(first: 100) { pageInfo { hasNextPage } nodes { commit {
      authors(first: 50) { pageInfo { hasNextPage } nodes { user { login } } }
    } } }
  } }
}`;

/** With those whom the trailers `Co-authored-by` name: GitHub alone knows whose address is whose. */
async function authors(client: GitHubClient, number: number): Promise<readonly (string | undefined)[]> {
  const { owner, repo } = client;
  const { repository } = await client.query({
    text: authorsQuery,
    variables: { owner, repo, number },
    as: authorsAnswer,
  });
  const { pageInfo, nodes } = repository.pullRequest.commits;
  if (pageInfo.hasNextPage || nodes.some(({ commit }) => commit.authors.pageInfo.hasNextPage))
    throw new GitHubError("truncated", { call: "Authors" });
  return nodes.flatMap(({ commit }) => commit.authors.nodes.map(({ user }) => user?.login));
}

/** Git's authors are free text; who pushed is known only here, and only for this repository's own branches. */
async function pushers(client: GitHubClient, pull: PullReading): Promise<readonly (string | undefined)[]> {
  const activity = await client.get({
    path: "/repos/{owner}/{repo}/activity",
    query: { ref: `refs/heads/${pull.branch}`, per_page: 100 },
    as: z.array(z.object({ actor: person })),
    whole: true,
  });
  return activity.map(({ actor }) => actor?.login);
}
