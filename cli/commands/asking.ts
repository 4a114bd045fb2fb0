// What is asked for: the same words in `hallpass request` and `hallpass connect`.

import type { Command } from "commander";

export function asking(command: Command): Command {
  return command
    .option("--for <duration>", "how long, from when access opens", "1h")
    .option("--reason <text>", "why; asked for on a terminal when missing")
    .option("--access <mode>", "shell, ssh, port-forward or rdp", "shell")
    .option("--forward <name>", "with port-forward: one of the config's")
    .option("--ticket <id>", "a ticket, for policies and for the record");
}
