// Runs of `access.yml`. Its run-name is `<command> <request>`, which is how a run is recognised.

import * as z from "zod/mini";
import type { RequestNumber } from "../core/ids.ts";
import type { Command } from "../core/step.ts";
import type { GitHubClient } from "./client.ts";
import { isGitHubError } from "./error.ts";

export interface Dispatch {
  readonly command: Command;
  readonly request?: RequestNumber;
  /** The default branch: the environment admits no other. */
  readonly branch: string;
}

/** Starts `access.yml`, whatever runs already: a run that may not act itself hands over to a new one. */
export const startWorkflow = (
  { send }: GitHubClient,
  { command, request, branch }: Dispatch,
): Promise<void> =>
  send({
    method: "POST",
    path: "/repos/{owner}/{repo}/actions/workflows/access.yml/dispatches",
    body: {
      ref: branch,
      inputs: { command, ...(request === undefined ? {} : { request: String(request) }) },
    },
  });

/** Starts `access.yml`, unless a run of the same command and request is waiting or at work. */
export async function dispatchWorkflow(client: GitHubClient, dispatch: Dispatch): Promise<void> {
  if (await isRunning(client, dispatch)) return;
  try {
    await startWorkflow(client, dispatch);
  } catch (error) {
    // the dispatch may have arrived; a second one would do no harm, and cost a run
    if (!isGitHubError(error, "timeout", "unavailable") || !(await isRunning(client, dispatch))) throw error;
  }
}

const runShape = z.object({ status: z.nullable(z.string()), display_title: z.string() });

/** Among the latest hundred: one that is alive and older would have been waiting for a long time, and a second does no harm. */
async function isRunning(client: GitHubClient, { command, request }: Dispatch): Promise<boolean> {
  const title = request === undefined ? command : `${command} ${request}`;
  const { workflow_runs: runs } = await client.get({
    path: "/repos/{owner}/{repo}/actions/workflows/access.yml/runs",
    query: { event: "workflow_dispatch", per_page: 100 },
    as: z.object({ workflow_runs: z.array(runShape) }),
  });
  return runs.some(({ status, display_title }) => display_title === title && status !== "completed");
}

/** Also true of a run that GitHub does not know any more. */
export async function runIsOver(client: GitHubClient, run: number): Promise<boolean> {
  try {
    const { status } = await client.get({
      path: "/repos/{owner}/{repo}/actions/runs/{run}",
      with: { run },
      as: z.object({ status: z.nullable(z.string()) }),
    });
    return status === "completed";
  } catch (error) {
    if (isGitHubError(error, "not-found")) return true;
    throw error;
  }
}
