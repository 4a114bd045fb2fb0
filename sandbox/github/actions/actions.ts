import type { KeyObject } from "node:crypto";
import type {
  ActionsHost,
  ActionsRefusal,
  ActionsWorld,
  ActorRef,
  RepoEvent,
  RepoRef,
  RunInfo,
} from "../actions-port.ts";
import { type ConcurrencyGroups, createConcurrencyGroups } from "./concurrency.ts";
import { readDispatchInputs } from "./dispatch-inputs.ts";
import { createEventStarter } from "./event-starter.ts";
import type { JobLog } from "./job-log.ts";
import { createOidcProvider, OIDC_PATH, type OidcProvider } from "./oidc-provider.ts";
import { addAttempt, runAttempt } from "./run-attempt.ts";
import type { ActionsParameters, JobState, RunServices, RunState } from "./run-state.ts";
import { createSchedules } from "./schedules.ts";
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
}

export const GITHUB_PARAMETERS: ActionsParameters = {
  cronDelayMs: 0,
  cronMinuteMs: 60_000,
  dispatchDelayMs: 0,
  runnerStartDelayMs: 0,
};

const RERUN_DAYS = 30;
const WRITERS = ["admin", "maintain", "write"];

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
    cronMinuteMs: parameters.cronMinuteMs,
    cronDelayMs: parameters.cronDelayMs,
    scheduled: () => starter.scheduled(),
  });
  const runOf = (repo: RepoRef, id: number) =>
    runs.find((run) => run.info.id === id && run.repo.id === repo.id);
  const jobOf = (jobId: number) =>
    runs.flatMap((run) => run.attempts.flat()).find((job) => job.info.id === jobId);

  const dispatch = (
    repo: RepoRef,
    name: string | number,
    refName: string,
    sent: Record<string, string>,
    actor: ActorRef,
  ): RunInfo | ActionsRefusal => {
    const found = registry.find(repo, name);
    if (!found) return { refused: "Not Found", status: 404 };
    const barred = refuseNonWriter(world, repo, actor);
    if (barred) return barred;
    if (found.state !== "active") {
      return { refused: "Cannot trigger a 'workflow_dispatch' on a disabled workflow", status: 422 };
    }
    const at = world.resolveRef(repo, refName);
    if (!at) return { refused: `No ref found for: ${refName}`, status: 422 };
    const workflow = registry.read(repo, at.sha, found.path);
    if (!workflow?.triggers.dispatch) {
      return { refused: "Workflow does not have 'workflow_dispatch' trigger", status: 422 };
    }
    const inputs = readDispatchInputs(workflow.triggers.dispatch, sent);
    if ("refused" in inputs) return inputs;
    return starter.dispatched({ repo, workflow, at, inputs, actor });
  };

  const rerun: ActionsHost["rerun"] = (repo, runId, actor, asked) => {
    const run = runOf(repo, runId);
    if (!run) return { refused: "Not Found", status: 404 };
    const refusal = refuseNonWriter(world, repo, actor) ?? refuseRerun(world, run);
    if (refusal) return refusal;
    const now = world.clock.now();
    const kept = asked.failedOnly ? standingJobs(run) : [];
    // INVARIANT: a re-run is the old run: its commit, its ref, its event; only who asked is new.
    Object.assign(run.info, {
      runAttempt: run.info.runAttempt + 1,
      triggeringActor: actor,
      status: "queued",
      conclusion: null,
      updatedAt: now,
      runStartedAt: now,
    });
    run.debug = asked.debug;
    run.abort = new AbortController();
    begin(run, 0, kept);
    return { ...run.info };
  };

  const host: ActionsHost = {
    onEvent(event: RepoEvent) {
      starter.onEvent(event);
      if (event.name === "push") schedules.changed();
    },
    dispatch,
    listWorkflows: (repo) => registry.list(repo),
    setWorkflowState: (repo, name, state) => registry.setState(repo, name, state),
    listRuns: (repo) =>
      runs
        .filter((run) => run.repo.id === repo.id)
        .map((run) => ({ ...run.info }))
        .reverse(),
    getRun: (repo, runId) => {
      const run = runOf(repo, runId);
      return run && { ...run.info };
    },
    listJobs: (repo, runId, attempt) => {
      const run = runOf(repo, runId);
      const jobs = attempt === undefined ? run?.attempts.at(-1) : run?.attempts[attempt - 1];
      return (jobs ?? []).map((job) => structuredClone(job.info));
    },
    jobLog: (_repo, jobId) => jobOf(jobId)?.log.timed(),
    rerun,
    cancel: (repo, runId, actor) => {
      const run = runOf(repo, runId);
      if (!run) return { refused: "Not Found", status: 404 };
      const barred = refuseNonWriter(world, repo, actor);
      if (barred) return barred;
      if (run.info.status === "completed") {
        return { refused: "Cannot cancel a workflow run that is completed.", status: 409 };
      }
      run.abort.abort(`cancelled by ${actor.login}`);
      return { ...run.info };
    },
    answer: (request) => oidc.answer(request),
  };

  return {
    host,
    oidc,
    parameters,
    runSchedules: (signal) => schedules.run(signal),
    fireSchedule: (repo, path) => starter.fireSchedule(repo, path),
    idle: async () => {
      while (alive.size > 0) await Promise.all(alive);
    },
    jobs: (runId) => runs.find((run) => run.info.id === runId)?.attempts.at(-1) ?? [],
    log: (jobId) => jobOf(jobId)?.log,
  };
}

// An App's rights are its token's, which the API has judged already.
function refuseNonWriter(world: ActionsWorld, repo: RepoRef, actor: ActorRef): ActionsRefusal | undefined {
  if (actor.type === "Bot" || WRITERS.includes(world.permission(repo, actor.login))) return undefined;
  return { refused: "Must have write access to the repository.", status: 403 };
}

function refuseRerun(world: ActionsWorld, run: RunState): ActionsRefusal | undefined {
  if (run.info.status !== "completed") {
    return { refused: "This workflow is already running", status: 403 };
  }
  if (world.clock.now() - run.info.createdAt > RERUN_DAYS * 24 * 3_600_000) {
    return {
      refused: "Unable to re-run this workflow run because it was created over a month ago",
      status: 403,
    };
  }
  return undefined;
}

/** Jobs that succeeded, and need none that did not. */
function standingJobs(run: RunState): JobState[] {
  const jobs = run.attempts.at(-1) ?? [];
  const stands = (job: JobState): boolean =>
    job.info.conclusion === "success" &&
    (run.workflow.file.jobs[job.key]?.needs ?? []).every((key) => {
      const needed = jobs.find((one) => one.key === key);
      return needed !== undefined && stands(needed);
    });
  return jobs.filter(stands);
}
