// The world as a command sees it, read once at the edge: what was typed, where the person stands, and where to write.

import type { Piped } from "./piped-shell.ts";
import type { Program } from "./started-as.ts";

export interface Terminal {
  /** Without the program's own name. */
  readonly args: readonly string[];
  /** How this process was started; absent: as `hallpass`. */
  readonly program?: Program;
  /** Where the person stands: npm changes the working directory and says so in `INIT_CWD`. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** All of standard input. */
  readonly input: () => Promise<string>;
  /** Standard input, where it is no terminal, and standard output: for what goes on while it is read. */
  readonly piped?: Piped;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Asks a person, on standard error, and waits for a line; absent where nobody sits at a terminal. */
  readonly ask?: (question: string) => Promise<string>;
  /** Calls back at each Ctrl-C, instead of ending; gives what stops that. Absent where nobody can press it. */
  readonly onInterrupt?: (pressed: () => void) => () => void;
  /** How wide it is; absent off a terminal. */
  readonly columns?: () => number;
  /** The same of standard output, which may be a file while somebody looks on. */
  readonly outColumns?: () => number;
  /** Colours, for standard output and standard error: only on a terminal, and not where `NO_COLOR` is set. */
  readonly outColours: boolean;
  readonly errColours: boolean;
}

export function processTerminal(process: NodeJS.Process): Terminal {
  const { env, stdout, stderr } = process;
  const colours = (stream: NodeJS.WriteStream): boolean =>
    stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  return {
    args: process.argv.slice(2),
    program: { node: process.execPath, nodeArgs: process.execArgv, script: process.argv[1] ?? "" },
    cwd: env["INIT_CWD"] ?? process.cwd(),
    env,
    input: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
      return Buffer.concat(chunks).toString("utf8");
    },
    ...(process.stdin.isTTY === true ? {} : { piped: { input: process.stdin, output: stdout } }),
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    ...(process.stdin.isTTY === true && stderr.isTTY === true ? { ask } : {}),
    ...(stderr.isTTY === true ? { columns: () => stderr.columns || 80 } : {}),
    ...(stdout.isTTY === true ? { outColumns: () => stdout.columns || 80 } : {}),
    onInterrupt: (pressed) => {
      process.on("SIGINT", pressed);
      return () => void process.off("SIGINT", pressed);
    },
    outColours: colours(stdout),
    errColours: colours(stderr),
  };
}

/** Ctrl-C while somebody was asked. */
export class Interrupted extends Error {}

/** One interface a question: an open one would keep the process from ending. */
async function ask(question: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const input = new AbortController();
  // the end of the input, with nothing typed, would otherwise wait for ever
  const ended = () => input.abort(new Error("nothing was answered"));
  lines.once("close", ended);
  // before the end that readline makes of it
  lines.once("SIGINT", () => input.abort(new Interrupted("nothing was answered")));
  try {
    return await lines.question(question, { signal: input.signal });
  } catch (error) {
    throw input.signal.aborted ? input.signal.reason : error;
  } finally {
    lines.off("close", ended);
    lines.close();
  }
}

export type Paint = (style: "good" | "bad" | "faint" | "strong", text: string) => string;

const codes = { good: 32, bad: 31, faint: 2, strong: 1 } as const;

export const painter =
  (colours: boolean): Paint =>
  (style, text) =>
    colours ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
