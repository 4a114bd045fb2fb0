// Everything running: both twins on loopback ports, the App as a process of its own, workflows as processes of their own.

import { type ChildProcess, spawn } from "node:child_process";
import type { Server } from "node:http";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { listen as listenAws } from "./aws/listen.ts";
import { createProcessRunner } from "./github/actions/process-runner.ts";
import { listen } from "./github/listen.ts";
import { realClock } from "./real-clock.ts";
import { type Stage, type StageOptions, setStage } from "./stage.ts";

export interface Sandbox {
  readonly stage: Stage;
  readonly githubUrl: string;
  readonly awsUrl: string;
  readonly appUrl: string;
  /** Everything that any process has printed so far: the App's log. */
  readonly appLog: () => string;
  /** The App's process: it can be told to stop, and started again. */
  readonly app: { readonly stop: () => Promise<void>; readonly start: () => Promise<void> };
  /** GitHub's cron, which promises no time: without it only what somebody does starts a workflow. */
  readonly cron: { readonly stop: () => void; readonly start: () => void };
  readonly stop: () => Promise<void>;
}

export interface SandboxOptions {
  readonly limits: NonNullable<StageOptions["limits"]>;
  readonly actions: NonNullable<StageOptions["actions"]>;
  readonly aws: NonNullable<StageOptions["aws"]>;
  readonly accounts?: NonNullable<StageOptions["accounts"]>;
  readonly files?: NonNullable<StageOptions["files"]>;
  readonly folder?: NonNullable<StageOptions["folder"]>;
  readonly modes?: NonNullable<StageOptions["modes"]>;
  readonly forwards?: NonNullable<StageOptions["forwards"]>;
  /** Seconds between two looks of the App for webhooks that were lost; see the README's table. */
  readonly redeliverEvery?: number;
  readonly ports?: { readonly github: number; readonly aws: number; readonly app: number };
}

const root = fileURLToPath(new URL("..", import.meta.url));

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const ports = options.ports ?? { github: await freePort(), aws: await freePort(), app: await freePort() };
  const githubUrl = `http://127.0.0.1:${ports.github}`;
  const appUrl = `http://127.0.0.1:${ports.app}`;
  const awsUrl = `http://127.0.0.1:${ports.aws}`;
  const stage = await setStage({
    clock: realClock,
    url: githubUrl,
    executor: createProcessRunner({
      node: { node20: process.execPath, node24: process.execPath },
      path: process.env["PATH"] ?? "",
    }),
    runnerEnvironment: { AWS_ENDPOINT_URL: awsUrl },
    actions: options.actions,
    aws: options.aws,
    limits: options.limits,
    ...(options.accounts === undefined ? {} : { accounts: options.accounts }),
    ...(options.files === undefined ? {} : { files: options.files }),
    ...(options.folder === undefined ? {} : { folder: options.folder }),
    ...(options.modes === undefined ? {} : { modes: options.modes }),
    ...(options.forwards === undefined ? {} : { forwards: options.forwards }),
    webhookUrl: `${appUrl}/api/github/webhooks`,
    deliver: (request) => fetch(request),
  });
  const servers: Server[] = [
    (await listen(stage.github.handle, ports.github)).server,
    (await listenAws(stage.aws.handle, ports.aws)).server,
  ];
  const cron = cronOf(stage);
  cron.start();
  const log: string[] = [];
  const { redeliverEvery } = options;
  const start = (): Promise<ChildProcess> =>
    startApp(stage, { githubUrl, port: ports.app, log, redeliverEvery });
  let app = await start();
  return {
    stage,
    githubUrl,
    awsUrl,
    appUrl,
    appLog: () => log.join(""),
    app: {
      stop: () => stopped(app),
      start: async () => {
        app = await start();
      },
    },
    cron,
    stop: async () => {
      cron.stop();
      await stopped(app);
      stage.aws.close();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function cronOf({ actions }: Stage): Sandbox["cron"] {
  let running = new AbortController();
  return {
    start: () => {
      running = new AbortController();
      void actions.runSchedules(running.signal).catch(() => {});
    },
    stop: () => running.abort(new Error("the cron stops")),
  };
}

interface AppPlace {
  readonly githubUrl: string;
  readonly port: number;
  readonly log: string[];
  readonly redeliverEvery: number | undefined;
}

export async function startApp(
  stage: Stage,
  { githubUrl, port, log, redeliverEvery }: AppPlace,
): Promise<ChildProcess> {
  const app = spawn(process.execPath, ["--import", "tsx", "app/main.ts"], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      APP_ID: String(stage.app.id),
      PRIVATE_KEY: stage.app.privateKey,
      WEBHOOK_SECRET: stage.app.webhookSecret,
      GITHUB_API_URL: githubUrl,
      HOST: "127.0.0.1",
      PORT: String(port),
      ...(redeliverEvery === undefined ? {} : { HALLPASS_REDELIVER_EVERY: String(redeliverEvery) }),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const listening = new Promise<void>((resolve, reject) => {
    const collect = (chunk: Buffer): void => {
      log.push(chunk.toString("utf8"));
      if (chunk.includes('"message":"listening"')) resolve();
    };
    app.stdout.on("data", collect);
    app.stderr.on("data", collect);
    app.once("exit", (code) => reject(new Error(`the App stopped with ${code}:\n${log.join("")}`)));
  });
  await listening;
  return app;
}

/** Starts the workflow's look at the nodes, as an admin does who does not wait for the cron. */
export async function writeInventory({ stage }: Pick<Sandbox, "stage">): Promise<void> {
  const repo = { owner: stage.repository.owner, repo: stage.repository.name };
  const { rest } = stage.as("pat");
  const { data } = await rest.repos.get(repo);
  await rest.actions.createWorkflowDispatch({
    ...repo,
    workflow_id: "access.yml",
    ref: data.default_branch,
    inputs: { command: "inventory" },
  });
}

async function stopped(app: ChildProcess): Promise<void> {
  if (app.exitCode !== null || app.signalCode !== null) return;
  const gone = new Promise((resolve) => app.once("exit", resolve));
  app.kill("SIGTERM");
  await gone;
}

/** This one, or any where another process has it. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(wanted, "127.0.0.1", () => resolve(true));
  });
  if (!isFree && wanted !== 0) return freePort();
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no free port");
  return address.port;
}
