import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ActionFiles } from "./action-source.ts";
import type { CommandFiles } from "./command-files.ts";
import type { Invocation, StepExecutor, StepRun } from "./step-executor.ts";
import { type JobDirectories, writeBelow } from "./workspace.ts";

// Runs steps as real processes, as the runner does: its own directories, its own environment, nothing of the host's.

export interface ProcessRunnerOptions {
  /** The `node` for each `runs.using`. */
  node: { node20: string; node24: string };
  /** PATH of every process: all it inherits from this machine. */
  path: string;
  /** From the polite signal to the hard one when a step is cancelled. */
  killAfterMs?: number;
}

const FILES = {
  output: "GITHUB_OUTPUT",
  env: "GITHUB_ENV",
  path: "GITHUB_PATH",
  state: "GITHUB_STATE",
  summary: "GITHUB_STEP_SUMMARY",
} as const satisfies Record<keyof CommandFiles, string>;

export function createProcessRunner(options: ProcessRunnerOptions): StepExecutor {
  return {
    async javaScript(invocation) {
      const directories = invocation.workspace.onDisk();
      const directory = actionDirectory(invocation.files, directories);
      return runStep(options, invocation, directories, {
        command: options.node[invocation.using],
        args: () => [join(directory, invocation.entry)],
        cwd: directories.workspace,
      });
    },
    async shell(invocation) {
      const directories = invocation.workspace.onDisk();
      const flags = shellFlags(invocation.shell);
      return runStep(options, invocation, directories, {
        command: invocation.shell === "sh" ? "sh" : "bash",
        args: (stepDirectory) => {
          const script = join(stepDirectory, "script.sh");
          writeFileSync(script, invocation.script);
          return [...flags, script];
        },
        cwd: join(directories.workspace, invocation.workingDirectory ?? "."),
      });
    },
  };
}

function shellFlags(shell: string | undefined): string[] {
  switch (shell) {
    case undefined:
    case "sh":
      return ["-e"];
    case "bash":
      return ["--noprofile", "--norc", "-eo", "pipefail"];
    default:
      throw new Error(`\`shell: ${shell}\` is not run here, only bash and sh`);
  }
}

function actionDirectory(files: ActionFiles, directories: JobDirectories): string {
  if (files.kind === "local") return join(directories.workspace, files.directory);
  const copy = join(directories.actions, ...files.repository.split("/"), files.ref.replaceAll("/", "-"));
  for (const [path, bytes] of files.files) writeBelow(copy, path, bytes);
  return join(copy, files.directory);
}

interface Program {
  command: string;
  args(stepDirectory: string): string[];
  cwd: string;
}

async function runStep(
  options: ProcessRunnerOptions,
  invocation: Invocation,
  directories: JobDirectories,
  program: Program,
): Promise<StepRun> {
  const stepDirectory = mkdtempSync(join(directories.temp, "step-"));
  const eventPath = join(stepDirectory, "event.json");
  writeFileSync(eventPath, JSON.stringify(invocation.event));
  const env: Record<string, string> = {
    ...invocation.env,
    PATH: [invocation.env["PATH"], options.path].filter(Boolean).join(":"),
    GITHUB_WORKSPACE: directories.workspace,
    RUNNER_TEMP: directories.temp,
    GITHUB_EVENT_PATH: eventPath,
  };
  for (const [file, variable] of Object.entries(FILES)) {
    env[variable] = join(stepDirectory, file);
    writeFileSync(join(stepDirectory, file), "");
  }
  const ended = await runProcess(options, program, program.args(stepDirectory), env, invocation.signal);
  const read = (file: keyof CommandFiles) => readFileSync(join(stepDirectory, file), "utf8");
  const files: CommandFiles = {
    output: read("output"),
    env: read("env"),
    path: read("path"),
    state: read("state"),
    summary: read("summary"),
  };
  rmSync(stepDirectory, { recursive: true, force: true });
  return { ...ended, files };
}

function runProcess(
  options: ProcessRunnerOptions,
  program: Program,
  args: string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<{ exitCode: number; log: string }> {
  return new Promise((resolve) => {
    // A process group of its own, so that what a script started is ended with it.
    const child = spawn(program.command, args, { cwd: program.cwd, env, detached: true, stdio: "pipe" });
    const printed: Buffer[] = [];
    const end = (kill: NodeJS.Signals) => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, kill);
      } catch {
        // The group is gone already.
      }
    };
    let hard: NodeJS.Timeout | undefined;
    const cancel = () => {
      end("SIGINT");
      // Wall-clock time: it is a real process that is slow to end.
      hard = setTimeout(() => end("SIGKILL"), options.killAfterMs ?? 7_500);
    };
    const finish = (exitCode: number) => {
      clearTimeout(hard);
      signal.removeEventListener("abort", cancel);
      resolve({ exitCode, log: Buffer.concat(printed).toString("utf8") });
    };
    child.stdin.end();
    child.stdout.on("data", (chunk: Buffer) => printed.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => printed.push(chunk));
    child.on("error", (error) => {
      printed.push(Buffer.from(`${error.message}\n`));
      finish(127);
    });
    child.on("close", (code) => finish(code ?? 130));
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  });
}
