// What is asked for: the same words in every command that asks, or asks what would happen.

import type { Command } from "commander";

export function asking(command: Command, reason = "why; asked for on a terminal when missing"): Command {
  return command
    .option("--for <duration>", "how long, from when access opens", "1h")
    .option("--reason <text>", reason)
    .option("--access <mode>", "shell, ssh, port-forward or rdp", "shell")
    .option("--forward <name>", "with port-forward: one of the config's")
    .option("--ticket <id>", "a ticket, for policies and for the record");
}
