// Runs policy cases: the same question, the same decision and the same counting as for a real request.

import type { PolicyEngine } from "../cedar/engine.ts";
import type { Principal, QuestionContext } from "../core/answer.ts";
import { standingIn } from "../core/delegations.ts";
import type { UserId } from "../core/ids.ts";
import type { Level, People } from "../core/law.ts";
import { type DeniedBecause, type Outcome, outcomeOf } from "../core/outcome.ts";
import type { Expectation, PolicyCase } from "../core/policy-case.ts";
import { ruleFor } from "../core/rules.ts";
import { type Tally, tally } from "../core/tally.ts";
import { localClock } from "../core/time.ts";
import type { LoadedPolicies } from "./policy-folder.ts";
import { principalOf } from "./principal.ts";

/** What came out, in the words of a case. */
export interface CaseOutcome {
  readonly expect: Expectation["expect"];
  readonly by: readonly string[];
  /** As written, `1 of` left out. Empty unless manual, as is `missing`. */
  readonly levels: readonly string[];
  /** Null unless manual. */
  readonly approval: Tally["approval"] | null;
  readonly missing: readonly number[];
  /** Only of a case that asks, and whose request people decide. */
  readonly breakGlass?: boolean;
  /** Why it is broken. */
  readonly errors: readonly string[];
}

/** What the case wants, in the same words; keys it does not mention are not there. */
export type Wanted = Partial<Omit<CaseOutcome, "expect" | "errors">> & Pick<CaseOutcome, "expect">;

export interface CaseResult {
  readonly file: string;
  readonly name: string;
  readonly ok: boolean;
  readonly expected: Wanted;
  readonly got: CaseOutcome;
}

export interface CaseRunner {
  readonly engine: PolicyEngine;
  readonly policies: LoadedPolicies;
  /** Of `weekday` and `timeOfDay`. */
  readonly timeZone: string;
}

export async function runCase(runner: CaseRunner, each: PolicyCase): Promise<CaseResult> {
  const { outcome, breaks } = await outcomeOfCase(runner, each);
  const counted = outcome.outcome === "manual" ? tallyOf(runner.policies, outcome.levels, each) : undefined;
  const got: CaseOutcome = {
    expect: outcome.outcome,
    by: [...new Set(decidedBy(outcome))],
    levels: outcome.outcome === "manual" ? outcome.levels.map(({ text }) => text) : [],
    approval: counted?.approval ?? null,
    missing: counted?.missing ?? [],
    ...(each.expected.breakGlass === undefined || counted === undefined
      ? {}
      : { breakGlass: breaks && counted.approval !== "rejected" }),
    errors: outcome.outcome === "broken" ? outcome.problems.map(({ message }) => message) : [],
  };
  const levels = outcome.outcome === "manual" ? outcome.levels : [];
  const { file } = each.place;
  return {
    file,
    name: each.name,
    ok: isAsExpected(each.expected, got, levels),
    expected: wanted(each.expected),
    got,
  };
}

async function outcomeOfCase(
  { engine, policies, timeZone }: CaseRunner,
  each: PolicyCase,
): Promise<{ readonly outcome: Outcome; readonly breaks: boolean }> {
  const question = {
    principal: requesterOf(policies.people, each),
    context: contextOf(each, timeZone),
    nodes: [each.node],
    breakGlass: each.expected.breakGlass !== undefined,
  };
  const [answer] = await engine.ask(policies.set, question);
  // INVARIANT: the engine answers once for each node
  if (answer === undefined) throw new Error("the policy engine gave no answer");
  const rule = ruleFor(policies.rules, each.node);
  return {
    outcome: outcomeOf([{ node: each.node, answer, rule }], each.for),
    breaks: (answer.breakGlass ?? []).length > 0,
  };
}

function contextOf(each: PolicyCase, timeZone: string): QuestionContext {
  const { at, access, reason, ticket } = each;
  return {
    now: at,
    start: at,
    ...localClock(at, timeZone),
    duration: each.for,
    access,
    reason,
    ...(ticket === undefined ? {} : { ticket }),
  };
}

/** `people.yaml` knows the requester and their teams; what the case says of them is added and comes first. */
function requesterOf(people: People, each: PolicyCase): Principal {
  const login = each.requester;
  const id = people.people.get(login.toLowerCase())?.id ?? (1 as UserId);
  const known = principalOf({ login, id }, each.teams, people);
  return {
    ...known,
    groups: [...new Set([...known.groups, ...each.groups])],
    attributes: { ...known.attributes, ...each.attributes },
    principalTags: { ...known.principalTags, ...each.principalTags },
  };
}

const tallyOf = ({ delegations }: LoadedPolicies, levels: readonly Level[], each: PolicyCase): Tally =>
  tally({
    levels,
    reviews: each.reviews,
    requester: each.requester,
    barred: each.pushedBy,
    memberships: each.members,
    delegations: standingIn(delegations, each.at),
  });

function decidedBy(outcome: Outcome): readonly string[] {
  switch (outcome.outcome) {
    case "broken":
    case "auto":
      return outcome.policies.map(({ name }) => name);
    case "denied":
      return outcome.because.flatMap(deniedBy);
    case "manual":
      return outcome.rules.map(({ name }) => name);
  }
}

function deniedBy(because: DeniedBecause): readonly string[] {
  switch (because.why) {
    case "guardrail":
      return because.policies.map(({ name }) => name);
    case "over-max":
      return [because.rule];
    case "not-covered":
      return [];
  }
}

/** `by` and `levels` compare as sets, `missing` exactly. */
function isAsExpected(expected: Expectation, got: CaseOutcome, levels: readonly Level[]): boolean {
  const { expect, by, levels: wantedLevels, approval, missing, breakGlass } = expected;
  return (
    expect === got.expect &&
    (by === undefined || sameSet(by, got.by)) &&
    (wantedLevels === undefined || sameSet(wantedLevels.map(levelKey), levels.map(levelKey))) &&
    (approval === undefined || approval === got.approval) &&
    (breakGlass === undefined || breakGlass === got.breakGlass) &&
    (missing === undefined || sorted(missing) === sorted(got.missing))
  );
}

const sorted = (numbers: readonly number[]): string => [...numbers].sort((a, b) => a - b).join();

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [new Set(a), new Set(b)];
  return left.size === right.size && [...left].every((each) => right.has(each));
}

/** Handles compare without letter case, and in which order they stand means nothing. */
const levelKey = ({ need, people, teams }: Level): string =>
  [need, ...[...people.map((login) => login.toLowerCase()), ...teams].sort()].join(" ");

function wanted({ levels, ...rest }: Expectation): Wanted {
  return { ...rest, ...(levels === undefined ? {} : { levels: levels.map(({ text }) => text) }) };
}
