// The command `check` without the App: does what is checked out load, and is everybody decided upon as its cases say? It needs no secret, so that it can judge
// what a stranger proposes.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PolicyEngine } from "../cedar/engine.ts";
import { configPath, parseConfig } from "../core/config.ts";
import type { Config } from "../core/law.ts";
import { type PolicyCase, parsePolicyCases } from "../core/policy-case.ts";
import { type Parsed, problem, unlessProblems } from "../core/problem.ts";
import { isPolicyFile, type LoadedPolicies, loadPolicyFolder } from "../flow/policy-folder.ts";
import { type CaseResult, runCase } from "../flow/policy-test.ts";
import { type Trouble, troubleAt } from "./trouble.ts";

/** Everything that is wrong, as a compiler says it; empty when nothing is. */
export async function checkCheckout(
  folder: string,
  { engine, say }: { readonly engine: PolicyEngine; readonly say: (line: string) => void },
): Promise<readonly Trouble[]> {
  const config = await readConfig(folder);
  const policies = await loadPolicyFolder(engine, await filesOf(folder, "policies", isPolicyFile));
  const cases = await readCases(folder);
  const problems = [
    ...placed("", config),
    ...placed("policies/", policies),
    ...placed("policies/cases/", cases),
  ];
  if (!config.ok || !policies.ok || !cases.ok) return problems;
  const results = await runCases(engine, config.value, policies.value, cases.value);
  const wrong = results.filter(({ ok }) => !ok);
  say(
    `${policies.value.set.policies.length} policies, ${results.length} cases, ${wrong.length} not as expected`,
  );
  return wrong.map(described);
}

async function readConfig(folder: string): Promise<Parsed<Config>> {
  return parseConfig(await readFile(join(folder, configPath), "utf8"));
}

async function readCases(folder: string): Promise<Parsed<readonly PolicyCase[]>> {
  const files = await filesOf(folder, "policies/cases", (name) => /\.(?:ya?ml|json)$/i.test(name));
  const parsed = files.map(({ path, text }) => parsePolicyCases(text, path));
  const none = problem(
    "case.malformed",
    "there is no policy case; write a list of them into a `.yaml` file here",
  );
  return unlessProblems(
    files.length === 0 ? [none] : parsed.flatMap((each) => (each.ok ? [] : each.problems)),
    parsed.flatMap((each) => (each.ok ? each.value : [])),
  );
}

type PlacedResult = CaseResult & Pick<PolicyCase, "place">;

async function runCases(
  engine: PolicyEngine,
  { timeZone }: Config,
  policies: LoadedPolicies,
  cases: readonly PolicyCase[],
): Promise<readonly PlacedResult[]> {
  const results: PlacedResult[] = [];
  for (const each of cases)
    results.push({ ...(await runCase({ engine, policies, timeZone }, each)), place: each.place });
  return results;
}

/** A folder that is not there has no files. */
async function filesOf(folder: string, inside: string, wanted: (name: string) => boolean) {
  const names = await readdir(join(folder, inside)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const files = names
    .filter(wanted)
    .sort()
    .map(async (path) => ({ path, text: await readFile(join(folder, inside, path), "utf8") }));
  return Promise.all(files);
}

const placed = (below: string, parsed: Parsed<unknown>): readonly Trouble[] =>
  parsed.ok ? [] : parsed.problems.map((each) => troubleAt(each, below));

const described = ({ file, name, expected, got, place }: PlacedResult): Trouble => ({
  message: `policies/cases/${file}: ${name}: expected ${JSON.stringify(expected)}, got ${JSON.stringify({
    ...Object.fromEntries(Object.keys(expected).map((key) => [key, got[key as keyof typeof got]])),
    by: got.by,
    errors: got.errors,
  })}`,
  place: { ...place, file: `policies/cases/${place.file}` },
});
