// What stands in two places, and must say the same in both.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { inputNames, readInputs } from "../../action/inputs.ts";
import { affectedBy } from "../../app/events.ts";
import { schemaText } from "../../cedar/schema.ts";
import { checkRequest } from "../../core/check-request.ts";
import { configPath, configSchemaText, parseConfig } from "../../core/config.ts";
import { parseForm } from "../../core/form.ts";
import type { Instant } from "../../core/ids.ts";
import { labelPrefix } from "../../core/plan.ts";
import { accessModes } from "../../core/request.ts";
import { headingOf, requestFields } from "../../core/request-draft.ts";
import { interpolate } from "../../sandbox/github/actions/expressions.ts";
import { ownersOf, parseCodeOwners } from "../../sandbox/github/codeowners.ts";
import { configExample, documents, namesIn, readDocument, section, tableIn } from "./documents.ts";
import { notedEnvironment } from "./noted-environment.ts";
import { root } from "./sources.ts";

const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");
const readme = readDocument("README.md");
const manifest = JSON.parse(read("package.json"));
const action = parse(read("action.yml"));
const workflow = parse(read(".github/workflows/access.yml"));

const runnerEnv = {
  INPUT_COMMAND: "grant",
  INPUT_REQUEST: "12",
  "INPUT_APP-ID": "1",
  "INPUT_PRIVATE-KEY": "-----BEGIN PRIVATE KEY-----",
  GITHUB_REPOSITORY: "acme/access",
  GITHUB_REPOSITORY_ID: "1",
  GITHUB_RUN_ID: "1",
  GITHUB_RUN_ATTEMPT: "1",
  GITHUB_SHA: "0000000000000000000000000000000000000000",
};
const commandOf = (command: string) => readInputs({ ...runnerEnv, INPUT_COMMAND: command }).command;
const namedCommands: readonly string[] = (action.inputs.command.description as string)
  .split("`")
  .filter((_, index) => index % 2 === 1);

describe("the Action's inputs and outputs", () => {
  test("action.yml, the reader and the README name the same inputs", () => {
    expect(Object.keys(action.inputs)).toEqual([...inputNames]);
    expect(namesIn(tableIn(section(readme, "Inputs")))).toEqual([...inputNames]);
  });

  test("the reader reads them, as the runner passes them, and no others", () => {
    const { names, env } = notedEnvironment(runnerEnv);
    readInputs(env);
    const inputs = [...names].filter((name) => name.startsWith("INPUT_"));
    expect(inputs.sort()).toEqual(inputNames.map((name) => `INPUT_${name.toUpperCase()}`).sort());
  });

  test("the README says of each what action.yml says, and whether it is required", () => {
    for (const [name = "", required, description] of tableIn(section(readme, "Inputs"))) {
      const input = action.inputs[name.replaceAll("`", "")];
      expect([name, required, description]).toEqual([name, input.required ? "yes" : "no", input.description]);
    }
  });

  test("action.yml, the entry and the README name the same outputs", () => {
    const set = [...read("action/main.ts").matchAll(/setOutput\("([\w-]+)"/g)].map(([, name]) => name);
    expect(Object.keys(action.outputs)).toEqual(set);
    const rows = tableIn(section(readme, "Outputs"));
    expect(namesIn(rows)).toEqual(set);
    expect(rows.map(([, description]) => description)).toEqual(
      set.map((name) => action.outputs[name ?? ""].description),
    );
  });

  test("the commands that action.yml describes are those that the reader takes", () => {
    expect(namedCommands.map(commandOf)).toEqual(namedCommands);
    expect(() => commandOf("anything-else")).toThrow(namedCommands.join(", "));
  });

  test("what action.yml starts is what is built", () => {
    expect(action.runs).toEqual({ using: "node24", main: "action/dist/main.cjs" });
  });
});

describe("access.yml", () => {
  const { options } = workflow.on.workflow_dispatch.inputs.command;
  const [, step] = workflow.jobs.access.steps;
  const scheduled = (cron: string) => ({
    contexts: { inputs: {}, github: { event: { schedule: cron } }, vars: {}, secrets: {} },
  });
  const dispatched = (command: string, request: string) => ({
    contexts: { inputs: { command, request }, github: { event: {} }, vars: {}, secrets: {} },
  });

  test("it offers the Action's commands, and passes each on with its request", () => {
    expect(options).toEqual(namedCommands);
    for (const command of options)
      expect(interpolate(step.with.command, dispatched(command, ""))).toBe(command);
    expect(interpolate(step.with.request, dispatched("grant", "12"))).toBe("12");
  });

  test("it gives every input", () => {
    expect(Object.keys(step.with)).toEqual([...inputNames]);
  });

  test("each of its schedules is a command of the Action", () => {
    const crons: readonly { cron: string }[] = workflow.on.schedule;
    const commands = crons.map(({ cron }) => commandOf(interpolate(step.with.command, scheduled(cron))));
    expect(commands.sort()).toEqual(["inventory", "sweep"]);
  });

  test("the App knows its runs by their names", () => {
    for (const command of ["grant", "end"]) {
      const title = interpolate(workflow["run-name"], dispatched(command, "12"));
      const run = { display_title: title, conclusion: "failure" };
      expect(affectedBy("workflow_run", { action: "completed", workflow_run: run }, 1)).toEqual({
        request: 12,
      });
    }
  });

  test("runs of two requests never wait for each other, those of one and the same command do", () => {
    const group = (command: string, request: string) =>
      interpolate(workflow.concurrency.group, dispatched(command, request));
    expect(group("grant", "12")).toBe(group("grant", "12"));
    expect(new Set([group("grant", "12"), group("grant", "13"), group("end", "12")]).size).toBe(3);
  });

  test("AWS's trust policy names this file and this environment", () => {
    expect(read("aws/account.yaml")).toContain("/.github/workflows/access.yml@refs/heads/");
    expect(read("aws/account.yaml")).toContain(`:environment: ${workflow.jobs.access.environment}\n`);
  });
});

describe("the issue form", () => {
  interface Field {
    readonly type: string;
    readonly id: string;
    readonly attributes: { readonly label: string; readonly options?: readonly string[] };
    readonly validations?: { readonly required: boolean };
  }
  const form = parse(read(".github/ISSUE_TEMPLATE/access-request.yml"));
  const fields: readonly Field[] = form.body;

  test("its headings are those that are read, in the same order", () => {
    expect(fields.map(({ attributes }) => attributes.label)).toEqual(requestFields.map(headingOf));
    expect(fields.map(({ id }) => id)).toEqual([...requestFields]);
  });

  test("it offers the access modes, the first by default", () => {
    const access = fields.find(({ id }) => id === "access");
    expect(access?.attributes.options).toEqual([...accessModes]);
  });

  test("filled in as GitHub does, with only what it requires, it is a request", () => {
    const values: Readonly<Record<string, string>> = {
      nodes: "i-0123456789abcdef0",
      access: "shell",
      for: "1h",
      reason: "why",
    };
    const body = fields.map(
      ({ attributes, id }) => `### ${attributes.label}\n\n${values[id] ?? "_No response_"}\n`,
    );
    const draft = parseForm(body.join("\n"));
    const config = parseConfig(configExample(readme));
    if (!draft.ok || !config.ok) throw new Error("expected a form and a config");
    expect(checkRequest(draft.value, config.value, 0 as Instant)).toMatchObject({ ok: true });
    const required = fields.filter(({ validations }) => validations?.required).map(({ id }) => id);
    expect(required).toEqual(Object.keys(values));
  });

  test("it asks for nothing that is not read: no checkboxes, no fences, one label", () => {
    expect(new Set(fields.map(({ type }) => type))).toEqual(new Set(["textarea", "dropdown", "input"]));
    expect(JSON.stringify(fields)).not.toContain('"render"');
    expect(form.labels).toEqual([`${labelPrefix}pending`]);
  });
});

describe("the law", () => {
  test("the editors' copy of the schema is the built-in one", () => {
    expect(read("policies/schema.cedarschema")).toBe(schemaText);
  });

  test("the config's schema for editors lies beside it, and the config names it", () => {
    const schema = ".github/hallpass.schema.json";
    // a boolean: nobody wants to read the difference of two schemas
    expect(read(schema) === configSchemaText(), "run `npm run build` and commit the schema").toBe(true);
    expect(configExample(read("README.md"))).toContain(
      "# yaml-language-server: $schema=./hallpass.schema.json\n",
    );
  });

  test("everything that the Action believes or runs has a code owner", () => {
    const rules = parseCodeOwners(read(".github/CODEOWNERS"));
    const paths = [
      ...[
        "policies/guardrail.cedar",
        "policies/approvals.yaml",
        "policies/people.yaml",
        "policies/delegations.yaml",
      ],
      ...[
        configPath,
        ".github/workflows/access.yml",
        ".github/CODEOWNERS",
        "action.yml",
        "action/dist/main.cjs",
      ],
    ];
    expect(paths.filter((path) => ownersOf(rules, path).length === 0)).toEqual([]);
  });
});

describe("package.json", () => {
  test("every version is exact", () => {
    const versions = Object.entries<string>({
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.overrides,
    });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test("the documents name only scripts that there are", () => {
    const named = documents.flatMap((path) =>
      [...readDocument(path).matchAll(/npm (?:run (?:-s )?([\w:-]+)|(test)\b)/g)].map(
        ([, run, plain]) => run ?? plain ?? "",
      ),
    );
    expect(named).toContain("demo");
    expect(named.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
  });

  test("the licence is the one in LICENSE", () => {
    expect(manifest.license).toBe("Apache-2.0");
    expect(read("LICENSE")).toContain("Apache License\n                           Version 2.0, January 2004");
  });
});
