// The operator's age identity: the file that opens what is sealed to them. Nobody else may read it, and nothing here overwrites one.

import { link, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { systemClock } from "../flow/clock.ts";
import { type Unseal, unsealWith } from "../flow/seal.ts";
import { isPluginIdentity, recipientOfPlugin, unsealWithPlugin } from "./plugin-identity.ts";
import type { Terminal } from "./terminal.ts";

export interface IdentityFile {
  readonly file: string;
  /** The public key of the first identity: what `/token` names. */
  readonly recipient: string;
  readonly unseal: Unseal;
  /** Somebody else of this machine may read it. */
  readonly openToOthers: boolean;
}

export function identityPath({ env, cwd }: Terminal, given: string | undefined): string {
  const config = env["XDG_CONFIG_HOME"] ?? join(env["HOME"] ?? homedir(), ".config");
  return resolve(cwd, given ?? env["HALLPASS_IDENTITY"] ?? join(config, "hallpass", "identity"));
}

/** Undefined where there is no such file. Throws for one that holds no identity. */
export async function readIdentity(file: string, env: Terminal["env"]): Promise<IdentityFile | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new Error(`${file} cannot be read: ${error.code ?? error.message}`);
  });
  if (text === undefined) return undefined;
  const lines = text.split("\n").map((line) => line.trim());
  const { mode } = await stat(file);
  return {
    file,
    ...(await keysOf(lines, file, env)),
    openToOthers: process.platform !== "win32" && (mode & 0o077) !== 0,
  };
}

async function keysOf(
  lines: readonly string[],
  file: string,
  env: Terminal["env"],
): Promise<Pick<IdentityFile, "recipient" | "unseal">> {
  const secrets = lines.filter((line) => line.startsWith("AGE-SECRET-KEY-"));
  const plugged = lines.some(isPluginIdentity);
  const [first] = secrets;
  if (first === undefined && !plugged)
    throw new Error(
      `${file} holds no age identity; expected a line \`AGE-SECRET-KEY-…\` or \`AGE-PLUGIN-…\`, and it is not overwritten: name another file with --identity`,
    );
  const unseal = unsealWith(secrets);
  return {
    recipient: first === undefined ? recipientOfPlugin(lines, file) : await recipientOf(first, file),
    unseal: async (armored) =>
      (await unseal(armored)) ?? (plugged ? await unsealWithPlugin(armored, { file, env }) : undefined),
  };
}

/** Whatever uses the key says it: what is sealed to it is as open as the file. */
export function warnOfReaders(
  { file, openToOthers }: Pick<IdentityFile, "file" | "openToOthers">,
  tell: (text: string) => void,
): void {
  if (openToOthers) tell(`warning: others of this machine may read ${file}; run \`chmod 600 ${file}\``);
}

/** Throws with what to do where there is none. */
export async function requireIdentity(terminal: Terminal, given: string | undefined): Promise<IdentityFile> {
  const file = identityPath(terminal, given);
  const found = await readIdentity(file, terminal.env);
  if (found !== undefined) {
    warnOfReaders(found, (text) => terminal.err(`${text}\n`));
    return found;
  }
  throw new Error(
    `no age identity at ${file}; make one with \`hallpass key\`, or name yours with --identity`,
  );
}

async function recipientOf(identity: string, file: string): Promise<string> {
  const { identityToRecipient } = await import("age-encryption");
  try {
    return await identityToRecipient(identity);
  } catch {
    // the reason could quote the secret
    throw new Error(`${file} holds an \`AGE-SECRET-KEY-…\` that is none; make another with \`hallpass key\``);
  }
}

export interface NewIdentity {
  readonly postQuantum: boolean;
}

/** Throws where the file is there already. */
export async function makeIdentity(file: string, { postQuantum }: NewIdentity): Promise<IdentityFile> {
  const { generateHybridIdentity, generateX25519Identity } = await import("age-encryption");
  const identity = await (postQuantum ? generateHybridIdentity() : generateX25519Identity());
  const recipient = await recipientOf(identity, file);
  const made = new Date(systemClock.now()).toISOString().replace(/\.\d+Z$/, "Z");
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // `wx`: between looking and writing somebody may have made one
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(`# created: ${made}\n# public key: ${recipient}\n${identity}\n`);
  } finally {
    await handle.close();
  }
  return { file, recipient, unseal: unsealWith([identity]), openToOthers: false };
}

/** Makes a new one in the file's place; where the old one is kept. */
export async function rotateIdentity(
  file: string,
  how: NewIdentity,
): Promise<{ readonly made: IdentityFile; readonly kept: string }> {
  const next = `${file}.new`;
  await rm(next, { force: true });
  const made = await makeIdentity(next, how);
  const kept = await keepBeside(file);
  await rename(next, file);
  return { made: { ...made, file }, kept };
}

/** `identity.1`, or the next number that is free: a link is refused where something is. */
async function keepBeside(file: string): Promise<string> {
  for (let number = 1; ; number++) {
    const kept = `${file}.${number}`;
    try {
      await link(file, kept);
      return kept;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
