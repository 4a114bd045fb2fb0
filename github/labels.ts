// Labels and closing: what a list of issues shows.

import type { GitHubStep } from "../core/step.ts";
import type { GitHubClient } from "./client.ts";

export const setLabels = (client: GitHubClient, number: number, labels: readonly string[]): Promise<void> =>
  client.send({
    method: "PUT",
    path: "/repos/{owner}/{repo}/issues/{number}/labels",
    with: { number },
    body: { labels },
    repeatable: true,
    mayWait: true,
  });

/** In one write with its last labels. */
export const closeSubject = (
  client: GitHubClient,
  number: number,
  { labels, reason }: Extract<GitHubStep, { do: "close" }>,
): Promise<void> =>
  client.send({
    method: "PATCH",
    path: "/repos/{owner}/{repo}/issues/{number}",
    with: { number },
    body: { state: "closed", state_reason: reason, labels },
    repeatable: true,
  });
