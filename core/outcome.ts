// The decision table of design section 3: what the policies and the approval rules say of a request, before anybody has reviewed it.

import type { NodeAnswer, PolicyRef } from "./answer.ts";
import { formatDuration } from "./duration.ts";
import type { Seconds } from "./ids.ts";
import type { ApprovalRule, Level } from "./law.ts";
import type { Node } from "./node.ts";
import { nodeKey } from "./node.ts";
import type { Problem } from "./problem.ts";

export type DeniedBecause =
  | { readonly why: "guardrail"; readonly node: string; readonly policies: readonly PolicyRef[] }
  | { readonly why: "over-max"; readonly node: string; readonly rule: string; readonly max: Seconds }
  | { readonly why: "not-covered"; readonly node: string };

export interface BrokenOutcome {
  readonly outcome: "broken";
  readonly problems: readonly Problem[];
  readonly policies: readonly PolicyRef[];
}

export interface DeniedOutcome {
  readonly outcome: "denied";
  readonly because: readonly DeniedBecause[];
}

export interface AutoOutcome {
  readonly outcome: "auto";
  readonly policies: readonly PolicyRef[];
}

export interface ManualOutcome {
  readonly outcome: "manual";
  /** Each distinct rule once, in file order. */
  readonly rules: readonly ApprovalRule[];
  readonly levels: readonly Level[];
}

export type Outcome = BrokenOutcome | DeniedOutcome | AutoOutcome | ManualOutcome;

export interface NodeQuestion {
  readonly node: Node;
  readonly answer: NodeAnswer;
  /** The last rule that matches the node, if any does. */
  readonly rule: ApprovalRule | undefined;
}

/** One node, row by row. */
function nodeOutcome({ node, answer, rule }: NodeQuestion, duration: Seconds): Outcome {
  const key = nodeKey(node);
  // 1: any evaluation error; Cedar itself would skip that policy, and a broken `forbid` would open the door
  if (answer.errors.length > 0)
    return {
      outcome: "broken",
      problems: answer.errors,
      policies: answer.errors.map(({ policy }) => policy),
    };
  // 2: a guardrail; no approver can override it
  if (answer.guardrails.length > 0)
    return { outcome: "denied", because: [{ why: "guardrail", node: key, policies: answer.guardrails }] };
  // 3: permitted, and no deny-access policy stops the automatic approval
  if (answer.permits.length > 0 && answer.denies.length === 0)
    return { outcome: "auto", policies: answer.permits };
  // 6: no policy covers this node
  if (rule === undefined) return { outcome: "denied", because: [{ why: "not-covered", node: key }] };
  // 5: a rule covers it, for less time than asked
  if (rule.max !== undefined && duration > rule.max)
    return { outcome: "denied", because: [{ why: "over-max", node: key, rule: rule.name, max: rule.max }] };
  // 4: people decide
  return { outcome: "manual", rules: [rule], levels: rule.levels };
}

/** The request's outcome: the worst of its nodes (broken, denied, manual, auto). Manual nodes add up their rules; the lowest `max` binds. */
export function outcomeOf(questions: readonly [NodeQuestion, ...NodeQuestion[]], duration: Seconds): Outcome {
  const outcomes = questions.map((question) => nodeOutcome(question, duration));
  const broken = outcomes.filter((each) => each.outcome === "broken");
  if (broken.length > 0)
    return {
      outcome: "broken",
      problems: broken.flatMap((each) => each.problems),
      policies: distinct(broken.flatMap((each) => each.policies)),
    };
  const denied = outcomes.filter((each) => each.outcome === "denied");
  if (denied.length > 0) return { outcome: "denied", because: denied.flatMap((each) => each.because) };
  const manual = outcomes.filter((each) => each.outcome === "manual");
  if (manual.length > 0) {
    const rules = [...new Set(manual.flatMap((each) => each.rules))].sort((a, b) => a.line - b.line);
    return { outcome: "manual", rules, levels: rules.flatMap((rule) => rule.levels) };
  }
  const auto = outcomes.filter((each) => each.outcome === "auto");
  return { outcome: "auto", policies: distinct(auto.flatMap((each) => each.policies)) };
}

function distinct(policies: readonly PolicyRef[]): readonly PolicyRef[] {
  return [...new Map(policies.map((policy) => [policy.name, policy])).values()];
}

/** For the record and for people: what stands in the way, and of which nodes. Backticks mark names. */
export function explainDenial({ because }: DeniedOutcome): string {
  const nodes = new Map<string, string[]>();
  for (const each of because) {
    const reason = explainOne(each);
    nodes.set(reason, [...(nodes.get(reason) ?? []), `\`${each.node}\``]);
  }
  return [...nodes].map(([reason, of]) => `${reason} (${of.join(", ")})`).join("; ");
}

function explainOne(because: DeniedBecause): string {
  switch (because.why) {
    case "guardrail":
      return `forbidden by the guardrail ${because.policies.map(nameAndPlace).join(", ")}`;
    case "over-max":
      return `over the ${formatDuration(because.max)} that the rule \`${because.rule}\` allows`;
    case "not-covered":
      return "no policy and no approval rule covers this";
  }
}

/** A policy without an `@id` is called by its place already. */
function nameAndPlace({ name, file, line }: PolicyRef): string {
  const place = `${file}:${line}`;
  return place.endsWith(name) ? `\`${place}\`` : `\`${name}\` at \`${place}\``;
}
