// The terminal's main flow as people see it: real pseudo-terminals around `hallpass`, the sandbox on loopback, the App, workflows, and a stand-in for AWS's plugin.

import { mkdtempSync, rmSync } from "node:fs";
import { connect as dial, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { atTerminal, hallpassOf } from "../../sandbox/recordings/at-terminals.ts";
import {
  type PseudoTerminal,
  type Started,
  startInTerminal,
} from "../../sandbox/recordings/pseudo-terminal.ts";
import type { Person } from "../../sandbox/stage.ts";
import { type Sandbox, startSandbox, writeInventory } from "../../sandbox/start.ts";

const home = mkdtempSync(join(tmpdir(), "hallpass-pty-"));
const open: PseudoTerminal[] = [];
let sandbox: Sandbox;

/** Answers each piece with what it is and what came. */
const answering = (name: string) => (stream: Duplex) => {
  stream.on("data", (chunk: Buffer) => stream.write(`${name} got ${chunk.toString("utf8")}`));
  stream.on("end", () => stream.end());
};

beforeAll(async () => {
  sandbox = await startSandbox({
    limits: { minDuration: "5s", settle: "2s" },
    actions: { cronMinuteMs: 200, cronDelayMs: 0, dispatchDelayMs: 50, runnerStartDelayMs: 50 },
    aws: { schedulerPrecision: "second" },
    modes: ["shell", "ssh", "rdp", "port-forward"],
    forwards: [{ name: "postgres", host: "db.internal", port: 5432 }],
  });
  const { stage } = sandbox;
  const node = "i-0d0d0d0d0d0d0d0d1";
  stage.aws.serve({ node, port: 22 }, answering("sshd"));
  stage.aws.serve({ node, port: 3389 }, answering("the desktop"));
  stage.aws.serve({ node, host: "db.internal", port: 5432 }, answering("postgres"));
  await writeInventory(sandbox);
  await stage.actions.idle();
}, 60_000);

afterAll(async () => {
  for (const terminal of open) terminal.kill();
  await sandbox.stop();
  rmSync(home, { recursive: true, force: true });
});

type Size = Partial<Pick<Started, "columns" | "rows">>;

function hallpass(login: Person, args: readonly string[], size: Size = {}): PseudoTerminal {
  const terminal = atTerminal(sandbox, home, login, args, size);
  open.push(terminal);
  return terminal;
}

/** A shell's line, in which standard input and output are no terminal. */
function shellLine(login: Person, line: string): PseudoTerminal {
  const { command, args, cwd, env } = hallpassOf(sandbox, home, login);
  const words = [command, ...args].map((word) => `'${word}'`).join(" ");
  const terminal = startInTerminal({
    command: "/bin/sh",
    args: ["-c", line.replace("hallpass", words)],
    cwd,
    env,
  });
  open.push(terminal);
  return terminal;
}

/** `approve`, as its approver reads it, and their yes. */
async function approve(login: Person): Promise<string> {
  const terminal = hallpass(login, ["approve", "1"], { columns: 60 });
  await terminal.shows("[y/n]");
  terminal.type("y\r");
  expect(await terminal.ended).toBe(0);
  return terminal.text();
}

const linesOf = (text: string): readonly string[] => text.split("\n").map((line) => line.trimEnd());

describe("at a terminal", { timeout: 50_000 }, () => {
  test("Ctrl-C at a question asks for nothing, and is told apart from an error", async () => {
    const asked = hallpass("alice", ["connect", "r2d2-app-01"]);
    await asked.shows("Reason:");
    asked.type("\u0003");
    expect(await asked.ended).toBe(130);
    expect(asked.text()).toContain("nothing was answered");
  });

  test("from need to shell: alice asks, is left waiting, comes back, people approve, she is in", async () => {
    const left = hallpass("alice", ["connect", "r2d2-app-01", "--for", "10m"], { columns: 80 });
    await left.shows("Reason:");
    left.type("INC-1234 checkout is down\r");
    await left.shows(/Level 2[\s\S]*Ctrl-C leaves it standing/);
    left.resize(60, 24);
    // the line that counts is drawn anew once a second
    const before = left.text().split("\n").at(-1);
    await expect.poll(() => left.text().split("\n").at(-1), { timeout: 5_000 }).not.toBe(before);
    expect(left.text().match(/leaves it standing/g)).toHaveLength(1);
    left.type("\u0003");
    expect(await left.ended).toBe(130);
    expect(linesOf(left.text()).slice(-3)).toEqual([
      "#1 stands (pending).",
      "  `hallpass connect r2d2-app-01` goes on with it",
      "  `hallpass cancel 1` withdraws it",
    ]);
    expect(left.text()).not.toMatch(/standing|\[\d*[mK]|\^C/);

    const back = hallpass("alice", ["connect", "r2d2-app-01"], { columns: 60 });
    const lead = await approve("bob");
    await back.shows("approved by @bob");
    const shown = [lead, ...(await Promise.all([approve("erin"), approve("carol")]))];
    for (const text of shown) {
      expect(text).toMatch(/^Access request #1 by alice: http/);
      expect(text).toMatch(
        /r2d2-app-01[\s\S]*Reason: INC-1234 checkout is down[\s\S]*Asked: 20[\s\S]*Needs:/,
      );
      expect(text).toContain("Do you approve shell for 10m on r2d2-app-01 for alice?");
      expect(text).toContain("approved #1, http");
    }
    expect(shown[2]).toContain("✓ Level 1, 1 of @acme/devops-leads: approved by @bob");
    await back.shows("Starting session with SessionId: hp.", 40_000);
    back.type("hostname\r");
    await back.shows("$ hostname\ni-0a0a0a0a0a0a0a0a1");
    back.type("exit\r");
    expect(await back.ended).toBe(0);
    const told = back.text();
    expect(told).toMatch(
      /goes on with #1[\s\S]*waiting for approval[\s\S]*#1 is open until[\s\S]*a shell on r2d2-app-01; `exit` ends it[\s\S]*Exiting session\.[\s\S]*the session has ended/,
    );
    // nothing is left of the line that counted
    expect(told).not.toContain("leaves it standing");
  });
});

// each waits most of its time
describe.concurrent("what is no shell", { timeout: 50_000 }, () => {
  test("ssh: a line to type, and a stream both ways as a ProxyCommand", async () => {
    const args = ["connect", "r2d2-dev-01", "--access", "ssh", "--for", "10m", "--reason", "INC-2"];
    const asked = hallpass("alice", args, { columns: 200 });
    expect(await asked.ended).toBe(0);
    // as it was started here: there is no `hallpass` on PATH that is this program
    expect(asked.text().replaceAll("\n", "")).toMatch(
      /ssh -o ProxyCommand="\S*node --import \S+ \S+main\.ts connect %h --access ssh" i-0d0d0d0d0d0d0d0d1$/,
    );
    const proxy = shellLine(
      "alice",
      `printf 'SSH-2.0-client' | hallpass ${args.join(" ")} 2>/dev/null | cat`,
    );
    expect(await proxy.ended).toBe(0);
    expect(proxy.text()).toContain("sshd got SSH-2.0-client");
  });

  test.each([
    [
      "rdp",
      ["--access", "rdp"],
      /localhost:(\d+) is the desktop of r2d2-dev-01; Ctrl-C ends it/,
      "the desktop",
    ],
    [
      "port-forward",
      ["--access", "port-forward", "--forward", "postgres"],
      /localhost:(\d+) is postgres, by way of r2d2-dev-01; Ctrl-C ends it/,
      "postgres",
    ],
  ])("%s: a port of this machine leads there until Ctrl-C", async (_, access, said, name) => {
    const args = ["connect", "r2d2-dev-01", ...access, "--for", "10m", "--reason", "INC-3"];
    const terminal = hallpass("alice", args);
    await terminal.shows("Waiting for connections...", 40_000);
    const [, port] = said.exec(terminal.text()) ?? [];
    expect(terminal.text()).toContain(`Port ${port} opened for sessionId hp.`);
    for (const word of ["one", "two"]) expect(await sayTo(Number(port), word)).toBe(`${name} got ${word}`);
    terminal.type("\u0003");
    expect(await terminal.ended).toBe(0);
    await expect(sayTo(Number(port), "three")).rejects.toThrow(/ECONNREFUSED/);
  });
});

/** What a port of this machine answers. */
const sayTo = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let got = "";
    const socket: Socket = dial(port, "localhost", () => socket.end(text));
    socket.on("data", (chunk: Buffer) => (got += chunk.toString("utf8")));
    socket.setTimeout(10_000, () => socket.destroy(new Error(`nothing more came than ${got}`)));
    socket.once("error", reject);
    socket.once("close", () => resolve(got));
  });
