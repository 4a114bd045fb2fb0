// `hallpass policy test`: runs the cases of a folder against the policies of another.

import { resolve } from "node:path";
import { inlineEngine } from "../cedar/engine.ts";
import { type PolicyCase, parsePolicyCases } from "../core/policy-case.ts";
import { type Problem, problem } from "../core/problem.ts";
import { quoted } from "../core/text.ts";
import { isTimeZone } from "../core/time.ts";
import { isPolicyFile, loadPolicyFolder } from "../flow/policy-folder.ts";
import { type CaseResult, runCase } from "../flow/policy-test.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { type Folder, readFolder } from "./read-folder.ts";
import { showProblems } from "./show-problems.ts";
import { painter, type Terminal } from "./terminal.ts";

export interface PolicyTestOptions {
  readonly cases: string;
  readonly policies: string;
  readonly json: boolean;
  readonly timeZone: string;
}

export async function policyTest(terminal: Terminal, options: PolicyTestOptions): Promise<ExitCode> {
  if (!isTimeZone(options.timeZone))
    throw new Error(
      `\`${options.timeZone}\` is no time zone; write one such as \`Europe/Berlin\` or \`UTC\``,
    );
  const policyFiles = await readFolder(terminal.cwd, options.policies, isPolicyFile);
  const caseFiles = await readCases(terminal, options);
  const engine = inlineEngine();
  const policies = await loadPolicyFolder(engine, policyFiles.files);
  const cases = loadCases(caseFiles);
  if (!policies.ok || cases.problems.length > 0) {
    showProblems(terminal, policyFiles.shown, policies.ok ? [] : policies.problems);
    showProblems(terminal, caseFiles.shown, cases.problems);
    return exitCode.cannotRun;
  }
  if (!options.json) showProblems(terminal, policyFiles.shown, policies.value.set.warnings, "warning");
  let notOk = 0;
  for (const each of cases.cases) {
    const result = await runCase({ engine, policies: policies.value, timeZone: options.timeZone }, each);
    if (!result.ok) notOk++;
    terminal.out(options.json ? `${JSON.stringify(result)}\n` : described(terminal, result));
  }
  if (!options.json) terminal.out(summary(terminal, cases.cases.length, notOk));
  return notOk === 0 ? exitCode.ok : exitCode.notOk;
}

export const isCaseFile = (path: string): boolean => /^[^/]+\.(?:ya?ml|json)$/i.test(path);

/** Where cases and policies share a folder, rules and people are no cases. */
function readCases(terminal: Terminal, { cases, policies }: PolicyTestOptions): Promise<Folder> {
  const same = resolve(terminal.cwd, cases) === resolve(terminal.cwd, policies);
  return readFolder(terminal.cwd, cases, (name) => isCaseFile(name) && !(same && isPolicyFile(name)));
}

/** All cases of a folder, or all problems. A folder without cases is a problem: it would pass whatever the policies say. */
export function loadCases({ files }: Folder): {
  readonly cases: readonly PolicyCase[];
  readonly problems: readonly Problem[];
} {
  const parsed = files.map(({ path, text }) => parsePolicyCases(text, path));
  if (parsed.every((each) => each.ok && each.value.length === 0)) {
    const where =
      files.length === 0 ? "a `.yaml` or `.json` file of this folder" : quoted(files[0]?.path ?? "");
    const message = `there is no case here, and nothing would be tested; write a list of cases into ${where}`;
    return { cases: [], problems: [problem("case.malformed", message)] };
  }
  return {
    cases: parsed.flatMap((each) => (each.ok ? each.value : [])),
    problems: parsed.flatMap((each) => (each.ok ? [] : each.problems)),
  };
}

function described(terminal: Terminal, { file, name, ok, expected, got }: CaseResult): string {
  const paint = painter(terminal.outColours);
  const title = `${ok ? paint("good", "ok") : paint("bad", "NOT OK")}  ${paint("faint", file)}  ${name}\n`;
  if (ok) return title;
  const keys = ["expect", "by", "levels", "approval", "missing"] as const;
  const lines = keys
    .filter((key) => expected[key] !== undefined)
    .map((key) => `        ${key}: expected ${listed(expected[key])}, got ${listed(got[key])}\n`);
  const by = expected.by === undefined ? [`        decided by ${listed(got.by)}\n`] : [];
  const errors = got.errors.map((error) => `        error: ${error}\n`);
  return [title, ...lines, ...by, ...errors].join("");
}

function listed(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  return value === null ? "none" : String(value);
}

function summary(terminal: Terminal, all: number, notOk: number): string {
  const paint = painter(terminal.outColours);
  const count = `${all} ${all === 1 ? "case" : "cases"}`;
  return notOk === 0
    ? `\n${count}, ${paint("good", "all as expected")}\n`
    : `\n${count}, ${paint("bad", `${notOk} not as expected`)}\n`;
}
