// Commands in comments: the first line, beginning with a slash, alone with its arguments.

import { type AgeRecipient, parseAgeRecipient } from "./age-recipient.ts";
import { durationForm, parseDuration } from "./duration.ts";
import type { Seconds } from "./ids.ts";
import { accepted, type Parsed, problem, refused } from "./problem.ts";
import { quoted, unixLines, visible } from "./text.ts";

export type Command =
  | { readonly command: "token"; readonly recipient: AgeRecipient }
  | { readonly command: "extend"; readonly for: Seconds }
  | { readonly command: "revoke" | "cancel" | "break-glass"; readonly why?: string }
  | { readonly command: "retry" | "refresh" };

export type CommandWord = Command["command"];

const longestWhy = 1_000;

/** Undefined for every other comment. A quote, a fence or an indented line is somebody talking about a command. */
export function parseCommand(comment: string): Parsed<Command> | undefined {
  const [line = ""] = unixLines(comment).split("\n", 1);
  const [, word = "", rest = ""] = /^\/([a-z-]+)(?:[ \t]+(.*))?$/i.exec(line.trimEnd()) ?? [];
  const command = word.toLowerCase();
  switch (command) {
    case "token":
      return token(rest);
    case "revoke":
    case "cancel":
    case "break-glass":
      return accepted({ command, ...whyOf(rest) });
    case "extend":
      return extend(rest);
    case "retry":
    case "refresh":
      return accepted({ command });
    default:
      return undefined;
  }
}

function token(argument: string): Parsed<Command> {
  const recipient = parseAgeRecipient(argument);
  if (recipient !== undefined) return accepted({ command: "token", recipient });
  const message = /AGE-SECRET-KEY-/i.test(argument)
    ? "that is a secret key; make a new one, delete this comment, and post the public key `age1…`"
    : `expected \`/token age1…\` with the public key that \`hallpass key\` or \`age-keygen\` shows, got ${quoted(argument)}`;
  return refused(problem("command.token-malformed", message));
}

function extend(argument: string): Parsed<Command> {
  const duration = parseDuration(argument.trim());
  if (duration !== undefined) return accepted({ command: "extend", for: duration });
  return refused(
    problem("command.extend-malformed", `expected \`/extend\` and ${durationForm}, got ${quoted(argument)}`),
  );
}

/** Never refused: ending access must not fail for what was said with it. */
function whyOf(text: string): { readonly why?: string } {
  const why = [...visible(text.trim())].slice(0, longestWhy).join("");
  return why === "" ? {} : { why };
}
