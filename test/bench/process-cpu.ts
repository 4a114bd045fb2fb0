// What a whole process costs: user and system CPU from its start to its end, loading included, as the shell's `time` says it.

import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface TimedProgram {
  /** Stands in for the program: the same arguments, environment, output and exit code. */
  readonly path: string;
  /** Milliseconds of CPU of each run since the last call. */
  readonly take: () => readonly number[];
  readonly remove: () => void;
}

/** Needs bash; its `time` counts the program's children too. */
export function timed(program: string): TimedProgram {
  const folder = mkdtempSync(join(tmpdir(), "hallpass-timed-"));
  const path = join(folder, "program");
  const times = join(folder, "times");
  writeFileSync(times, "");
  writeFileSync(
    path,
    [
      "#!/usr/bin/env bash",
      "TIMEFORMAT='%3U %3S'",
      // the program keeps the standard output and error that it was given
      `{ time "${program}" "$@" >&3 2>&4; } 3>&1 4>&2 2>>"${times}"`,
      "",
    ].join("\n"),
  );
  chmodSync(path, 0o755);
  return {
    path,
    take: () => {
      const lines = readFileSync(times, "utf8").trim().split("\n");
      writeFileSync(times, "");
      return lines.filter((line) => line !== "").map(milliseconds);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function milliseconds(line: string): number {
  const [user, system] = line.split(" ").map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) * 1_000;
}

/** CPU of `program -e 0`: what every run of a JavaScript action costs whatever it does. */
export async function emptyRun(program: TimedProgram): Promise<number> {
  await promisify(execFile)(program.path, ["-e", "0"]);
  return program.take()[0] ?? Number.NaN;
}
