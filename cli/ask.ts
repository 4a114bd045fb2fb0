// Questions on a terminal, one at a time, until the answer is one.

import type { Terminal } from "./terminal.ts";

export interface Question<T> {
  readonly text: string;
  /** What the answer means; undefined when it is none. */
  readonly read: (answer: string) => T | undefined;
  /** What was expected, for whoever answered something else. */
  readonly expected: string;
}

const mostTries = 5;

/** Throws after some wrong answers: a script that feeds a terminal must not hang. */
export async function ask<T>(
  terminal: Pick<Terminal, "err"> & { readonly ask: NonNullable<Terminal["ask"]> },
  { text, read, expected }: Question<T>,
): Promise<T> {
  for (let tries = 0; tries < mostTries; tries++) {
    const value = read((await terminal.ask(`${text} `)).trim());
    if (value !== undefined) return value;
    terminal.err(`expected ${expected}\n`);
  }
  throw new Error(`no answer to \`${text}\`; expected ${expected}`);
}
