// From Enter to session: the installed `hallpass connect` for a node that a policy approves, against the twins on loopback, the App and the workflow as processes of their
// own. Each time another node, so that nothing of the run before is used.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { account, region } from "../../sandbox/stage.ts";
import { freePort, startApp } from "../../sandbox/start.ts";
import { type Installed, install } from "./installed.ts";
import { type Loopback, startLoopback } from "./loopback.ts";
import { median, percentile } from "./median.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** In milliseconds, one of GitHub's answers: about what a request over the Internet takes. */
const late = 100;

/** Where the time goes, in order. Each begins where the one before ended. */
const parts = {
  "start, until it asks GitHub": "first",
  "reading the ground, until the issue is posted": "asked",
  "until the key is posted": "key",
  "until the App has decided and starts the workflow": "dispatched",
  "until the workflow has posted the credentials": "sealed",
  "until it has noticed": "noticed",
  "opening and checking them, until StartSession": "session",
  "until the plugin's first line": "shell",
} as const;
type Moment = (typeof parts)[keyof typeof parts];

export interface ConnectCost {
  readonly part: string;
  readonly runs: number;
  /** In milliseconds. */
  readonly p50: number;
  readonly p95: number;
}

export async function benchConnect({ runs }: { readonly runs: number }): Promise<readonly ConnectCost[]> {
  const program = await install();
  mkdirSync(program.home);
  writeFileSync(join(program.home, "session-manager-plugin"), plugin, { mode: 0o755 });
  const watch = createWatch();
  const appPort = await freePort();
  const loopback = await startLoopback({
    node: process.execPath,
    between: watch.github,
    heardByAws: watch.aws,
    stage: {
      // GitHub's own time to find a machine is left out
      actions: { dispatchDelayMs: 50, runnerStartDelayMs: 50 },
      webhookUrl: `http://127.0.0.1:${appPort}/api/github/webhooks`,
      deliver: (request) => fetch(request),
      nodes: Array.from({ length: runs + 1 }, (_, i) => ({
        ...{ account, region, name: nodeName(i) },
        tags: { Environment: "Development", Workload: "Application01" },
      })),
    },
  });
  const app = await startApp(loopback.stage, {
    githubUrl: loopback.githubUrl,
    port: appPort,
    log: [],
    redeliverEvery: undefined,
  });
  const token = loopback.stage.github.personalToken("alice");
  try {
    await loopback.run("inventory");
    const taken: Seen[] = [];
    // the first makes the key, and warms up
    for (let i = 0; i <= runs; i++) {
      const seen = watch.begin(token);
      await connect({ loopback, program, token, node: nodeName(i), shell: () => watch.mark("shell") });
      await loopback.stage.actions.idle();
      if (i > 0) taken.push(seen);
    }
    return summary(taken);
  } finally {
    app.kill("SIGKILL");
    loopback.stop();
    program.remove();
  }
}

/** The sandbox's stand-in is TypeScript, which starts in half a second. AWS's own is a binary, and has said its version in a few milliseconds. */
const plugin = `#!/bin/sh
if [ "$1" = --version ]; then echo 1.2.804.0; else exec "${join(root, "sandbox/aws/bin/session-manager-plugin")}" "$@"; fi
`;

const nodeName = (i: number): string => `dev-${i}`;

/** When each moment came, and what the terminal has asked until its session. */
interface Seen {
  readonly began: number;
  readonly moments: Partial<Record<Moment, number>>;
  requests: number;
  /** Those that GitHub's limit counts: not what was answered with 304. */
  counted: number;
}

const unseen = (): Seen => ({ began: performance.now(), moments: {}, requests: 0, counted: 0 });

function createWatch() {
  let seen = unseen();
  let token = "";
  const mark = (moment: Moment): void => {
    seen.moments[moment] ??= performance.now();
  };
  return {
    mark,
    begin: (ofTerminal: string): Seen => {
      token = ofTerminal;
      seen = unseen();
      return seen;
    },
    github: async (request: Request, answer: () => Promise<Response>): Promise<Response> => {
      const body = request.method === "GET" ? "" : await request.clone().text();
      const path = `${request.method} ${new URL(request.url).pathname}`;
      const ofTerminal = request.headers.get("authorization")?.endsWith(` ${token}`) === true;
      if (ofTerminal) mark("first");
      if (ofTerminal && path.endsWith("/issues") && request.method === "POST") mark("asked");
      if (ofTerminal && path.endsWith("/comments") && request.method === "POST") mark("key");
      if (path.endsWith("/dispatches")) mark("dispatched");
      if (path.endsWith("/comments") && body.includes("<!-- hallpass:credentials -->")) mark("sealed");
      if (body.includes("query Grant(")) mark("noticed");
      await new Promise((resolve) => setTimeout(resolve, late));
      const answered = await answer();
      if (ofTerminal && seen.moments.session === undefined) {
        seen.requests += 1;
        if (answered.status !== 304) seen.counted += 1;
      }
      return answered;
    },
    aws: ({ headers }: Request): void => {
      if (headers.get("x-amz-target") === "AmazonSSM.StartSession") mark("session");
    },
  };
}

interface Typed {
  readonly loopback: Loopback;
  readonly program: Installed;
  readonly token: string;
  readonly node: string;
  /** Called at the session's first line. */
  readonly shell: () => void;
}

async function connect({ loopback, program, token, node, shell }: Typed): Promise<void> {
  const args = [program.main, "connect", node, "--for", "1h", "--reason", "INC-1234", "--json"];
  const child = spawn(process.execPath, args, {
    cwd: program.home,
    env: {
      PATH: `${program.home}:${process.env["PATH"]}`,
      HOME: program.home,
      AWS_ENDPOINT_URL: loopback.awsUrl,
      GITHUB_API_URL: loopback.githubUrl,
      GITHUB_TOKEN: token,
      HALLPASS_REPOSITORY: loopback.stage.repository.fullName,
    },
  });
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said += text));
  child.stdout.once("data", () => {
    shell();
    child.stdin.end("exit\n");
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`connect ended with ${code}: ${said}`);
}

function summary(taken: readonly Seen[]): readonly ConnectCost[] {
  const row = (part: string, values: readonly number[]): ConnectCost => ({
    part,
    runs: taken.length,
    p50: median(values),
    p95: percentile(values, 0.95),
  });
  const at = ({ began, moments }: Seen, index: number): number =>
    index < 0 ? began : (moments[order[index] ?? "shell"] ?? Number.NaN);
  return [
    ...Object.keys(parts).map((part, i) =>
      row(
        part,
        taken.map((seen) => at(seen, i) - at(seen, i - 1)),
      ),
    ),
    row(
      "from Enter to session",
      taken.map((seen) => at(seen, order.length - 1) - seen.began),
    ),
    row(
      "requests to GitHub until then",
      taken.map(({ requests }) => requests),
    ),
    row(
      "of these, counted by its limit",
      taken.map(({ counted }) => counted),
    ),
  ];
}

const order = Object.values(parts);
