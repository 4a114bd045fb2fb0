// Problems as a compiler shows them: `file:line:column: error: what is wrong`.

import { join } from "node:path";
import type { Problem } from "../core/problem.ts";
import { painter, type Terminal } from "./terminal.ts";

/** `folder` is where the places of the problems are relative to. */
export function showProblems(
  terminal: Terminal,
  folder: string,
  problems: readonly Problem[],
  kind: "error" | "warning" = "error",
): void {
  const paint = painter(terminal.errColours);
  for (const { code, message, place } of problems) {
    const where = place === undefined ? folder : `${join(folder, place.file)}:${place.line}:${place.column}`;
    const what = paint(kind === "error" ? "bad" : "strong", kind);
    terminal.err(`${where}: ${what}: ${message} ${paint("faint", `[${code}]`)}\n`);
  }
}
