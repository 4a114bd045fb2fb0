// Runs of `access.yml`. Its run-name is `<command> <request>`, which is how a run is recognised.

import * as z from "zod/mini";
import type { Instant, RequestNumber } from "../core/ids.ts";
import type { Command } from "../core/step.ts";
import type { GitHubClient } from "./client.ts";
import { isGitHubError } from "./error.ts";

export interface Dispatch {
  readonly command: Command;
  readonly request?: RequestNumber;
  /** The default branch: the environment admits no other. */
  readonly branch: string;
  /** When somebody who may last asked to try again. */
  readonly retriedAt?: Instant;
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

/**
 * Starts `access.yml`, unless a run of the same command and request is waiting or at work, or has failed a moment ago: what fails goes on
 * failing for a while, and each run costs. Answers when to look again, where that is what held it back.
 */
export async function dispatchWorkflow(
  client: GitHubClient,
  dispatch: Dispatch,
): Promise<Instant | undefined> {
  const runs = await runsOf(client, dispatch);
  // what this look is about may have come too late for that run
  if (runs.some(isAlive)) return (client.clock.now() + whileAlive) as Instant;
  const earliest = notBefore(runs, dispatch.retriedAt);
  if (client.clock.now() < earliest) return earliest;
  try {
    await startWorkflow(client, dispatch);
  } catch (error) {
    // the dispatch may have arrived; a second one would do no harm, and cost a run
    if (!isGitHubError(error, "timeout", "unavailable") || !(await runsOf(client, dispatch)).some(isAlive))
      throw error;
  }
  return undefined;
}

const runShape = z.object({
  status: z.nullable(z.string()),
  conclusion: z.nullish(z.string()),
  display_title: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
type Run = z.infer<typeof runShape>;

const isAlive = ({ status }: Run): boolean => status !== "completed";

/** In milliseconds, as all of these; a run takes half a minute. */
const whileAlive = 20_000;
const firstPause = 15_000;
const longestPause = 10 * 60_000;

/** So often `/retry` shortens the pause; then it is nobody's passing trouble any more, and each run costs. */
const mostRetried = 10;

/** Twice as long after each failure in a row, counted from the last; only the first pause when somebody has asked to try again since. */
function notBefore(runs: readonly Run[], retriedAt = 0): Instant {
  const successes = runs.findIndex(({ conclusion }) => conclusion === "success");
  const failures = successes === -1 ? runs : runs.slice(0, successes);
  const [last] = failures;
  if (last === undefined) return 0 as Instant;
  const failedAt = Date.parse(last.updated_at);
  const isRetried = retriedAt >= failedAt && failures.length <= mostRetried;
  const pause = isRetried ? firstPause : Math.min(firstPause * 2 ** (failures.length - 1), longestPause);
  return (failedAt + pause) as Instant;
}

const freshFor = 10 * 60_000;
/** About as long as reading a large organization takes. */
const inventoryTakes = 60_000;

/** Has the inventory read anew, unless a run began since that was asked, or a moment before it. Answers when to look again, where one is at work. */
export async function refreshInventory(
  client: GitHubClient,
  { branch, askedAt }: { readonly branch: string; readonly askedAt: Instant },
): Promise<Instant | undefined> {
  const again = (client.clock.now() + inventoryTakes) as Instant;
  const runs = await runsCalled(client, "inventory", {});
  if (runs.some(isAlive)) return again;
  if (runs.some(({ created_at }) => Date.parse(created_at) > askedAt - freshFor)) return undefined;
  await startWorkflow(client, { command: "inventory", branch });
  return again;
}

/** Newest first, among the latest hundred: an older one that is alive would have been waiting for a long time, and a second does no harm. */
const runsOf = (client: GitHubClient, { command, request }: Dispatch): Promise<readonly Run[]> =>
  runsCalled(client, request === undefined ? command : `${command} ${request}`, {
    event: "workflow_dispatch",
  });

async function runsCalled(
  client: GitHubClient,
  title: string,
  of: { readonly event?: string },
): Promise<readonly Run[]> {
  const { workflow_runs: runs } = await client.get({
    path: "/repos/{owner}/{repo}/actions/workflows/access.yml/runs",
    query: { ...of, per_page: 100 },
    as: z.object({ workflow_runs: z.array(runShape) }),
  });
  return runs.filter(({ display_title }) => display_title.trim() === title);
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
