// Where the sandbox listens: at the same ports each time, and beside another one at others. And what `npm run sandbox` tells.

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { freePort } from "../../sandbox/start.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("a port that somebody has is left to them", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const instead = await freePort(port);
  await new Promise((resolve) => other.close(resolve));
  expect(instead).not.toBe(port);
  expect(await freePort(port)).toBe(port);
});

test("it tells how to play alice at a terminal, and lasts as long as somebody plays", async () => {
  const sandbox = spawn(process.execPath, ["--import", "tsx", "sandbox/serve.ts"], { cwd: root });
  const ended = new Promise((resolve) => sandbox.once("exit", resolve));
  let told = "";
  for await (const chunk of sandbox.stdout) {
    told += String(chunk);
    if (told.includes("Ctrl-C stops it.")) break;
  }
  const set = (name: string): string => new RegExp(`\\b${name}=(\\S+)`).exec(told)?.[1] ?? "";
  const headers = { authorization: `Bearer ${set("GH_TOKEN")}` };
  const asked = await fetch(`${set("GITHUB_API_URL")}/repos/${set("HALLPASS_REPOSITORY")}`, { headers });
  expect(asked.status).toBe(200);
  // the cron of half an hour costs more than GitHub's own 5,000
  expect(Number(asked.headers.get("x-ratelimit-limit"))).toBe(1_500_000);
  expect(told).toContain("npm run -s hallpass -- connect r2d2-dev-01 --for 5m");
  sandbox.kill("SIGTERM");
  expect(await ended).toBe(0);
}, 30_000);
