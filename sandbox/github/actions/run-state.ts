import type { ActionsWorld, JobInfo, RepoEvent, RepoRef, RunInfo, TokenAccess } from "../actions-port.ts";
import type { ConcurrencyGroups } from "./concurrency.ts";
import type { JobLog } from "./job-log.ts";
import type { OidcProvider } from "./oidc-provider.ts";
import type { RunIdentity } from "./run-identity.ts";
import type { StepExecutor } from "./step-executor.ts";
import type { Workflow } from "./workflow-file.ts";

// A run and its jobs while they live, and what running them needs.

/** How slow this GitHub is; printable. Ms. */
export interface ActionsParameters {
  /** How late a `schedule` fires. */
  cronDelayMs: number;
  /** How long a minute of a cron expression lasts: 60,000 on GitHub, less to see a sweep within seconds. */
  cronMinuteMs: number;
  /** From a dispatch to its run leaving the queue. */
  dispatchDelayMs: number;
  /** From a job being due to a runner having it. */
  runnerStartDelayMs: number;
}

/** What a started job was given: for tests of the rights table. */
export interface JobGrants {
  token: Record<string, TokenAccess>;
  idToken: boolean;
  /** Names only. */
  secrets: string[];
  environment: string | undefined;
}

export interface JobState {
  /** Its key in the workflow file. */
  key: string;
  info: JobInfo;
  log: JobLog;
  outputs: Record<string, string>;
  /** GITHUB_STEP_SUMMARY of its steps, masked. */
  summary: string;
  grants: JobGrants | undefined;
}

export interface RunState {
  repo: RepoRef;
  workflow: Workflow;
  identity: RunIdentity;
  event: RepoEvent;
  /** The `inputs` context. */
  inputs: Record<string, string | boolean | number>;
  info: RunInfo;
  /** Jobs of each attempt, oldest first. */
  attempts: JobState[][];
  debug: boolean;
  /** How many `workflow_run`s deep. */
  depth: number;
  abort: AbortController;
}

export interface RunServices {
  world: ActionsWorld;
  executor: StepExecutor;
  oidc: OidcProvider;
  parameters: ActionsParameters;
  /** Variables of the runner machine, below all others. */
  runnerEnvironment: Record<string, string>;
  serverUrl: string;
  groups(repo: RepoRef): ConcurrencyGroups;
}

/** Sleeps unless there is nothing to wait for; an aborted sleep simply ends. */
export async function pause(services: RunServices, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await services.world.clock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
