// The committed bundle is what the source builds, and needs nothing beside it.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle, distFile } from "../../action/build.ts";

test("action/dist is what the source builds", async () => {
  const committed = readFileSync(distFile, "utf8");
  const built = await bundle();
  // not compared by `expect`: nobody wants to read the difference of two bundles
  if (committed !== built)
    expect.fail("action/dist/main.cjs is not what the source builds; run `npm run build` and commit it");
});

describe("the bundle alone in an empty folder", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "hallpass-dist-"));
    copyFileSync(distFile, join(folder, "main.cjs"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const start = (env: Record<string, string>) =>
    spawnSync(process.execPath, ["main.cjs"], { cwd: folder, env, encoding: "utf8", timeout: 20_000 });

  test("it starts on Node alone, and says what is missing", () => {
    const { status, stdout, stderr } = start({});
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "::error::command is ``: expected one of reconcile, grant, end, sweep, inventory, check\n",
      stderr: "",
    });
  });

  test("it masks the private key before it does anything, and never shows it", () => {
    const key = "-----BEGIN PRIVATE KEY-----\nnot-a-key\n-----END PRIVATE KEY-----";
    const { status, stdout, stderr } = start({
      INPUT_COMMAND: "check",
      "INPUT_APP-ID": "1",
      "INPUT_PRIVATE-KEY": key,
      GITHUB_REPOSITORY: "acme/access",
      GITHUB_REPOSITORY_ID: "1",
      GITHUB_RUN_ID: "1",
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_SHA: "0000000000000000000000000000000000000000",
      // nobody listens there: the key is refused before anything is sent
      GITHUB_API_URL: "http://127.0.0.1:1",
    });
    const [first = "", ...others] = stdout.split("\n");
    expect(status).toBe(1);
    expect(first).toMatch(/^::add-mask::/);
    expect(`${others.join("\n")}${stderr}`).not.toContain("not-a-key");
  });

  test("it has left nothing behind", () => {
    expect(readdirSync(folder)).toEqual(["main.cjs"]);
  });
});
