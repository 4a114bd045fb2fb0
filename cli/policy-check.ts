// `hallpass policy check`: loads a policies folder, its cases too, and shows everything that is wrong with it.

import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { inlineEngine } from "../cedar/engine.ts";
import { isPolicyFile, loadPolicyFolder } from "../flow/policy-folder.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { isCaseFile, loadCases } from "./policy-test.ts";
import { readFolder } from "./read-folder.ts";
import { showProblems } from "./show-problems.ts";
import { painter, type Terminal } from "./terminal.ts";

export interface PolicyCheckOptions {
  readonly dir: string;
}

export async function policyCheck(terminal: Terminal, { dir }: PolicyCheckOptions): Promise<ExitCode> {
  const folder = await readFolder(terminal.cwd, dir, isPolicyFile);
  const loaded = await loadPolicyFolder(inlineEngine(), folder.files);
  const cases = await casesOf(terminal, dir);
  showProblems(terminal, folder.shown, loaded.ok ? loaded.value.set.warnings : [], "warning");
  showProblems(terminal, folder.shown, loaded.ok ? [] : loaded.problems);
  showProblems(terminal, join(folder.shown, "cases"), cases.problems);
  if (!loaded.ok || cases.problems.length > 0) return exitCode.cannotRun;
  const { set, rules, people } = loaded.value;
  const counts = [
    counted(set.policies.length, "policy", "policies"),
    counted(rules.length, "approval rule", "approval rules"),
    counted(people.people.size + people.teams.size, "entry for people", "entries for people"),
    counted(cases.cases.length, "case", "cases"),
  ];
  terminal.out(`${painter(terminal.outColours)("good", "ok")}  ${folder.shown}: ${counts.join(", ")}\n`);
  return exitCode.ok;
}

async function casesOf(terminal: Terminal, dir: string) {
  const path = resolve(terminal.cwd, dir, "cases");
  const isThere = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  return isThere ? loadCases(await readFolder(terminal.cwd, path, isCaseFile)) : { cases: [], problems: [] };
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
