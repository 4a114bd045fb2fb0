// An access repo's files as a pull request, with a person's token. Beside what the App and the Action do: neither ever comes here.

import { Buffer } from "node:buffer";
import * as z from "zod/mini";
import type { GitHubClient } from "./client.ts";
import { GitHubError, isGitHubError } from "./error.ts";
import { readBlob } from "./read-blob.ts";

export interface RepositoryTree {
  readonly defaultBranch: string;
  readonly commit: string;
  readonly tree: string;
  /** Blob ids by path. */
  readonly files: ReadonlyMap<string, string>;
}

const named = z.object({ sha: z.string() });

/** Every file of the default branch. Throws where there is no commit yet, or more files than GitHub lists at once. */
export async function readTree(client: GitHubClient): Promise<RepositoryTree> {
  const { default_branch: defaultBranch } = await client.get({
    path: "/repos/{owner}/{repo}",
    as: z.object({ default_branch: z.string() }),
  });
  const { sha: commit, commit: inside } = await client.get({
    path: "/repos/{owner}/{repo}/commits/{ref}",
    with: { ref: `refs/heads/${defaultBranch}` },
    as: z.object({ sha: z.string(), commit: z.object({ tree: named }) }),
  });
  const files = await filesOf(client, inside.tree.sha);
  return { defaultBranch, commit, tree: inside.tree.sha, files };
}

/** Blob ids by path, of a tree or of a commit. */
export async function filesOf(client: GitHubClient, tree: string): Promise<ReadonlyMap<string, string>> {
  const call = "/repos/{owner}/{repo}/git/trees/{tree}";
  const { tree: entries, truncated } = await client.get({
    path: call,
    with: { tree },
    query: { recursive: 1 },
    as: z.object({
      truncated: z.boolean(),
      tree: z.array(z.object({ path: z.string(), type: z.string(), sha: z.string() })),
    }),
  });
  if (truncated) throw new GitHubError("truncated", { call: `GET ${call}` });
  return new Map(entries.flatMap(({ path, type, sha }) => (type === "blob" ? [[path, sha] as const] : [])));
}

/** Undefined: there is no such file. */
export async function textAt(
  client: GitHubClient,
  { files }: Pick<RepositoryTree, "files">,
  path: string,
): Promise<string | undefined> {
  const blob = files.get(path);
  return blob === undefined ? undefined : readBlob(client, blob);
}

export interface ProposedFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

const branch = "hallpass/set-up";

/** Opens the pull request, or brings the open one up to date. Its address. */
export async function proposeFiles(
  client: GitHubClient,
  base: RepositoryTree,
  files: readonly ProposedFile[],
  words: { readonly title: string; readonly body: string },
): Promise<string> {
  const tree = await writeTree(client, files, base.tree);
  const commit = await writeCommit(client, { message: words.title, tree, parents: [base.commit] });
  if (!(await beginBranch(client, branch, commit)))
    await client.send({
      method: "PATCH",
      path: "/repos/{owner}/{repo}/git/refs/{ref}",
      with: { ref: `heads/${branch}` },
      body: { sha: commit, force: true },
      repeatable: true,
    });
  const open = await client.get({
    path: "/repos/{owner}/{repo}/pulls",
    query: { state: "open", head: `${client.owner}:${branch}`, base: base.defaultBranch },
    as: z.array(z.object({ html_url: z.string() })),
  });
  if (open[0] !== undefined) return open[0].html_url;
  const made = await client.send({
    method: "POST",
    path: "/repos/{owner}/{repo}/pulls",
    body: { ...words, head: branch, base: base.defaultBranch },
    as: z.object({ html_url: z.string() }),
  });
  return made.html_url;
}

/** A branch without history and without the project's files; false where there is one already. */
export async function beginOrphan(
  client: GitHubClient,
  name: string,
  files: readonly ProposedFile[],
  message: string,
): Promise<boolean> {
  const known = await client
    .get({ path: "/repos/{owner}/{repo}/git/ref/{ref}", with: { ref: `heads/${name}` }, as: z.object({}) })
    .then(
      () => true,
      (error) => {
        if (isGitHubError(error, "not-found")) return false;
        throw error;
      },
    );
  if (known) return false;
  const tree = await writeTree(client, files, undefined);
  return beginBranch(client, name, await writeCommit(client, { message, tree, parents: [] }));
}

async function writeTree(
  client: GitHubClient,
  files: readonly ProposedFile[],
  base: string | undefined,
): Promise<string> {
  const entries: object[] = [];
  for (const { path, content } of files) {
    const place = { path, mode: "100644", type: "blob" };
    // text goes with the tree; what is not text needs a request of its own
    entries.push(
      typeof content === "string"
        ? { ...place, content }
        : { ...place, sha: await writeBlob(client, content) },
    );
  }
  const { sha } = await client.send({
    method: "POST",
    path: "/repos/{owner}/{repo}/git/trees",
    body: { tree: entries, ...(base === undefined ? {} : { base_tree: base }) },
    as: named,
    repeatable: true,
  });
  return sha;
}

async function writeBlob(client: GitHubClient, content: Uint8Array): Promise<string> {
  const { sha } = await client.send({
    method: "POST",
    path: "/repos/{owner}/{repo}/git/blobs",
    body: { content: Buffer.from(content).toString("base64"), encoding: "base64" },
    as: named,
    repeatable: true,
  });
  return sha;
}

async function writeCommit(
  client: GitHubClient,
  body: { readonly message: string; readonly tree: string; readonly parents: readonly string[] },
): Promise<string> {
  const { sha } = await client.send({
    method: "POST",
    path: "/repos/{owner}/{repo}/git/commits",
    body,
    as: named,
    repeatable: true,
  });
  return sha;
}

/** False where there is one of that name. */
async function beginBranch(client: GitHubClient, name: string, sha: string): Promise<boolean> {
  try {
    await client.send({
      method: "POST",
      path: "/repos/{owner}/{repo}/git/refs",
      body: { ref: `refs/heads/${name}`, sha },
    });
    return true;
  } catch (error) {
    if (isGitHubError(error, "unprocessable") && /already exists/i.test(error.said)) return false;
    throw error;
  }
}
