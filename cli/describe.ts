// How a command is described: what is typed becomes its options. What it does is loaded when it runs, so that `--help` is quick.

import type { Command } from "commander";
import type { ExitCode } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";

/** Adds one command, or a group of them, to the program. */
export type Describe = (program: Command, run: Run) => void;

export type Run = <Options>(
  options: Options,
  load: () => Promise<(terminal: Terminal, options: Options) => Promise<ExitCode>>,
) => Promise<void>;

export const repoOption = [
  "--repo <owner/name>",
  "the access repository (default: HALLPASS_REPOSITORY, else the remote `origin`)",
] as const;

export const identityOption = [
  "--identity <file>",
  "your age identity (default: HALLPASS_IDENTITY, else ~/.config/hallpass/identity)",
] as const;

/** For an option that may be given again: all of its values, in order. */
export const each = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
