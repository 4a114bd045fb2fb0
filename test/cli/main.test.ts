// The program as it is started: a process of its own, from another folder, through npm.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @param unread - the end of a pipe that is closed at once, as `| head -0` does. */
function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  unread?: "stdout" | "stderr",
) {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    // a command that hangs is ended, and has no exit code
    const options = { cwd: root, env: { PATH: process.env["PATH"], ...env }, timeout: 30_000 };
    const child = execFile(
      process.execPath,
      ["--import", "tsx", "cli/main.ts", ...args],
      options,
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
    if (unread !== undefined) child[unread]?.destroy();
  });
}

test("paths are relative to where the person stands, which npm tells", async () => {
  const { code, out, err } = await start(["policy", "test", "cases", "--policies", ".", "--json"], {
    INIT_CWD: `${root}/policies`,
  });
  expect([code, err]).toEqual([0, ""]);
  const lines = out.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(40);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ ok: true });
});

test("an error is told on standard error, without a stack", async () => {
  const { code, out, err } = await start(["policy", "test", "nowhere"]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toBe(
    "error: `policies/cases`".replace("policies/cases", "nowhere") +
      " cannot be read: there is no such folder; name the right one, relative to where you stand\n",
  );
});

test("a reader that has gone changes no exit code", async () => {
  const nothing = mkdtempSync(join(tmpdir(), "hallpass-main-"));
  const failing = ["policy", "test", "policies/cases", "--policies", nothing];
  expect(await start(failing, {}, "stdout")).toMatchObject({ code: 1, out: "", err: "" });
  expect(await start(["policy", "test", "nowhere"], {}, "stderr")).toMatchObject({ code: 2, out: "" });
  rmSync(nothing, { recursive: true });
});

test("without a token, and without `gh` or a keyring's tool, it ends at once", async () => {
  const nothing = mkdtempSync(join(tmpdir(), "hallpass-main-"));
  const { code, err } = await start(["list", "--repo", "acme/access"], { PATH: nothing, HOME: nothing });
  rmSync(nothing, { recursive: true });
  expect(err).toMatch(/^error: not signed in to github\.com; run `gh auth login/);
  expect(code).toBe(2);
});
