// The real server on a loopback port, and a GitHub twin on another. Webhooks are held at GitHub, so that each test sends what it means to send.

import { createHmac } from "node:crypto";
import type { LogFields } from "../../app/log.ts";
import type { ServerOptions } from "../../app/options.ts";
import { type AppServer, startServer } from "../../app/server.ts";
import { systemClock } from "../../flow/clock.ts";
import { listen } from "../../sandbox/github/listen.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import { type Stage, setStage } from "../../sandbox/stage.ts";

export interface LogLine extends LogFields {
  readonly level: string;
  readonly message: string;
}

export interface Loopback {
  readonly stage: Stage;
  readonly url: string;
  readonly log: LogLine[];
  /** Paths that GitHub was asked for, its people's among them. */
  readonly asked: readonly string[];
  /** Until nothing is being looked at. */
  readonly idle: () => Promise<void>;
  /** From now on GitHub answers nobody, until the answer is called. */
  readonly holdGitHub: () => () => void;
  readonly server: AppServer;
  /** Where GitHub was held from the beginning: lets it answer. */
  readonly letGo: () => void;
  readonly stop: () => Promise<void>;
}

export interface LoopbackOptions {
  /** GitHub answers nobody until `letGo`. */
  readonly hold?: boolean;
  /** GitHub is an Enterprise Server: its REST is under `/api/v3`, its GraphQL under `/api/graphql`. */
  readonly enterprise?: boolean;
  readonly options?: Partial<ServerOptions>;
}

export async function startLoopback({
  hold = false,
  enterprise = false,
  options = {},
}: LoopbackOptions = {}): Promise<Loopback> {
  const asked: string[] = [];
  let gate = Promise.resolve();
  let letGo = (): void => undefined;
  let answer: (request: Request) => Promise<Response> = () => Promise.reject(new TypeError("not yet"));
  const twin = await listen(async (request) => {
    await gate;
    asked.push(new URL(request.url).pathname);
    return answer(request);
  }, 0);
  const githubUrl = `http://127.0.0.1:${twin.port}`;
  const stage = await setStage({
    clock: realClock,
    url: githubUrl,
    executor: {
      javaScript: () => Promise.resolve({ exitCode: 0, log: "" }),
      shell: () => Promise.resolve({ exitCode: 0, log: "" }),
    },
    webhookUrl: "http://app.test/",
    files: { "action/dist/main.cjs": "// never run here\n" },
  });
  answer = stage.github.handle;
  if (hold)
    gate = new Promise((resolve) => {
      letGo = resolve;
    });
  const log: LogLine[] = [];
  const { app } = stage;
  const server = await startServer(
    {
      appId: app.id,
      privateKey: app.privateKey,
      webhookSecret: app.webhookSecret,
      apiUrl: enterprise ? `${githubUrl}/api/v3` : githubUrl,
      host: "127.0.0.1",
      port: 0,
      lookEvery: 3_600,
      redeliverEvery: 3_600,
      drain: 0,
      metrics: true,
      ...options,
    },
    { clock: systemClock, log: (level, message, fields) => log.push({ level, message, ...fields }) },
  );
  const loopback: Loopback = {
    stage,
    url: `http://127.0.0.1:${server.port}`,
    log,
    asked,
    server,
    letGo: () => letGo(),
    idle: server.idle,
    holdGitHub: () => {
      let open = (): void => undefined;
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return open;
    },
    stop: async () => {
      letGo();
      await server.close();
      stage.aws.close();
      twin.server.closeAllConnections();
      await new Promise((resolve) => twin.server.close(resolve));
    },
  };
  return loopback;
}

export const webhooksUrl = ({ url }: Loopback): string => `${url}/api/github/webhooks`;

export const signed = (body: string, secret: string): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

export interface Sent {
  readonly event?: string;
  readonly delivery?: string;
  /** Default: a good one. */
  readonly signature?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Posts a webhook as GitHub would. */
export function post(loopback: Loopback, body: string, sent: Sent = {}): Promise<Response> {
  const signature = "signature" in sent ? sent.signature : signed(body, loopback.stage.app.webhookSecret);
  return fetch(webhooksUrl(loopback), {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": sent.event ?? "issues",
      "x-github-delivery": sent.delivery ?? "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      ...(signature === undefined ? {} : { "x-hub-signature-256": signature }),
      ...sent.headers,
    },
  });
}

/** The body of the newest delivery that GitHub made for an event. */
export function lastDelivery({ stage }: Pick<Loopback, "stage">, event: string): string {
  const found = stage.github.webhooks.deliveries.findLast((each) => each.event === event);
  if (found === undefined) throw new Error(`GitHub has sent no ${event}`);
  return found.body;
}

export const ask = ({ stage }: Pick<Loopback, "stage">): number =>
  stage.github.submitForm("alice", stage.repository.fullName, "access-request.yml", {
    nodes: "r2d2-dev-01",
    access: "shell",
    for: "1h",
    reason: "INC-1 checkout is down",
  });

/** Until something is so; fails after so many milliseconds. */
export async function eventually(so: () => boolean | Promise<boolean>, patience = 5_000): Promise<void> {
  const limit = Date.now() + patience;
  while (!(await so())) {
    if (Date.now() > limit) throw new Error(`it is not so: ${so.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
