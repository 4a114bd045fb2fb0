// The program as it is started: a process of its own, from another folder, through npm.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const options = { cwd: root, env: { PATH: process.env["PATH"], ...env } };
    const child = execFile(
      process.execPath,
      ["--import", "tsx", "cli/main.ts", ...args],
      options,
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
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
