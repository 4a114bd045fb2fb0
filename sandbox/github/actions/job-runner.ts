import type { Lease } from "./concurrency.ts";
import { evaluateCondition, evaluateScalar, interpolate, type StatusAnswers } from "./expressions.ts";
import { githubContext, runContexts } from "./job-contexts.ts";
import { type Given, give, oidcVariables, refuseEnvironment } from "./job-grants.ts";
import { type JobState, pause, type RunServices, type RunState } from "./run-state.ts";
import { runSteps } from "./step-loop.ts";
import type { JobFrame } from "./step-stages.ts";
import type { Job } from "./workflow-file.ts";
import { createWorkspace } from "./workspace.ts";

// One job, from "may it run" to its conclusion. What it is given (token, secrets, OIDC) is given here and taken back here.

const DEFAULT_TIMEOUT_MINUTES = 360;

export interface JobAsk {
  services: RunServices;
  run: RunState;
  job: JobState;
  /** Results and outputs of the jobs it needs. */
  needs: Record<string, { result: string; outputs: Record<string, string> }>;
  status: StatusAnswers;
  /** A runner has it. */
  onStart(): void;
}

export async function runJob(ask: JobAsk): Promise<void> {
  const { services, run, job } = ask;
  const control: JobFrame["control"] = { cancelled: false, stopStep: undefined };
  const cancel = (reason: string) => {
    if (control.cancelled) return;
    job.log.say(`##[error]The operation was canceled: ${reason}`);
    control.cancelled = true;
    control.stopStep?.(reason);
  };
  const stopped = new AbortController();
  const onRunCancelled = () => {
    cancel(String(run.abort.signal.reason));
    stopped.abort(run.abort.signal.reason);
  };
  run.abort.signal.addEventListener("abort", onRunCancelled, { once: true });
  try {
    conclude(services, job, await live(ask, control, cancel, stopped));
  } catch (error) {
    job.log.say(`##[error]${error instanceof Error ? error.message : String(error)}`);
    conclude(services, job, "failure");
  } finally {
    run.abort.signal.removeEventListener("abort", onRunCancelled);
  }
}

type Result = "success" | "failure" | "cancelled" | "skipped";

async function live(
  ask: JobAsk,
  control: JobFrame["control"],
  cancel: (reason: string) => void,
  stopped: AbortController,
): Promise<Result> {
  const { services, run, job } = ask;
  const file = fileOf(run, job);
  const contexts = { ...runContexts(services, run), needs: ask.needs };
  if (!evaluateCondition(file.if, { contexts, status: ask.status })) {
    return ask.status.cancelled ? "cancelled" : "skipped";
  }
  const unknown = notRunHere(file);
  if (unknown) throw new Error(`\`${unknown}\` is not run here`);
  const environment = file.environment && interpolate(file.environment.name, { contexts });
  refuseEnvironment(services, run, environment);

  const lease = await enterGroup(ask, file, contexts, { cancel, stopped });
  if (lease === "cancelled") return "cancelled";
  try {
    job.info.status = "queued";
    await pause(services, services.parameters.runnerStartDelayMs, stopped.signal);
    if (control.cancelled) return "cancelled";
    job.info.status = "in_progress";
    job.info.startedAt = services.world.clock.now();
    ask.onStart();
    return await work(ask, file, environment, control, cancel);
  } finally {
    lease?.release();
  }
}

async function work(
  ask: JobAsk,
  file: Job,
  environment: string | undefined,
  control: JobFrame["control"],
  cancel: (reason: string) => void,
): Promise<Result> {
  const { services, job } = ask;
  const given = give(ask, file, environment);
  const workspace = createWorkspace();
  const timer = new AbortController();
  try {
    const frame = frameOf(ask, file, given, control, workspace);
    const minutes = Number(evaluateScalar(file["timeout-minutes"] ?? DEFAULT_TIMEOUT_MINUTES, frame));
    services.world.clock.sleep(minutes * 60_000, timer.signal).then(
      () => cancel(`The job has exceeded the maximum execution time of ${minutes}m`),
      () => {},
    );
    const { ok, scope } = await runSteps(frame, file.steps ?? []);
    job.outputs = outputsOf(job, file, (text) => interpolate(text, scope));
    if (control.cancelled) return "cancelled";
    return ok ? "success" : "failure";
  } finally {
    timer.abort();
    given.oidc?.close();
    services.world.revokeToken(given.token);
    workspace.remove();
  }
}

function frameOf(
  ask: JobAsk,
  file: Job,
  given: Given,
  control: JobFrame["control"],
  workspace: JobFrame["workspace"],
): JobFrame {
  const { services, run, job } = ask;
  const environment = job.grants?.environment;
  const contexts: Record<string, unknown> = {
    ...runContexts(services, run),
    github: { ...githubContext(services, run, job.key), token: given.token },
    vars: services.world.variables(run.repo, environment),
    needs: ask.needs,
    secrets: given.secrets,
    strategy: {},
    matrix: {},
    runner: { name: "GitHub Actions 1", os: "Linux", arch: "X64", environment: "github-hosted" },
  };
  const env: Record<string, string> = {};
  for (const said of [run.workflow.file.env, file.env]) {
    const above = { ...env };
    for (const [name, value] of Object.entries(said ?? {})) {
      env[name] = interpolate(String(value ?? ""), { contexts: { ...contexts, env: above } });
    }
  }
  const defaults = { ...run.workflow.file.defaults?.run, ...file.defaults?.run };
  return {
    services,
    run,
    job,
    workspace,
    contexts,
    env,
    token: given.token,
    readsContents: given.readsContents,
    oidcVariables: oidcVariables(given.oidc),
    defaults: { shell: defaults.shell, workingDirectory: defaults["working-directory"] },
    control,
  };
}

async function enterGroup(
  ask: JobAsk,
  file: Job,
  contexts: Record<string, unknown>,
  own: { cancel: (reason: string) => void; stopped: AbortController },
): Promise<Lease | "cancelled" | undefined> {
  const { services, run, job } = ask;
  if (!file.concurrency) return undefined;
  const group = interpolate(file.concurrency.group, { contexts });
  const ofRun = run.workflow.file.concurrency;
  if (ofRun && interpolate(ofRun.group, { contexts: runContexts(services, run) }) === group) {
    throw new Error(`deadlock: the run holds the concurrency group \`${group}\` that its job waits for`);
  }
  const rules = {
    cancelInProgress: evaluateScalar(file.concurrency["cancel-in-progress"], { contexts }) === true,
    queue: file.concurrency.queue,
  };
  const holder = {
    cancel: (reason: string) => {
      own.cancel(reason);
      own.stopped.abort(reason);
    },
  };
  const lease = await services.groups(run.repo).enter(group, rules, holder, own.stopped.signal, () => {
    job.info.status = "pending";
  });
  return lease ?? "cancelled";
}

// A job output that holds a secret does not leave the job.
function outputsOf(job: JobState, file: Job, evaluate: (text: string) => string): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, said] of Object.entries(file.outputs ?? {})) {
    const value = evaluate(String(said));
    if (job.log.holdsSecret(value))
      job.log.say(`##[warning]Skip output '${name}' since it may contain secret.`);
    else outputs[name] = value;
  }
  return outputs;
}

function conclude(services: RunServices, job: JobState, result: Result): void {
  job.info.status = "completed";
  job.info.conclusion = result;
  job.info.completedAt = services.world.clock.now();
}

export function fileOf(run: RunState, job: JobState): Job {
  const file = run.workflow.file.jobs[job.key];
  if (!file) throw new Error(`no job \`${job.key}\` in ${run.workflow.path}`);
  return file;
}

function notRunHere(file: Job): string | undefined {
  return (["strategy", "container", "services", "uses"] as const).find((key) => file[key] !== undefined);
}
