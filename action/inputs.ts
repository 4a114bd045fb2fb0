// The workflow's inputs and the runner's environment, read once into one typed value. `action.yml` and a test hold the same list.

import type { RequestNumber } from "../core/ids.ts";
import { parseRequestNumber } from "../core/parse-ids.ts";
import type { Command } from "../core/step.ts";
import { quoted } from "../core/text.ts";

export interface ActionInputs {
  readonly command: Command;
  /** There exactly with the commands that are about one request. */
  readonly request?: RequestNumber;
  readonly appId: number;
  readonly privateKey: string;
  readonly owner: string;
  readonly repo: string;
  readonly repositoryId: number;
  readonly run: number;
  readonly attempt: number;
  readonly sha: string;
  readonly apiUrl: string;
}

/** What the person who set the workflow up has to mend. */
export class InputError extends Error {}

export const inputNames = ["command", "request", "app-id", "private-key"] as const;
const commands = [
  "reconcile",
  "grant",
  "end",
  "sweep",
  "inventory",
  "check",
] as const satisfies readonly Command[];
const ofOneRequest: readonly Command[] = ["reconcile", "grant", "end"];

type Env = Readonly<Record<string, string | undefined>>;

export function readInputs(env: Env): ActionInputs {
  const command = commands.find((each) => each === input(env, "command"));
  if (command === undefined)
    throw new InputError(
      `command is ${quoted(input(env, "command"))}: expected one of ${commands.join(", ")}`,
    );
  const [owner, repo] = runner(env, "GITHUB_REPOSITORY").split("/");
  if (owner === undefined || repo === undefined)
    throw new InputError("GITHUB_REPOSITORY is not `owner/name`");
  return {
    command,
    ...requestOf(env, command),
    appId: whole(input(env, "app-id"), "app-id: the variable HALLPASS_APP_ID of the repository"),
    privateKey: privateKey(env),
    owner,
    repo,
    repositoryId: whole(runner(env, "GITHUB_REPOSITORY_ID"), "GITHUB_REPOSITORY_ID"),
    run: whole(runner(env, "GITHUB_RUN_ID"), "GITHUB_RUN_ID"),
    attempt: whole(runner(env, "GITHUB_RUN_ATTEMPT"), "GITHUB_RUN_ATTEMPT"),
    sha: runner(env, "GITHUB_SHA"),
    apiUrl: (env["GITHUB_API_URL"] ?? "https://api.github.com").replace(/\/+$/, ""),
  };
}

/** The folder that `check` is to judge by itself: without the App's key nothing can be read through the API, and nothing needs to be. */
export function checkoutToCheck(env: Env): string | undefined {
  const bare =
    input(env, "command") === "check" && input(env, "app-id") === "" && input(env, "private-key") === "";
  return bare ? runner(env, "GITHUB_WORKSPACE") : undefined;
}

// the runner's rule: INPUT_ and the name in upper case, spaces (not dashes) as underscores
const input = (env: Env, name: (typeof inputNames)[number]): string =>
  (env[`INPUT_${name.toUpperCase()}`] ?? "").trim();

function requestOf(env: Env, command: Command): { readonly request?: RequestNumber } {
  const text = input(env, "request");
  if (!ofOneRequest.includes(command)) return {};
  // ATTACK: after a review this is the name that a pull request's own workflow gave its run. No more than a number is taken of it
  const [, plain, ofBranch] =
    /^(?:([1-9]\d{0,9})|request\/([1-9]\d{0,9})(?:-[1-9]\d{0,9})?)$/.exec(text) ?? [];
  const request = parseRequestNumber(Number(plain ?? ofBranch));
  if (request === undefined)
    throw new InputError(
      `request is ${quoted(text)}: \`${command}\` needs the number of an issue or pull request`,
    );
  return { request };
}

function privateKey(env: Env): string {
  const key = input(env, "private-key");
  if (key.includes("PRIVATE KEY-----")) return key;
  throw new InputError(
    "private-key is not a PEM private key: expected the secret HALLPASS_PRIVATE_KEY of the environment `hallpass`; is the job in that environment?",
  );
}

function runner(env: Env, name: string): string {
  const value = env[name];
  if (value === undefined || value === "")
    throw new InputError(`${name} is not set: this runs in a GitHub Actions workflow only`);
  return value;
}

function whole(text: string, what: string): number {
  const value = Number(text);
  if (text !== "" && Number.isSafeInteger(value) && value > 0) return value;
  throw new InputError(`expected a number in ${what}, got ${quoted(text)}`);
}
