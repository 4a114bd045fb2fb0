import type { RunConclusion, RunInfo } from "../actions-port.ts";
import type { Lease } from "./concurrency.ts";
import { evaluateScalar, interpolate, type StatusAnswers } from "./expressions.ts";
import { runContexts } from "./job-contexts.ts";
import { createJobLog } from "./job-log.ts";
import { fileOf, runJob } from "./job-runner.ts";
import { type JobState, pause, type RunServices, type RunState } from "./run-state.ts";

// One attempt of a run: its place in its concurrency group, its jobs in the order of their needs, its conclusion.

/** `kept`: jobs of an earlier attempt whose results stand (re-run of failed jobs only). */
export function addAttempt(services: RunServices, run: RunState, kept: readonly JobState[]): void {
  const jobs = Object.entries(run.workflow.file.jobs).map(([key, file]) => {
    const standing = kept.find((job) => job.key === key);
    return standing ?? newJob(services, run, key, file.name ?? key);
  });
  run.attempts.push(jobs);
}

function newJob(services: RunServices, run: RunState, key: string, name: string): JobState {
  const now = services.world.clock.now;
  return {
    key,
    info: {
      id: services.world.nextId(),
      runId: run.info.id,
      runAttempt: run.info.runAttempt,
      name,
      status: "queued",
      conclusion: null,
      headSha: run.info.headSha,
      startedAt: now(),
      completedAt: null,
      steps: [],
    },
    log: createJobLog({ now, debug: run.debug }),
    outputs: {},
    summary: "",
    grants: undefined,
  };
}

export async function runAttempt(services: RunServices, run: RunState, delayMs: number): Promise<void> {
  const jobs = run.attempts.at(-1) ?? [];
  let lease: Lease | undefined;
  try {
    await pause(services, delayMs, run.abort.signal);
    lease = await enterGroup(services, run);
    if (!run.abort.signal.aborted) await runJobs(services, run, jobs);
    finish(services, run, jobs, conclusionOf(run, jobs));
  } catch (error) {
    for (const job of jobs) job.log.say(`##[error]${error instanceof Error ? error.message : String(error)}`);
    finish(services, run, jobs, "failure");
  } finally {
    lease?.release();
  }
}

async function enterGroup(services: RunServices, run: RunState): Promise<Lease | undefined> {
  const said = run.workflow.file.concurrency;
  if (!said) return undefined;
  const scope = { contexts: runContexts(services, run) };
  const rules = {
    cancelInProgress: evaluateScalar(said["cancel-in-progress"], scope) === true,
    queue: said.queue,
  };
  const holder = { cancel: (reason: string) => run.abort.abort(reason) };
  const group = interpolate(said.group, scope);
  const lease = await services.groups(run.repo).enter(group, rules, holder, run.abort.signal, () => {
    update(services, run, { status: "pending" });
  });
  if (lease && run.info.status === "pending") update(services, run, { status: "queued" });
  return lease;
}

async function runJobs(services: RunServices, run: RunState, jobs: readonly JobState[]): Promise<void> {
  const started = new Map<string, Promise<void>>();
  const start = (job: JobState): Promise<void> => {
    const running = started.get(job.key) ?? afterNeeds(job);
    started.set(job.key, running);
    return running;
  };
  const afterNeeds = async (job: JobState): Promise<void> => {
    const needed = jobs.filter((other) => fileOf(run, job).needs?.includes(other.key));
    await Promise.all(needed.map(start));
    if (job.info.status === "completed") return;
    await runJob({
      services,
      run,
      job,
      needs: Object.fromEntries(
        needed.map((one) => [one.key, { result: resultOf(one), outputs: one.outputs }]),
      ),
      status: statusFor(run, job, jobs),
      onStart: () => {
        if (run.info.status === "in_progress") return;
        update(services, run, { status: "in_progress" });
        services.world.runChanged(run.repo, { ...run.info }, "in_progress");
      },
    });
  };
  await Promise.all(jobs.map(start));
}

/** `success()` of a job asks all its ancestors, not only those it names. */
function statusFor(run: RunState, job: JobState, jobs: readonly JobState[]): StatusAnswers {
  const above = ancestors(run, job, jobs);
  const cancelled = run.abort.signal.aborted;
  return {
    success: !cancelled && above.every((one) => succeeded(run, one)),
    failure: !cancelled && above.some((one) => one.info.conclusion === "failure" && !succeeded(run, one)),
    cancelled,
  };
}

function ancestors(run: RunState, job: JobState, jobs: readonly JobState[]): JobState[] {
  const direct = jobs.filter((other) => fileOf(run, job).needs?.includes(other.key));
  return direct.flatMap((one) => [one, ...ancestors(run, one, jobs)]);
}

function succeeded(run: RunState, job: JobState): boolean {
  if (job.info.conclusion === "success") return true;
  return job.info.conclusion === "failure" && fileOf(run, job)["continue-on-error"] === true;
}

function resultOf(job: JobState): string {
  return job.info.conclusion ?? "skipped";
}

function conclusionOf(run: RunState, jobs: readonly JobState[]): RunConclusion {
  if (run.abort.signal.aborted) return "cancelled";
  if (run.workflow.problem !== undefined) return "failure";
  const conclusions = jobs.map((job) => (succeeded(run, job) ? "success" : job.info.conclusion));
  if (conclusions.includes("failure")) return "failure";
  if (conclusions.includes("cancelled")) return "cancelled";
  return conclusions.every((one) => one === "skipped") ? "skipped" : "success";
}

function finish(
  services: RunServices,
  run: RunState,
  jobs: readonly JobState[],
  conclusion: RunConclusion,
): void {
  const now = services.world.clock.now();
  for (const { info } of jobs) {
    if (info.status !== "completed")
      Object.assign(info, { status: "completed", conclusion, completedAt: now });
  }
  update(services, run, { status: "completed", conclusion });
  services.world.runChanged(run.repo, { ...run.info }, "completed");
}

function update(services: RunServices, run: RunState, change: Partial<RunInfo>): void {
  Object.assign(run.info, change, { updatedAt: services.world.clock.now() });
}
