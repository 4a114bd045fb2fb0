import { type ActionMetadata, findAction, type UsedAction } from "./action-source.ts";
import { checkout, isCheckout } from "./checkout.ts";
import { environmentFrom, parseCommandFile } from "./command-files.ts";
import {
  type ExpressionScope,
  evaluateCondition,
  evaluateScalar,
  interpolate,
  type StatusAnswers,
} from "./expressions.ts";
import { inputVariable, runnerVariables } from "./job-contexts.ts";
import type { JobState, RunServices, RunState } from "./run-state.ts";
import type { StepRun } from "./step-executor.ts";
import type { Step } from "./workflow-file.ts";
import type { Workspace } from "./workspace.ts";

// The steps of one job, in order, then what they left for the end (`post`), last first.

type Outcome = "success" | "failure" | "cancelled" | "skipped";

/** The job around the steps, as far as they may see or change it. */
export interface JobFrame {
  services: RunServices;
  run: RunState;
  job: JobState;
  workspace: Workspace;
  /** All contexts but `env`, `steps`, `job`; `secrets` is taken out where GitHub has none. */
  contexts: Record<string, unknown>;
  /** Of workflow and job, evaluated; `GITHUB_ENV` adds to it. */
  env: Record<string, string>;
  token: string;
  readsContents: boolean;
  oidcVariables: Record<string, string>;
  defaults: { shell: string | undefined; workingDirectory: string | undefined };
  /** Set while a step runs, so that cancelling the job ends it. */
  control: { cancelled: boolean; stopStep: ((reason: string) => void) | undefined };
}

interface Progress {
  frame: JobFrame;
  failed: boolean;
  steps: Record<string, { outputs: Record<string, string>; outcome: Outcome; conclusion: Outcome }>;
  addedPath: string[];
  later: (() => Promise<void>)[];
}

interface Stage {
  name: string;
  condition: string | boolean | number | undefined;
  /** Where its outcome and outputs are kept; undefined for `pre` and `post`. */
  id: string | undefined;
  step: Step;
  run(scope: ExpressionScope, env: Record<string, string>, signal: AbortSignal): Promise<StepRun>;
  state: Record<string, string>;
}

/** Runs all steps; whether none failed. The scope afterwards is what the job's outputs are evaluated in. */
export async function runSteps(
  frame: JobFrame,
  steps: readonly Step[],
): Promise<{ ok: boolean; scope: ExpressionScope }> {
  const progress: Progress = { frame, failed: false, steps: {}, addedPath: [], later: [] };
  const actions = downloadActions(frame, steps);
  for (const [index, action] of actions) await runPre(progress, steps[index], action);
  for (const [index, step] of steps.entries()) {
    const id = step.id ?? `__${index}`;
    if (step.run !== undefined) await runStage(progress, shellStage(progress, step, id));
    else if (isCheckout(step.uses ?? "")) await runStage(progress, checkoutStage(progress, step, id));
    else await runAction(progress, step, id, actions.get(index));
  }
  for (const post of progress.later.reverse()) await post();
  return { ok: !progress.failed, scope: { contexts: contextsOf(progress, {}) } };
}

// The runner fetches all actions of other repositories before the first step; local ones appear with checkout.
function downloadActions(frame: JobFrame, steps: readonly Step[]): Map<number, UsedAction> {
  const actions = new Map<number, UsedAction>();
  for (const [index, { uses }] of steps.entries()) {
    if (uses === undefined || uses.startsWith("./") || isCheckout(uses)) continue;
    frame.job.log.say(`Download action repository '${uses}'`);
    actions.set(index, findAction(frame.services.world, frame.run.repo, uses, frame.workspace));
  }
  return actions;
}

async function runPre(progress: Progress, step: Step | undefined, action: UsedAction): Promise<void> {
  const { pre, preIf } = action.metadata;
  if (!step || pre === undefined) return;
  const stage = actionStage(progress, step, action, "pre", pre, {});
  await runStage(progress, { ...stage, name: `Pre ${nameOf(step)}`, condition: preIf });
}

async function runAction(
  progress: Progress,
  step: Step,
  id: string,
  downloaded: UsedAction | undefined,
): Promise<void> {
  const { services, run, workspace } = progress.frame;
  const state: Record<string, string> = {};
  let action = downloaded;
  const stage: Stage = {
    name: nameOf(step),
    condition: step.if,
    id,
    step,
    state,
    run: async (scope, env, signal) => {
      action ??= findAction(services.world, run.repo, step.uses ?? "", workspace);
      registerPost(progress, step, action, state);
      return actionStage(progress, step, action, "main", action.metadata.main, state).run(scope, env, signal);
    },
  };
  await runStage(progress, stage);
}

function registerPost(
  progress: Progress,
  step: Step,
  action: UsedAction,
  state: Record<string, string>,
): void {
  const { post, postIf } = action.metadata;
  if (post === undefined) return;
  const stage = actionStage(progress, step, action, "post", post, state);
  progress.later.push(() =>
    runStage(progress, { ...stage, name: `Post ${nameOf(step)}`, condition: postIf }),
  );
}

function actionStage(
  progress: Progress,
  step: Step,
  action: UsedAction,
  stage: "pre" | "main" | "post",
  entry: string,
  state: Record<string, string>,
): Stage {
  const { frame } = progress;
  return {
    name: nameOf(step),
    condition: undefined,
    id: undefined,
    step,
    state,
    run: (scope, env, signal) => {
      const inputs = inputsOf(frame, step, scope, action.metadata);
      const variables = Object.entries(inputs).map(([name, value]) => [inputVariable(name), value] as const);
      const saved = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value] as const);
      return frame.services.executor.javaScript({
        files: action.files,
        stage,
        entry,
        using: action.metadata.using,
        inputs,
        env: { ...env, ...actionVariables(action), ...Object.fromEntries([...variables, ...saved]) },
        event: frame.run.event.payload,
        workspace: frame.workspace,
        signal,
      });
    },
  };
}

function actionVariables(action: UsedAction): Record<string, string> {
  if (action.files.kind === "local") return {};
  return { GITHUB_ACTION_REPOSITORY: action.files.repository, GITHUB_ACTION_REF: action.files.ref };
}

function inputsOf(
  frame: JobFrame,
  step: Step,
  scope: ExpressionScope,
  metadata: ActionMetadata,
): Record<string, string> {
  const inputs: Record<string, string> = {};
  for (const [name, { default: preset }] of metadata.inputs) {
    inputs[name.toLowerCase()] = preset === undefined ? "" : interpolate(preset, scope);
  }
  const unexpected = Object.keys(step.with ?? {}).filter((name) => !(name.toLowerCase() in inputs));
  if (unexpected.length > 0) {
    frame.job.log.say(`##[warning]Unexpected input(s) '${unexpected.join("', '")}'`);
  }
  return { ...inputs, ...withOf(step, scope) };
}

function withOf(step: Step, scope: ExpressionScope): Record<string, string> {
  const given = Object.entries(step.with ?? {});
  return Object.fromEntries(
    given.map(([name, value]) => [name.toLowerCase(), interpolate(String(value ?? ""), scope)]),
  );
}

function checkoutStage(progress: Progress, step: Step, id: string): Stage {
  const { frame } = progress;
  const { services, run, workspace, token, readsContents } = frame;
  return {
    name: nameOf(step),
    condition: step.if,
    id,
    step,
    state: {},
    run: async (scope) => {
      const { ref, sha } = run.identity;
      const inputs = withOf(step, scope);
      const said = checkout({
        world: services.world,
        repo: run.repo,
        ref,
        sha,
        token,
        readsContents,
        inputs,
        workspace,
      });
      return { exitCode: 0, log: `${said}\n` };
    },
  };
}

function shellStage(progress: Progress, step: Step, id: string): Stage {
  const { frame } = progress;
  return {
    name: nameOf(step),
    condition: step.if,
    id,
    step,
    state: {},
    run: (scope, env, signal) => {
      const workingDirectory = step["working-directory"] ?? frame.defaults.workingDirectory;
      return frame.services.executor.shell({
        script: interpolate(step.run ?? "", scope),
        shell: step.shell ?? frame.defaults.shell,
        workingDirectory: workingDirectory && interpolate(workingDirectory, scope),
        env,
        event: frame.run.event.payload,
        workspace: frame.workspace,
        signal,
      });
    },
  };
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
    GITHUB_ACTION: stage.id ?? stage.step.id ?? "__run",
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

function nameOf(step: Step): string {
  return step.name ?? `Run ${step.uses ?? (step.run ?? "").split("\n")[0]}`;
}
