// The commands, in groups. Each is described in `commands/`; what it does is loaded when it runs.

import { Command, CommanderError } from "commander";
import { describeApprove } from "./commands/approve.ts";
import { describeAws } from "./commands/aws-session-policy.ts";
import { describeCan } from "./commands/can.ts";
import { describeCancel } from "./commands/cancel.ts";
import { describeCompletion } from "./commands/completion.ts";
import { describeConfigure } from "./commands/configure.ts";
import { describeConnect } from "./commands/connect.ts";
import { describeConsole } from "./commands/console.ts";
import { describeCredentials } from "./commands/credentials.ts";
import { describeDoctor } from "./commands/doctor.ts";
import { describeExplain } from "./commands/explain.ts";
import { describeExtend } from "./commands/extend.ts";
import { describeInit } from "./commands/init.ts";
import { describeKey } from "./commands/key.ts";
import { describeList } from "./commands/list.ts";
import { describeNodes } from "./commands/nodes.ts";
import { describePolicy } from "./commands/policy.ts";
import { describeReject } from "./commands/reject.ts";
import { describeRequest } from "./commands/request.ts";
import { describeRevoke } from "./commands/revoke.ts";
import { describeStatus } from "./commands/status.ts";
import type { Describe, Run } from "./describe.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { Interrupted, painter, type Terminal } from "./terminal.ts";

/** In the help's order. */
const groups: Readonly<Record<string, readonly Describe[]>> = {
  "Ask and connect:": [describeConnect, describeRequest, describeStatus, describeList, describeKey],
  "Look before you ask:": [describeNodes, describeCan, describeExplain],
  "Decide and end:": [describeApprove, describeReject, describeRevoke, describeCancel, describeExtend],
  "For other tools:": [
    describeConfigure,
    describeConsole,
    describeCredentials,
    describeCompletion,
    describeAws,
  ],
  "Set up:": [describeInit, describeDoctor, describePolicy],
};

/** Runs what was typed. The only place where a command's errors are caught. */
export async function run(terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok;
  const program = describeProgram(terminal, async (options, load) => {
    code = await (await load())(terminal, options);
  });
  try {
    await program.parseAsync(terminal.args.length === 0 ? ["--help"] : [...terminal.args], { from: "user" });
    return code;
  } catch (error) {
    // commander has already said what is wrong, or shown the help that was asked for
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.cannotRun;
    const { trouble } = await import("./github-trouble.ts");
    terminal.err(`${painter(terminal.errColours)("bad", "error")}: ${trouble(error)}\n`);
    return error instanceof Interrupted ? exitCode.interrupted : exitCode.cannotRun;
  }
}

/** @param run - gets each command's options, and what they are for. */
export function describeProgram(terminal: Terminal, run: Run): Command {
  const program = new Command("hallpass")
    .description(
      "Just-in-time access to AWS Systems Manager nodes, asked, approved, granted and ended on GitHub.",
    )
    .exitOverride()
    .showHelpAfterError("(add --help for what it takes)")
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHasColors: () => terminal.outColours,
      getErrHasColors: () => terminal.errColours,
    });
  for (const [title, commands] of Object.entries(groups)) {
    program.commandsGroup(title);
    for (const describe of commands) describe(program, run);
  }
  return program;
}
