// The server as it is started in earnest: a process, its environment, its output.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  ask,
  eventually,
  type LogLine,
  type Loopback,
  lastDelivery,
  signed,
  startLoopback,
} from "./loopback.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

let loopback: Loopback;
beforeAll(async () => {
  loopback = await startLoopback();
});
afterAll(() => loopback.stop());

interface Started {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly code: Promise<number | null>;
}

const running: ChildProcess[] = [];
afterEach(() => {
  for (const each of running.splice(0)) each.kill("SIGKILL");
});

function start(env: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, ["--import", "tsx", "app/main.ts"], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOST: "127.0.0.1", PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { process: child, output: () => output, code };
}

const good = (): Readonly<Record<string, string>> => ({
  APP_ID: String(loopback.stage.app.id),
  PRIVATE_KEY: loopback.stage.app.privateKey.replaceAll("\n", "\\n"),
  WEBHOOK_SECRET: loopback.stage.app.webhookSecret,
  GITHUB_API_URL: loopback.stage.github.url,
});

/** The port, once it listens. */
async function listening({ output }: Started): Promise<number> {
  const line = () => /\{.*"message":"listening".*\}/.exec(output())?.[0];
  const limit = Date.now() + 20_000;
  while (line() === undefined) {
    if (Date.now() > limit) throw new Error(`it does not listen:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return (JSON.parse(line() ?? "") as LogLine).port ?? 0;
}

describe("it refuses to start", () => {
  test("without anything, naming all that is missing and no default", async () => {
    const started = start({});
    expect(await started.code).toBe(1);
    for (const name of ["APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET"])
      expect(started.output()).toContain(`${name} is not set`);
    expect(started.output()).not.toContain("    at ");
  });

  test("with the secret that everybody knows, and does not print its key", async () => {
    const started = start({ ...good(), WEBHOOK_SECRET: "development" });
    expect(await started.code).toBe(1);
    expect(started.output()).toContain("WEBHOOK_SECRET is `development`");
    expect(started.output()).not.toContain("PRIVATE KEY");
  });
});

/** Replaces every text of a value by one that can be found again; `keep` are paths left as they are. */
function planted(value: unknown, keep: readonly string[], path = ""): unknown {
  if (keep.includes(path)) return value;
  if (typeof value === "string") return `planted in ${path}`;
  if (Array.isArray(value)) return value.map((each, i) => planted(each, keep, `${path}.${i}`));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      planted(each, keep, path === "" ? key : `${path}.${key}`),
    ]),
  );
}

describe("its output", () => {
  test("holds nothing of a payload, a header or a secret, valid or refused", async () => {
    const started = start(good());
    const port = await listening(started);
    ask(loopback);
    const { app } = loopback.stage;
    const events = ["issues", "push", "membership"];
    loopback.stage.github.pushFiles("olivia", "acme/access", "topic", { "a.txt": "a" }, "planted in a push");
    loopback.stage.github.addTeamMember("acme", "devops", "erin");
    const send = async (event: string, body: string, good: boolean): Promise<number> => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/github/webhooks?planted=in-query`, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          "user-agent": "planted in user-agent",
          "x-github-event": event,
          "x-github-delivery": "planted in delivery",
          "x-forwarded-for": "planted in forwarded-for",
          cookie: "planted=in-cookie",
          "x-hub-signature-256": good ? signed(body, app.webhookSecret) : `sha256=${"5ec7e7".repeat(10)}5ec7`,
        },
      });
      return answer.status;
    };
    const names = ["repository.name", "repository.owner.login"];
    for (const event of events) {
      const payload: unknown = JSON.parse(lastDelivery(loopback, event));
      for (const keep of [names, []]) {
        const body = JSON.stringify(planted(payload, keep));
        expect(await send(event, body, true)).toBe(200);
        expect(await send(event, body, false)).toBe(400);
      }
    }
    expect(await send("planted in event", '{"a":"planted in a field"}', true)).toBe(200);
    expect(await send("issues", "planted in what is no JSON", true)).toBe(400);
    await eventually(() => started.output().includes('"message":"looked"'));
    await eventually(() => started.output().includes('"level":"error"'));
    started.process.kill("SIGTERM");
    expect(await started.code).toBe(0);

    const output = started.output();
    expect(output).not.toMatch(/planted/i);
    expect(output).not.toContain("5ec7e7");
    expect(output).not.toContain(app.webhookSecret);
    expect(output).not.toContain("PRIVATE KEY");
    expect(output).not.toMatch(/gh[a-z]_|Bearer|checkout is down|alice/);
    for (const line of output.trim().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  });
});

describe("told to stop", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("by %s it finishes what it does, and exits 0", async (signal) => {
    const started = start(good());
    const port = await listening(started);
    const number = ask(loopback);
    const body = lastDelivery(loopback, "issues");
    const letGo = loopback.holdGitHub();
    const answer = await fetch(`http://127.0.0.1:${port}/api/github/webhooks`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-github-event": "issues",
        "x-github-delivery": "1",
        "x-hub-signature-256": signed(body, loopback.stage.app.webhookSecret),
      },
    });
    expect(answer.status).toBe(200);
    started.process.kill(signal);
    await eventually(() => started.output().includes('"message":"stopping"'));
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
    letGo();
    expect(await started.code).toBe(0);
    const { data } = await loopback.stage
      .as("alice")
      .rest.issues.listComments({ owner: "acme", repo: "access", issue_number: number });
    expect(data).toHaveLength(1);
  });
});
