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
  /** Kills the App as `kill -9` does, and starts it again. */
  readonly restartApp: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface SandboxOptions {
  readonly limits: NonNullable<StageOptions["limits"]>;
  readonly actions: NonNullable<StageOptions["actions"]>;
  readonly aws: NonNullable<StageOptions["aws"]>;
  readonly accounts?: NonNullable<StageOptions["accounts"]>;
  readonly files?: NonNullable<StageOptions["files"]>;
  readonly folder?: NonNullable<StageOptions["folder"]>;
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
    webhookUrl: `${appUrl}/api/github/webhooks`,
    deliver: (request) => fetch(request),
  });
  const servers: Server[] = [
    (await listen(stage.github.handle, ports.github)).server,
    (await listenAws(stage.aws.handle, ports.aws)).server,
  ];
  const stopping = new AbortController();
  void stage.actions.runSchedules(stopping.signal).catch(() => {});
  const log: string[] = [];
  let app = await startApp(stage, { githubUrl, port: ports.app, log });
  return {
    stage,
    githubUrl,
    awsUrl,
    appUrl,
    appLog: () => log.join(""),
    restartApp: async () => {
      await killed(app, "SIGKILL");
      app = await startApp(stage, { githubUrl, port: ports.app, log });
    },
    stop: async () => {
      stopping.abort(new Error("the sandbox stops"));
      await killed(app, "SIGTERM");
      stage.aws.close();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

async function startApp(
  stage: Stage,
  { githubUrl, port, log }: { readonly githubUrl: string; readonly port: number; readonly log: string[] },
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

async function killed(app: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (app.exitCode !== null || app.signalCode !== null) return;
  const gone = new Promise((resolve) => app.once("exit", resolve));
  app.kill(signal);
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no free port");
  return address.port;
}
