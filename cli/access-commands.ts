// The commands of operators and approvers, and their help.

import type { Command } from "commander";
import type { ExitCode } from "./exit-code.ts";
import type { KeyOptions } from "./key.ts";
import type { Terminal } from "./terminal.ts";

type Finish = (code: ExitCode) => void;

const identityOption = [
  "--identity <file>",
  "your age identity (default: HALLPASS_IDENTITY, else ~/.config/hallpass/identity)",
] as const;

export function describeKey(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("key")
    .description("Show the public key that credentials are sealed to; make it the first time.")
    .option(...identityOption)
    .option("--rotate", "make a new one; the old one is kept beside, with a number")
    .option("--post-quantum", "make a post-quantum hybrid key (age1pq1…)")
    .option("--json", "one JSON object: did (shown, made, rotated), file, recipient, kept")
    .addHelpText(
      "after",
      `
Only you may read the file (mode 0600). One that is there is never overwritten.

Exits with 0 when there is a key, 2 when there is none.

Examples:
  $ hallpass key
  $ hallpass key --rotate
  $ gh issue comment 12 --repo acme/access --body "/token $(hallpass key)"`,
    )
    .action(async (options: Partial<KeyOptions>) => {
      const { key } = await import("./key.ts");
      const { rotate = false, postQuantum = false, json = false } = options;
      finish(await key(terminal, { ...options, rotate, postQuantum, json }));
    });
}
