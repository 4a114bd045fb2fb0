import type { ActionMetadata, UsedAction } from "./action-source.ts";
import { checkout } from "./checkout.ts";
import { type ExpressionScope, interpolate } from "./expressions.ts";
import { inputVariable } from "./job-contexts.ts";
import type { JobState, RunServices, RunState } from "./run-state.ts";
import type { StepRun } from "./step-executor.ts";
import type { Step } from "./workflow-file.ts";
import type { Workspace } from "./workspace.ts";

// The kinds of step, each as a stage: a script, a checkout, and the up to three stages of a JavaScript action.

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

export interface Stage {
  name: string;
  condition: string | boolean | number | undefined;
  /** Where its outcome and outputs are kept; undefined for `pre` and `post`. */
  id: string | undefined;
  step: Step;
  run(scope: ExpressionScope, env: Record<string, string>, signal: AbortSignal): Promise<StepRun>;
  state: Record<string, string>;
}

export function shellStage(frame: JobFrame, step: Step): Stage {
  return {
    ...stageOf(step),
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

export function checkoutStage(frame: JobFrame, step: Step): Stage {
  const { services, run, workspace, token, readsContents } = frame;
  return {
    ...stageOf(step),
    run: async (scope) => {
      const said = checkout({
        world: services.world,
        repo: run.repo,
        sha: run.identity.sha,
        token,
        readsContents,
        inputs: withOf(step, scope),
        workspace,
      });
      return { exitCode: 0, log: `${said}\n` };
    },
  };
}

/** `state` is shared by the stages of one step. */
export function actionStage(
  frame: JobFrame,
  step: Step,
  action: UsedAction,
  script: { stage: "pre" | "main" | "post"; entry: string },
  state: Record<string, string>,
): Stage {
  return {
    ...stageOf(step),
    state,
    run: (scope, env, signal) => {
      const inputs = inputsOf(frame, step, scope, action.metadata);
      const variables = Object.entries(inputs).map(([name, value]) => [inputVariable(name), value] as const);
      const saved = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value] as const);
      return frame.services.executor.javaScript({
        ...script,
        files: action.files,
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

/** What all stages of a step have in common. */
export function stageOf(step: Step): Omit<Stage, "run"> {
  return { name: nameOf(step), condition: step.if, id: step.id, step, state: {} };
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

export function nameOf(step: Step): string {
  return step.name ?? `Run ${step.uses ?? (step.run ?? "").split("\n")[0]}`;
}
