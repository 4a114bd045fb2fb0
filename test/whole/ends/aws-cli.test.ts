// The real `aws` CLI with the credentials of a sealed grant, through `credential_process`, against the sandbox on loopback. All keys are invented.

import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const repo = { owner: "acme", repo: "access" };
const node = "i-0d0d0d0d0d0d0d0d1";
const otherNode = "i-0d0d0d0d0d0d0d0d2";
const document = "Hallpass-Shell-15";

/** Undefined where there is no CLI, or one so old that it would call the real AWS. */
function cliVersion(): string | undefined {
  try {
    const [, version = ""] =
      /^aws-cli\/(\d+\.\d+)/.exec(execFileSync("aws", ["--version"], { encoding: "utf8" })) ?? [];
    const [major = 0, minor = 0] = version.split(".").map(Number);
    return major >= 2 || (major === 1 && minor >= 30) ? version : undefined;
  } catch {
    return undefined;
  }
}

const cli = cliVersion();
if (cli === undefined)
  console.warn("SKIPPED: no aws CLI 1.30 or newer on PATH, so no grant was used with it");

describe.skipIf(cli === undefined)(`the real aws CLI ${cli ?? ""} with a grant's credentials`, () => {
  const home = mkdtempSync(join(tmpdir(), "hallpass-cli-"));
  let sandbox: Sandbox;
  let number: number;
  let env: NodeJS.ProcessEnv;

  const aws = (args: readonly string[]) =>
    ["--endpoint-url", sandbox.awsUrl, "--profile", "grant", ...args] as string[];
  const startArgs = (more: { node?: string; document?: string; region?: string } = {}): readonly string[] => [
    ...["ssm", "start-session", "--target", more.node ?? node, "--document-name", more.document ?? document],
    ...["--region", more.region ?? sandbox.stage.region],
  ];
  /** What the CLI says on standard error when it refuses. */
  const refusal = (args: readonly string[]): Promise<string> =>
    run("aws", aws(args), { cwd: root, env, timeout: 60_000 }).then(
      () => "it was allowed",
      (error: { readonly stderr?: string }) => error.stderr ?? "",
    );

  beforeAll(async () => {
    sandbox = await startSandbox({
      limits: { minDuration: "5s", settle: "2s" },
      actions: { cronMinuteMs: 200, cronDelayMs: 0, dispatchDelayMs: 50, runnerStartDelayMs: 50 },
      aws: { schedulerPrecision: "second" },
      accounts: [{ id: "111122223333", name: "workloads", regions: ["eu-central-1", "us-east-1"] }],
    });
    const { stage, githubUrl, awsUrl } = sandbox;
    const dispatch = { ...repo, workflow_id: "access.yml", ref: "main", inputs: { command: "inventory" } };
    await stage.as("pat").rest.actions.createWorkflowDispatch(dispatch);
    await stage.actions.idle();
    const identity = await generateIdentity();
    writeFileSync(join(home, "identity"), `${identity}\n`);
    writeFileSync(
      join(home, "config"),
      `[profile grant]\ncredential_process = npm run -s hallpass -- credentials 1 --place 111122223333/eu-central-1\n`,
    );
    env = {
      PATH: `${join(root, "sandbox/aws/bin")}:${process.env["PATH"]}`,
      HOME: home,
      AWS_CONFIG_FILE: join(home, "config"),
      AWS_SHARED_CREDENTIALS_FILE: join(home, "none"),
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ENDPOINT_URL: awsUrl,
      GITHUB_API_URL: githubUrl,
      GITHUB_TOKEN: stage.github.personalToken("alice"),
      HALLPASS_REPOSITORY: "acme/access",
      HALLPASS_IDENTITY: join(home, "identity"),
    };
    const form = { nodes: node, access: "shell", for: "1m", reason: "INC-1 checkout is down" };
    number = stage.github.submitForm("alice", "acme/access", "access-request.yml", form);
    expect(number).toBe(1);
    const body = `/token ${await identityToRecipient(identity)}`;
    await stage.as("alice").rest.issues.createComment({ ...repo, issue_number: number, body });
    const active = async () => expect(await labelsOf()).toContain("access: active");
    await vi.waitFor(active, { timeout: 40_000, interval: 200 });
  }, 90_000);

  afterAll(async () => {
    await sandbox.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const labelsOf = async (): Promise<readonly string[]> => {
    const { data } = await sandbox.stage.as("alice").rest.issues.get({ ...repo, issue_number: number });
    return data.labels.map((label) => (typeof label === "string" ? label : (label.name ?? "")));
  };

  test("starts a session on the granted node and nowhere else, until the end", {
    timeout: 150_000,
  }, async () => {
    const shell = spawn("aws", aws(startArgs()), { cwd: root, env });
    let screen = "";
    for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (text: Buffer) => (screen += text));
    const closed = new Promise((resolve) => shell.once("close", resolve));
    await expect.poll(() => screen, { timeout: 40_000 }).toContain("Starting session with SessionId: hp.");
    shell.stdin.write("uptime\n");
    await expect.poll(() => screen, { timeout: 5_000 }).toContain("$ uptime");

    const denied = /AccessDeniedException/;
    const [elsewhere, otherDocument, openEnded, otherRegion] = await Promise.all([
      refusal(startArgs({ node: otherNode })),
      refusal(startArgs({ document: "Hallpass-SSH-15" })),
      refusal(startArgs({ document: "AWS-StartPortForwardingSession" })),
      refusal(startArgs({ region: "us-east-1" })),
    ]);
    expect({ elsewhere, otherDocument, openEnded, otherRegion }).toEqual({
      elsewhere: expect.stringMatching(denied),
      otherDocument: expect.stringMatching(denied),
      openEnded: expect.stringMatching(denied),
      otherRegion: expect.stringMatching(denied),
    });
    // what was handed out while access was open, for when it is not
    const credentials = [
      "run",
      "-s",
      "hallpass",
      "--",
      "credentials",
      "1",
      "--place",
      "111122223333/eu-central-1",
    ];
    const { stdout } = await run("npm", credentials, { cwd: root, env });
    const kept: Record<"AccessKeyId" | "SecretAccessKey" | "SessionToken" | "Expiration", string> =
      JSON.parse(stdout);

    await closed;
    expect(screen).toContain("was ended: terminated");
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(kept.Expiration));
    const { AWS_CONFIG_FILE: _, ...bare } = env;
    const old = {
      ...bare,
      AWS_ACCESS_KEY_ID: kept.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: kept.SecretAccessKey,
      AWS_SESSION_TOKEN: kept.SessionToken,
    };
    const late = run("aws", ["--endpoint-url", sandbox.awsUrl, ...startArgs()], { cwd: root, env: old });
    await expect(late).rejects.toMatchObject({ stderr: expect.stringMatching(/AccessDenied|ExpiredToken/) });
    await expect.poll(labelsOf, { timeout: 30_000, interval: 300 }).toContain("access: expired");
    expect(await refusal(startArgs())).toContain("nothing is open for request #1");
  });
});
