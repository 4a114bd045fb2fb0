// `hallpass completion`: argv to options, what the scripts ask and are answered, and the scripts themselves in the shells that are here.

import { execFile, execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { completionScript, type Shell, shells } from "../../cli/completion-scripts.ts";
import { emptyFolder } from "./folder.ts";
import { withGitHub } from "./github.ts";
import { typed } from "./typed.ts";

const twin = withGitHub();
/** Names that a shell must not run, and ones that nobody could ask for. */
const awkward = ["$(touch ran)`touch ran`; 'x'", "two words", "-rf", "a\tb", "\u001b[31mred", ":files"];

describe("argv to options", () => {
  test.each(shells)("%s", async (shell) => {
    expect(await typed("completion", shell)).toEqual({ shell });
  });

  test("what a script asks", async () => {
    expect(await typed("__complete", "--", "connect", "--access", "")).toEqual({
      words: ["connect", "--access", ""],
    });
    expect(await typed("__complete", "--refresh", "nodes", "--repo", "a/b")).toEqual({
      words: [],
      refresh: "nodes",
      repo: "a/b",
    });
  });

  test.each<[readonly string[], RegExp]>([
    [[], /missing required argument 'shell'/],
    [["tcsh"], /Allowed choices are bash, zsh, fish/],
  ])("%j is refused", async (args, message) => {
    await expect(typed("completion", ...args)).rejects.toThrow(message);
  });
});

test.each(shells)("the script for %s starts this program as it was started", async (shell) => {
  const program = { node: "/opt/my node", nodeArgs: [], script: "/x/main.js" };
  const { code, out } = await twin.as("alice", ["completion", shell], { program });
  expect([code, out]).toEqual([0, completionScript(shell, "'/opt/my node' /x/main.js")]);
});

let home = "";
let number = 0;
const cache = (what: "nodes" | "requests"): string => join(home, ".cache/hallpass", `acme-access-${what}`);
const ask = async (
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> => {
  const { code, out, err } = await twin.as("alice", ["__complete", "--", ...words], {
    env: { HOME: home, ...env },
  });
  expect([code, err]).toEqual([0, ""]);
  return out.split("\n").slice(0, -1);
};
const values = async (...given: Parameters<typeof ask>) =>
  (await ask(...given)).map((line) => line.split("\t")[0]);
const refresh = (what: string) =>
  twin.as("alice", ["__complete", "--refresh", what, "--repo", "acme/access"], { env: { HOME: home } });

beforeAll(async () => {
  await twin.addNodes(awkward.map((name, i) => ({ id: `i-0e0e0e0e0e0e0e0e${i}`, name })));
});

describe("what is answered", () => {
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "hallpass-completion-"));
    const told = await twin.as("alice", ["request", "r2d2-app-01", "--reason", "INC-1", "--json"], {
      env: { HOME: home },
    });
    number = (JSON.parse(told.out) as { request: number }).request;
    await twin.openPull(number, { people: ["alice"] });
    await refresh("requests");
    await vi.waitFor(() => statSync(cache("nodes")));
    twin.writes();
  });
  beforeEach(() => {
    for (const what of ["nodes", "requests"] as const) utimesSync(cache(what), new Date(), new Date());
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test("the caches are for nobody else, and hold what connect, request and nodes have read", () => {
    for (const what of ["nodes", "requests"] as const) expect(statSync(cache(what)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(cache("nodes"), "utf8"))).toMatchObject({
      repo: "acme/access",
      forwards: ["postgres"],
    });
  });

  const apps = ["r2d2-app-01", "r2d2-app-02"];
  test.each<[string, readonly string[], () => readonly string[]]>([
    ["a command", ["con"], () => ["connect", "configure", "console"]],
    ["the hidden one is none", ["_"], () => []],
    ["a command of a group", ["policy", ""], () => ["test", "check"]],
    ["an option", ["connect", "--lo"], () => ["--local-port"]],
    ["--help", ["key", "--h"], () => ["--help"]],
    ["a mode", ["connect", "--access", ""], () => ["shell", "ssh", "port-forward"]],
    ["a mode, with =", ["connect", "--access=s"], () => ["--access=shell", "--access=ssh"]],
    ["a forward of the config", ["request", "x", "--forward", "p"], () => ["postgres"]],
    ["a duration", ["connect", "--for", "3"], () => ["30m"]],
    ["a place", ["credentials", "1", "--place", ""], () => ["111122223333/eu-central-1"]],
    ["a shell", ["completion", "z"], () => ["zsh"]],
    ["free text", ["connect", "--reason", ""], () => []],
    ["a file", ["key", "--identity", ""], () => [":files"]],
    ["a node", ["connect", "r2d2-app"], () => apps],
    ["a node, after options and their values", ["connect", "--for", "2h", "--json", "r2d2-app"], () => apps],
    ["a second node, where several may be", ["request", "r2d2-dev-01", "r2d2-app"], () => apps],
    ["a second node, where one may be", ["connect", "r2d2-dev-01", "r2d2-app"], () => []],
    ["after --, no option", ["connect", "--", "r2d2-app"], () => apps],
    ["an id, once it is begun", ["connect", "i-0a0a"], () => ["i-0a0a0a0a0a0a0a0a1", "i-0a0a0a0a0a0a0a0a2"]],
    ["a name with marks and spaces", ["connect", "$"], () => [awkward[0] ?? ""]],
    ["a name that nobody could ask for", ["connect", "a"], () => []],
    ["my request", ["cancel", ""], () => [String(number)]],
    ["one that waits for my review", ["approve", ""], () => [String(number)]],
    [
      "my request or a node",
      ["configure", ""],
      () => expect.arrayContaining([String(number), "r2d2-app-01"]),
    ],
    ["another repository, whose names are not known", ["connect", "--repo", "acme/other", "r2d2"], () => []],
  ])("%s: %j", async (_, words, expected) => {
    const env = words.includes("acme/other") ? { PATH: "/nowhere" } : {};
    expect(await values(words, env)).toEqual(expected());
    expect(twin.writes()).toEqual([]);
  });

  test.each(["connect", "can", "explain", "nodes", "request"])("%s takes nodes", async (command) => {
    expect(await values([command, "c3po"])).toEqual(["c3po-vault-01"]);
  });

  test("no answer moves the cursor, or begins as an option", async () => {
    const all = await values(["connect", ""]);
    expect(all).toContain("two words");
    for (const each of all) expect(each).not.toMatch(/^[-:]|[\p{C}\t]/u);
  });

  test("each says what it is", async () => {
    expect(await ask(["connect", "c3po"])).toEqual(["c3po-vault-01\t111122223333/eu-central-1"]);
    expect(await ask(["cancel", ""])).toEqual([`${number}\tnew r2d2-app-01`]);
  });

  test("from the cache without GitHub, and within 300 ms", async () => {
    const before = performance.now();
    expect(await values(["connect", "r2d2-app"], { GITHUB_API_URL: "http://127.0.0.1:9" })).toEqual(apps);
    expect(performance.now() - before).toBeLessThan(300);
  });

  test("what is old is answered at once, and read anew by a process of its own", {
    timeout: 30_000,
  }, async () => {
    const old = readFileSync(cache("nodes"), "utf8").replace("c3po-vault-01", "c3po-gone");
    writeFileSync(cache("nodes"), old);
    utimesSync(cache("nodes"), 0, 0);
    const program = {
      node: process.execPath,
      nodeArgs: ["--import", "tsx"],
      script: fileURLToPath(new URL("../../cli/main.ts", import.meta.url)),
    };
    const env = { HOME: home, PATH: process.env["PATH"] ?? "" };
    const { out } = await twin.as("alice", ["__complete", "--", "connect", "c3po"], { env, program });
    expect(out).toMatch(/^c3po-gone\t/);
    await expect
      .poll(() => readFileSync(cache("nodes"), "utf8"), { timeout: 20_000 })
      .toContain("c3po-vault-01");
  });

  test.each<[string, (text: string) => string]>([
    ["a broken cache", () => "{"],
    ["a cache of something else", () => "[]"],
    [
      "a cache of another repository of that file's name",
      (text) => text.replace('"acme/access"', '"acme-access/x"'),
    ],
  ])("%s: nothing, silently", async (_, spoil) => {
    const text = readFileSync(cache("nodes"), "utf8");
    writeFileSync(cache("nodes"), spoil(text));
    expect(await ask(["connect", "r2d2"])).toEqual([]);
    writeFileSync(cache("nodes"), text);
  });

  test("nobody is signed in, nothing is known, nobody says which repository: nothing, silently", async () => {
    const env = { HOME: emptyFolder(), PATH: "/nowhere", GITHUB_TOKEN: "" };
    expect(await ask(["connect", ""], env)).toEqual([]);
    expect(await ask(["connect", ""], { ...env, HALLPASS_REPOSITORY: "" })).toEqual([]);
    expect(await twin.as("alice", ["__complete", "--refresh", "nodes"], { env })).toMatchObject({
      code: 0,
      out: "",
      err: "",
    });
  });

  /** What a shell here completes, with this program's own script. */
  const program = () => {
    const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
    return completionScript("bash", `${process.execPath} --import ${import.meta.resolve("tsx")} ${main}`);
  };
  test("bash: words in, COMPREPLY out, and no name is run", { timeout: 60_000 }, async () => {
    const cwd = emptyFolder();
    const env = {
      HOME: home,
      PATH: process.env["PATH"],
      GITHUB_API_URL: "http://127.0.0.1:9",
      GITHUB_TOKEN: "x",
      HALLPASS_REPOSITORY: "acme/access",
    };
    const complete = async (...words: string[]) => {
      const typedWords = words.map((word) => `'${word}'`).join(" ");
      const script = `${program()}\nCOMP_WORDS=(hallpass ${typedWords}); COMP_CWORD=${words.length}; _hallpass\nprintf '%s\\n' "\${COMPREPLY[@]}"; eval "for each in \${COMPREPLY[*]}; do printf '<%s>\\n' \\"\\$each\\"; done"`;
      const { stdout } = await promisify(execFile)("bash", ["-c", script], { cwd, env });
      return stdout
        .split("\n")
        .slice(0, -1)
        .filter((line) => line.startsWith("<"));
    };
    expect(await complete("connect", "r2d2-app")).toEqual(["<r2d2-app-01>", "<r2d2-app-02>"]);
    // bash parts it so; it replaces only what is after the mark
    expect(await complete("connect", "--access", "=", "s")).toEqual(["<shell>", "<ssh>"]);
    expect(await complete("connect", "$")).toEqual([`<${awkward[0]}>`]);
    expect(statSync(join(cwd, "ran"), { throwIfNoEntry: false })).toBeUndefined();
  });
});

const isHere = (shell: string): boolean => {
  try {
    execFileSync(shell, ["-c", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};
describe.each<Shell>(["bash", "zsh", "fish"])("%s", (shell) => {
  const here = isHere(shell);
  test.skipIf(!here)(`reads its script${here ? "" : " (SKIPPED: it is not on PATH)"}`, () => {
    const file = join(emptyFolder(), "script");
    writeFileSync(file, completionScript(shell, "hallpass"));
    execFileSync(shell, ["-n", file]);
  });

  /** What each would offer, without somebody who presses Tab. */
  const offered: Readonly<Record<Shell, (script: string) => string>> = {
    bash: (script) =>
      `. ${script}; COMP_WORDS=(hallpass connect r2); COMP_CWORD=2; _hallpass; printf '%s\\n' "\${COMPREPLY[@]}"`,
    zsh: (script) =>
      `compdef() {}; compadd() { print -l -- $values; }; . ${script}; words=(hallpass connect r2); CURRENT=3; _hallpass`,
    fish: (script) => `source ${script}; complete -C "hallpass connect r2" | string split -f1 \\t`,
  };
  test.skipIf(!here)(`offers what is answered${here ? "" : " (SKIPPED: it is not on PATH)"}`, () => {
    const folder = emptyFolder();
    const answer = join(folder, "answer");
    writeFileSync(
      answer,
      `#!/bin/sh\n[ "$*" = "__complete -- connect r2" ] && printf 'r2d2\\tEC2\\nr2d3\\tEC2\\n'\n`,
    );
    chmodSync(answer, 0o755);
    const script = join(folder, "script");
    writeFileSync(script, completionScript(shell, answer));
    const out = execFileSync(shell, ["-c", offered[shell](script)], { encoding: "utf8" });
    expect(out.trim().split("\n")).toEqual(["r2d2", "r2d3"]);
  });
});
