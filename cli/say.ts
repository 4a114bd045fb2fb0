// `hallpass revoke`, `cancel` and `extend`: the ordinary comment that does it.

import { parseCommand } from "../core/commands.ts";
import { readConfig } from "../flow/prepare-request.ts";
import { readShown, type ShownInFull } from "../flow/shown-requests.ts";
import { postComment } from "../github/comments.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { signInHere } from "./sign-in.ts";
import { existing, requestNumber } from "./status.ts";
import type { Terminal } from "./terminal.ts";

export interface SayOptions {
  readonly id: string;
  readonly word: "revoke" | "cancel" | "extend";
  /** A reason, or for `extend` how long. */
  readonly rest?: string;
  readonly repo?: string;
  readonly json: boolean;
}

export async function say(terminal: Terminal, options: SayOptions): Promise<ExitCode> {
  const typed = requestNumber(options.id);
  const command = commandOf(options);
  const client = await signInHere(terminal, options.repo);
  // nothing is said in a repository that only has the same number
  await readConfig(client);
  const shown = await existing(client, typed, () => readShown(client, typed, undefined));
  const { request: number, url } = shown;
  const hindrance = whyNot(options, shown);
  if (hindrance !== undefined) {
    terminal.err(`#${number} ${hindrance}\n`);
    return exitCode.notOk;
  }
  const comment = await postComment(client, number, { body: command, mayWait: false });
  terminal.out(
    options.json ? `${JSON.stringify({ request: number, said: command, comment, url })}\n` : `${command}\n`,
  );
  if (!options.json) terminal.err(`said in #${number}, ${url}\n`);
  return exitCode.ok;
}

/** Read back by the parser that will read it. A command is one line. */
function commandOf({ word, rest }: SayOptions): string {
  const text = `/${word} ${(rest ?? "").replace(/\s+/g, " ")}`.trim();
  const parsed = parseCommand(text);
  if (parsed?.ok === true) return text;
  throw new Error(parsed?.problems[0].message ?? `\`${text}\` is no command`);
}

/** The label may lag or lie, so only what is surely useless is refused; ending access never for a label. */
function whyNot({ word }: SayOptions, { open, state }: ShownInFull): string | undefined {
  if (!open && state !== "active") return `is over (${state}); \`hallpass request\` asks anew`;
  if (word === "cancel" && state === "active") return "is open already; `hallpass revoke` ends it";
  if (word === "extend" && state !== "active")
    return `is not open (${state}); only open access can be extended, with \`hallpass request\` you ask for what it should be`;
  return undefined;
}
