// The committed Action as the runner starts it: a process of its own, against the twins on loopback.

import { listen as listenAws } from "../../sandbox/aws/listen.ts";
import { createProcessRunner } from "../../sandbox/github/actions/process-runner.ts";
import { listen } from "../../sandbox/github/listen.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import { type Stage, type StageOptions, setStage } from "../../sandbox/stage.ts";
import { freePort } from "../../sandbox/start.ts";

export interface Loopback {
  readonly stage: Stage;
  readonly githubUrl: string;
  readonly awsUrl: string;
  /** Dispatches the workflow and waits for its end. Throws, with the run's log, when it does not do what it should. */
  readonly run: (command: "inventory" | "grant", request?: number) => Promise<void>;
  readonly stop: () => void;
}

export interface LoopbackOptions {
  /** The `node` of the runner. */
  readonly node: string;
  /** More variables of the runner, such as `NODE_OPTIONS` to see where the time goes. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly stage?: Pick<
    Partial<StageOptions>,
    "files" | "accounts" | "nodes" | "actions" | "webhookUrl" | "deliver"
  >;
  /** Hears of every request to GitHub. */
  readonly heard?: (request: Request) => void;
  /** The same, of those to AWS. */
  readonly heardByAws?: (request: Request) => void;
  /** Stands between GitHub and whoever asks it. */
  readonly between?: (request: Request, answer: () => Promise<Response>) => Promise<Response>;
}

export async function startLoopback(options: LoopbackOptions): Promise<Loopback> {
  const [githubPort, awsPort] = [await freePort(), await freePort()];
  const [githubUrl, awsUrl] = [`http://127.0.0.1:${githubPort}`, `http://127.0.0.1:${awsPort}`];
  const stage = await setStage({
    ...options.stage,
    clock: realClock,
    url: githubUrl,
    executor: createProcessRunner({
      node: { node20: options.node, node24: options.node },
      path: process.env["PATH"] ?? "",
    }),
    runnerEnvironment: { AWS_ENDPOINT_URL: awsUrl, ...options.environment },
  });
  const { between = (_, answer) => answer() } = options;
  const github = (request: Request): Promise<Response> => {
    options.heard?.(request);
    return between(request, () => stage.github.handle(request));
  };
  const aws = (request: Request): Promise<Response> => {
    options.heardByAws?.(request);
    return stage.aws.handle(request);
  };
  const servers = [(await listen(github, githubPort)).server, (await listenAws(aws, awsPort)).server];
  return {
    stage,
    githubUrl,
    awsUrl,
    run: (command, request) => run(stage, command, request),
    stop: () => {
      stage.aws.close();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

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
  // what the run writes starts others
  const dispatched = data.workflow_runs.find(({ event }) => event === "workflow_dispatch");
  const jobs = stage.actions.jobs(dispatched?.id ?? 0);
  if (dispatched?.conclusion !== "success")
    throw new Error(`\`${command}\` failed:\n${jobs.map((job) => job.log.text()).join("\n")}`);
}
