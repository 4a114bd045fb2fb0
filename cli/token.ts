// The operator's token on one GitHub: from the environment, from `gh`, from an earlier sign-in that the system keeps, or from signing in now. It reaches GitHub's API and nothing else:
// no output, no log, no error.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { configPath, parseConfig } from "../core/config.ts";
import { hostOfApi } from "../flow/set-up-aws.ts";
import { topOf } from "./git-remote.ts";
import { type Keychain, type SignedIn, systemKeychain } from "./kept-token.ts";
import type { Terminal } from "./terminal.ts";

/** What a client asks before every request; `refused` is one that GitHub has answered 401 to. */
export type Token = (refused?: string) => Promise<string>;

/** Throws with what to do where there is no token, and nobody to sign in. */
export async function findToken(terminal: Terminal, apiUrl: string): Promise<Token> {
  const host = hostOfApi(apiUrl);
  const given = fromEnvironment(terminal.env, apiUrl);
  if (given !== undefined)
    return fixed(
      given.token,
      `GitHub refuses the token in ${given.name}`,
      `set it anew, or unset it and run \`gh auth login --hostname ${host}\``,
    );
  const ghs = await fromGh(terminal.env, host);
  if (ghs !== undefined)
    return fixed(ghs, "GitHub refuses the token of `gh`", `run \`gh auth login --hostname ${host}\``);
  // ATTACK: a clone's remote names any host, and this one becomes a word of the keychain's commands
  const keychain = /^[\w.:[\]-]+$/.test(host) ? systemKeychain(terminal.env) : undefined;
  return signedIn({ terminal, apiUrl, host, keychain });
}

const fixed =
  (token: string, what: string, todo: string): Token =>
  async (refused) => {
    if (refused === undefined) return token;
    throw new Error(`${what}: it is wrong, has expired, or was revoked; ${todo} [unauthorized]`);
  };

/** Which variables are meant for which GitHub is as `gh` has it. ATTACK: a clone's remote names any host, and github.com's token must not go there. */
function fromEnvironment(env: Terminal["env"], apiUrl: string) {
  for (const name of variablesFor(apiUrl)) {
    const token = env[name] ?? "";
    if (token !== "") return { name, token };
  }
  return undefined;
}

function variablesFor(apiUrl: string): readonly string[] {
  const host = hostOfApi(apiUrl);
  return host === "github.com" || host.endsWith(".ghe.com") || isLoopback(apiUrl)
    ? ["GH_TOKEN", "GITHUB_TOKEN"]
    : ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
}

/** The sandbox, whose tokens are as github.com's. */
export const isLoopback = (apiUrl: string): boolean =>
  ["127.0.0.1", "localhost", "[::1]"].includes(new URL(apiUrl).hostname);

async function fromGh(env: Terminal["env"], host: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("gh", ["auth", "token", "--hostname", host], {
      timeout: 10_000,
      env,
    });
    return stdout.trim() || undefined;
  } catch {
    // no `gh`, or nobody signed in to it; what it says is not repeated
    return undefined;
  }
}

interface Signing {
  readonly terminal: Terminal;
  readonly apiUrl: string;
  readonly host: string;
  readonly keychain: Keychain | undefined;
}

/** What expires within this time is renewed first. In milliseconds. */
const soon = 60_000;

async function signedIn(signing: Signing): Promise<Token> {
  const { keychain, host } = signing;
  const kept = await keychain?.read(host);
  let current =
    kept === undefined
      ? await signInNow(signing)
      : (kept.expiresAt ?? Number.POSITIVE_INFINITY) > Date.now() + soon
        ? kept
        : await renewed(signing, kept);
  let renewing: Promise<SignedIn> | undefined;
  return async (refused) => {
    // several requests may be refused at once, and a renewal spoils what was before it
    if (refused === current.token) {
      renewing ??= renewed(signing, current).finally(() => {
        renewing = undefined;
      });
      current = await renewing;
    }
    return current.token;
  };
}

async function renewed(signing: Signing, old: SignedIn): Promise<SignedIn> {
  const { keychain, host, apiUrl } = signing;
  const { renewSignIn } = await import("./device-flow.ts");
  const fresh = await renewSignIn(old, apiUrl);
  if (fresh !== undefined) {
    await keychain?.keep(host, fresh);
    return fresh;
  }
  // another command may have renewed it meanwhile
  const kept = await keychain?.read(host);
  if (kept !== undefined && kept.token !== old.token) return kept;
  await keychain?.forget(host);
  return signInNow(signing);
}

async function signInNow({ terminal, apiUrl, host, keychain }: Signing): Promise<SignedIn> {
  const { ask, err } = terminal;
  const clientId = ask === undefined ? undefined : await clientIdFor(terminal);
  if (ask === undefined || clientId === undefined)
    throw new Error(
      `not signed in to ${host}; ${howTo(apiUrl, host)}${ask === undefined ? "" : ", or set HALLPASS_CLIENT_ID to your App's client id to sign in here"}`,
    );
  const { signInByCode } = await import("./device-flow.ts");
  const fresh = await signInByCode({ clientId, apiUrl, err });
  const isKept = (await keychain?.keep(host, fresh)) === true;
  err(
    isKept
      ? `signed in; ${keychain?.name} keeps it\n`
      : "signed in, for this command only: this system has nothing to keep it in; `gh auth login` lasts\n",
  );
  return fresh;
}

const howTo = (apiUrl: string, host: string): string =>
  `run \`gh auth login --hostname ${host}\`, or set ${variablesFor(apiUrl).join(" or ")}`;

/** The organization's own App, as the environment says or the access repo that the person stands in. */
async function clientIdFor({ env, cwd }: Terminal): Promise<string | undefined> {
  const given = env["HALLPASS_CLIENT_ID"] ?? "";
  if (given !== "") return given;
  const top = await topOf(cwd);
  if (top === undefined) return undefined;
  const text = await readFile(join(top, configPath), "utf8").catch(() => "");
  const config = parseConfig(text);
  return config.ok ? config.value.clientId : undefined;
}
