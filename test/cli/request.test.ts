// `hallpass request`: options to requests, output and exit code.

import { describe, expect, test } from "vitest";
import { checkRequest } from "../../core/check-request.ts";
import { parseConfig } from "../../core/config.ts";
import { parseForm } from "../../core/form.ts";
import type { Instant } from "../../core/ids.ts";
import { repo, withGitHub } from "./github.ts";

const twin = withGitHub();

const issueOf = async (number: number) =>
  (await twin.stage.as("olivia").rest.issues.get({ ...repo, issue_number: number })).data;

const reason = "INC-1 checkout is down";
const asked = async (args: readonly string[]) => {
  const { code, out, err } = await twin.as("alice", ["request", ...args, "--json"]);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Record<string, unknown> & { request: number };
};

describe("request", () => {
  const app01 = {
    account: "111122223333",
    region: "eu-central-1",
    id: "i-0a0a0a0a0a0a0a0a1",
    name: "r2d2-app-01",
  };
  const inAnHour = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)}Z`;

  test.each<[string, readonly string[], Record<string, unknown>]>([
    ["only what has to be", ["r2d2-app-01"], { nodes: [app01], access: "shell", for: "1h", reason }],
    ["how long", ["r2d2-app-01", "--for", "90m"], { for: "1h30m" }],
    [
      "a tag",
      ["tag:Environment=Production", "tag:Workload=Application01"],
      { nodes: expect.arrayContaining([app01]) as unknown },
    ],
    ["a place", ["workloads/eu-central-1/r2d2-app-01"], { nodes: [app01] }],
    [
      "a forward",
      ["i-0a0a0a0a0a0a0a0a1", "--access", "port-forward", "--forward", "postgres"],
      { access: "port-forward", forward: "postgres" },
    ],
    ["a ticket", ["r2d2-app-01", "--ticket", "INC-1"], { ticket: "INC-1" }],
    ["a start", ["r2d2-app-01", "--from", inAnHour], { from: inAnHour }],
    ["a reason of several lines", ["r2d2-app-01", "--reason", "two\n\nlines"], { reason: "two\n\nlines" }],
  ])("%s: one issue, which is the form filled in", async (_, args, expected) => {
    twin.writes();
    const given = args.includes("--reason") ? args : [...args, "--reason", reason];
    const told = await asked(given);
    expect(told).toMatchObject(expected);
    expect(twin.writes()).toEqual(["POST /repos/acme/access/issues"]);
    const issue = await issueOf(told.request);
    expect(issue.user?.login).toBe("alice");
    const draft = parseForm(issue.body ?? "");
    const config = parseConfig(await configText());
    if (!draft.ok || !config.ok) throw new Error("expected a form and a config");
    const read = checkRequest(draft.value, config.value, Date.now() as Instant);
    expect(read).toMatchObject({ ok: true, value: { reason: told["reason"], access: told["access"] } });
  });

  test("without --json the address is on standard output, what to do next on standard error", async () => {
    const { code, out, err } = await twin.as("alice", ["request", "r2d2-dev-01", "--reason", reason]);
    expect([code, out]).toEqual([0, expect.stringMatching(/^http.*\/acme\/access\/issues\/\d+\n$/)]);
    expect(err).toMatch(/^asked as #\d+; `hallpass status \d+` says how it stands\n$/);
  });

  test("on a terminal the reason is asked for", async () => {
    const { code, asked: questions } = await twin.as("alice", ["request", "r2d2-dev-01"], {
      answers: ["", "INC-2"],
    });
    expect([code, questions]).toEqual([0, ["Reason:", "Reason:"]]);
  });

  test.each<[string, readonly string[], RegExp]>([
    ["no reason, off a terminal", ["r2d2-app-01"], /--reason/],
    ["no node", ["--reason", reason], /missing required argument 'node'/],
    [
      "an unknown node, with the nearest names",
      ["r2d2-ap-01", "--reason", reason],
      /Nodes: no node is `r2d2-ap-01`; did you mean `r2d2-app-01`.* \[request\.node-unknown\]/,
    ],
    [
      "a duration that is none",
      ["r2d2-app-01", "--reason", reason, "--for", "soon"],
      /\[request\.duration-malformed\]/,
    ],
    ["too long", ["r2d2-app-01", "--reason", reason, "--for", "9h"], /\[request\.duration-over-limit\]/],
    [
      "a mode that is not allowed here",
      ["r2d2-app-01", "--reason", reason, "--access", "rdp"],
      /\[request\.access-unknown\]/,
    ],
    [
      "a forward without its mode",
      ["r2d2-app-01", "--reason", reason, "--forward", "postgres"],
      /\[request\.forward-unwanted\]/,
    ],
    [
      "a start that is past",
      ["r2d2-app-01", "--reason", reason, "--from", "2020-01-01T00:00:00Z"],
      /\[request\.from-past\]/,
    ],
    [
      "a reason that could be another field",
      ["r2d2-app-01", "--reason", "x\n### Nodes\nc3po"],
      /\[form\.heading-unknown\]/,
    ],
    ["what nobody sees", ["r2d2-app-01", "--reason", "safe\u202Eelif"], /\[request\.characters\]/],
    ["an unknown option", ["r2d2-app-01", "--reson", reason], /unknown option/],
  ])("%s: nothing is posted, exit 2", async (_, args, expected) => {
    twin.writes();
    const { code, out, err } = await twin.as("alice", ["request", ...args]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(expected);
    expect(twin.writes()).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["no repository", { HALLPASS_REPOSITORY: "" }, /which access repository\? give --repo/],
    ["half a repository", { HALLPASS_REPOSITORY: "acme" }, /as owner\/name, got `acme`/],
    ["no address of GitHub", { GITHUB_API_URL: "ghe.acme.com" }, /GITHUB_API_URL .* got `ghe\.acme\.com`/],
    [
      "a repository that one cannot see",
      { HALLPASS_REPOSITORY: "acme/nothing" },
      /check --repo.*\[not-found\]/,
    ],
    ["an expired token", { GITHUB_TOKEN: "ghp_nope" }, /gh auth login.*\[unauthorized\]/],
    ["offline", { GITHUB_API_URL: "http://127.0.0.1:9" }, /check your connection.*\[unavailable\]/],
  ])("%s: exit 2, with what to do", { timeout: 60_000 }, async (_, env, expected) => {
    const { code, out, err } = await twin.as("alice", ["request", "r2d2-app-01", "--reason", reason], {
      env,
    });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(expected);
  });

  async function configText(): Promise<string> {
    const { data } = await twin.stage
      .as("olivia")
      .rest.repos.getContent({ ...repo, path: ".github/hallpass.yml" });
    if (!("content" in data)) throw new Error("expected a file");
    return Buffer.from(data.content, "base64").toString("utf8");
  }
});
