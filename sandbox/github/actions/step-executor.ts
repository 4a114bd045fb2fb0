import type { ActionFiles } from "./action-source.ts";
import type { CommandFiles } from "./command-files.ts";
import type { Workspace } from "./workspace.ts";

// What runs the code of a step: a process (process-runner.ts), or in a test a function in this process.

export interface StepRun {
  exitCode: number;
  /** All it printed, standard output and error as they came. */
  log: string;
  /** What it wrote to GITHUB_OUTPUT and its siblings. */
  files?: Partial<CommandFiles>;
}

export interface Invocation {
  workspace: Workspace;
  /** All of it, but for the variables that name files on disk. Inputs are in it as `INPUT_*`. */
  env: Record<string, string>;
  /** Whatever GITHUB_EVENT_PATH holds. */
  event: Record<string, unknown>;
  /** Aborted when the job is cancelled or out of time: the run must then end soon. */
  signal: AbortSignal;
}

export interface ActionInvocation extends Invocation {
  files: ActionFiles;
  stage: "pre" | "main" | "post";
  /** The script, relative to the action's directory. */
  entry: string;
  using: "node20" | "node24";
  inputs: Record<string, string>;
}

export interface ShellInvocation extends Invocation {
  script: string;
  /** `bash`, `sh`; undefined: bash as the runner starts it by default. */
  shell: string | undefined;
  workingDirectory: string | undefined;
}

export type RunJavaScriptAction = (invocation: ActionInvocation) => Promise<StepRun>;
export type RunShellScript = (invocation: ShellInvocation) => Promise<StepRun>;

export interface StepExecutor {
  javaScript: RunJavaScriptAction;
  shell: RunShellScript;
}
