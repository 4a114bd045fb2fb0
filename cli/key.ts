// `hallpass key`: makes, shows and rotates the age identity that credentials are sealed to.

import { type ExitCode, exitCode } from "./exit-code.ts";
import {
  type IdentityFile,
  identityPath,
  makeIdentity,
  readIdentity,
  rotateIdentity,
  warnOfReaders,
} from "./identity.ts";
import type { Terminal } from "./terminal.ts";

export interface KeyOptions {
  readonly identity?: string;
  readonly rotate: boolean;
  readonly postQuantum: boolean;
  readonly json: boolean;
}

interface Result {
  readonly did: "shown" | "made" | "rotated";
  readonly key: IdentityFile;
  /** Where the one before is. */
  readonly kept?: string;
}

export async function key(terminal: Terminal, options: KeyOptions): Promise<ExitCode> {
  const file = identityPath(terminal, options.identity);
  const { did, key: found, kept } = await perform(file, options, terminal.env);
  const { recipient } = found;
  warnOfReaders(found, (text) => terminal.err(`${text}\n`));
  if (options.json) {
    terminal.out(`${JSON.stringify({ did, file, recipient, ...(kept === undefined ? {} : { kept }) })}\n`);
    return exitCode.ok;
  }
  terminal.out(`${recipient}\n`);
  if (did !== "shown") terminal.err(`${did} ${file}\n`);
  if (kept !== undefined)
    terminal.err(
      `the one before is ${kept}: it still opens what was sealed to it, \`--identity ${kept}\`; post \`/token\` with the new one where access is open\n`,
    );
  return exitCode.ok;
}

async function perform(
  file: string,
  { rotate, postQuantum }: KeyOptions,
  env: Terminal["env"],
): Promise<Result> {
  const found = await readIdentity(file, env);
  if (found === undefined) {
    if (rotate) throw new Error(`there is no identity at ${file} to rotate; \`hallpass key\` makes one`);
    return { did: "made", key: await makeIdentity(file, { postQuantum }) };
  }
  if (rotate) {
    const { made, kept } = await rotateIdentity(file, { postQuantum });
    return { did: "rotated", key: made, kept };
  }
  if (postQuantum && !found.recipient.startsWith("age1pq"))
    throw new Error(`${file} is there and not overwritten; --rotate makes a new one and keeps it beside`);
  return { did: "shown", key: found };
}
