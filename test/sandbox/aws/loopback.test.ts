import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SSMClient, StartSessionCommand, TerminateSessionCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Aws, createAws } from "../../../sandbox/aws/aws.ts";
import { wallClock } from "../../../sandbox/aws/clock.ts";
import { listen } from "../../../sandbox/aws/listen.ts";
import { account, codeOf, type Keys, region } from "./fixture.ts";
import { fetchKeys, jobClaims, signToken } from "./token-issuer.ts";

const run = promisify(execFile);

let aws: Aws;
let url: string;
let stop: () => Promise<void>;
let admin: Keys;

beforeAll(async () => {
  aws = createAws({
    clock: wallClock,
    accounts: [{ id: account, regions: [region] }],
    identityProviders: { fetchKeys },
  });
  const listening = await listen(aws.handle);
  url = listening.url;
  stop = async () => {
    aws.close();
    listening.server.closeAllConnections();
    listening.server.close();
    await once(listening.server, "close");
  };
  admin = aws.administrator(account);
  aws.addNode({ account, region, id: "i-0123456789abcdef0", name: "web", tags: { Env: "dev" } });
});

afterAll(() => stop());

const client = (credentials: Keys) => {
  const { sessionToken, ...keys } = credentials;
  return new SSMClient({
    region,
    endpoint: url,
    credentials: sessionToken === undefined ? keys : { ...keys, sessionToken },
    maxAttempts: 1,
  });
};

describe("over loopback", () => {
  it("the SDK's own sockets reach it, dates checked by the real clock", async () => {
    const ssm = client(admin);
    const { SessionId } = await ssm.send(new StartSessionCommand({ Target: "i-0123456789abcdef0" }));
    expect(SessionId).toMatch(/^administrator-[0-9a-f]{17}$/);
    ssm.destroy();
  });

  it("a session's stream shows what is typed, and its end when it is terminated", async () => {
    const ssm = client(admin);
    const started = await ssm.send(new StartSessionCommand({ Target: "i-0123456789abcdef0" }));
    const channel = `${url}/v1/data-channel/${started.SessionId}`;
    const body = JSON.stringify({ TokenValue: started.TokenValue });
    const shown = fetch(channel, { method: "POST", body }).then((response) => response.text());
    const headers = { authorization: `Bearer ${started.TokenValue}` };
    await expect
      .poll(async () => (await fetch(`${channel}/input`, { method: "POST", headers, body: "uptime" })).status)
      .toBe(204);
    await ssm.send(new TerminateSessionCommand({ SessionId: started.SessionId }));
    const { SessionId } = started;
    expect(await shown).toBe(
      `Starting session with SessionId: ${SessionId}\n$ uptime\nSession ${SessionId} was ended: terminated.\n`,
    );
    expect((await fetch(channel, { method: "POST", body })).status).toBe(403);
    ssm.destroy();
  });

  it("a lost answer is a connection that goes", async () => {
    const ssm = client(admin);
    aws.faults.add({ when: () => true, times: 1, error: "timeout" });
    const code = await codeOf(ssm.send(new TerminateSessionCommand({ SessionId: "x" })));
    expect(["ECONNRESET", "TimeoutError", "Error"]).toContain(code);
    ssm.destroy();
  });
});

/** The aws CLI's version, when there is one whose `--endpoint-url` keeps it from calling the real AWS. */
async function cliVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await run("aws", ["--version"]);
    const [, version = ""] = /^aws-cli\/(\d+\.\d+)/.exec(stdout) ?? [];
    const [major = 0, minor = 0] = version.split(".").map(Number);
    return major >= 2 || (major === 1 && minor >= 30) ? version : undefined;
  } catch {
    return undefined;
  }
}

const cli = await cliVersion();
if (cli === undefined)
  console.warn("SKIPPED: no aws CLI 1.30 or newer on PATH, so the twin was not tried with it");

describe.skipIf(cli === undefined)(`the real aws CLI ${cli ?? ""}`, () => {
  const home = mkdtempSync(join(tmpdir(), "aws-cli-"));

  async function call(keys: Keys, ...args: readonly string[]): Promise<{ answer: unknown; error: string }> {
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      ...(keys.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: keys.sessionToken }),
    };
    try {
      const { stdout } = await run(
        "aws",
        ["--endpoint-url", url, "--region", region, "--output", "json", ...args],
        { env },
      );
      return { answer: stdout === "" ? undefined : JSON.parse(stdout), error: "" };
    } catch (error) {
      return { answer: undefined, error: String((error as { stderr?: string }).stderr) };
    }
  }

  it("reads every protocol's answers", async () => {
    const identity = await call(admin, "sts", "get-caller-identity");
    expect(identity.answer).toMatchObject({ Account: account });
    const nodes = await call(
      admin,
      "ssm",
      "describe-instance-information",
      "--filters",
      "Key=PingStatus,Values=Online",
    );
    expect(nodes.answer).toMatchObject({ InstanceInformationList: [{ InstanceId: "i-0123456789abcdef0" }] });
    const instances = await call(admin, "ec2", "describe-instances", "--filters", "Name=tag:Env,Values=dev");
    expect(instances.answer).toMatchObject({
      Reservations: [{ Instances: [{ Tags: expect.arrayContaining([{ Key: "Env", Value: "dev" }]) }] }],
    });
    await call(admin, "scheduler", "create-schedule-group", "--name", "hallpass");
    const schedules = await call(admin, "scheduler", "list-schedules", "--group-name", "hallpass");
    expect(schedules.answer).toEqual({ Schedules: [] });
    const tagged = await call(
      admin,
      "resourcegroupstaggingapi",
      "get-resources",
      "--tag-filters",
      "Key=Env,Values=dev",
    );
    expect(tagged.answer).toMatchObject({ ResourceTagMappingList: [{ Tags: expect.any(Array) }] });
  });

  it("opens sessions with a job's token, and is refused what the session policy leaves out", async () => {
    aws.createOidcProvider(account, {
      url: "https://token.actions.githubusercontent.com",
      clientIds: ["sts.amazonaws.com"],
    });
    const gitHub = "token.actions.githubusercontent.com";
    const trust = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${gitHub}` },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringEquals: { [`${gitHub}:sub`]: "repo:acme/access:environment:hallpass" } },
        },
      ],
    };
    const everything = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    };
    aws.createRole(account, {
      name: "Access",
      trust: JSON.stringify(trust),
      inline: { all: JSON.stringify(everything) },
    });
    const session = join(home, "policy.json");
    const only = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "ssm:DescribeSessions", Resource: "*" }],
    };
    writeFileSync(session, JSON.stringify(only));
    const token = signToken(jobClaims(Date.now()));
    const assume = [
      "--role-arn",
      `arn:aws:iam::${account}:role/Access`,
      "--role-session-name",
      "hp.1.2",
      "--web-identity-token",
      token,
    ];
    const { answer, error } = await call(
      admin,
      "sts",
      "assume-role-with-web-identity",
      ...assume,
      "--policy",
      `file://${session}`,
    );
    expect(error).toBe("");
    const { AccessKeyId, SecretAccessKey, SessionToken } = (answer as { Credentials: Record<string, string> })
      .Credentials;
    const keys = {
      accessKeyId: AccessKeyId ?? "",
      secretAccessKey: SecretAccessKey ?? "",
      sessionToken: SessionToken,
    };
    expect((await call(keys, "ssm", "describe-sessions", "--state", "Active")).error).toBe("");
    const refused = await call(keys, "ssm", "terminate-session", "--session-id", "hp.1.2-0");
    expect(refused.error).toContain("AccessDeniedException");
    expect((await call({ ...keys, secretAccessKey: "x" }, "sts", "get-caller-identity")).error).toContain(
      "SignatureDoesNotMatch",
    );
  });

  it("starts a session through the stand-in plugin, which shows what is typed and the end", async () => {
    const bin = fileURLToPath(new URL("../../../sandbox/aws/bin", import.meta.url));
    const env = {
      PATH: `${bin}:${process.env["PATH"]}`,
      HOME: home,
      AWS_ACCESS_KEY_ID: admin.accessKeyId,
      AWS_SECRET_ACCESS_KEY: admin.secretAccessKey,
    };
    const args = [
      "--endpoint-url",
      url,
      "--region",
      region,
      "ssm",
      "start-session",
      "--target",
      "i-0123456789abcdef0",
    ];
    const shell = spawn("aws", args, { env });
    const shown = text(shell.stdout);
    const before = aws.sessions().length;
    shell.stdin.write("uptime\n");
    await expect.poll(() => aws.sessions().length, { timeout: 10_000 }).toBe(before + 1);
    const session = aws.sessions().at(-1);
    await expect
      .poll(() => session?.lastActivity, { timeout: 10_000 })
      .toBeGreaterThan(session?.startedAt ?? 0);
    shell.stdin.write("exit\n");
    expect(await shown).toContain(
      `Starting session with SessionId: ${session?.id}\n$ uptime\n$ exit\nExiting session.`,
    );
    expect(session?.ended?.how).toBe("left");
  });
});
