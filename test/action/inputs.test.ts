// The workflow's inputs and the runner's variables, as `action.yml` and the runner give them.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { InputError, inputNames, readInputs } from "../../action/inputs.ts";

const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE-never-shown\n-----END RSA PRIVATE KEY-----";

const good: Readonly<Record<string, string>> = {
  INPUT_COMMAND: "grant",
  INPUT_REQUEST: "12",
  "INPUT_APP-ID": "77",
  "INPUT_PRIVATE-KEY": key,
  GITHUB_REPOSITORY: "acme/access",
  GITHUB_REPOSITORY_ID: "4711",
  GITHUB_RUN_ID: "9000000001",
  GITHUB_RUN_ATTEMPT: "1",
  GITHUB_SHA: "a".repeat(40),
};

const messageOf = (env: Readonly<Record<string, string | undefined>>): string => {
  try {
    readInputs({ ...good, ...env });
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("inputs", () => {
  test("are read into one typed value", () => {
    expect(readInputs(good)).toEqual({
      command: "grant",
      request: 12,
      appId: 77,
      privateKey: key,
      owner: "acme",
      repo: "access",
      repositoryId: 4711,
      run: 9_000_000_001,
      attempt: 1,
      sha: "a".repeat(40),
      apiUrl: "https://api.github.com",
    });
  });

  test.each<[string, Readonly<Record<string, string>>, object]>([
    [
      "an Enterprise Server",
      { GITHUB_API_URL: "https://ghe.test/api/v3/" },
      { apiUrl: "https://ghe.test/api/v3" },
    ],
    ["white space around", { INPUT_COMMAND: " end\n", INPUT_REQUEST: " 3 " }, { command: "end", request: 3 }],
    ["the branch of a request's pull request", { INPUT_REQUEST: "request/3" }, { request: 3 }],
    ["the branch of its second pull request", { INPUT_REQUEST: "request/3-2" }, { request: 3 }],
    ["a re-run", { GITHUB_RUN_ATTEMPT: "2" }, { attempt: 2 }],
  ])("take %s", (_, env, expected) => {
    expect(readInputs({ ...good, ...env })).toMatchObject(expected);
  });

  test.each(["sweep", "inventory", "check"])("of %s have no request, whatever was typed", (command) => {
    for (const typed of ["", "12", "nonsense"])
      expect(readInputs({ ...good, INPUT_COMMAND: command, INPUT_REQUEST: typed })).not.toHaveProperty(
        "request",
      );
  });

  test.each<[string, Readonly<Record<string, string | undefined>>, RegExp]>([
    [
      "no command",
      { INPUT_COMMAND: undefined },
      /^command is ``: expected one of reconcile, grant, end, sweep, inventory, check$/,
    ],
    ["another command", { INPUT_COMMAND: "Grant" }, /^command is `Grant`: expected one of /],
    ["a command with a line of its own", { INPUT_COMMAND: "grant\n::set-output" }, /expected one of/],
    [
      "no request",
      { INPUT_REQUEST: "" },
      /^request is ``: `grant` needs the number of an issue or pull request$/,
    ],
    ["request 0", { INPUT_REQUEST: "0" }, /needs the number/],
    ["a request with more after it", { INPUT_REQUEST: "12 --force" }, /needs the number/],
    ["a request in another base", { INPUT_REQUEST: "0x10" }, /needs the number/],
    ["a request beyond all numbers", { INPUT_REQUEST: "99999999999" }, /needs the number/],
    ["a negative request", { INPUT_REQUEST: "-1" }, /needs the number/],
    ["a branch of another name", { INPUT_REQUEST: "release/3" }, /needs the number/],
    ["a branch with more after it", { INPUT_REQUEST: "request/3-2/4" }, /needs the number/],
    ["two numbers", { INPUT_REQUEST: "3-2" }, /needs the number/],
    ["no App", { "INPUT_APP-ID": "" }, /^expected a number in app-id: the variable HALLPASS_APP_ID/],
    ["an App by name", { "INPUT_APP-ID": "hallpass" }, /HALLPASS_APP_ID.*got `hallpass`/],
    [
      "no key",
      { "INPUT_PRIVATE-KEY": "" },
      /^private-key is not a PEM private key: expected the secret HALLPASS_PRIVATE_KEY of the environment `hallpass`; is the job in that environment\?$/,
    ],
    ["a key that is something else", { "INPUT_PRIVATE-KEY": "hunter2" }, /is not a PEM private key/],
    [
      "no repository",
      { GITHUB_REPOSITORY: undefined },
      /^GITHUB_REPOSITORY is not set: this runs in a GitHub Actions workflow only$/,
    ],
    [
      "a repository without an owner",
      { GITHUB_REPOSITORY: "access" },
      /^GITHUB_REPOSITORY is not `owner\/name`$/,
    ],
    ["no repository id", { GITHUB_REPOSITORY_ID: "" }, /^GITHUB_REPOSITORY_ID is not set/],
    ["no run", { GITHUB_RUN_ID: undefined }, /^GITHUB_RUN_ID is not set/],
    ["no attempt", { GITHUB_RUN_ATTEMPT: undefined }, /^GITHUB_RUN_ATTEMPT is not set/],
    ["attempt 0", { GITHUB_RUN_ATTEMPT: "0" }, /GITHUB_RUN_ATTEMPT/],
    ["no commit", { GITHUB_SHA: "" }, /^GITHUB_SHA is not set/],
  ])("are refused with %s", (_, env, message) => {
    expect(messageOf(env)).toMatch(message);
  });

  test("are refused without showing what should have been a secret, and in one line", () => {
    expect(messageOf({ "INPUT_PRIVATE-KEY": "hunter2" })).not.toContain("hunter2");
    expect(messageOf({ INPUT_REQUEST: "x".repeat(5_000) }).length).toBeLessThan(200);
    expect(messageOf({ INPUT_COMMAND: "x".repeat(5_000) }).length).toBeLessThan(200);
    expect(messageOf({ INPUT_REQUEST: "1\n::error::2" })).not.toContain("\n");
    expect(messageOf({ INPUT_COMMAND: "grant\n::error::2" })).not.toContain("\n");
  });
});

describe("`action.yml` and the workflow", () => {
  const read = (path: string): Record<string, unknown> =>
    parse(readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8")) as Record<
      string,
      unknown
    >;

  test("name the inputs that are read, and no others", () => {
    const { inputs } = read("action.yml") as { inputs: Record<string, { required: boolean }> };
    expect(Object.keys(inputs).sort()).toEqual([...inputNames].sort());
    const required = Object.keys(inputs).filter((name) => inputs[name]?.required === true);
    expect(required).toEqual(["command"]);
  });

  test("offer only commands that there are", () => {
    const { on } = read(".github/workflows/access.yml") as {
      on: { workflow_dispatch: { inputs: { command: { options: string[] } } } };
    };
    for (const command of on.workflow_dispatch.inputs.command.options)
      expect(readInputs({ ...good, INPUT_COMMAND: command })).toMatchObject({ command });
  });
});
