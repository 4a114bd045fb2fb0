// `hallpass init --pull-request` and `hallpass doctor` against a GitHub on a loopback port, as a person signs in to it.

import type { Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Check } from "../../flow/doctor-check.ts";
import { listen } from "../../sandbox/github/listen.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import { type Person, type Stage, setStage } from "../../sandbox/stage.ts";
import { readAccessFolder } from "../../sandbox/stage-folder.ts";
import { allFlags, emptyFolder, hallpass } from "./folder.ts";

let server: Server;
let stage: Stage;
let url: string;

beforeAll(async () => {
  const cwd = emptyFolder();
  await hallpass(["init", ...allFlags], { cwd });
  const twin = await listen((request) => stage.github.handle(request), 0);
  server = twin.server;
  url = `http://127.0.0.1:${twin.port}`;
  stage = await setStage({
    clock: realClock,
    url,
    folder: readAccessFolder(cwd),
    executor: {
      javaScript: () => Promise.resolve({ exitCode: 0, log: "" }),
      shell: () => Promise.resolve({ exitCode: 0, log: "" }),
    },
  });
});

afterAll(() => {
  stage.aws.close();
  server.closeAllConnections();
  server.close();
});

const envOf = (login: Person, more: Readonly<Record<string, string>> = {}) => ({
  GITHUB_API_URL: url,
  GITHUB_TOKEN: stage.github.personalToken(login),
  ...more,
});

describe("init --pull-request", () => {
  const repo = { owner: "acme", repo: "doors" };
  const told = allFlags.map((each) => each.replace("acme/access", "acme/doors"));
  const init = async () => {
    const { code, out, err } = await hallpass(["init", "--pull-request", "--json", ...told], {
      cwd: emptyFolder(),
      env: envOf("olivia"),
    });
    expect([code, err]).toEqual([0, ""]);
    return JSON.parse(out) as {
      files: { path: string; is: string }[];
      pullRequest?: string;
      steps: { title: string }[];
    };
  };
  const rest = () => stage.as("olivia").rest;

  beforeAll(() => {
    stage.github.createRepository({ owner: "acme", name: "doors", defaultBranch: "trunk" });
  });

  test("proposes every file, binary ones too, begins the ledger, and says what is left", async () => {
    const { files, pullRequest, steps } = await init();
    const { data: pulls } = await rest().pulls.list({ ...repo, state: "open" });
    expect(pulls.map(({ html_url, base }) => [html_url, base.ref])).toEqual([[pullRequest, "trunk"]]);
    const proposed = await rest().pulls.listFiles({
      ...repo,
      pull_number: pulls[0]?.number ?? 0,
      per_page: 100,
    });
    expect(proposed.data.map(({ filename }) => filename).sort()).toEqual(
      files.map(({ path }) => path).sort(),
    );
    expect(files.map(({ path }) => path)).toContain("action/dist/cedar_wasm_bg.wasm");
    const { data: tree } = await rest().git.getTree({ ...repo, tree_sha: "ledger", recursive: "1" });
    expect(
      tree.tree
        .filter(({ type }) => type === "blob")
        .map(({ path }) => path)
        .sort(),
    ).toEqual([".github/workflows/wake.yml", "README.md"]);
    const { data: commits } = await rest().repos.listCommits({ ...repo, sha: "ledger" });
    expect(commits.map(({ parents }) => parents.length)).toEqual([0]);
    expect(steps.map(({ title }) => title)).not.toContain("Begin the ledger");
  });

  test("a second time it is the same pull request, and once it is merged there is nothing to do", async () => {
    const again = await init();
    const { data: pulls } = await rest().pulls.list({ ...repo, state: "all" });
    expect(pulls.map(({ html_url }) => html_url)).toEqual([again.pullRequest]);
    await rest().pulls.merge({ ...repo, pull_number: pulls[0]?.number ?? 0 });
    const { files, pullRequest } = await init();
    expect(files.filter(({ is }) => is !== "same")).toEqual([]);
    expect(pullRequest).toBeUndefined();
  });

  test("a repository that one cannot see is an error, and nothing is printed", async () => {
    const args = ["init", "--pull-request", ...allFlags, "--repo", "acme/nothing"];
    const { code, out, err } = await hallpass(args, { cwd: emptyFolder(), env: envOf("mallory") });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("not-found");
  });
});

describe("doctor", () => {
  const doctor = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    hallpass(["doctor", ...args], { cwd: emptyFolder(), env });

  test("names what is missing, with what to do, and exits 1", async () => {
    const { code, out } = await doctor(["--repo", "acme/access"], envOf("olivia"));
    expect(code).toBe(1);
    expect(out).toMatch(/^ok {14}access repository: acme\/access, private, seen as an admin$/m);
    expect(out).toMatch(/^FAILED {10}inventory: none has been taken.*\n {16}→ gh workflow run access\.yml/m);
    expect(out).toMatch(/^could not look {2}webhook deliveries: only the App itself may look$/m);
    expect(out).toMatch(/\n\d+ ok, 0 warnings, 2 failed, 2 could not be looked at\n$/);
  });

  test("--json is the same as data; the repository may come from the environment, the App's key too", async () => {
    const env = envOf("olivia", {
      HALLPASS_REPOSITORY: "acme/access",
      APP_ID: "1001",
      PRIVATE_KEY: stage.app.privateKey.replaceAll("\n", "\\n"),
    });
    const { code, out } = await doctor(["--json"], env);
    const checks = JSON.parse(out) as readonly Check[];
    expect(code).toBe(1);
    const failed = checks.filter(({ state }) => state === "failed");
    // nobody listens where this GitHub sends its webhooks
    expect(failed.map(({ name }) => name)).toEqual(["webhook deliveries", "inventory", "sweep"]);
    expect(failed[0]?.found).toMatch(/^(\d+) of the last hour's \1 failed, the last with \d+ /);
    expect(out).not.toContain("PRIVATE KEY-----");
  });

  test.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
    ["no repository", [], {}, /which access repository/],
    ["one that is not there", ["--repo", "acme/nothing"], {}, /not-found/],
    [
      "a trust policy that is not there",
      ["--repo", "acme/access", "--trust-policy", "nope.json"],
      {},
      /nope\.json/,
    ],
    ["a token that is none", ["--repo", "acme/access"], { GITHUB_TOKEN: "nope" }, /unauthorized/],
    ["an unknown option", ["--nope"], {}, /unknown option/],
  ])("%s: exit 2", async (_, args, env, expected) => {
    const { code, out, err } = await doctor(args, envOf("olivia", env));
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(expected);
  });
});
