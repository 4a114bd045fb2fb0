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

const credentials = "npm run -s hallpass -- credentials 1 --place 111122223333/eu-central-1";

/**
 * Seconds that a grant has to be open for what is tried while it is: a shell opened through a credential process, the credentials printed, four refusals. Measured from
 * one start of each program, because a busy machine takes several times as long as an idle one.
 */
async function roomFor(env: NodeJS.ProcessEnv): Promise<number> {
  const began = Date.now();
  await Promise.all([
    run("npm", ["run", "-s", "hallpass", "--", "--help"], { cwd: root, env }),
    run("aws", ["sts", "get-caller-identity", "--no-sign-request"], { cwd: root, env }).catch(() => {}),
  ]);
  const seconds = (Date.now() - began) / 1_000;
  return Math.min(120, Math.ceil(10 + 5 * seconds));
}

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

  const startArgs = (more: { node?: string; document?: string; region?: string } = {}): readonly string[] => [
    ...["--endpoint-url", sandbox.awsUrl, "ssm", "start-session", "--target", more.node ?? node],
    ...["--document-name", more.document ?? document, "--region", more.region ?? sandbox.stage.region],
  ];
  /** What the CLI says on standard error when it refuses. */
  const refusal = (args: readonly string[], as: NodeJS.ProcessEnv): Promise<string> =>
    run("aws", args, { cwd: root, env: as, timeout: 60_000 }).then(
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
    writeFileSync(join(home, "config"), `[profile grant]\ncredential_process = ${credentials}\n`);
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
    const window = `${await roomFor(env)}s`;
    const form = { nodes: node, access: "shell", for: window, reason: "INC-1 checkout is down" };
    number = stage.github.submitForm("alice", "acme/access", "access-request.yml", form);
    expect(number).toBe(1);
    const body = `/token ${await identityToRecipient(identity)}`;
    await stage.as("alice").rest.issues.createComment({ ...repo, issue_number: number, body });
    const active = async () => expect(await labelsOf()).toContain("access: active");
    await vi.waitFor(active, { timeout: 40_000, interval: 100 });
  }, 90_000);

  afterAll(async () => {
    await sandbox.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const labelsOf = async (): Promise<readonly string[]> => {
    const { data } = await sandbox.stage.as("alice").rest.issues.get({ ...repo, issue_number: number });
    return data.labels.map((label) => (typeof label === "string" ? label : (label.name ?? "")));
  };

  /** As AWS words it: who was refused what, on what, and which kind of policy does not allow it. */
  const accessDenied = (resource: string, policy = "session"): RegExp =>
    new RegExp(
      `An error occurred \\(AccessDeniedException\\) when calling the StartSession operation: User: arn:aws:sts::111122223333:assumed-role/HallpassAccess/hp\\.\\d+\\.1 is not authorized to perform: ssm:StartSession on resource: ${resource} because no ${policy} policy allows`,
    );

  test("starts a session on the granted node and nowhere else, until the end", {
    timeout: 200_000,
  }, async () => {
    const shell = spawn("aws", [...startArgs(), "--profile", "grant"], { cwd: root, env });
    let screen = "";
    for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (text: Buffer) => (screen += text));
    const closed = new Promise((resolve) => shell.once("close", resolve));
    await expect.poll(() => screen, { timeout: 40_000 }).toContain("Starting session with SessionId: hp.");
    shell.stdin.write("uptime\n");
    await expect.poll(() => screen, { timeout: 5_000 }).toContain("$ uptime");

    // what the process hands out while access is open, for now and for later
    const { stdout } = await run("sh", ["-c", credentials], { cwd: root, env });
    const kept: Record<"AccessKeyId" | "SecretAccessKey" | "SessionToken" | "Expiration", string> =
      JSON.parse(stdout);
    const { AWS_CONFIG_FILE: _, ...bare } = env;
    const holder = {
      ...bare,
      AWS_ACCESS_KEY_ID: kept.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: kept.SecretAccessKey,
      AWS_SESSION_TOKEN: kept.SessionToken,
    };
    const ends = Date.parse(kept.Expiration);
    const [elsewhere, otherDocument, openEnded, otherRegion] = await Promise.all([
      refusal(startArgs({ node: otherNode }), holder),
      refusal(startArgs({ document: "Hallpass-SSH-15" }), holder),
      refusal(startArgs({ document: "AWS-StartPortForwardingSession" }), holder),
      refusal(startArgs({ region: "us-east-1" }), holder),
    ]);
    expect(Date.now(), "the window was too short for this machine").toBeLessThan(ends);
    expect({ elsewhere, otherDocument, openEnded, otherRegion }).toEqual({
      elsewhere: expect.stringMatching(
        accessDenied(`arn:aws:ec2:eu-central-1:111122223333:instance/${otherNode}`),
      ),
      otherDocument: expect.stringMatching(
        accessDenied("arn:aws:ssm:eu-central-1:111122223333:document/Hallpass-SSH-15"),
      ),
      // not even the role may: no session policy could open it
      openEnded: expect.stringMatching(
        accessDenied("arn:aws:ssm:eu-central-1::document/AWS-StartPortForwardingSession", "identity-based"),
      ),
      otherRegion: expect.stringMatching(accessDenied(`arn:aws:ec2:us-east-1:111122223333:instance/${node}`)),
    });

    await closed;
    expect(screen).toContain("was ended: terminated");
    expect(Date.now()).toBeGreaterThanOrEqual(ends);
    // STS made them for a quarter of an hour at least: it is the policy's clock that refuses
    expect(await refusal(startArgs(), holder)).toMatch(
      accessDenied(`arn:aws:ec2:eu-central-1:111122223333:instance/${node}`),
    );
    await expect.poll(labelsOf, { timeout: 30_000, interval: 300 }).toContain("access: expired");
    expect(await refusal([...startArgs(), "--profile", "grant"], env)).toContain(
      "nothing is open for request #1",
    );
  });
});
