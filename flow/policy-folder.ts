// A policies folder as text, loaded whole: policies, approval rules, people and delegations, with every problem of every file.

import type { PolicyEngine } from "../cedar/engine.ts";
import type { PolicyFile, PolicySet } from "../cedar/policy-set.ts";
import { parseDelegations } from "../core/delegations.ts";
import type { ApprovalRule, Delegation, People } from "../core/law.ts";
import { noPeople, parsePeople } from "../core/people.ts";
import { accepted, type Parsed, type Problem, problem, unlessProblems } from "../core/problem.ts";
import { parseRules } from "../core/rules.ts";

export interface LoadedPolicies {
  /** Warnings are in the set. */
  readonly set: PolicySet;
  readonly rules: readonly ApprovalRule[];
  readonly people: People;
  readonly delegations: readonly Delegation[];
}

const [approvalsFile, peopleFile, delegationsFile] = [
  "approvals.yaml",
  "people.yaml",
  "delegations.yaml",
] as const;
const lists: readonly string[] = [approvalsFile, peopleFile, delegationsFile];

/** Whether a file of the folder is one that is loaded, or refused; others, a README for example, are nobody's business. */
export const isPolicyFile = (path: string): boolean =>
  /\.cedar$/.test(path) || /^[^/]+\.cedarschema$/.test(path) || lists.includes(path);

/** A policy in a folder of its own is refused: a guardrail that people believe in must be one. Paths are relative to the folder. */
export const misplacedPolicies = (paths: readonly string[]): readonly Problem[] =>
  paths.filter(isMisplaced).map((file) =>
    problem(
      "policy.misplaced",
      "a policy in a folder below is not loaded; move it up, beside the other policies",
      {
        place: { file, line: 1, column: 1 },
      },
    ),
  );

const isMisplaced = (path: string): boolean => /\/[^/]*\.cedar$/.test(path);

/** Paths are relative to the folder. Each file may be missing: nothing is permitted, approved or known then. */
export async function loadPolicyFolder(
  engine: PolicyEngine,
  files: readonly PolicyFile[],
): Promise<Parsed<LoadedPolicies>> {
  const textOf = (path: string): string | undefined => files.find((file) => file.path === path)?.text;
  const [approvals, known, away] = lists.map(textOf);
  const inPlace = files.filter(({ path }) => /\.cedar(?:schema)?$/.test(path) && !isMisplaced(path));
  const policies = await engine.load(inPlace);
  const rules = approvals === undefined ? accepted([]) : parseRules(approvals, approvalsFile);
  const people = known === undefined ? accepted(noPeople) : parsePeople(known, peopleFile);
  const delegations = away === undefined ? accepted([]) : parseDelegations(away, delegationsFile);
  return unlessProblems(
    [
      ...misplacedPolicies(files.map(({ path }) => path)),
      ...(policies.ok ? [] : policies.problems),
      ...(rules.ok ? [] : rules.problems),
      ...(people.ok ? [] : people.problems),
      ...(delegations.ok ? [] : delegations.problems),
    ],
    policies.ok && rules.ok && people.ok && delegations.ok
      ? { set: policies.set, rules: rules.value, people: people.value, delegations: delegations.value }
      : undefined,
  );
}
