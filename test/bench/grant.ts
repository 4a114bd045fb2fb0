// Whole-process CPU of the Action's `grant`: the committed `action/dist`, started as the runner starts it, granting real requests against the twins
// on loopback, in turns with `node -e 0`, so that a busy machine slows both.

import { generateIdentity, identityToRecipient } from "age-encryption";
import { listen as listenAws } from "../../sandbox/aws/listen.ts";
import { createProcessRunner } from "../../sandbox/github/actions/process-runner.ts";
import { listen } from "../../sandbox/github/listen.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import { type Stage, setStage } from "../../sandbox/stage.ts";
import { freePort } from "./free-port.ts";
import { median } from "./median.ts";
import { emptyRun, type TimedProgram, timed } from "./process-cpu.ts";

export interface GrantCost {
  readonly node: string;
  readonly runs: number;
  /** Medians, in milliseconds of user and system CPU. */
  readonly grant: number;
  readonly empty: number;
  readonly ratio: number;
}

export interface GrantBench {
  /** The `node` to measure, and its version. */
  readonly node: { readonly path: string; readonly version: string };
  readonly runs: number;
  /** Takes the place of the committed files of the Action, by path. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** More variables of the runner, such as `NODE_OPTIONS` to see where the time goes. */
  readonly environment?: Readonly<Record<string, string>>;
}

export async function benchGrant({
  node,
  runs,
  files = {},
  environment = {},
}: GrantBench): Promise<GrantCost> {
  const program = timed(node.path);
  const loopback = await startTwins(program, { files, environment });
  try {
    await run(loopback.stage, "inventory");
    const [grants, empties]: [number[], number[]] = [[], []];
    // the first round warms up the twins and the machine's file cache
    for (let round = 0; round <= runs; round++) {
      const number = await ask(loopback.stage);
      program.take();
      await run(loopback.stage, "grant", number);
      const [grant = Number.NaN] = program.take();
      const empty = await emptyRun(program);
      if (round === 0) continue;
      grants.push(grant);
      empties.push(empty);
    }
    const [grant, empty] = [median(grants), median(empties)];
    return { node: node.version, runs, grant, empty, ratio: grant / empty };
  } finally {
    loopback.stop();
    program.remove();
  }
}

async function startTwins(
  program: TimedProgram,
  { files, environment }: Required<Pick<GrantBench, "files" | "environment">>,
) {
  const [githubPort, awsPort] = [await freePort(), await freePort()];
  const stage = await setStage({
    clock: realClock,
    url: `http://127.0.0.1:${githubPort}`,
    executor: createProcessRunner({
      node: { node20: program.path, node24: program.path },
      path: process.env["PATH"] ?? "",
    }),
    runnerEnvironment: { AWS_ENDPOINT_URL: `http://127.0.0.1:${awsPort}`, ...environment },
    files,
  });
  const servers = [
    (await listen(stage.github.handle, githubPort)).server,
    (await listenAws(stage.aws.handle, awsPort)).server,
  ];
  return {
    stage,
    stop: () => {
      stage.aws.close();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

/** An automatic request with a key, as it waits for its grant. */
async function ask(stage: Stage): Promise<number> {
  const number = stage.github.submitForm("alice", stage.repository.fullName, "access-request.yml", {
    nodes: "r2d2-dev-01",
    access: "shell",
    for: "1h",
    reason: "INC-1234 checkout is down",
  });
  const recipient = await identityToRecipient(await generateIdentity());
  await stage.as("alice").rest.issues.createComment({
    owner: stage.repository.owner,
    repo: stage.repository.name,
    issue_number: number,
    body: `/token ${recipient}`,
  });
  return number;
}

/** Dispatches the workflow and waits for its end. Throws, with the run's log, when it does not do what it should. */
async function run(stage: Stage, command: "inventory" | "grant", request?: number): Promise<void> {
  const { owner, name } = stage.repository;
  await stage.as("olivia").rest.actions.createWorkflowDispatch({
    owner,
    repo: name,
    workflow_id: "access.yml",
    ref: "main",
    inputs: { command, ...(request === undefined ? {} : { request: String(request) }) },
  });
  await stage.actions.idle();
  const { data } = await stage.as("olivia").rest.actions.listWorkflowRunsForRepo({ owner, repo: name });
  const jobs = stage.actions.jobs(data.workflow_runs[0]?.id ?? 0);
  if (data.workflow_runs[0]?.conclusion !== "success")
    throw new Error(`\`${command}\` failed:\n${jobs.map((job) => job.log.text()).join("\n")}`);
}
