// The words that start this very program again, from wherever another tool stands: for an AWS profile, and for a shell's completion.

import { realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Terminal } from "./terminal.ts";

export interface Program {
  /** Absolute, as is the script. */
  readonly node: string;
  readonly nodeArgs: readonly string[];
  readonly script: string;
}

/**
 * `hallpass` where that on PATH is this program, else this Node with this file: a source tree, a copy that npx keeps, the script of a `gh` extension.
 *
 * ATTACK: `npx hallpass` would ask a registry for a name at every call, and run what answers. The copy that runs now is named instead.
 */
export function wordsOf({ program, env }: Pick<Terminal, "program" | "env">): readonly string[] {
  if (program === undefined || isOnPath(program.script, env["PATH"] ?? "")) return ["hallpass"];
  return [program.node, ...loaders(program.nodeArgs), program.script];
}

function isOnPath(script: string, path: string): boolean {
  // npm puts its own folder there only while it runs something
  const folders = path
    .split(delimiter)
    .filter((folder) => folder !== "" && !/node_modules[\\/]\.bin[\\/]?$/.test(folder));
  const real = realOf(script);
  for (const folder of folders) {
    const found = realOf(join(folder, "hallpass"));
    // the first is what a shell takes
    if (found !== undefined) return found === real;
  }
  return false;
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

const loading = ["--import", "--require", "-r"];

/** What Node has to load before the script can be read: TypeScript's, in a source tree. A bare name is found from here, not from where it will be called. */
const loaders = (args: readonly string[]): readonly string[] =>
  args.flatMap((flag, i) => {
    const value = args[i + 1];
    if (!loading.includes(flag) || value === undefined) return [];
    return [flag, /^(?:[a-z]+:|[./\\])/i.test(value) ? value : import.meta.resolve(value)];
  });

/** One word as both a POSIX shell and AWS's own splitting of `credential_process` read it; on Windows, as programs there read their command line. */
export function quoteWord(word: string, platform: string = process.platform): string {
  if (/^[\w@+=:,./-]+$/.test(word)) return word;
  if (platform !== "win32") return `'${word.replaceAll("'", `'"'"'`)}'`;
  if (/^[\w@+=:,./\\~-]+$/.test(word)) return word;
  if (/["%]/.test(word)) throw new Error(`\`${word}\` cannot be written in a command line on Windows`);
  return `"${word.replace(/\\+$/, "$&$&")}"`;
}
