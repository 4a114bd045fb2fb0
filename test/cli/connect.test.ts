// `hallpass connect`, from Enter to shell and with real processes: the sandbox on loopback, the App, workflows, and a stand-in for AWS's plugin.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Person } from "../../sandbox/stage.ts";
import { type Sandbox, startSandbox, writeInventory } from "../../sandbox/start.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const main = join(root, "cli/main.ts");
const loader = import.meta.resolve("tsx");
const home = mkdtempSync(join(tmpdir(), "hallpass-connect-"));
let sandbox: Sandbox;

interface Running {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** The events so far, of `--json`. */
  readonly events: () => readonly Readonly<Record<string, unknown>>[];
  readonly ended: Promise<number | null>;
}

const running: ChildProcess[] = [];

function hallpass(
  login: Person,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, ["--import", loader, main, ...args], {
    cwd: home,
    env: {
      PATH: `${join(root, "sandbox/aws/bin")}:${process.env["PATH"]}`,
      HOME: home,
      XDG_CONFIG_HOME: join(home, login),
      AWS_ENDPOINT_URL: sandbox.awsUrl,
      AWS_EC2_METADATA_DISABLED: "true",
      GITHUB_API_URL: sandbox.githubUrl,
      GITHUB_TOKEN: sandbox.stage.github.personalToken(login),
      HALLPASS_REPOSITORY: "acme/access",
      ...more,
    },
  });
  running.push(child);
  let [out, err] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (out += text));
  child.stderr.on("data", (text: Buffer) => (err += text));
  return {
    child,
    out: () => out,
    err: () => err,
    events: () =>
      err
        .split("\n")
        .filter((line) => line.startsWith("{") && line.endsWith("}"))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    ended: new Promise((resolve) => child.once("close", resolve)),
  };
}

const done = async (login: Person, args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
  const started = hallpass(login, args, more);
  const code = await started.ended;
  return { code, out: started.out(), err: started.err() };
};

/** Types into the session, waits for what the node answers, and leaves. */
async function useShell({ child, out, err, ended }: Running): Promise<void> {
  await expect
    .poll(() => `${out()}${err()}`, { timeout: 30_000 })
    .toContain("Starting session with SessionId: hp.");
  child.stdin?.write("uptime\n");
  await expect.poll(out, { timeout: 5_000 }).toContain("$ uptime");
  child.stdin?.write("exit\n");
  expect(await ended).toBe(0);
}

beforeAll(async () => {
  sandbox = await startSandbox({
    limits: { minDuration: "5s", settle: "2s" },
    actions: { cronMinuteMs: 200, cronDelayMs: 0, dispatchDelayMs: 50, runnerStartDelayMs: 50 },
    aws: { schedulerPrecision: "second" },
  });
  const { stage } = sandbox;
  await writeInventory(sandbox);
  await stage.actions.idle();
}, 60_000);

afterEach(async () => {
  for (const child of running.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
});

afterAll(async () => {
  await sandbox.stop();
  rmSync(home, { recursive: true, force: true });
});

const titles = async (): Promise<readonly string[]> => {
  const { data } = await sandbox.stage
    .as("alice")
    .rest.issues.listForRepo({ owner: "acme", repo: "access", state: "all", creator: "alice" });
  return data.map(({ title }) => title);
};

describe("connect", () => {
  test("one command from need to shell, and a second time the open access is used", {
    timeout: 90_000,
  }, async () => {
    const args = ["connect", "r2d2-dev-01", "--for", "10m", "--reason", "INC-1", "--json"];
    const first = hallpass("alice", args);
    await useShell(first);
    const events = first.events();
    expect(events.map(({ event }) => event).filter((event) => event !== "status")).toEqual([
      "asked",
      "key",
      "open",
      "session",
      "ended",
    ]);
    expect(events.find(({ event }) => event === "open")).toEqual({
      event: "open",
      request: 1,
      node: "i-0d0d0d0d0d0d0d0d1",
      account: "111122223333",
      region: "eu-central-1",
      until: expect.stringMatching(/^20.*Z$/),
    });
    expect(first.err()).not.toMatch(/AGE-SECRET|SecretAccessKey|TokenValue/);
    const file = join(home, "alice/hallpass/identity");
    expect([statSync(file).mode & 0o777, readFileSync(file, "utf8").includes("AGE-SECRET-KEY-1")]).toEqual([
      0o600,
      true,
    ]);

    const again = hallpass("alice", ["connect", "r2d2-dev-01", "--json"]);
    await useShell(again);
    expect(again.events().map(({ event }) => event)).toEqual(["found", "status", "open", "session", "ended"]);
    expect(await titles()).toHaveLength(1);
  });

  test("waits for people, is left with Ctrl-C, and goes on where it was", { timeout: 90_000 }, async () => {
    const args = ["connect", "r2d2-app-01", "--for", "10m", "--json"];
    const first = hallpass("alice", [...args, "--reason", "INC-2"]);
    const isWaiting = () => first.events().some(({ what }) => what === "waiting for approval");
    await expect.poll(isWaiting, { timeout: 30_000 }).toBe(true);
    expect(first.events().find(({ what }) => what === "waiting for approval")).toMatchObject({
      next: expect.stringMatching(/^3 more people approve #\d+: /),
      since: expect.stringMatching(/^20/),
    });
    first.child.kill("SIGINT");
    expect(await first.ended).toBe(130);
    expect(first.events().at(-1)).toMatchObject({
      event: "waiting",
      back: "hallpass connect r2d2-app-01",
    });
    const number = String(first.events().at(-1)?.["request"]);

    const second = hallpass("alice", args);
    const approve = (login: Person) => done(login, ["approve", number, "--yes"]);
    for (const { code, out, err } of await Promise.all((["bob", "erin", "carol"] as const).map(approve))) {
      expect([code, err]).toEqual([0, ""]);
      expect(out).toContain("r2d2-app-01");
    }
    await useShell(second);
    expect(second.events()[0]).toMatchObject({ event: "found", request: Number(number) });
    expect(await titles()).toHaveLength(2);
  });
});
