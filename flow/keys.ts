// Keys that read like keys and are none, such as a point of low order. Nothing can be sealed to them, and that has to be told before anything is issued, so
// the proof is to seal something.

import type { CommandFacts } from "../core/facts.ts";
import { problem } from "../core/problem.ts";
import { seal } from "./seal.ts";

type Key = Extract<CommandFacts, { readonly recipient: string }>;

/** The latest key that the requester posted, proved; those after it that fail are told as commands that could not be read. */
export async function withProvenKey(commands: readonly CommandFacts[]): Promise<readonly CommandFacts[]> {
  const proved = [...commands];
  for (const [i, command] of [...commands.entries()].reverse()) {
    if (!isKey(command)) continue;
    if (await canSealTo(command.recipient)) break;
    const { recipient: _, ...said } = command;
    proved[i] = { ...said, problem: unfit };
  }
  return proved;
}

const isKey = (command: CommandFacts): command is Key =>
  command.command === "token" && command.allowed && "recipient" in command;

const unfit = problem(
  "command.token-malformed",
  "nothing can be sealed to that key: expected one that `age-keygen` made; make a new one and post `/token age1…` again",
);

const proven = new Set<string>();
const mostProven = 1_000;

async function canSealTo(recipient: string): Promise<boolean> {
  if (proven.has(recipient)) return true;
  try {
    await seal(recipient, { version: 1, grants: [] });
  } catch {
    return false;
  }
  if (proven.size >= mostProven) proven.clear();
  proven.add(recipient);
  return true;
}
