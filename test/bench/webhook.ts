// A webhook that changes nothing: a Probot app that does nothing against ours, each a process of its own, the same signed payloads in turns.

import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createProcessRunner } from "../../sandbox/github/actions/process-runner.ts";
import { listen } from "../../sandbox/github/listen.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import { setStage } from "../../sandbox/stage.ts";
import { freePort } from "../../sandbox/start.ts";
import { median, percentile } from "./median.ts";

/** A push that no request hangs on; a comment on an ordinary issue, for which ours asks GitHub whether it is a request. */
export type Event = "push" | "issue_comment";

export interface WebhookCost {
  readonly event: Event;
  readonly connections: number;
  /** Requests a second and milliseconds, of one run. */
  readonly ours: { readonly perSecond: number; readonly p50: number; readonly p99: number };
  readonly bare: { readonly perSecond: number; readonly p50: number; readonly p99: number };
  /** Time of ours over time of the bare one, median of the rounds. */
  readonly ratio: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const path = "/api/github/webhooks";

export async function benchWebhook({ rounds, each }: { readonly rounds: number; readonly each: number }) {
  const [github, ours, bare] = [await freePort(), await freePort(), await freePort()];
  const stage = await setStage({
    clock: realClock,
    url: `http://127.0.0.1:${github}`,
    executor: createProcessRunner({ node: { node20: process.execPath, node24: process.execPath }, path: "" }),
  });
  const { server } = await listen(stage.github.handle, github);
  const env = {
    PATH: process.env["PATH"],
    APP_ID: String(stage.app.id),
    PRIVATE_KEY: stage.app.privateKey,
    WEBHOOK_SECRET: stage.app.webhookSecret,
    GITHUB_API_URL: stage.github.url,
    HOST: "127.0.0.1",
  };
  const apps = [
    await start(["--import", "tsx", "app/main.ts"], { ...env, PORT: String(ours) }),
    await start(["--import", "tsx", "test/bench/bare-probot.ts"], { ...env, PORT: String(bare) }),
  ];
  try {
    const costs: WebhookCost[] = [];
    for (const event of ["push", "issue_comment"] as const) {
      const sent = { event, body: await payloadOf(stage, event), secret: stage.app.webhookSecret };
      const send = (port: number) => deliver(`http://127.0.0.1:${port}${path}`, sent);
      for (const connections of [1, 16])
        costs.push(
          await compare(
            { event, connections, rounds, each },
            () => send(ours),
            () => send(bare),
          ),
        );
    }
    return costs;
  } finally {
    for (const app of apps) app.kill("SIGKILL");
    server.closeAllConnections();
    server.close();
  }
}

/** As the twin itself would deliver it. */
async function payloadOf(stage: Awaited<ReturnType<typeof setStage>>, event: Event): Promise<string> {
  const { owner, name: repo, fullName } = stage.repository;
  if (event === "push")
    stage.github.pushFiles("olivia", fullName, "a-branch", { "notes.md": "# Notes\n" }, "Take notes");
  else {
    const { issues } = stage.as("pat").rest;
    const { data } = await issues.create({ owner, repo, title: "an ordinary issue" });
    await issues.createComment({ owner, repo, issue_number: data.number, body: "an ordinary comment" });
  }
  const delivery = stage.github.webhooks.deliveries.findLast((each) => each.event === event);
  if (delivery === undefined) throw new Error(`the twin delivered no ${event}`);
  return delivery.body;
}

async function deliver(
  url: string,
  { event, body, secret }: { readonly event: Event; readonly body: string; readonly secret: string },
): Promise<void> {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": crypto.randomUUID(),
      "x-hub-signature-256": `sha256=${signature}`,
    },
  });
  await response.text();
  if (response.status !== 200) throw new Error(`a webhook was answered with ${response.status}`);
}

async function compare(
  {
    event,
    connections,
    rounds,
    each,
  }: Pick<WebhookCost, "event" | "connections"> & { readonly rounds: number; readonly each: number },
  ours: () => Promise<void>,
  bare: () => Promise<void>,
): Promise<WebhookCost> {
  const seen = { ours: [] as number[], bare: [] as number[] };
  const totals = { ours: [] as number[], bare: [] as number[] };
  // the first round warms both up
  for (let round = 0; round <= rounds; round++)
    for (const [name, send] of [
      ["ours", ours],
      ["bare", bare],
    ] as const) {
      const began = performance.now();
      const times = await burst(connections, each, send);
      if (round === 0) continue;
      totals[name].push(performance.now() - began);
      seen[name].push(...times);
    }
  const of = (name: "ours" | "bare") => ({
    perSecond: (each / median(totals[name])) * 1_000,
    p50: median(seen[name]),
    p99: percentile(seen[name], 0.99),
  });
  const ratios = totals.ours.map((total, round) => total / (totals.bare[round] ?? Number.NaN));
  return { event, connections, ours: of("ours"), bare: of("bare"), ratio: median(ratios) };
}

async function burst(
  connections: number,
  each: number,
  send: () => Promise<void>,
): Promise<readonly number[]> {
  const times: number[] = [];
  let left = each;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const began = performance.now();
      await send();
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  return times;
}

function start(args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const app = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    let said = "";
    app.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(-4_000);
      if (said.includes('"message":"listening"')) resolve(app);
    });
    app.once("exit", (code) => reject(new Error(`${args.at(-1)} stopped with ${code}: ${said}`)));
  });
}
