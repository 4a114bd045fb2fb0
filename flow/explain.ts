// Why a decision comes out as it does, node by node: which policies and which rule, where they stand, and what they looked at.

import { type InputRead, inputsRead } from "../cedar/inputs-read.ts";
import { adviceOf, type LoadedPolicy } from "../cedar/policy-set.ts";
import { actions } from "../cedar/schema.ts";
import type { NodeAnswer, PolicyRef, Question } from "../core/answer.ts";
import { formatDuration } from "../core/duration.ts";
import type { Facts } from "../core/facts.ts";
import { formatInstant, type Seconds, type TeamHandle } from "../core/ids.ts";
import type { ApprovalRule } from "../core/law.ts";
import type { Node } from "../core/node.ts";
import { type Outcome, outcomeOf } from "../core/outcome.ts";
import { policyUrl } from "../core/render-markdown.ts";
import { ruleFor, rulesPath } from "../core/rules.ts";
import type { Foreseen } from "./foresee.ts";
import type { LoadedLaw } from "./law.ts";
import { questionOf } from "./question.ts";

/** A fact as a policy or a rule names it, and what it was. Null: it was not there. */
export interface Input {
  readonly input: string;
  readonly value: string | null;
}

export interface Explained extends PolicyRef {
  readonly url: string;
  readonly inputs: readonly Input[];
}

export interface PolicyExplained extends Explained {
  /** What it says to those whom it stops. */
  readonly advice?: string;
}

export interface RuleExplained extends Explained {
  readonly max?: Seconds;
}

export interface NodeExplained {
  readonly node: Node;
  readonly outcome: Outcome["outcome"];
  readonly guardrails: readonly PolicyExplained[];
  readonly permits: readonly PolicyExplained[];
  readonly denies: readonly PolicyExplained[];
  /** Where no guardrail and no permit of automatic approval matched: those permits that there are. */
  readonly unmatched: readonly PolicyExplained[];
  readonly rule?: RuleExplained;
}

const mostUnmatched = 10;

/** What Cedar was asked; undefined where it did not come so far, and nobody looked up the requester's teams. */
export function askedOfCedar({ facts, law }: Foreseen): Question | undefined {
  const { asked, nodes, answers } = facts;
  return law === undefined || !asked.ok || nodes?.ok !== true || answers === undefined
    ? undefined
    : questionOf(law, facts, { request: asked.value, nodes: nodes.value });
}

/** Nothing where Cedar has not answered. */
export function explainNodes(foreseen: Foreseen): readonly NodeExplained[] {
  const { facts, law } = foreseen;
  const { asked, answers } = facts;
  const question = askedOfCedar(foreseen);
  if (question === undefined || law === undefined || !asked.ok || answers?.ok !== true) return [];
  return question.nodes.flatMap((node, index): readonly NodeExplained[] => {
    const answer = answers.value[index];
    if (answer === undefined) return [];
    const rule = ruleFor(law.rules, node);
    const explain = (ref: PolicyRef) => explainPolicy({ facts, law, question, node }, ref);
    return [
      {
        node,
        outcome: outcomeOf([{ node, answer, rule }], asked.value.for).outcome,
        guardrails: answer.guardrails.map(explain),
        permits: answer.permits.map(explain),
        denies: answer.denies.map(explain),
        unmatched: unmatched(law, answer).map(explain),
        ...(rule === undefined ? {} : { rule: explainRule(facts, rule, node) }),
      },
    ];
  });
}

const unmatched = ({ policies }: LoadedLaw, { guardrails, permits }: NodeAnswer): readonly PolicyRef[] =>
  guardrails.length + permits.length > 0
    ? []
    : policies.policies
        .filter((policy) => policy.effect === "permit" && policy.actions.includes(actions.autoApproval))
        .slice(0, mostUnmatched)
        .map(({ ref }) => ref);

interface Seen {
  readonly facts: Facts;
  readonly law: LoadedLaw;
  readonly question: Question;
  readonly node: Node;
}

function explainPolicy(seen: Seen, ref: PolicyRef): PolicyExplained {
  const { policies } = seen.law;
  const policy = policies.policies.find((each: LoadedPolicy) => each.ref.name === ref.name);
  const advice = adviceOf(policies, ref);
  return {
    ...ref,
    url: policyUrl(seen.facts, ref),
    ...(advice === undefined ? {} : { advice }),
    inputs: policy === undefined ? [] : inputsRead(policy).map((read) => inputOf(seen, read)),
  };
}

function inputOf({ question, node }: Seen, read: InputRead): Input {
  const { principal, context } = question;
  switch (read.of) {
    case "tag":
      return { input: `tag ${read.key}`, value: own(node.tags, read.key) };
    case "principal tag":
      return { input: `principal tag ${read.key}`, value: own(principal.principalTags, read.key) };
    case "team":
      return {
        input: `team @${read.id}`,
        value: principal.teams.includes(read.id.toLowerCase() as TeamHandle) ? "member" : "no member",
      };
    case "group":
      return {
        input: `group ${read.id}`,
        value: principal.groups.includes(read.id) ? "member" : "no member",
      };
    case "principal": {
      const { login, githubId, entityId, attributes } = principal;
      const known = { login, githubId: String(githubId), user: entityId, ...attributes };
      return { input: `principal.${read.attribute}`, value: own(known, read.attribute) };
    }
    case "resource": {
      const { type, id, account, region, name, platform } = node;
      const known = { type, id, account, region, name, platform };
      return { input: `resource.${read.attribute}`, value: own(known, read.attribute) };
    }
    case "context":
      return { input: `context.${read.attribute}`, value: own(contextTexts(context), read.attribute) };
  }
}

const contextTexts = ({ now, start, weekday, timeOfDay, duration, ...texts }: Question["context"]) => ({
  ...texts,
  now: formatInstant(now),
  start: formatInstant(start),
  weekday: `${weekday} (${weekdays[weekday - 1]})`,
  timeOfDay: clockTime(timeOfDay),
  duration: formatDuration(duration),
});

const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** `22:05`. */
export const clockTime = (sinceMidnight: number): string =>
  new Date(sinceMidnight).toISOString().slice(11, 16);

/** What every object has by itself is nobody's tag. */
const own = (values: Readonly<Record<string, string | undefined>>, key: string): string | null =>
  (Object.hasOwn(values, key) ? values[key] : undefined) ?? null;

function explainRule(facts: Facts, { name, line, nodes, max }: ApprovalRule, node: Node): RuleExplained {
  const { tags, ...attributes } = nodes;
  const ref = { name, file: rulesPath, line };
  return {
    ...ref,
    url: policyUrl(facts, ref),
    inputs: [
      ...Object.keys(attributes).map((key) => ({
        input: key,
        value: own({ ...node, tags: undefined }, key),
      })),
      ...Object.keys(tags).map((key) => ({ input: `tag ${key}`, value: own(node.tags, key) })),
    ],
    ...(max === undefined ? {} : { max }),
  };
}
