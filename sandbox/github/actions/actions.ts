import type { KeyObject } from "node:crypto";
import type { ActionsHost, ActionsWorld, RepoRef, RunInfo } from "../actions-port.ts";
import { type ConcurrencyGroups, createConcurrencyGroups } from "./concurrency.ts";
import { createEventStarter } from "./event-starter.ts";
import type { JobLog } from "./job-log.ts";
import { createOidcProvider, OIDC_PATH, type OidcProvider } from "./oidc-provider.ts";
import { addAttempt, runAttempt } from "./run-attempt.ts";
import { type CommandParts, cancel, dispatch, rerun, runOf } from "./run-commands.ts";
import type { ActionsParameters, JobState, RunServices, RunState } from "./run-state.ts";
import { createSchedules, type Schedules } from "./schedules.ts";
import type { StepExecutor } from "./step-executor.ts";
import { createWorkflowRegistry } from "./workflow-registry.ts";

// GitHub Actions: workflows of the ref GitHub would take, run with the rights GitHub would give.

export interface ActionsOptions {
  world: ActionsWorld;
  executor: StepExecutor;
  /** Variables of the runner machine (`AWS_ENDPOINT_URL`, …); nothing else of the host reaches a step. */
  runnerEnvironment?: Record<string, string>;
  parameters?: Partial<ActionsParameters>;
  /** GITHUB_SERVER_URL; absent: the API's URL. */
  serverUrl?: string;
  oidc?: { url?: string; issuer?: string; signingKey?: KeyObject };
}

export interface Actions {
  host: ActionsHost;
  oidc: OidcProvider;
  parameters: ActionsParameters;
  /** Fires schedules until the signal. */
  runSchedules(signal: AbortSignal): Promise<void>;
  /** Fires the schedules of one workflow now, whatever its cron says. */
  fireSchedule(repo: RepoRef, path: string): RunInfo[];
  /** Resolves when no run is alive; runs that sleep on the clock are alive. */
  idle(): Promise<void>;
  /** Jobs of the newest attempt with their logs, outputs, summaries and what they were given. */
  jobs(runId: number): readonly JobState[];
  log(jobId: number): JobLog | undefined;
  /** Why a run failed before any job: its file is no workflow. */
  problem(runId: number): string | undefined;
}

export const GITHUB_PARAMETERS: ActionsParameters = {
  cronDelayMs: 0,
  cronMinuteMs: 60_000,
  dispatchDelayMs: 0,
  runnerStartDelayMs: 0,
};

export function createActions(options: ActionsOptions): Actions {
  const { world } = options;
  const parameters = { ...GITHUB_PARAMETERS, ...options.parameters };
  const oidc = createOidcProvider({ clock: world.clock, url: `${world.url}${OIDC_PATH}`, ...options.oidc });
  const groups = new Map<number, ConcurrencyGroups>();
  const services: RunServices = {
    world,
    executor: options.executor,
    oidc,
    parameters,
    runnerEnvironment: options.runnerEnvironment ?? {},
    serverUrl: options.serverUrl ?? world.url,
    groups: (repo) => {
      const known = groups.get(repo.id) ?? createConcurrencyGroups();
      groups.set(repo.id, known);
      return known;
    },
  };
  const runs: RunState[] = [];
  const alive = new Set<Promise<void>>();
  const registry = createWorkflowRegistry(world);
  const begin = (run: RunState, delayMs: number, kept: readonly JobState[] = []) => {
    addAttempt(services, run, kept);
    world.runChanged(run.repo, { ...run.info }, "requested");
    const attempt = runAttempt(services, run, delayMs).finally(() => alive.delete(attempt));
    alive.add(attempt);
  };
  const starter = createEventStarter({ services, registry, runs, begin });
  const schedules = createSchedules({
    clock: world.clock,
    ...parameters,
    scheduled: () => starter.scheduled(),
  });
  const parts = { world, registry, runs, starter, begin };

  return {
    host: hostOf(parts, schedules, oidc),
    oidc,
    parameters,
    runSchedules: (signal) => schedules.run(signal),
    fireSchedule: (repo, path) => starter.fireSchedule(repo, path),
    idle: async () => {
      while (alive.size > 0) await Promise.all(alive);
    },
    jobs: (runId) => runs.find((run) => run.info.id === runId)?.attempts.at(-1) ?? [],
    log: (jobId) => jobOf(runs, jobId)?.log,
    problem: (runId) => runs.find((run) => run.info.id === runId)?.workflow.problem,
  };
}

function hostOf(parts: CommandParts, schedules: Schedules, oidc: OidcProvider): ActionsHost {
  const { registry, runs, starter } = parts;
  return {
    onEvent(event) {
      starter.onEvent(event);
      if (event.name === "push") schedules.changed();
    },
    dispatch: (...asked) => dispatch(parts, ...asked),
    rerun: (...asked) => rerun(parts, ...asked),
    cancel: (...asked) => cancel(parts, ...asked),
    listWorkflows: (repo) => registry.list(repo),
    setWorkflowState: (repo, name, state) => registry.setState(repo, name, state),
    listRuns: (repo) =>
      runs
        .filter((run) => run.repo.id === repo.id)
        .map((run) => ({ ...run.info }))
        .reverse(),
    getRun: (repo, runId) => {
      const run = runOf(runs, repo, runId);
      return run && { ...run.info };
    },
    listJobs: (repo, runId, attempt) => {
      const run = runOf(runs, repo, runId);
      const jobs = attempt === undefined ? run?.attempts.at(-1) : run?.attempts[attempt - 1];
      return (jobs ?? []).map((job) => structuredClone(job.info));
    },
    jobLog: (repo, jobId) => {
      const job = jobOf(runs, jobId);
      return job && runOf(runs, repo, job.info.runId) ? job.log.timed() : undefined;
    },
    answer: (request) => oidc.answer(request),
  };
}

function jobOf(runs: readonly RunState[], jobId: number): JobState | undefined {
  return runs.flatMap((run) => run.attempts.flat()).find((job) => job.info.id === jobId);
}
