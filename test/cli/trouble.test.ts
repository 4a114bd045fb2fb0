// Every command that talks to GitHub, by every way in which that goes wrong: one error, with what to do next, and exit code 2.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { describeProgram } from "../../cli/program.ts";
import { systemClock } from "../../flow/clock.ts";
import { secondaryLimit } from "../../sandbox/github/faults.ts";
import { allFlags, hallpass } from "./folder.ts";
import { withGitHub } from "./github.ts";

const twin = withGitHub();

/** What is typed; the same for every trouble. */
const commands: Readonly<Record<string, readonly string[]>> = {
  connect: ["r2d2-app-01", "--reason", "INC-1"],
  request: ["r2d2-app-01", "--reason", "INC-1"],
  status: ["12"],
  list: [],
  approve: ["12", "--yes"],
  reject: ["12", "--message", "no", "--yes"],
  revoke: ["12"],
  cancel: ["12"],
  extend: ["12", "1h"],
  credentials: ["12"],
  doctor: ["--repo", "acme/access"],
  init: ["--pull-request", ...allFlags],
  nodes: [],
  can: ["r2d2-app-01"],
  explain: ["r2d2-app-01"],
  console: ["12"],
  configure: ["12"],
};

/** These need no GitHub, or can do without. */
const local = ["key", "policy", "aws", "completion", "__complete"];

const json = (status: number, message: string, headers: Record<string, string> = {}) => {
  const body = JSON.stringify({ message, documentation_url: "https://docs.github.com/rest" });
  return new Response(body, { status, headers: { "content-type": "application/json", ...headers } });
};
const inSeconds = (seconds: number): number => Math.floor(systemClock.now() / 1_000) + seconds;

interface Trouble {
  /** GitHub's answer to everything; absent: the environment is what is wrong. */
  readonly answer?: () => Response;
  readonly env?: () => Readonly<Record<string, string>>;
  readonly expected: RegExp;
  /** Commands that have another answer to it. */
  readonly but?: readonly string[];
}

const sso = "https://github.com/orgs/acme/sso?authorization_request=AZSCKL";
/** A secret of GitHub's answer, and the person's own. */
const inBody = "ghs_aSecretInTheBody";

const troubles: Readonly<Record<string, Trouble>> = {
  offline: {
    env: () => ({ GITHUB_API_URL: "http://127.0.0.1:1" }),
    expected: /cannot be reached; check your connection.*\[unavailable\]/,
  },
  "an expired token": {
    answer: () => json(401, "Bad credentials"),
    expected:
      /refuses the token in GITHUB_TOKEN.*set it anew, or unset it and run `gh auth login.*\[unauthorized\]/,
  },
  "no permission": {
    answer: () => json(403, "Resource not accessible by personal access token"),
    expected: /may not do that; it needs access to .*\(Resource not accessible.*\[forbidden\]/,
  },
  "a primary limit": {
    answer: () =>
      json(403, "API rate limit exceeded for user ID 1.", {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(inSeconds(754)),
      }),
    expected: /asked too often; try again at \d\d:\d\d:\d\d UTC, in 13 minutes \[rate-limited\]/,
  },
  "a secondary limit": {
    answer: () => secondaryLimit(90),
    expected: /asked too often; try again at \d\d:\d\d:\d\d UTC, in 2 minutes \[rate-limited\]/,
  },
  "too many requests": {
    answer: () => json(429, "Too many requests", { "retry-after": "45" }),
    expected: /asked too often; try again at \d\d:\d\d:\d\d UTC, in 1 minute \[rate-limited\]/,
  },
  "single sign-on": {
    answer: () =>
      json(403, "Resource protected by organization SAML enforcement.", {
        "x-github-sso": `required; url=${sso}`,
      }),
    expected:
      /single sign-on; let your token in at https:\/\/github\.com\/orgs\/acme\/sso\?authorization_request=AZSCKL and try again/,
  },
  "a wrong repository": {
    env: () => ({ HALLPASS_REPOSITORY: "acme/nowhere" }),
    expected:
      /(?:no such repository or thing, or you may not see it; check --repo|acme\/nowhere has no #12).*/,
    but: ["doctor", "init"],
  },
  "no access repository": {
    env: () => ({ HALLPASS_REPOSITORY: "acme/website" }),
    expected:
      /acme\/website (?:is no access repository: expected `\.github\/hallpass\.yml` on its default branch, and there is none; give --repo|has no branch `ledger`: Hallpass is not set up there; check --repo)/,
    // the one makes it one, the other says what is missing
    but: ["doctor", "init"],
  },
  "a failure of GitHub's": {
    answer: () => new Response(`<html>${inBody}</html>`, { status: 502 }),
    expected:
      /got a failure of GitHub's own, 502; see githubstatus\.com, and try again later.*\[unavailable\]/,
  },
  "an answer that is not JSON": {
    answer: () => new Response(`<html>Sign in to the network ${inBody}</html>`, { status: 200 }),
    expected:
      /not what GitHub documents; check that GITHUB_API_URL is right, and that no proxy.*\[malformed\]/,
  },
};

/** Of the clock that waits for GitHub, in milliseconds. */
let waits: number[] = [];
let skipped = 0;

beforeAll(async () => {
  // connect looks for it first
  writeFileSync(join(home, "session-manager-plugin"), "#!/bin/sh\necho 1.2.707.0\n", { mode: 0o755 });
  await hallpass(["key"], { cwd: home, env: { HOME: home } });
  const { github } = twin.stage;
  github.createRepository({ owner: "acme", name: "website", files: { "README.md": "# Website\n" } });
  for (const login of ["alice", "bob"]) github.addCollaborator("acme/website", login, "write");
  vi.spyOn(systemClock, "now").mockImplementation(() => Date.now() + skipped);
  vi.spyOn(systemClock, "sleep").mockImplementation(async (wait) => {
    waits.push(wait);
    skipped += wait;
  });
  return () => {
    vi.restoreAllMocks();
    rmSync(home, { recursive: true });
  };
});

afterEach(() => {
  twin.stage.github.faults.clear();
  waits = [];
  skipped = 0;
});

const home = mkdtempSync(join(tmpdir(), "hallpass-trouble-"));

const typed = (command: string, { answer, env }: Trouble) => {
  if (answer !== undefined) twin.stage.github.faults.add({ when: () => true, respond: answer });
  const given = { PATH: home, HOME: home, ...env?.() };
  return twin.as("bob", [command, ...(commands[command] ?? [])], { env: given });
};

const described = describeProgram(
  {
    ...{ args: [], cwd: "/", env: {}, input: async () => "", outColours: false, errColours: false },
    out: () => {},
    err: () => {},
  },
  async () => {},
).commands.map((command) => command.name());

test("no command is forgotten", () => {
  const known = [...Object.keys(commands), ...local];
  expect(described.filter((name) => !known.includes(name))).toEqual([]);
});

describe.each(Object.entries(troubles))("%s", (_, trouble) => {
  test.each(described.filter((name) => name in commands && trouble.but?.includes(name) !== true))(
    "%s: exit 2, one error, and what to do",
    async (command) => {
      const { code, out, err } = await typed(command, trouble);
      expect([code, out]).toEqual([2, ""]);
      expect(err).toMatch(trouble.expected);
      expect(err.match(/^error: /gm)).toHaveLength(1);
      expect(err).not.toMatch(/gh[pso]_|\n\s+at /);
      expect(twin.writes().filter((each) => !each.startsWith("POST /graphql"))).toEqual([]);
    },
  );
});

describe("a limit that ends in some seconds", () => {
  test.each([
    ["list", []],
    ["revoke", ["4711"]],
  ])("%s waits for it, and says so", async (command, args) => {
    twin.stage.github.faults.add({ when: () => true, times: 1, respond: () => secondaryLimit(4) });
    const { code, out, err } = await twin.as("bob", [command, ...args]);
    expect(waits).toEqual([4_000]);
    expect(err.split("\n")[0]).toBe("GitHub wants fewer requests; waiting 4 s");
    expect([code, out]).toEqual(command === "list" ? [0, ""] : [2, ""]);
  });
});

test("single sign-on that only GraphQL asks for, with status 200, gives the address too", async () => {
  const errors = [{ type: "FORBIDDEN", path: ["repository"], message: "Resource protected by SAML." }];
  const answer = () =>
    new Response(JSON.stringify({ data: { repository: null }, errors }), {
      headers: { "content-type": "application/json", "x-github-sso": `required; url=${sso}` },
    });
  twin.stage.github.faults.add({ when: ({ graphql }) => graphql !== undefined, respond: answer });
  const { code, err } = await twin.as("bob", ["list"]);
  expect([code, err]).toEqual([2, expect.stringContaining(`let your token in at ${sso} and`)]);
});

test("a write that failed may have been done, and that is said", async () => {
  twin.stage.github.faults.add({
    when: ({ method, path }) => method === "POST" && path.endsWith("/issues"),
    respond: () => new Response("", { status: 502 }),
  });
  const { code, err } = await twin.as("bob", ["request", "r2d2-app-01", "--reason", "INC-1"]);
  expect([code, err]).toEqual([2, expect.stringContaining("look first whether it was done all the same")]);
});
