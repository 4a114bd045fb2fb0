// What is typed, read as far as a command's options: the first of a command's two tables of tests.

import { describeProgram } from "../../cli/program.ts";
import type { Terminal } from "../../cli/terminal.ts";

/** The options that these words become. Throws commander's error, with its message, where they become none. */
export async function typed(...args: readonly string[]): Promise<unknown> {
  let read: unknown;
  let told = "";
  const terminal: Terminal = {
    ...{ args, cwd: "/", env: {}, input: async () => "", outColours: false, errColours: false },
    out: () => {},
    err: (text) => {
      told += text;
    },
  };
  try {
    await describeProgram(terminal, async (options) => {
      read = options;
    }).parseAsync([...args], { from: "user" });
  } catch (error) {
    throw new Error(told === "" ? String(error) : told);
  }
  return read;
}
