// biome-ignore-all lint/suspicious/noTemplateCurlyInString: GitHub expressions look like template strings
import {
  convertWorkflowTemplate,
  parseWorkflow as judge,
  NoOperationTraceWriter,
} from "@actions/workflow-parser";
import { describe, expect, test } from "vitest";
import { nextFire, parseCron } from "../../../sandbox/github/actions/cron.ts";
import {
  evaluateCondition,
  evaluateScalar,
  interpolate,
} from "../../../sandbox/github/actions/expressions.ts";
import { jobRights } from "../../../sandbox/github/actions/token-permissions.ts";
import { wants } from "../../../sandbox/github/actions/triggers.ts";
import { InvalidWorkflow, parseWorkflow } from "../../../sandbox/github/actions/workflow-file.ts";
import type { RepoEvent, RepoRef } from "../../../sandbox/github/actions-port.ts";
import { alice, createSmallWorld } from "./small-world.ts";

// The language of workflow files: expressions, cron, filters, permissions; GitHub's own parser judges the files.

describe("expressions", () => {
  const contexts = {
    github: { event: { sender: { type: "Bot" }, n: 3 }, ref: "refs/heads/main" },
    inputs: { dry: false, list: [1, 2] },
  };

  test.each([
    ["a ${{ github.ref }} b", "a refs/heads/main b"],
    ["${{ github.event.missing.deeper }}", ""],
    ["${{ '}}' }}${{ format('{0}-{1}', 'x', inputs.dry) }}", "}}x-false"],
    ["${{ contains(github.ref, 'HEADS') && startsWith(github.ref, 'refs/') }}", "true"],
    ["${{ github.event.n > 2 && 'big' || 'small' }}", "big"],
    ["${{ GitHub.EVENT.sender.TYPE == 'bot' }}", "true"],
    ["no expression }} at all", "no expression }} at all"],
  ])("%s → %s", (text, value) => {
    expect(interpolate(text, { contexts })).toBe(value);
  });

  test.each([
    ["${{ inputs.dry }}", false],
    ["${{ github.event.n }}", 3],
    ["${{ inputs.list }}", [1, 2]],
    ["${{ fromJSON('{\"a\":1}') }}", { a: 1 }],
    ["x${{ inputs.dry }}", "xfalse"],
  ])("%s alone keeps its type", (text, value) => {
    expect(evaluateScalar(text, { contexts })).toEqual(value);
  });

  test.each([
    [undefined, { success: true, failure: false, cancelled: false }],
    ["always()", { success: true, failure: true, cancelled: true }],
    ["failure()", { success: false, failure: true, cancelled: false }],
    ["!cancelled()", { success: true, failure: true, cancelled: false }],
    ["github.event.n == 3", { success: true, failure: false, cancelled: false }],
    ["${{ github.event.n == 4 }}", { success: false, failure: false, cancelled: false }],
    // A text that only names the function asks success() first.
    ["'always()' == 'always()'", { success: true, failure: false, cancelled: false }],
    // GitHub's trap: outside of ${{ }} it is no comparison but text, and text is true.
    ["${{ github.event.n }} == 4", { success: true, failure: false, cancelled: false }],
  ])("if: %s", (condition, expected) => {
    const answer = (status: "success" | "failure" | "cancelled") =>
      evaluateCondition(condition, {
        contexts,
        status: { success: false, failure: false, cancelled: false, [status]: true },
      });
    expect({
      success: answer("success"),
      failure: answer("failure"),
      cancelled: answer("cancelled"),
    }).toEqual(expected);
  });

  test.each(["${{ secrets.X }}", "${{ nothing( }}", "${{ open"])("%s is an error", (text) => {
    expect(() => interpolate(text, { contexts })).toThrow();
  });
});

describe("cron", () => {
  const next = (cron: string, after: string) => {
    const at = nextFire(parseCron(cron), Date.parse(after));
    return at && new Date(at).toISOString().slice(0, 16);
  };

  test.each([
    ["*/15 * * * *", "2026-11-22T12:00:00Z", "2026-11-22T12:15"],
    ["5 4 * * *", "2026-11-22T04:05:00Z", "2026-11-23T04:05"],
    ["0 9-17/4 * * MON-FRI", "2026-11-20T17:00:00Z", "2026-11-23T09:00"],
    ["0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00"],
    ["0 0 13 * 5", "2026-11-22T00:00:00Z", "2026-11-27T00:00"],
    ["0 0 * * 7", "2026-11-22T00:00:00Z", "2026-11-29T00:00"],
    ["30 1,13 1 JAN,JUL *", "2026-02-01T00:00:00Z", "2026-07-01T01:30"],
    ["0 0 31 2 *", "2026-01-01T00:00:00Z", undefined],
  ])("%s after %s is %s", (cron, after, expected) => {
    expect(next(cron, after)).toBe(expected);
  });

  test.each(["* * * *", "60 * * * *", "* * 0 * *", "*/0 * * * *", "a * * * *", "@daily"])(
    "%s is refused",
    (cron) => {
      expect(() => parseCron(cron)).toThrow(/cron/);
    },
  );
});

describe("filters", () => {
  const repository = createSmallWorld().addRepository({ name: "access" });
  const event = (more: Partial<RepoEvent>): RepoEvent => ({
    name: "push",
    payload: {},
    repository,
    actor: alice,
    byGitHubToken: false,
    ...more,
  });
  const push = (ref: string) => event({ payload: { ref } });
  const pull = (base: string, action: string) =>
    event({ action, payload: { pull_request: { base: { ref: base } } } });
  const run = (name: string, head: string) =>
    event({ action: "completed", payload: { workflow_run: { name, head_branch: head } } });
  const none = () => [];

  test.each([
    ["push", "push", push("refs/heads/main"), true],
    ["push: { branches: [main] }", "push", push("refs/heads/main"), true],
    ["push: { branches: [main] }", "push", push("refs/tags/main"), false],
    ["push: { tags: ['v*'] }", "push", push("refs/tags/v1.2"), true],
    ["push: { tags: ['v*'] }", "push", push("refs/heads/v1"), false],
    ["push: { branches: ['rel/**', '!rel/old'] }", "push", push("refs/heads/rel/a/b"), true],
    ["push: { branches: ['rel/**', '!rel/old'] }", "push", push("refs/heads/rel/old"), false],
    ["push: { branches: ['rel/*'] }", "push", push("refs/heads/rel/a/b"), false],
    ["push: { branches-ignore: [ledger] }", "push", push("refs/heads/ledger"), false],
    ["push: { branches: ['a.c'] }", "push", push("refs/heads/abc"), false],
    ["pull_request", "pull_request", pull("main", "labeled"), false],
    ["pull_request", "pull_request", pull("main", "synchronize"), true],
    ["pull_request: { types: [labeled] }", "pull_request", pull("main", "labeled"), true],
    ["pull_request: { branches: [ledger] }", "pull_request", pull("main", "opened"), false],
    ["pull_request_review: { types: submitted }", "pull_request_review", pull("main", "dismissed"), false],
    ["issue_comment: { types: [created] }", "issue_comment", event({ action: "edited" }), false],
    ["repository_dispatch: { types: [wake] }", "repository_dispatch", event({ action: "sleep" }), false],
    ["workflow_run: { workflows: [wake] }", "workflow_run", run("wake", "x"), true],
    ["workflow_run: { workflows: [wake] }", "workflow_run", run("other", "x"), false],
    ["workflow_run: { workflows: [wake], branches: [main] }", "workflow_run", run("wake", "x"), false],
    ["issues", "push", push("refs/heads/main"), false],
  ])("on: %s, for %s: case %#", (on, trigger, happened, expected) => {
    const text = `on: { ${on.includes(":") ? on : `${on}: null`} }\njobs: { a: { runs-on: x, steps: [{ run: b }] } }`;
    expect(wants(parseWorkflow("x.yml", text), trigger, happened, { changedPaths: none })).toBe(expected);
  });

  test.each([
    ["paths: ['policies/**']", ["README.md", "policies/a/b.cedar"], true],
    ["paths: ['policies/**']", ["README.md"], false],
    ["paths-ignore: ['*.md']", ["README.md"], false],
    ["paths-ignore: ['*.md']", ["README.md", "docs/x.md"], true],
  ])("push with %s, for %j: %s", (filter, paths, expected) => {
    const text = `on: { push: { ${filter} } }\njobs: { a: { runs-on: x, steps: [{ run: b }] } }`;
    const facts = { changedPaths: () => paths };
    expect(wants(parseWorkflow("x.yml", text), "push", push("refs/heads/main"), facts)).toBe(expected);
  });
});

describe("GITHUB_TOKEN", () => {
  const repo: RepoRef = createSmallWorld().addRepository({ name: "access" });

  test.each([
    [undefined, undefined, false, { metadata: "read", contents: "read", packages: "read" }, false],
    [{}, undefined, false, { metadata: "read" }, false],
    [{ issues: "write" }, undefined, false, { metadata: "read", issues: "write" }, false],
    [
      { issues: "write" },
      { "pull-requests": "write" },
      false,
      { metadata: "read", pull_requests: "write" },
      false,
    ],
    [{ issues: "write", "id-token": "write" }, undefined, false, { metadata: "read", issues: "write" }, true],
    [{ issues: "write", "id-token": "write" }, undefined, true, { metadata: "read", issues: "read" }, false],
    [{ contents: "none" }, undefined, false, { metadata: "read" }, false],
  ] as const)("workflow %j, job %j, fork %s: %j", (ofWorkflow, ofJob, fork, token, idToken) => {
    expect(jobRights(repo, ofWorkflow, ofJob, fork)).toEqual({ token, idToken });
  });

  test("`write-all` is all and OIDC; `read-all` is neither to write nor OIDC; a repository may default to write", () => {
    expect(jobRights(repo, "write-all", undefined, false)).toMatchObject({
      token: { contents: "write" },
      idToken: true,
    });
    expect(jobRights(repo, "read-all", undefined, false)).toMatchObject({
      token: { contents: "read" },
      idToken: false,
    });
    const open = { ...repo, defaultTokenAccess: "write" as const };
    expect(jobRights(open, undefined, undefined, false)).toMatchObject({
      token: { contents: "write" },
      idToken: false,
    });
  });
});

describe("files, judged by GitHub's own parser too", () => {
  const job = "jobs: { a: { runs-on: x, steps: [{ run: b }] } }";
  const accepts = {
    ours: (text: string) => {
      try {
        parseWorkflow("x.yml", text);
        return true;
      } catch (error) {
        if (error instanceof InvalidWorkflow) return false;
        throw error;
      }
    },
    theirs: async (text: string) => {
      const { context, value } = judge({ name: "x.yml", content: text }, new NoOperationTraceWriter());
      if (value) await convertWorkflowTemplate(context, value);
      return context.errors.getErrors().length === 0;
    },
  };

  test("a file of nested aliases is refused, not unfolded", () => {
    const bomb = [
      "a: &a [x]",
      ..."bcdefgh".split("").map((name, at) => `${name}: &${name} [${`*${"abcdefg"[at]},`.repeat(9)}]`),
    ];
    expect(() => parseWorkflow("x.yml", `on: push\n${bomb.join("\n")}\n${job}`)).toThrow(InvalidWorkflow);
  });

  test.each([
    [`on: push\n${job}`, true],
    [`on: [push, issues]\n${job}`, true],
    [`on: { push: { branches: main } }\nname: n\nrun-name: "by \${{ github.actor }}"\n${job}`, true],
    [
      `on: { workflow_dispatch: { inputs: { a: { type: choice, options: [x] }, b: { type: boolean, default: true } } } }\n${job}`,
      true,
    ],
    [`on: { schedule: [{ cron: "*/15 * * * *" }] }\npermissions: {}\n${job}`, true],
    [
      `on: push\nconcurrency: { group: "g-\${{ github.ref }}", cancel-in-progress: false, queue: max }\n${job}`,
      true,
    ],
    [
      `on: push\njobs: { a: { runs-on: x, environment: { name: e }, concurrency: g, timeout-minutes: 5, permissions: { id-token: write }, steps: [{ uses: ./, with: { a: 1 } }] } }`,
      true,
    ],
    [
      `on: push\njobs: { a: { runs-on: x, steps: [{ run: b }] }, c: { needs: a, if: always(), runs-on: x, steps: [{ run: b }] } }`,
      true,
    ],
    [`on: push\njobs: { a: { runs-on: x, steps: [{ run: b, uses: ./ }] } }`, false],
    [`on: push\njobs: { a: { runs-on: x, steps: [{ name: b }] } }`, false],
    [`on: push\njobs: { a: { runs-on: x, step: [{ run: b }] } }`, false],
    [`on: push\nworkflow: x\n${job}`, false],
    [`on: push\njobs: { a: { needs: b, runs-on: x, steps: [{ run: b }] } }`, false],
    [
      `on: push\njobs: { a: { needs: b, runs-on: x, steps: [{ run: b }] }, b: { needs: a, runs-on: x, steps: [{ run: b }] } }`,
      false,
    ],
    [`on: push\npermissions: { contents: admin }\n${job}`, false],
    [`on: push\njobs: {}`, false],
    ["on: push", false],
    [`on: push\non: issues\n${job}`, false],
    [`on: push\njobs: { a: { runs-on: x } }`, true],
    [`on: push\njobs: { a: { steps: [{ run: b }] } }`, false],
    [`on: push\njobs: { "a b": { runs-on: x, steps: [{ run: b }] } }`, false],
    [`on: push\njobs: { a: { runs-on: x, steps: [{ run: b, with: { a: 1 } }] } }`, false],
    [`on: push\npermissions: { bogus: read }\n${job}`, false],
    [`on: push\npermissions: { id-token: read }\n${job}`, false],
    [`on: bogus\n${job}`, false],
    [`on: { issues: { types: [opend] } }\n${job}`, false],
    [`on: { push: { types: [x] } }\n${job}`, false],
    [`on: { schedule: [{ cron: bogus }] }\n${job}`, false],
    [`on: { workflow_dispatch: { inputs: { a: { type: choice } } } }\n${job}`, false],
    [`on: release\ndescription: x\n${job}`, true],
    ["just text", false],
  ])("case %#: both say %s → %s", async (text, valid) => {
    expect({ ours: accepts.ours(text), theirs: await accepts.theirs(text) }).toEqual({
      ours: valid,
      theirs: valid,
    });
  });
});
