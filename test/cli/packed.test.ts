// The program as it is installed: packed, without its sources, its packages or tsx. As npm installs it, and as an extension of `gh`.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writePackage } from "../../cli/build.ts";
import { allFlags, emptyFolder, hallpass } from "./folder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "hallpass-packed-"));
/** Its name is what makes it an extension. */
const built = join(work, "gh-hallpass");
const installed = join(work, "installed");
const own = join(installed, "node_modules/hallpass");

const env = { PATH: process.env["PATH"] ?? "", HOME: work, npm_config_update_notifier: "false" };
const start = (
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): SpawnSyncReturns<string> =>
  spawnSync(program, args, { cwd: installed, env, encoding: "utf8", timeout: 60_000, ...options });

function succeeded({ status, stdout, stderr }: SpawnSyncReturns<string>): string {
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

beforeAll(async () => {
  await writePackage(built);
  mkdirSync(installed);
  const npm = (...args: readonly string[]) => start("npm", [...args, "--silent", "--offline", "--no-audit"]);
  const tarball = succeeded(npm("pack", built)).trim();
  // offline, with an empty cache: nothing but the package itself is needed
  succeeded(npm("install", "--no-package-lock", `./${tarball}`));
}, 120_000);

afterAll(() => rmSync(work, { recursive: true }));

const filesBelow = (folder: string): Readonly<Record<string, string>> => {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    paths.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path, "latin1")]),
  );
};

describe("installed by npm", () => {
  test("it brings no other package", () => {
    expect(readdirSync(join(installed, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
      "hallpass",
    ]);
    expect(JSON.parse(readFileSync(join(own, "package.json"), "utf8"))).not.toHaveProperty("dependencies");
  });

  test("npx runs it, and its help is that of the sources", async () => {
    const told = succeeded(start("npx", ["--no-install", "hallpass", "--help"]));
    expect(told).toBe((await hallpass(["--help"], { cwd: installed })).out);
  });

  test("Cedar decides", () => {
    const args = ["policy", "test", `${root}policies/cases`, "--policies", `${root}policies`, "--json"];
    const lines = succeeded(start("node_modules/.bin/hallpass", args)).trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(40);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ ok: true });
  });

  test("init writes what it writes from the sources", async () => {
    const [packed, fromSource] = [emptyFolder(), emptyFolder()];
    const told = succeeded(
      start("node_modules/.bin/hallpass", ["init", packed, ...allFlags, "--json"], { cwd: installed }),
    );
    const { out } = await hallpass(["init", fromSource, ...allFlags, "--json"], { cwd: installed });
    expect(JSON.parse(told)).toEqual(JSON.parse(out.replaceAll(fromSource, packed)));
    const [files, expected] = [filesBelow(packed), filesBelow(fromSource)];
    expect(Object.keys(files)).toEqual(Object.keys(expected));
    expect(Object.keys(files).filter((path) => files[path] !== expected[path])).toEqual([]);
  });

  test("every part of it loads: each command, the AWS clients, age, Cedar", () => {
    const folder = join(own, "hallpass/cli");
    const parts = readdirSync(folder).filter((name) => name !== "main.js");
    expect(parts.length).toBeGreaterThan(20);
    const code = `for (const part of ${JSON.stringify(parts)}) await import(${JSON.stringify(`${folder}/`)} + part);`;
    expect(succeeded(start(process.execPath, ["--input-type=module", "-e", code]))).toBe("");
  });
});

/** A file of the program with all that it imports before it does anything. */
function readAtOnce(name: string, seen: readonly string[] = []): readonly string[] {
  if (seen.includes(name)) return seen;
  const text = readFileSync(join(own, "hallpass/cli", name), "utf8");
  const imported = [...text.matchAll(/(?:from|import)"\.\/([\w.-]+\.js)"/g)].map(([, file = ""]) => file);
  return imported.reduce<readonly string[]>((reached, each) => readAtOnce(each, reached), [...seen, name]);
}

describe("what is packed", () => {
  const texts = () => Object.entries(filesBelow(own)).filter(([path]) => !path.endsWith(".wasm"));

  test("no path of the machine that built it", () => {
    const paths = [root, work, homedir() === "/" ? root : homedir()];
    expect(
      texts()
        .filter(([, text]) => paths.some((path) => text.includes(path)))
        .map(([path]) => path),
    ).toEqual([]);
  });

  test("no sources, and no workflow in a place where GitHub would run it", () => {
    expect(
      texts()
        .filter(([path]) => /\.ts$|^\.github|^action\.yml$|\.map$/.test(path))
        .map(([path]) => path),
    ).toEqual([]);
  });

  test("to show its help it reads neither the AWS SDK, nor Cedar, nor age, nor what asks GitHub", () => {
    const [program = ""] = readdirSync(join(own, "hallpass/cli")).filter((name) =>
      name.startsWith("program-"),
    );
    const read = readAtOnce(program).map((name) => readFileSync(join(own, "hallpass/cli", name), "utf8"));
    expect(read.join("")).toContain("Just-in-time access");
    expect(read.join("")).not.toMatch(/AmazonSSM|cedar_wasm|AGE-SECRET-KEY|if-none-match/);
    expect(read.join("").length).toBeLessThan(120_000);
  });

  test("everything that is bundled is named with its licence", () => {
    const notices = readFileSync(join(own, "THIRD-PARTY-NOTICES.txt"), "utf8");
    for (const name of [
      "commander",
      "zod",
      "yaml",
      "age-encryption",
      "@cedar-policy/cedar-wasm",
      "@aws-sdk/client-ssm",
    ])
      expect(notices).toMatch(
        new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((?:MIT|ISC|BSD-3-Clause|Apache-2\\.0)\\)$`, "m"),
      );
    expect(notices).toContain("Permission is hereby granted, free of charge");
    expect(notices).toContain("Apache License");
  });

  test("the project itself is packed with a program that the build writes", () => {
    const { bin, files, scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as Record<
      string,
      Readonly<Record<string, string>>
    >;
    const path = bin?.["hallpass"] ?? "";
    expect(Object.values(files ?? {}).some((folder) => path.startsWith(`${folder}/`))).toBe(true);
    expect(Object.keys(filesBelow(built))).toContain(path.replace(/^cli\/dist\//, ""));
    expect(scripts?.["prepack"]).toContain("cli/build.ts");
  });
});

describe("as an extension of gh", () => {
  test("its executable hands over what was typed, from anywhere", () => {
    const told = succeeded(start(join(built, "gh-hallpass"), ["connect", "--help"]));
    expect(told).toMatch(/^Usage: hallpass connect /);
    const wrong = start(join(built, "gh-hallpass"), ["policy", "check", "no where"]);
    expect([wrong.status, wrong.stdout]).toEqual([2, ""]);
    expect(wrong.stderr).toContain("`no where`");
  });

  test.skipIf(spawnSync("gh", ["--version"]).status !== 0)("gh installs and runs it", () => {
    // it asks for a token before it looks at what is to be done, and uses none here
    const asked = { ...env, GH_TOKEN: "none", GH_NO_UPDATE_NOTIFIER: "1" };
    succeeded(start("gh", ["extension", "install", "."], { cwd: built, env: asked }));
    expect(succeeded(start("gh", ["hallpass", "--help"], { env: asked }))).toMatch(/^Usage: hallpass /);
  });
});
