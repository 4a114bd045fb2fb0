import { findAction, type UsedAction } from "./action-source.ts";
import { isCheckout } from "./checkout.ts";
import { environmentFrom, parseCommandFile } from "./command-files.ts";
import {
  type ExpressionScope,
  evaluateCondition,
  evaluateScalar,
  interpolate,
  type StatusAnswers,
} from "./expressions.ts";
import { runnerVariables } from "./job-contexts.ts";
import type { StepRun } from "./step-executor.ts";
import { actionStage, checkoutStage, type JobFrame, type Stage, shellStage, stageOf } from "./step-stages.ts";
import type { Step } from "./workflow-file.ts";

// The steps of one job, in order, then what they left for the end (`post`), last first.

type Outcome = "success" | "failure" | "cancelled" | "skipped";

interface Progress {
  frame: JobFrame;
  failed: boolean;
  steps: Record<string, { outputs: Record<string, string>; outcome: Outcome; conclusion: Outcome }>;
  addedPath: string[];
  /** The `post` stages of the actions that ran. */
  later: Stage[];
}

/** Runs all steps; whether none failed. The scope afterwards is what the job's outputs are evaluated in. */
export async function runSteps(
  frame: JobFrame,
  steps: readonly Step[],
): Promise<{ ok: boolean; scope: ExpressionScope }> {
  const progress: Progress = { frame, failed: false, steps: {}, addedPath: [], later: [] };
  const downloaded = downloadActions(frame, steps);
  for (const one of downloaded.values()) await runPre(progress, one);
  for (const step of steps) {
    if (step.run !== undefined) await runStage(progress, shellStage(frame, step));
    else if (isCheckout(step.uses ?? "")) await runStage(progress, checkoutStage(frame, step));
    else await runStage(progress, mainStage(progress, step, downloaded.get(step)));
  }
  for (const post of progress.later.reverse()) await runStage(progress, post);
  return { ok: !progress.failed, scope: { contexts: contextsOf(progress, {}) } };
}

interface Downloaded {
  step: Step;
  action: UsedAction;
  /** Of `pre`, for the stages after it. */
  state: Record<string, string>;
}

// The runner fetches all actions of other repositories before the first step; local ones appear with checkout.
function downloadActions(frame: JobFrame, steps: readonly Step[]): Map<Step, Downloaded> {
  const downloaded = new Map<Step, Downloaded>();
  for (const step of steps) {
    const { uses } = step;
    if (uses === undefined || uses.startsWith("./") || isCheckout(uses)) continue;
    frame.job.log.say(`Download action repository '${uses}'`);
    const action = findAction(frame.services.world, frame.run.repo, uses, frame.workspace);
    downloaded.set(step, { step, action, state: {} });
  }
  return downloaded;
}

async function runPre(progress: Progress, { step, action, state }: Downloaded): Promise<void> {
  const { pre, preIf } = action.metadata;
  if (pre === undefined) return;
  const stage = actionStage(progress.frame, step, action, { stage: "pre", entry: pre }, state);
  await runStage(progress, { ...stage, name: `Pre ${stage.name}`, id: undefined, condition: preIf });
}

// A local action is looked for only now: an earlier step has brought it.
function mainStage(progress: Progress, step: Step, downloaded: Downloaded | undefined): Stage {
  const { services, run, workspace } = progress.frame;
  const state = downloaded?.state ?? {};
  return {
    ...stageOf(step),
    state,
    run: async (scope, env, signal) => {
      const action = downloaded?.action ?? findAction(services.world, run.repo, step.uses ?? "", workspace);
      keepPost(progress, { step, action, state });
      const script = { stage: "main", entry: action.metadata.main } as const;
      return actionStage(progress.frame, step, action, script, state).run(scope, env, signal);
    },
  };
}

function keepPost(progress: Progress, { step, action, state }: Downloaded): void {
  const { post, postIf } = action.metadata;
  if (post === undefined) return;
  const stage = actionStage(progress.frame, step, action, { stage: "post", entry: post }, state);
  progress.later.push({ ...stage, name: `Post ${stage.name}`, id: undefined, condition: postIf });
}

/** Condition, run, log, outputs and conclusion of one stage. */
async function runStage(progress: Progress, stage: Stage): Promise<void> {
  const { frame } = progress;
  const { log, info } = frame.job;
  const now = frame.services.world.clock.now;
  const shown: (typeof info.steps)[number] = {
    name: stage.name,
    number: info.steps.length + 1,
    status: "in_progress",
    conclusion: null,
    startedAt: now(),
    completedAt: null,
  };
  info.steps.push(shown);
  const outputs: Record<string, string> = {};
  const outcome = await attempt(progress, stage, outputs);
  const forgiven = outcome === "failure" && continuesOnError(progress, stage);
  const conclusion = forgiven ? "success" : outcome;
  if (conclusion === "failure") progress.failed = true;
  if (forgiven) log.say("the step failed, and the job goes on");
  if (stage.id !== undefined) progress.steps[stage.id] = { outputs, outcome, conclusion };
  Object.assign(shown, { status: "completed", conclusion, completedAt: now() });
}

async function attempt(progress: Progress, stage: Stage, outputs: Record<string, string>): Promise<Outcome> {
  const { frame } = progress;
  const { log } = frame.job;
  try {
    const { secrets: _, ...contexts } = contextsOf(progress, {});
    if (!evaluateCondition(stage.condition, { contexts, status: statusOf(progress) })) return "skipped";
    const own = stepEnvironment(progress, stage.step);
    const scope: ExpressionScope = { contexts: contextsOf(progress, own) };
    log.say(`##[group]${stage.name}`);
    log.say("##[endgroup]");
    const { run, cancelled } = await timed(progress, stage, scope, processEnvironment(progress, own, stage));
    takeResults(progress, stage, run, outputs);
    if (cancelled) return "cancelled";
    if (run.exitCode === 0) return "success";
    log.say(`##[error]Process completed with exit code ${run.exitCode}.`);
  } catch (error) {
    log.say(`##[error]${error instanceof Error ? error.message : String(error)}`);
  }
  return "failure";
}

async function timed(
  progress: Progress,
  stage: Stage,
  scope: ExpressionScope,
  env: Record<string, string>,
): Promise<{ run: StepRun; cancelled: boolean }> {
  const { control, services, job } = progress.frame;
  const wasCancelled = control.cancelled;
  const stop = new AbortController();
  const timer = new AbortController();
  control.stopStep = (reason) => stop.abort(reason);
  const minutes = Number(evaluateScalar(stage.step["timeout-minutes"] ?? 0, scope));
  if (minutes > 0) {
    services.world.clock.sleep(minutes * 60_000, timer.signal).then(
      () => {
        job.log.say(`##[error]The step has timed out after ${minutes} minutes.`);
        stop.abort("timeout");
      },
      () => {},
    );
  }
  try {
    const run = await stage.run(scope, env, stop.signal);
    const timedOut = stop.signal.reason === "timeout";
    const ended = timedOut ? { ...run, exitCode: run.exitCode || 1 } : run;
    return { run: ended, cancelled: control.cancelled && !wasCancelled };
  } finally {
    control.stopStep = undefined;
    timer.abort();
  }
}

function takeResults(progress: Progress, stage: Stage, run: StepRun, outputs: Record<string, string>): void {
  const { log } = progress.frame.job;
  const commands = log.take(run.log);
  Object.assign(outputs, commands.outputs, parseCommandFile(run.files?.output ?? ""));
  Object.assign(stage.state, commands.state, parseCommandFile(run.files?.state ?? ""));
  const added = environmentFrom(run.files?.env ?? "");
  Object.assign(progress.frame.env, added.set);
  for (const name of added.refused)
    log.say(`##[error]Can't store ${name} output parameter using '$GITHUB_ENV' command.`);
  progress.addedPath.unshift(...(run.files?.path ?? "").split("\n").filter(Boolean).reverse());
  progress.frame.job.summary += log.mask(run.files?.summary ?? "");
}

function stepEnvironment(progress: Progress, step: Step): Record<string, string> {
  const scope = { contexts: contextsOf(progress, {}) };
  const own = Object.entries(step.env ?? {});
  return Object.fromEntries(own.map(([name, value]) => [name, interpolate(String(value ?? ""), scope)]));
}

function processEnvironment(
  progress: Progress,
  own: Record<string, string>,
  stage: Stage,
): Record<string, string> {
  const { frame, addedPath } = progress;
  const github = frame.contexts["github"] as Record<string, unknown>;
  return {
    ...frame.services.runnerEnvironment,
    ...frame.env,
    ...own,
    ...(addedPath.length > 0 ? { PATH: addedPath.join(":") } : {}),
    ...runnerVariables(github, frame.run.debug),
    GITHUB_ACTION: stage.step.id ?? "__run",
    ...frame.oidcVariables,
  };
}

function contextsOf(progress: Progress, own: Record<string, string>): Record<string, unknown> {
  const { frame, steps, failed } = progress;
  const status = frame.control.cancelled ? "cancelled" : failed ? "failure" : "success";
  return {
    ...frame.contexts,
    env: { ...frame.env, ...own },
    steps,
    job: { status, check_run_id: frame.job.info.id },
  };
}

function statusOf(progress: Progress): StatusAnswers {
  const cancelled = progress.frame.control.cancelled;
  return { success: !progress.failed && !cancelled, failure: progress.failed && !cancelled, cancelled };
}

function continuesOnError(progress: Progress, stage: Stage): boolean {
  const said = stage.step["continue-on-error"];
  return said !== undefined && evaluateScalar(said, { contexts: contextsOf(progress, {}) }) === true;
}
