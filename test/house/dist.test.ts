// The committed bundle is what the source builds, and needs nothing beside it.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle } from "../../action/build.ts";

const dist = fileURLToPath(new URL("../../action/dist/", import.meta.url));
const committed = readdirSync(dist).sort();

test("action/dist is what the source builds", async () => {
  const built = await bundle();
  const isBuilt = (name: string): boolean =>
    committed.includes(name) && readFileSync(join(dist, name)).equals(built.get(name) ?? Buffer.alloc(0));
  const differ = [...new Set([...committed, ...built.keys()])].filter((name) => !isBuilt(name));
  // only named: nobody wants to read the difference of two bundles
  if (differ.length > 0)
    expect.fail(
      `action/dist is not what the source builds (${differ.join(", ")}); run \`npm run build\` and commit it`,
    );
});

describe("the bundle alone in a folder", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "hallpass-dist-"));
    cpSync(dist, folder, { recursive: true });
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
    expect(readdirSync(folder).sort()).toEqual(committed);
  });
});
