// One of several, chosen by a person: a numbered list on a terminal, and nothing off it.

import { shown } from "../core/text.ts";
import { ask } from "./ask.ts";
import { painter, type Terminal } from "./terminal.ts";

export interface Choice<T> {
  readonly label: string;
  readonly value: T;
}

/** A longer list is none that anybody reads. */
export const mostChoices = 50;

/** Undefined where nobody can be asked, or the list is too long: then an error says what there is. */
export async function pick<T>(
  terminal: Terminal,
  question: string,
  choices: readonly Choice<T>[],
): Promise<T | undefined> {
  if (terminal.ask === undefined || choices.length > mostChoices) return undefined;
  const paint = painter(terminal.errColours);
  const width = String(choices.length).length;
  for (const [i, { label }] of choices.entries())
    terminal.err(`${paint("strong", String(i + 1).padStart(width + 2))}  ${shown(label)}\n`);
  const { value } = await ask(
    { err: terminal.err, ask: terminal.ask },
    {
      text: question,
      read: (answer) => (/^[1-9]\d*$/.test(answer) ? choices[Number(answer) - 1] : undefined),
      expected: `a number from 1 to ${choices.length}`,
    },
  );
  return value;
}
