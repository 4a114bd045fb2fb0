// What the Dockerfile says, done without Docker: its command, with its files and packages, as another user, on a tree that cannot be written.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, eventually, type Loopback, lastDelivery, signed, startLoopback } from "./loopback.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dockerfile = readFileSync(`${root}Dockerfile`, "utf8");
const instructions = dockerfile
  .split("\n")
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line): readonly [string, string] => [line.split(" ", 1)[0] ?? "", line.replace(/^\S+ /, "")]);
const all = (name: string): readonly string[] =>
  instructions.flatMap(([each, rest]) => (each === name ? [rest] : []));
/** Files and folders that the image has of ours. */
const copied = all("COPY").flatMap((rest) => (rest.startsWith("--from") ? [] : rest.split(" ").slice(0, -1)));
const command = JSON.parse(all("CMD").at(-1) ?? "") as readonly string[];

/** Node 20 needs tsx for what newer ones do by themselves; nothing else differs. */
const readsTypeScript = "typescript" in process.features && process.features.typescript !== false;
const forTsx = [
  "tsx",
  "esbuild",
  `@esbuild/${process.platform}-${process.arch}`,
  "get-tsconfig",
  "resolve-pkg-maps",
];

/** What `npm ci --omit=dev` installs, without what the Dockerfile removes. */
function packages(): readonly string[] {
  const lock = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  const removed = /rm -rf (\S+)/.exec(dockerfile)?.[1] ?? "";
  const installed = Object.entries(lock.packages).flatMap(([path, { dev }]) =>
    path === "" || dev === true ? [] : [path],
  );
  const more = readsTypeScript ? [] : forTsx.map((name) => `node_modules/${name}`);
  // a package in another's folder comes with it
  return [...installed, ...more].filter(
    (path) =>
      path.lastIndexOf("node_modules/") === 0 &&
      !path.startsWith(`${removed}/`) &&
      existsSync(`${root}${path}`),
  );
}

describe("the Dockerfile", () => {
  test("begins from a version, copies what there is, and runs as nobody", () => {
    expect(all("ARG")).toEqual([expect.stringMatching(/^NODE_IMAGE=node:\d+-\w+-slim$/)]);
    expect(new Set(all("FROM").map((from) => from.split(" ")[0]))).toEqual(new Set(["$" + "{NODE_IMAGE}"]));
    for (const path of copied) expect(existsSync(`${root}${path}`), path).toBe(true);
    expect(all("USER")).toEqual(["65534:65534"]);
    expect(all("ENV").join()).not.toMatch(/KEY|SECRET|TOKEN/);
  });

  test("sees of this folder what it copies, and nothing else", () => {
    const seen = readFileSync(`${root}.dockerignore`, "utf8").trim().split("\n");
    expect(seen[0]).toBe("*");
    expect(seen.slice(1).sort()).toEqual([...new Set(copied)].map((path) => `!${path}`).sort());
  });
});

describe("its command", () => {
  let loopback: Loopback;
  let tree: string;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    loopback = await startLoopback();
    tree = mkdtempSync(join(tmpdir(), "hallpass-image-"));
    for (const path of [...copied, ...packages()]) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      cpSync(`${root}${path}`, join(tree, path), { recursive: true });
    }
    chmodSync(tree, 0o755);
    execFileSync("chmod", ["-R", "a-w,a+rX", tree]);
  }, 120_000);

  afterAll(async () => {
    child?.kill("SIGKILL");
    await loopback.stop();
    execFileSync("chmod", ["-R", "u+w", tree]);
    rmSync(tree, { recursive: true });
  }, 120_000);

  const isRoot = process.getuid?.() === 0;

  test(`serves as ${isRoot ? "nobody" : "this user, who is not root,"} on a tree that cannot be written, and stops when told`, async () => {
    const [, ...args] = command;
    const { app } = loopback.stage;
    const env = {
      NODE_ENV: "production",
      PORT: "0",
      HOST: "127.0.0.1",
      APP_ID: String(app.id),
      PRIVATE_KEY: app.privateKey,
      WEBHOOK_SECRET: app.webhookSecret,
      GITHUB_API_URL: loopback.stage.github.url,
      HALLPASS_METRICS: "on",
    };
    const started = spawn(process.execPath, [...(readsTypeScript ? [] : ["--import", "tsx"]), ...args], {
      cwd: tree,
      env,
      stdio: ["ignore", "ignore", "pipe"],
      ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
    });
    child = started;
    let output = "";
    started.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    const code = new Promise((resolve) => started.once("close", resolve));
    await eventually(() => output.includes('"message":"listening"') || started.exitCode !== null, 30_000);
    expect(output).toContain('"message":"listening"');
    const url = `http://127.0.0.1:${/"port":(\d+)/.exec(output)?.[1]}`;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await eventually(async () => (await fetch(`${url}/readyz`)).status === 200, 30_000);

    const number = ask(loopback);
    const body = lastDelivery(loopback, "issues");
    const answer = await fetch(`${url}/api/github/webhooks`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-github-event": "issues",
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-hub-signature-256": signed(body, app.webhookSecret),
      },
    });
    expect(answer.status).toBe(200);
    const comments = async () =>
      (
        await loopback.stage
          .as("alice")
          .rest.issues.listComments({ owner: "acme", repo: "access", issue_number: number })
      ).data;
    await eventually(async () => (await comments()).length === 1, 30_000);
    // the policies were loaded, in a thread of its own: what is missing is the first inventory, and nothing else
    expect((await comments())[0]?.body).toMatch(/there is no inventory yet/);
    expect((await comments())[0]?.body).not.toMatch(/thread|Cannot find|tsx/);
    await eventually(async () =>
      (await (await fetch(`${url}/metrics`)).text()).includes('hallpass_requests{repository="acme/access"'),
    );
    const user = existsSync(`/proc/${started.pid}/status`)
      ? readFileSync(`/proc/${started.pid}/status`, "utf8")
      : "";
    if (user !== "") expect(user).not.toMatch(/^Uid:\s0\s/m);
    started.kill("SIGTERM");
    expect(await code).toBe(0);
    for (const line of output.trim().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  }, 120_000);

  test("could write nothing there", () => {
    // root may write anywhere: for it, nobody is asked
    if (isRoot)
      expect(() =>
        execFileSync("touch", [join(tree, "app/new.ts")], { uid: 65_534, gid: 65_534, stdio: "ignore" }),
      ).toThrow();
    else expect(() => accessSync(join(tree, "app"), constants.W_OK)).toThrow();
    if (!isRoot) expect(() => writeFileSync(join(tree, "app/main.ts"), "")).toThrow();
  });
});
