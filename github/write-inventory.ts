// The branch `inventory`: written only when a file has changed, in one commit. It shares no history with other branches.

import { createHash } from "node:crypto";
import * as z from "zod/mini";
import type { GitHubClient } from "./client.ts";
import { isGitHubError } from "./error.ts";

export interface WrittenFile {
  readonly path: string;
  readonly content: string;
  /** Written where there is none; one that is there stays as it is. */
  readonly once?: boolean;
}

export const inventoryBranch = "inventory";

const refAnswer = z.object({ object: z.object({ sha: z.string() }) });
const treeAnswer = z.object({
  truncated: z.boolean(),
  tree: z.array(z.object({ path: z.string(), sha: z.string() })),
});
const shaAnswer = z.object({ sha: z.string() });

/** Answers the paths that were written, `gone` ones taken away; none when nothing has changed. Files of places that were not read stay as they are. */
export async function writeInventory(
  client: GitHubClient,
  files: readonly WrittenFile[],
  gone: readonly string[] = [],
): Promise<readonly string[]> {
  const head = await headOf(client);
  const known = head === undefined ? new Map<string, string>() : await blobsOf(client, head);
  const changed = files.filter(({ path, content, once }) =>
    once === true ? !known.has(path) : known.get(path) !== blobSha(content),
  );
  const removed = gone.filter((path) => known.has(path));
  const count = changed.length + removed.length;
  if (count === 0) return [];
  const tree = await client.send({
    method: "POST",
    path: "/repos/{owner}/{repo}/git/trees",
    body: {
      ...(head === undefined ? {} : { base_tree: head }),
      tree: [
        ...changed.map(({ path, content }) => ({ path, mode: "100644", type: "blob", content })),
        ...removed.map((path) => ({ path, mode: "100644", type: "blob", sha: null })),
      ],
    },
    as: shaAnswer,
    repeatable: true,
  });
  const commit = await client.send({
    method: "POST",
    path: "/repos/{owner}/{repo}/git/commits",
    body: {
      message: `Update the inventory: ${count} ${count === 1 ? "file" : "files"}`,
      tree: tree.sha,
      parents: head === undefined ? [] : [head],
    },
    as: shaAnswer,
    repeatable: true,
  });
  await moveTo(client, commit.sha, head === undefined);
  return [...changed.map(({ path }) => path), ...removed];
}

async function headOf(client: GitHubClient): Promise<string | undefined> {
  try {
    const path = `/repos/{owner}/{repo}/git/ref/heads/${inventoryBranch}`;
    return (await client.get({ path, as: refAnswer })).object.sha;
  } catch (error) {
    if (isGitHubError(error, "not-found")) return undefined;
    throw error;
  }
}

async function blobsOf(client: GitHubClient, head: string): Promise<ReadonlyMap<string, string>> {
  const { tree, truncated } = await client.get({
    path: "/repos/{owner}/{repo}/git/trees/{head}",
    with: { head },
    query: { recursive: 1 },
    as: treeAnswer,
  });
  // what is not shown is taken for changed: it costs a write and loses nothing
  return truncated ? new Map() : new Map(tree.map(({ path, sha }) => [path, sha]));
}

async function moveTo(client: GitHubClient, sha: string, isNew: boolean): Promise<void> {
  if (isNew)
    await client.send({
      method: "POST",
      path: "/repos/{owner}/{repo}/git/refs",
      body: { ref: `refs/heads/${inventoryBranch}`, sha },
    });
  else
    await client.send({
      method: "PATCH",
      path: `/repos/{owner}/{repo}/git/refs/heads/${inventoryBranch}`,
      body: { sha },
      repeatable: true,
    });
}

/** Git's own name of the content, so that an unchanged file is known without reading it. */
const blobSha = (content: string): string =>
  createHash("sha1")
    .update(`blob ${Buffer.byteLength(content)}\0`)
    .update(content)
    .digest("hex");
