// Commits through `createCommitOnBranch`: a compare-and-swap on the branch, signed by GitHub as our App's.

import * as z from "zod/mini";
import type { Sha } from "../core/ids.ts";
import { readFiles } from "./branch-files.ts";
import type { GitHubClient } from "./client.ts";
import { GitHubError, isGitHubError } from "./error.ts";
import { sha } from "./graphql-shape.ts";

export interface BranchCommit {
  readonly expectedHead: Sha;
  /** First line the headline, then a blank line and the body. */
  readonly message: string;
  readonly additions: readonly { readonly path: string; readonly content: string }[];
  /** Paths that are there at `expectedHead`. */
  readonly deletions: readonly string[];
}

export type Committed =
  | { readonly ok: true; readonly head: Sha }
  /** Somebody else was first: read again. */
  | { readonly ok: false; readonly because: "moved" };

const mostAttempts = 3;

/** A commit that landed though its answer was lost is found again. */
export async function commitToBranch(
  client: GitHubClient,
  branch: string,
  commit: BranchCommit,
): Promise<Committed> {
  for (let attempt = 1; ; attempt++) {
    try {
      return { ok: true, head: await send(client, branch, commit) };
    } catch (error) {
      if (isGitHubError(error, "conflict")) return { ok: false, because: "moved" };
      if (!isGitHubError(error, "timeout", "unavailable")) throw error;
      const found = await look(client, branch, commit);
      if (found !== "as it was") return found;
      // sent again it cannot land twice: the second is refused once the first has landed
      if (attempt >= mostAttempts) throw error;
    }
  }
}

async function look(
  client: GitHubClient,
  branch: string,
  commit: BranchCommit,
): Promise<Committed | "as it was"> {
  const paths = [...commit.additions.map(({ path }) => path), ...commit.deletions];
  const { head, texts } = await readFiles(client, `refs/heads/${branch}`, paths);
  if (head === commit.expectedHead) return "as it was";
  const landed =
    commit.additions.every(({ path, content }) => texts.get(path) === content) &&
    commit.deletions.every((path) => !texts.has(path));
  return landed ? { ok: true, head } : { ok: false, because: "moved" };
}

async function send(client: GitHubClient, branch: string, commit: BranchCommit): Promise<Sha> {
  const [headline = "", ...body] = commit.message.split("\n");
  const { createCommitOnBranch } = await client.mutate({
    text: commitMutation,
    variables: {
      input: {
        branch: { repositoryNameWithOwner: `${client.owner}/${client.repo}`, branchName: branch },
        expectedHeadOid: commit.expectedHead,
        message: { headline, body: body.join("\n").trim() },
        fileChanges: {
          additions: commit.additions.map(({ path, content }) => ({
            path,
            contents: Buffer.from(content, "utf8").toString("base64"),
          })),
          deletions: commit.deletions.map((path) => ({ path })),
        },
      },
    },
    as: z.object({
      createCommitOnBranch: z.nullable(z.object({ commit: z.nullable(z.object({ oid: sha })) })),
    }),
  });
  const oid = createCommitOnBranch?.commit?.oid;
  if (oid === undefined) throw new GitHubError("malformed", { call: "Commit" });
  return oid;
}

const commitMutation = `
mutation Commit($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }`;
