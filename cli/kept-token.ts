// Where a sign-in is kept: only where the system itself keeps secrets. macOS has `security`, Linux may have `secret-tool`; elsewhere it lives as long as the command.

import { execFile } from "node:child_process";
import * as z from "zod/mini";
import { childEnv } from "./child-env.ts";

const keptShape = z.object({
  clientId: z.string(),
  token: z.string(),
  /** Milliseconds since the epoch; absent: it does not expire. */
  expiresAt: z.optional(z.number()),
  refreshToken: z.optional(z.string()),
});

/** What a person's signing in gave. */
export type SignedIn = z.output<typeof keptShape>;

export interface Keychain {
  /** As people know it. */
  readonly name: string;
  readonly read: (host: string) => Promise<SignedIn | undefined>;
  /** False: it could not be kept. */
  readonly keep: (host: string, signedIn: SignedIn) => Promise<boolean>;
  readonly forget: (host: string) => Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** One of the system's tools: what to start, and what goes to its standard input. INVARIANT: a secret is never an argument, which anybody on the machine can see. */
interface Call {
  readonly args: readonly string[];
  readonly input?: string;
}

interface Tool {
  readonly name: string;
  readonly command: string;
  readonly read: (host: string) => Call;
  readonly keep: (host: string, secret: string) => Call;
  readonly forget: (host: string) => Call;
}

const security: Tool = {
  name: "the keychain",
  command: "security",
  read: (host) => ({ args: ["find-generic-password", "-s", "hallpass", "-a", host, "-w"] }),
  // reads its commands from standard input; neither a host nor base64url needs quotes
  keep: (host, secret) => ({
    args: ["-i"],
    input: `add-generic-password -U -s hallpass -a ${host} -w ${secret}\n`,
  }),
  forget: (host) => ({ args: ["delete-generic-password", "-s", "hallpass", "-a", host] }),
};

const secretTool: Tool = {
  name: "the system's keyring",
  command: "secret-tool",
  read: (host) => ({ args: ["lookup", "service", "hallpass", "host", host] }),
  keep: (host, secret) => ({
    args: ["store", `--label=Hallpass on ${host}`, "service", "hallpass", "host", host],
    input: secret,
  }),
  forget: (host) => ({ args: ["clear", "service", "hallpass", "host", host] }),
};

const tools: Readonly<Partial<Record<NodeJS.Platform, Tool>>> = { darwin: security, linux: secretTool };

/** Undefined: this system has none. Each of its answers is "nothing" where the tool is missing or fails. */
export function systemKeychain(env: Env, platform: NodeJS.Platform = process.platform): Keychain | undefined {
  const tool = tools[platform];
  if (tool === undefined) return undefined;
  const { name, command } = tool;
  return {
    name,
    read: async (host) => {
      const found = await start(command, tool.read(host), env);
      return found === undefined ? undefined : parseKept(found.trim());
    },
    keep: async (host, signedIn) => {
      const secret = Buffer.from(JSON.stringify(signedIn)).toString("base64url");
      // `security -i` ends well although a command of it failed, so it is read back
      if ((await start(command, tool.keep(host, secret), env)) === undefined) return false;
      return (await start(command, tool.read(host), env))?.trim() === secret;
    },
    forget: async (host) => void (await start(command, tool.forget(host), env)),
  };
}

function parseKept(secret: string): SignedIn | undefined {
  try {
    return keptShape.parse(JSON.parse(Buffer.from(secret, "base64url").toString("utf8")));
  } catch {
    return undefined;
  }
}

/** Long enough for a person to unlock a keyring. */
const longest = 60_000;

/** Standard output; undefined: there is no such tool, or it failed. What it said is not shown: it may hold the secret. */
const start = (command: string, { args, input = "" }: Call, env: Env): Promise<string | undefined> =>
  new Promise((resolve) => {
    // not `spawn`, whose timer outlives a tool that could not be started, and keeps the command from ending
    const child = execFile(command, args, { env: childEnv(env), timeout: longest }, (error, out) =>
      resolve(error === null ? out : undefined),
    );
    // it may have ended before it has read all
    child.stdin?.once("error", () => {}).end(input);
  });
