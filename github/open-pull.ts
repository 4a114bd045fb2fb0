// One branch, one commit, one added file, one pull request: what people approve. Two processes may be at it at once, and either may die anywhere: creating
// the branch and the compare-and-swap of the commit are the locks, and what is there already is taken up.

import * as z from "zod/mini";
import type { Sha } from "../core/ids.ts";
import type { GitHubStep } from "../core/step.ts";
import { readFiles } from "./branch-files.ts";
import type { GitHubClient } from "./client.ts";
import { commitToBranch } from "./commit.ts";
import { GitHubError, isGitHubError } from "./error.ts";

type OpenPull = Extract<GitHubStep, { do: "open-pull" }>;

export interface OpenedPull {
  readonly number: number;
  readonly head: Sha;
}

/** `base` is the ledger's head that the facts are of; `botId` tells our pull request from a stranger's. */
export async function openPull(
  client: GitHubClient,
  step: OpenPull,
  { base, botId }: { readonly base: Sha; readonly botId: number },
): Promise<OpenedPull> {
  const head = await ensureCommit(client, step, base);
  return { head, number: await ensurePull(client, step, botId) };
}

const mostAttempts = 3;

async function ensureCommit(client: GitHubClient, step: OpenPull, base: Sha): Promise<Sha> {
  const { branch, path, content, title } = step;
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const made = await createBranch(client, branch, base);
    const there = made ? { start: base } : await lookAt(client, step);
    if ("done" in there) return there.done;
    const committed = await commitToBranch(client, branch, {
      expectedHead: there.start,
      message: title,
      additions: [{ path, content }],
      deletions: [],
    });
    if (committed.ok) return committed.head;
  }
  throw new GitHubError("conflict", { call: "open-pull", said: `${branch} keeps moving` });
}

/** False: it is there already. */
async function createBranch(client: GitHubClient, branch: string, at: Sha): Promise<boolean> {
  try {
    await client.send({
      method: "POST",
      path: "/repos/{owner}/{repo}/git/refs",
      body: { ref: `refs/heads/${branch}`, sha: at },
      // a second time it is "there already", which is looked into
      repeatable: true,
    });
    return true;
  } catch (error) {
    if (isGitHubError(error, "unprocessable") && /already exists/i.test(error.said)) return false;
    throw error;
  }
}

/**
 * A branch of that name which is there already: our own of a pass that died, with the commit or still at the ledger; or somebody else's, or ours for a text
 * that is no longer asked, which makes way.
 */
async function lookAt(
  client: GitHubClient,
  { branch, path, content }: OpenPull,
): Promise<{ readonly done: Sha } | { readonly start: Sha }> {
  const { head, texts } = await readFiles(client, `refs/heads/${branch}`, [path]);
  // INVARIANT: both questions are about one commit; a branch that another process is just filling must not be taken for a foreign one
  const { ahead_by: ahead } = await client.get({
    path: "/repos/{owner}/{repo}/compare/{basehead}",
    with: { basehead: `ledger...${head}` },
    as: z.object({ ahead_by: z.int() }),
  });
  if (ahead === 0 && !texts.has(path)) return { start: head };
  if (ahead === 1 && texts.get(path) === content) return { done: head };
  const { head: ledger } = await readFiles(client, "refs/heads/ledger", []);
  await deleteBranch(client, branch);
  await createBranch(client, branch, ledger);
  return { start: ledger };
}

async function deleteBranch(client: GitHubClient, branch: string): Promise<void> {
  try {
    await client.send({
      method: "DELETE",
      path: "/repos/{owner}/{repo}/git/refs/{ref}",
      with: { ref: `heads/${branch}` },
      repeatable: true,
    });
  } catch (error) {
    // 422 is GitHub's "Reference does not exist"
    if (!isGitHubError(error, "unprocessable", "not-found")) throw error;
  }
}

async function ensurePull(client: GitHubClient, step: OpenPull, botId: number): Promise<number> {
  try {
    const { number } = await client.send({
      method: "POST",
      path: "/repos/{owner}/{repo}/pulls",
      body: { head: step.branch, base: "ledger", title: step.title, body: step.body },
      as: z.object({ number: z.int() }),
      // a second time it is "exists already", which is looked into
      repeatable: true,
    });
    return number;
  } catch (error) {
    if (!isGitHubError(error, "unprocessable") || !/already exists/i.test(error.said)) throw error;
    return findPull(client, step.branch, botId);
  }
}

async function findPull(client: GitHubClient, branch: string, botId: number): Promise<number> {
  const found = await client.get({
    path: "/repos/{owner}/{repo}/pulls",
    query: { head: `${client.owner}:${branch}`, base: "ledger", state: "open", per_page: 100 },
    as: z.array(z.object({ number: z.int(), user: z.nullable(z.object({ id: z.int() })) })),
  });
  const ours = found.find(({ user }) => user?.id === botId);
  if (ours !== undefined) return ours.number;
  // a stranger's pull request holds the branch: without it theirs is closed, and ours can be opened
  await deleteBranch(client, branch);
  throw new GitHubError("conflict", { call: "open-pull", said: `${branch} was taken` });
}
