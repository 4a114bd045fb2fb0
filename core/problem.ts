// What is wrong with something that people wrote, in a form that front doors can show. One problem is one thing to mend.

export interface Place {
  readonly file: string;
  /** Counted from 1, in characters as an editor counts them (UTF-16). */
  readonly line: number;
  readonly column: number;
}

/** Where a request, a policy or a case is wrong. The code is stable, the message is for people: lower case, no full stop, what was expected, got and to do next. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  /** The field of the form or file, as people see it, for example `For` or `nodes`. */
  readonly field?: string;
  readonly place?: Place;
}

export type ProblemCode =
  // the request's text
  | "form.heading-missing"
  | "form.heading-repeated"
  | "form.heading-unknown"
  | "form.heading-order"
  | "form.too-large"
  | "request.too-large"
  | "request.not-yaml"
  | "request.unknown-key"
  | "request.wrong-type"
  | "request.path"
  | "request.files"
  | "request.nodes-empty"
  | "request.nodes-too-many"
  | "request.node-unknown"
  | "request.node-ambiguous"
  | "request.node-malformed"
  | "request.access-unknown"
  | "request.forward-missing"
  | "request.forward-unknown"
  | "request.forward-unwanted"
  | "request.duration-malformed"
  | "request.duration-over-limit"
  | "request.duration-under-limit"
  | "request.reason-empty"
  | "request.reason-too-long"
  | "request.ticket-malformed"
  | "request.from-malformed"
  | "request.from-past"
  | "request.from-too-far"
  | "request.characters"
  // who asks, and how the issue came to be
  | "requester.not-a-person"
  | "requester.no-access"
  | "issue.transferred"
  | "issue.edited-by-another"
  | "issue.edits-unreadable"
  // the law: policies, rules, people, config
  | "policy.too-large"
  | "policy.too-deep"
  | "policy.too-many-operators"
  | "policy.parse"
  | "policy.validation"
  | "policy.no-action"
  | "policy.duplicate-id"
  | "policy.misplaced"
  | "policy.schema-differs"
  | "policy.evaluation"
  | "policy.engine"
  | "rules.not-yaml"
  | "rules.unknown-key"
  | "rules.wrong-type"
  | "rules.level-empty"
  | "rules.levels-too-many"
  | "rules.level-impossible"
  | "rules.handle-malformed"
  | "rules.nodes-malformed"
  | "rules.max-malformed"
  | "rules.name-malformed"
  | "rules.team-unknown"
  | "people.malformed"
  | "delegations.malformed"
  | "config.malformed"
  | "config.missing"
  | "case.malformed"
  // what could not be learnt
  | "fact.unavailable"
  | "team.unreadable"
  | "record.malformed"
  | "inventory.malformed"
  // commands in comments
  | "command.token-malformed"
  | "command.extend-malformed"
  // trust
  | "trust.law-unprotected"
  | "trust.ledger-unprotected"
  | "trust.repository-public"
  | "trust.pull-lookalike"
  | "trust.replay"
  | "trust.stale-decision"
  | "trust.orphan"
  | "trust.different-answer"
  | "trust.pinned-nodes"
  // AWS, before and while granting
  | "node.agent-offline"
  | "grant.refused"
  | "grant.policy-too-large";

export const problem = (
  code: ProblemCode,
  message: string,
  where: { readonly field?: string; readonly place?: Place } = {},
): Problem => ({ code, message, ...where });

/** What a parser answers: a new value, or everything that is wrong at once. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]] };

export const accepted = <T>(value: T): Parsed<T> => ({ ok: true, value });

export const refused = (first: Problem, ...others: readonly Problem[]): Parsed<never> => ({
  ok: false,
  problems: [first, ...others],
});

/** The value, unless a problem was found on the way to it. INVARIANT: whoever could not make the value has found one. */
export function unlessProblems<T>(problems: readonly Problem[], value: T | undefined): Parsed<T> {
  const [first, ...others] = problems;
  return first === undefined ? accepted(value as T) : refused(first, ...others);
}
