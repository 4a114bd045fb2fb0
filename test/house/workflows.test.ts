// biome-ignore-all lint/suspicious/noTemplateCurlyInString: GitHub expressions look like template strings
// Workflow files and action.yml: GitHub's own parser takes them, and they keep the rules that a security linter would hold them to.

import { readdirSync, readFileSync } from "node:fs";
import { validate } from "@actions/languageservice";
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TextDocument } from "vscode-languageserver-textdocument";
import { parse } from "yaml";
import { renderForm } from "../../core/form.ts";
import { commandRules } from "../../core/may-command.ts";
import { looksLikeForm } from "../../github/is-request.ts";
import { evaluateCondition } from "../../sandbox/github/actions/expressions.ts";
import { asked } from "../core/some-facts.ts";
import { root } from "./sources.ts";
import { powerful, powerless, readWorkflow, type WorkflowFile, workflowRules } from "./workflow-rules.ts";

const folder = `${root}.github/workflows/`;
const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
const files = names.map((name) => readWorkflow(name, readFileSync(`${folder}${name}`, "utf8")));

/** What GitHub's language service says of a file at this address. */
async function complaints(uri: string, text: string): Promise<readonly string[]> {
  const found = await validate(TextDocument.create(uri, "yaml", 1, text));
  return found.map(({ message, range }) => `${range.start.line + 1}: ${message}`);
}

/** What GitHub's parser says, as it would when it starts a run. */
async function parserErrors({ name, text }: Pick<WorkflowFile, "name" | "text">): Promise<readonly string[]> {
  const { context, value } = parseWorkflow({ name, content: text }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

test("the workflows are those there should be", () => {
  expect(names.sort()).toEqual(["access.yml", "ci.yml", "policy.yml", "wake.yml"]);
});

describe.each(files)("$name", (file) => {
  test("GitHub's parser takes it", async () => {
    expect(await parserErrors(file)).toEqual([]);
  });

  test("GitHub's language service has nothing to say", async () => {
    expect(await complaints(`file:///.github/workflows/${file.name}`, file.text)).toEqual([]);
  });

  test.each(Object.entries(workflowRules))("%s", (_, rule) => {
    expect(rule(file)).toEqual([]);
  });
});

describe("action.yml", () => {
  const text = readFileSync(`${root}action.yml`, "utf8");

  test("GitHub's language service has nothing to say", async () => {
    expect(await complaints("file:///action.yml", text)).toEqual([]);
  });

  // it keeps what it has parsed by address, so each has its own
  test.each([
    ["an unknown key", "main:", "mainn:"],
    ["a runtime that there is not", "node24", "node25"],
    ["an icon that the marketplace does not have", "icon: unlock", "icon: key"],
    ["an unknown key at the top", "branding:", "branded:"],
  ])("%s would be noticed", async (what, from, to) => {
    expect(text).toContain(from);
    const uri = `file:///${what.replaceAll(" ", "-")}/action.yml`;
    expect(await complaints(uri, text.replace(from, to))).not.toEqual([]);
  });
});

test("updates are proposed only after releases have been out for a week", () => {
  const { updates } = parse(readFileSync(`${root}.github/dependabot.yml`, "utf8"));
  const waits = updates.map((each: { "package-ecosystem": string; cooldown: { "default-days": number } }) => [
    each["package-ecosystem"],
    each.cooldown["default-days"] >= 7,
  ]);
  expect(waits).toEqual([
    ["npm", true],
    ["github-actions", true],
  ]);
});

describe("the workflow that holds the power", () => {
  const file = files.find(({ name }) => name === powerful);
  const { jobs, concurrency } = parse(file?.text ?? "");

  test("it has one job, in the environment, with an identity, and no script", () => {
    expect(Object.keys(jobs)).toEqual(["access"]);
    expect(jobs.access.environment).toBe("hallpass");
    expect(jobs.access.permissions).toEqual({ contents: "read", "id-token": "write" });
    expect(jobs.access.steps.map(({ uses }: { uses: string }) => uses.split("@")[0])).toEqual([
      "actions/checkout",
      "./",
    ]);
  });

  test("it knows one secret", () => {
    expect(file?.text.match(/secrets\.\w+/g)).toEqual(["secrets.HALLPASS_PRIVATE_KEY"]);
  });

  describe("without a server it starts", () => {
    const form = renderForm(asked);
    const issue = { user: { id: 1 }, body: form, labels: [] as object[] };
    const starts = (event_name: string, event: object, vars: object = { HALLPASS_SERVERLESS: "true" }) =>
      evaluateCondition(jobs.access.if, {
        contexts: { github: { event_name, event: { sender: { type: "User" }, ...event } }, vars },
        status: { success: true, failure: false, cancelled: false },
      });
    const said = (body: string, by: number, on: object = issue) =>
      starts("issue_comment", { issue: on, comment: { user: { id: by }, body } });

    test.each(Object.entries(commandRules))(
      "for /%s of whoever may give it",
      (word, { form: written, by }) => {
        expect(said(written, 1)).toBe(true);
        expect(said(written, 2)).toBe(by.length > 1);
        expect(said(`/${word.toUpperCase()}`, 1)).toBe(true);
        expect(said(` ${written}`, 1)).toBe(false);
      },
    );

    test("for no other comment", () => {
      for (const body of ["/", "/assign me", "looks good", "please /revoke", ""])
        expect(said(body, 1)).toBe(false);
    });

    test.each<[string, object, boolean]>([
      ["of the form", {}, true],
      ["whose form lost its first heading", { body: form.replace("### Nodes", "") }, true],
      [
        "whose text its author took away",
        { body: null, labels: [{ name: "bug" }, { name: "access: active" }] },
        true,
      ],
      ["that is a pull request", { body: null, pull_request: { url: "x" } }, true],
      ["that asks for nothing", { body: "### Steps to reproduce", labels: [{ name: "bug" }] }, false],
      ["without a text", { body: null }, false],
    ])("for an issue %s: %s", (_, more, expected) => {
      const on = { ...issue, ...more };
      expect(starts("issues", { issue: on })).toBe(expected);
      expect(said("/revoke", 2, on)).toBe(expected);
      expect(starts("issues", { issue: on, sender: { type: "Bot" } })).toBe(false);
      expect(starts("issues", { issue: on }, {})).toBe(false);
    });

    test("for every text that could be a request", () => {
      const headings = form.match(/^### .*$/gm) ?? [];
      fc.assert(
        fc.property(fc.subarray(headings), (some) => {
          const body = some.join("\n\n");
          return !looksLikeForm(body) || starts("issues", { issue: { ...issue, body } });
        }),
      );
    });
  });

  test("a run that has begun is never cancelled by another", () => {
    expect(concurrency["cancel-in-progress"]).toBe(false);
  });
});

const plain = `
on: { pull_request: {} }
permissions: {}
jobs:
  one:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read # to check out
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
      - run: npm test
`;
const power = plain
  .replace("pull_request: {}", "workflow_dispatch: {}")
  .replace("      - run: npm test\n", "")
  .replace("    permissions:", "    environment: hallpass\n    permissions:\n      id-token: write # AWS");

/** The rules that a change of a good file breaks. */
function broken(name: string, good: string, from: string, to: string): readonly string[] {
  expect(good).toContain(from);
  const file = readWorkflow(name, good.replace(from, to));
  return Object.entries(workflowRules).flatMap(([rule, of]) => (of(file).length > 0 ? [rule] : []));
}

const wake = plain
  .replace("pull_request: {}", "pull_request_review: {}")
  .replace(/ +permissions:\n +contents[\s\S]*/, '    permissions: {}\n    steps:\n      - run: "true"\n');
const follower = power.replace("workflow_dispatch: {}", "workflow_run: { workflows: [wake] }");

describe("the rules", () => {
  test("a good file breaks none", () => {
    expect(broken("ci.yml", plain, "npm test", "npm test")).toEqual([]);
    expect(broken(powerful, power, "hallpass", "hallpass")).toEqual([]);
    expect(broken(powerful, follower, "hallpass", "hallpass")).toEqual([]);
    expect(broken(powerless, wake, "true", "true")).toEqual([]);
  });

  test.each([
    [
      "a tag instead of a commit",
      "@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0",
      "@v5",
      "pinned to a commit",
    ],
    ["a commit without its version", " # v5.0.0", "", "pinned to a commit"],
    [
      "a branch that is called as a version",
      "@08c6903cd8c0fde910a37f88322edcfb5dd907a8",
      "@main",
      "pinned to a commit",
    ],
    [
      "a container image",
      "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8",
      "docker://alpine",
      "pinned to a commit",
    ],
    ["no permissions at the top", "permissions: {}\n", "", "at the top"],
    ["reading at the top", "permissions: {}", "permissions: read-all", "at the top"],
    ["a job that inherits", "    permissions:\n      contents: read # to check out\n", "", "each job says"],
    ["a permission without a reason", " # to check out", "", "its reason"],
    ["an expression in a script", "npm test", "echo ${{ github.head_ref }}", "by its environment"],
    [
      "an expression in a script of an action",
      "persist-credentials: false",
      "persist-credentials: false\n          script: ${{ github.actor }}",
      "by its environment",
    ],
    ["a token left behind", "persist-credentials: false", "persist-credentials: true", "no token behind"],
    [
      "a token left behind by default",
      "        with:\n          persist-credentials: false\n",
      "",
      "no token behind",
    ],
    [
      "a secret elsewhere",
      "npm test",
      `npm test\n        env: { KEY: "\${{ secrets.KEY }}" }`,
      "one workflow only",
    ],
    [
      "all secrets elsewhere",
      "npm test",
      `npm test\n        env: { ALL: "\${{ toJSON(secrets) }}" }`,
      "one workflow only",
    ],
    [
      "an environment elsewhere",
      "timeout-minutes: 5",
      "timeout-minutes: 5\n    environment: hallpass",
      "one workflow only",
    ],
    ["an identity elsewhere", "contents: read # to", "id-token: write # to", "one workflow only"],
    ["writing", "contents: read # to", "contents: write # to", "one workflow only"],
    [
      "an event with the default branch's power",
      "pull_request:",
      "pull_request_target:",
      "a stranger's pull request",
    ],
    ["an event that follows a stranger's run", "pull_request:", "workflow_run:", "a stranger's pull request"],
    ["a job without an end", "    timeout-minutes: 5\n", "", "for ever"],
  ])("%s is found", (_, from, to, rule) => {
    expect(broken("ci.yml", plain, from, to).join("; ")).toContain(rule);
  });

  test.each([
    ["an untrusted event", "workflow_dispatch", "pull_request"],
    ["a review's event", "workflow_dispatch", "pull_request_review"],
    [
      "another commit",
      "persist-credentials: false",
      `persist-credentials: false\n          ref: "\${{ github.head_ref }}"`,
    ],
    [
      "another repository",
      "persist-credentials: false",
      "persist-credentials: false\n          repository: mallory/x",
    ],
    ["a script", "    steps:\n", "    steps:\n      - run: npm ci\n"],
  ])("%s where there is power is found", (_, from, to) => {
    expect(broken(powerful, power, from, to).join("; ")).toContain("where there is power");
  });

  test.each([
    ["another one, too", "[wake]", "[wake, ci]"],
    ["another one", "[wake]", "[ci]"],
    ["all", "{ workflows: [wake] }", "{}"],
  ])("%s that the powerful one follows is found", (_, from, to) => {
    expect(broken(powerful, follower, from, to).join("; ")).toContain("a stranger's pull request");
  });

  test.each([
    ["a permission", "permissions: {}\n    steps", "permissions:\n      contents: read # to\n    steps"],
    ["a script", 'run: "true"', "run: npm test"],
    ["an action", 'run: "true"', "uses: ./"],
    ["a trusted event", "pull_request_review", "issues"],
  ])("%s in what it follows is found", (_, from, to) => {
    expect(broken(powerless, wake, from, to).join("; ")).toContain("may be followed does nothing");
  });
});
