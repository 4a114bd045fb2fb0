// Folders of a test's own, and the program run in one.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { Piped } from "../../cli/piped-shell.ts";
import { run } from "../../cli/program.ts";
import type { Program } from "../../cli/started-as.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

export function emptyFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "hallpass-init-"));
  folders.push(path);
  return path;
}

export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Person {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly piped?: Piped;
  /** Answers to what is asked, in order; there is a terminal exactly when these are given. A function does first what happens meanwhile. */
  readonly answers?: readonly (string | (() => Promise<string>))[];
  /** How the program was started; absent: as `hallpass`. */
  readonly program?: Program;
  /** How wide standard output is; absent: it is no terminal. */
  readonly outColumns?: number;
}

export async function hallpass(args: readonly string[], person: Person): Promise<Told & { asked: string[] }> {
  const { outColumns } = person;
  let [out, err] = ["", ""];
  const asked: string[] = [];
  const answers = [...(person.answers ?? [])];
  const code = await run({
    args,
    cwd: person.cwd,
    env: person.env ?? {},
    input: async () => person.input ?? "",
    ...(person.piped === undefined ? {} : { piped: person.piped }),
    ...(person.program === undefined ? {} : { program: person.program }),
    ...(outColumns === undefined ? {} : { outColumns: () => outColumns }),
    ...(person.answers === undefined
      ? {}
      : {
          ask: async (question: string) => {
            asked.push(question.trim());
            const next = answers.shift();
            if (next === undefined) throw new Error(`nobody answers \`${question.trim()}\``);
            return typeof next === "string" ? next : next();
          },
        }),
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    outColours: false,
    errColours: false,
  });
  return { code, out, err, asked };
}

/** All that `init` has to be told. */
export const allFlags = [
  ...["--repo", "acme/access", "--app", "1001", "--account", "workloads:111122223333=eu-central-1"],
  ...["--team", "platform=platform", "--team", "devops=devops", "--team", "devops-leads=devops-leads"],
  ...["--team", "security=security", "--team", "on-call=on-call", "--team", "contractors=contractors"],
];
