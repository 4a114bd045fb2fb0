// `hallpass doctor`: looks at a live set-up and says what to mend.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { inlineEngine } from "../cedar/engine.ts";
import { systemClock } from "../flow/clock.ts";
import { diagnose } from "../flow/doctor.ts";
import type { Check, CheckState } from "../flow/doctor-check.ts";
import { parseManifest } from "../flow/set-up-app.ts";
import { gitHubHost, hostForm, parseHost } from "../flow/set-up-aws.ts";
import { appJwt } from "../github/app-tokens.ts";
import { createClient, type GitHubClient } from "../github/client.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { remoteOf } from "./git-remote.ts";
import { projectFiles } from "./project-files.ts";
import { rolesInAws } from "./roles-in-aws.ts";
import { apiHost, apiUrlOf, defaultHost, signIn } from "./sign-in.ts";
import { painter, type Terminal } from "./terminal.ts";

export interface DoctorOptions {
  readonly repo?: string;
  readonly host?: string;
  readonly trustPolicy: readonly string[];
  readonly aws: boolean;
  readonly json: boolean;
}

export async function doctor(terminal: Terminal, options: DoctorOptions): Promise<ExitCode> {
  const { env, cwd } = terminal;
  const remote = options.repo === undefined ? await remoteOf(cwd) : undefined;
  const named = options.host === undefined ? undefined : parseHost(options.host);
  if (options.host !== undefined && named === undefined)
    throw new Error(`\`${options.host}\` is no host; give --host ${hostForm}`);
  const host = gitHubHost(named ?? apiHost(env) ?? remote?.host ?? defaultHost(env));
  const apiUrl = apiUrlOf(env, host);
  const client = await signIn(
    { ...terminal, env: { ...env, GITHUB_API_URL: apiUrl } },
    options.repo ?? env["HALLPASS_REPOSITORY"] ?? remote?.repo,
  );
  const asApp = appClient(env, client, apiUrl);
  const checks = await diagnose({
    client,
    ...(asApp === undefined ? {} : { asApp }),
    engine: inlineEngine(),
    project: projectFiles,
    manifest: parseManifest(projectFiles.text("app/app.yml")),
    host: isLocal(apiUrl) ? gitHubHost("github.com") : host,
    ...(options.aws ? { roles: rolesInAws() } : {}),
    trustPolicies: await Promise.all(
      options.trustPolicy.map(async (name) => ({ name, text: await readFile(resolve(cwd, name), "utf8") })),
    ),
  });
  terminal.out(
    options.json ? `${JSON.stringify(checks)}\n` : checks.map((each) => shown(terminal, each)).join(""),
  );
  if (!options.json) terminal.out(summary(checks));
  return checks.some(({ state }) => state === "failed") ? exitCode.notOk : exitCode.ok;
}

/** The sandbox, whose tokens are as github.com's. */
const isLocal = (apiUrl: string): boolean => ["127.0.0.1", "localhost"].includes(new URL(apiUrl).hostname);

/** Only where the environment has the App's key, as the server's has. */
function appClient(
  env: Terminal["env"],
  { owner, repo }: GitHubClient,
  baseUrl: string,
): GitHubClient | undefined {
  const { APP_ID: id = "", PRIVATE_KEY: key = "" } = env;
  if (id === "" || key === "") return undefined;
  const privateKey = key.replaceAll("\\n", "\n");
  const token = () => appJwt({ appId: Number(id), privateKey, now: systemClock.now() });
  return createClient({ owner, repo, baseUrl, clock: systemClock, token });
}

const marks: Readonly<Record<CheckState, readonly [string, "good" | "bad" | "strong" | "faint"]>> = {
  ok: ["ok", "good"],
  warning: ["warning", "strong"],
  failed: ["FAILED", "bad"],
  "could-not-look": ["could not look", "strong"],
};

function shown(terminal: Terminal, { name, state, found, todo }: Check): string {
  const paint = painter(terminal.outColours);
  const [word, style] = marks[state];
  const lines = [`${paint(style, word.padEnd(14))}  ${name}: ${found}`];
  if (todo !== undefined) lines.push(`${" ".repeat(16)}${paint("faint", `→ ${todo}`)}`);
  return `${lines.join("\n")}\n`;
}

function summary(checks: readonly Check[]): string {
  const count = (state: CheckState): number => checks.filter((each) => each.state === state).length;
  return `\n${count("ok")} ok, ${count("warning")} warnings, ${count("failed")} failed, ${count("could-not-look")} could not be looked at\n`;
}
