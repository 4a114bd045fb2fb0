// The session itself: StartSession through the SDK, then AWS's Session Manager plugin, called as the AWS CLI calls it.

import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { type SessionAsk, startSession, startSessionInput, terminateSession } from "../aws/as-operator.ts";
import type { GrantedCredentials } from "../flow/seal.ts";
import { childEnv } from "./child-env.ts";
import { carryPiped, type Piped } from "./piped-shell.ts";
import type { Terminal } from "./terminal.ts";

const plugin = "session-manager-plugin";

export interface Plugin {
  /** Takes the answer of StartSession in an environment variable, where other users of the machine cannot list it. */
  readonly readsEnvironment: boolean;
}

/** Throws, with the command that installs it here, where there is none. Looked for before anything is asked. */
export async function findPlugin({ env }: Pick<Terminal, "env">): Promise<Plugin> {
  try {
    const { stdout } = await promisify(execFile)(plugin, ["--version"], {
      env: childEnv(env),
      timeout: 20_000,
    });
    return { readsEnvironment: isAtLeast(stdout.trim(), [1, 2, 497]) };
  } catch {
    throw new Error(`no ${plugin} on PATH; ${howToInstall(process.platform, process.arch)}`);
  }
}

export function isAtLeast(
  version: string,
  [major, minor, patch]: readonly [number, number, number],
): boolean {
  const [a = 0, b = 0, c = 0] = version.split(".").map(Number);
  return a !== major ? a > major : b !== minor ? b > minor : c >= patch;
}

const downloads = "https://s3.amazonaws.com/session-manager-downloads/plugin/latest";

export function howToInstall(platform: string, arch: string): string {
  switch (platform) {
    case "darwin":
      return "install it with `brew install --cask session-manager-plugin`";
    case "win32":
      return `install it from ${downloads}/windows/SessionManagerPluginSetup.exe`;
    case "linux": {
      const kind = arch === "arm64" ? "arm64" : "64bit";
      return [
        `install it with \`curl -O ${downloads}/ubuntu_${kind}/${plugin}.deb && sudo dpkg -i ${plugin}.deb\``,
        `or \`sudo dnf install ${downloads}/linux_${kind}/${plugin}.rpm\``,
      ].join(", ");
    }
    default:
      return "install AWS's Session Manager plugin";
  }
}

export interface Session {
  readonly id: string;
  /** With `piped`, of a shell, until nothing more can come of it. */
  readonly run: (piped?: Piped) => Promise<Ending>;
}

export interface Ending {
  /** What the plugin exits with. */
  readonly code: number;
  /** Why it was ended from here; what was typed may not be done. */
  readonly cut?: string;
}

export async function openSession(
  terminal: Terminal,
  { readsEnvironment }: Plugin,
  credentials: GrantedCredentials,
  ask: SessionAsk,
): Promise<Session> {
  const { region } = credentials;
  const started = await startSession(credentials, ask);
  const response = JSON.stringify(started);
  const args = [
    readsEnvironment ? responseVariable : response,
    region,
    "StartSession",
    // no profile: it has the credentials from its environment, to resume a stream that broke
    "",
    JSON.stringify(startSessionInput(ask)),
    endpointOf(terminal.env, region),
  ];
  const env = {
    ...childEnv(terminal.env),
    AWS_ACCESS_KEY_ID: credentials.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey,
    AWS_SESSION_TOKEN: credentials.SessionToken,
    ...(readsEnvironment ? { [responseVariable]: response } : {}),
  };
  const terminate = () => terminateSession(credentials, started.SessionId);
  return { id: started.SessionId, run: (piped) => attached(terminal, { args, env, piped, terminate }) };
}

const responseVariable = "AWS_SSM_START_SESSION_RESPONSE";

const endpointOf = (env: Terminal["env"], region: string): string =>
  env["AWS_ENDPOINT_URL_SSM"] ??
  env["AWS_ENDPOINT_URL"] ??
  `https://ssm.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;

interface Attached {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly piped: Piped | undefined;
  readonly terminate: () => Promise<unknown>;
}

/** In milliseconds. */
const timeToLeave = 5_000;

/** Standard input and output are the session's. Ctrl-C is for the node: the plugin passes it on. */
async function attached(
  { onInterrupt }: Pick<Terminal, "onInterrupt">,
  { args, env, piped, terminate }: Attached,
): Promise<Ending> {
  const listenNoMore = onInterrupt?.(() => {});
  try {
    return await new Promise<Ending>((resolve, reject) => {
      const child = spawn(plugin, args, { stdio: piped ? ["pipe", "pipe", "inherit"] : "inherit", env });
      let cut: string | undefined;
      const end = async (why: string) => {
        if (cut !== undefined) return;
        cut = why;
        await terminate().catch((error: Error) => {
          cut = `${why}; AWS did not end the session (${error.name}), it may be open until it idles out`;
        });
        // told by AWS that the session is over, the plugin goes by itself
        setTimeout(() => child.kill(), timeToLeave).unref();
      };
      const letGo = piped && carryPiped(piped, child, (why) => void end(why));
      child.once("error", reject);
      child.once("close", (code) => {
        letGo?.();
        resolve({ code: code ?? 1, ...(cut === undefined ? {} : { cut }) });
      });
    });
  } finally {
    listenNoMore?.();
  }
}
