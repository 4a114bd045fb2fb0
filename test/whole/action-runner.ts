// Our Action in place of the bundle's process: the twin's Actions give it the environment that a runner would, and it runs from its own entry on.

import { InputError, readInputs } from "../../action/inputs.ts";
import { runAction } from "../../action/run.ts";
import type { ActionInvocation, StepExecutor, StepRun } from "../../sandbox/github/actions/step-executor.ts";
import { createMortal, type Mortal } from "./mortal.ts";
import { sharedEngine } from "./shared-engine.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface ActionRun {
  readonly command: string;
  readonly request: string;
  readonly run: number;
  readonly effects: readonly string[];
  readonly log: readonly string[];
  /** What it left in `state`, once it is over by itself. */
  state?: string;
  problems: readonly string[];
}

export interface RunnerOptions {
  readonly time: VirtualTime;
  readonly github: () => typeof fetch;
  readonly aws: () => (request: Request) => Promise<Response>;
  readonly latency?: (() => number) | undefined;
  /** At which of its effects a run dies; undefined: it lives. */
  readonly diesAt: (run: ActionRun) => number | undefined;
}

export interface Runner {
  readonly executor: StepExecutor;
  /** Every run of our Action, in order. */
  readonly runs: readonly ActionRun[];
}

export function createRunner(options: RunnerOptions): Runner {
  const runs: ActionRun[] = [];
  return {
    runs,
    executor: {
      javaScript: (invocation) => runOurs(options, runs, invocation),
      shell: () => Promise.resolve({ exitCode: 0, log: "" }),
    },
  };
}

function runOurs(
  options: RunnerOptions,
  runs: ActionRun[],
  { env, signal }: ActionInvocation,
): Promise<StepRun> {
  const { time } = options;
  const actor = time.actor(`${env["INPUT_COMMAND"]} ${env["INPUT_REQUEST"]}`);
  return new Promise((resolve) => {
    const log: string[] = [];
    const over = (exitCode: number): void => {
      actor.kill();
      resolve({ exitCode, log: log.map((line) => `${line}\n`).join("") });
    };
    const effects: string[] = [];
    const run: ActionRun = {
      command: env["INPUT_COMMAND"] ?? "",
      request: env["INPUT_REQUEST"] ?? "",
      run: Number(env["GITHUB_RUN_ID"]),
      effects,
      log,
      problems: [],
    };
    const mortal = createMortal({
      actor,
      github: options.github(),
      aws: options.aws(),
      diesAt: options.diesAt(run),
      onDeath: () => over(137),
      latency: options.latency,
    });
    const recorded: ActionRun = Object.assign(run, { effects: mortal.effects });
    runs.push(recorded);
    signal.addEventListener("abort", () => over(143), { once: true });
    const work = act(mortal, env, log, recorded);
    actor.track(work);
    void work.then(() => over(recorded.problems.length > 0 ? 1 : 0));
  });
}

/** What `action/main.ts` does, without a process. */
async function act(
  { actor, fetch, awsHandler }: Mortal,
  env: Readonly<Record<string, string>>,
  log: string[],
  run: ActionRun,
): Promise<void> {
  try {
    const done = await runAction(readInputs(env), {
      clock: actor.clock,
      fetch,
      awsHandler: awsHandler as never,
      engine: sharedEngine,
      proposedCommit: async () => undefined,
      oidcToken: (audience) => oidcToken(fetch, env, audience),
      say: (line) => log.push(line),
    });
    run.state = done.state;
    run.problems = done.problems.map(({ message }) => message);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    run.problems = [error instanceof InputError ? `input: ${message}` : message];
  }
  for (const problem of run.problems) log.push(`::error::${problem}`);
}

/** As `@actions/core` asks for it. */
async function oidcToken(
  get: typeof fetch,
  env: Readonly<Record<string, string>>,
  audience: string,
): Promise<string> {
  const url = `${env["ACTIONS_ID_TOKEN_REQUEST_URL"]}&audience=${encodeURIComponent(audience)}`;
  const response = await get(url, {
    headers: { authorization: `Bearer ${env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]}` },
  });
  const { value } = (await response.json()) as { readonly value: string };
  return value;
}
