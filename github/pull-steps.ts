// What is done to a pull request that is open: closed, opened again, reviewed, checked, merged.

import * as z from "zod/mini";
import type { PullFacts } from "../core/facts.ts";
import type { Sha } from "../core/ids.ts";
import type { GitHubStep } from "../core/step.ts";
import type { GitHubClient } from "./client.ts";
import { isGitHubError } from "./error.ts";
import { sha } from "./graphql-shape.ts";

type Step<Do extends GitHubStep["do"]> = Extract<GitHubStep, { do: Do }>;

const setState = (client: GitHubClient, pull: number, state: "open" | "closed"): Promise<void> =>
  client.send({
    method: "PATCH",
    path: "/repos/{owner}/{repo}/pulls/{pull}",
    with: { pull },
    body: { state },
    repeatable: true,
  });

export const closePull = (client: GitHubClient, pull: number): Promise<void> =>
  setState(client, pull, "closed");

/** Whoever closed it may have deleted its branch too: it is put back first, which ends all approvals of before. */
export async function reopenPull(client: GitHubClient, pull: PullFacts): Promise<void> {
  try {
    await setState(client, pull.number, "open");
  } catch (error) {
    if (!isGitHubError(error, "unprocessable")) throw error;
    await client.send({
      method: "POST",
      path: "/repos/{owner}/{repo}/git/refs",
      body: { ref: `refs/heads/${pull.branch}`, sha: pull.head },
    });
    await setState(client, pull.number, "open");
  }
}

/**
 * All in one call; one name that GitHub does not take fails the whole call, so then one by one. Whoever cannot be asked is mentioned in the pull request
 * anyway.
 */
export async function askReviewers(client: GitHubClient, step: Step<"ask-reviewers">): Promise<void> {
  const { pull, people, teams } = step;
  if (await asked(client, pull, { reviewers: people, team_reviewers: teams })) return;
  if (people.length + teams.length === 1) return;
  for (const login of people) await asked(client, pull, { reviewers: [login] });
  for (const slug of teams) await asked(client, pull, { team_reviewers: [slug] });
}

async function asked(client: GitHubClient, pull: number, body: unknown): Promise<boolean> {
  try {
    await client.send({
      method: "POST",
      path: "/repos/{owner}/{repo}/pulls/{pull}/requested_reviewers",
      with: { pull },
      body,
      repeatable: true,
      mayWait: true,
    });
    return true;
  } catch (error) {
    if (isGitHubError(error, "unprocessable", "not-found", "forbidden")) return false;
    throw error;
  }
}

/** Our check run on the head: edited where there is one. */
export async function setCheck(
  client: GitHubClient,
  step: Step<"check">,
  known: PullFacts["check"],
): Promise<NonNullable<PullFacts["check"]>> {
  const { head, conclusion, title, summary } = step;
  const done = conclusion !== undefined;
  const state = {
    ...(done ? { status: "completed", conclusion } : { status: "in_progress" }),
    output: { title, summary },
  };
  if (known !== undefined) {
    await client.send({
      method: "PATCH",
      path: "/repos/{owner}/{repo}/check-runs/{check}",
      with: { check: known.id },
      body: state,
      repeatable: true,
    });
    return { id: known.id, done };
  }
  const { id } = await client.send({
    method: "POST",
    path: "/repos/{owner}/{repo}/check-runs",
    body: { name: "hallpass", head_sha: head, ...state },
    as: z.object({ id: z.int() }),
    // GitHub judges by the latest run of a name, so a second one says the same
    repeatable: true,
  });
  return { id, done };
}

const mostMerges = 5;

/**
 * Squashed, so that the ledger's history is a line: `git log -- active/12.yaml` then cannot be led past a commit by a merge. Answers the ledger's new head.
 */
export async function mergePull(client: GitHubClient, step: Step<"merge">): Promise<Sha> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await merge(client, step);
    } catch (error) {
      // 405 and 409: merged already, another head, the base has just moved, or GitHub is still working out whether it merges
      if (!isGitHubError(error, "conflict", "timeout", "unavailable")) throw error;
      const now = await look(client, step.pull);
      if (now.merged && now.merge_commit_sha !== null) return now.merge_commit_sha;
      if (now.head.sha !== step.head || now.state !== "open" || attempt >= mostMerges) throw error;
      await client.clock.sleep(500 * attempt);
    }
  }
}

async function merge(client: GitHubClient, { pull, head, title, message }: Step<"merge">): Promise<Sha> {
  const { sha: merged } = await client.send({
    method: "PUT",
    path: "/repos/{owner}/{repo}/pulls/{pull}/merge",
    with: { pull },
    body: { sha: head, merge_method: "squash", commit_title: title, commit_message: message },
    as: z.object({ sha }),
  });
  return merged;
}

const look = (client: GitHubClient, pull: number) =>
  client.get({
    path: "/repos/{owner}/{repo}/pulls/{pull}",
    with: { pull },
    as: z.object({
      merged: z.boolean(),
      merge_commit_sha: z.nullable(sha),
      state: z.enum(["open", "closed"]),
      head: z.object({ sha }),
    }),
  });
