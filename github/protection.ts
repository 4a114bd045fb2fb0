// What the rulesets must say before anything is granted, and whether they do. Pure; `read-protection.ts` fetches what is judged here.

import { type Problem, type ProblemCode, problem } from "../core/problem.ts";

/** What a pull request needs before it may be merged. */
export interface ReviewRule {
  readonly approvals: number;
  readonly codeOwners: boolean;
  readonly dismissesStale: boolean;
  readonly lastPush: boolean;
}

/** A rule that holds for a branch now, of whatever ruleset. */
export interface BranchRule {
  readonly type: string;
  readonly ruleset: number;
  /** Only of pull requests. */
  readonly reviews: ReviewRule | undefined;
  /** Required checks, with the App that must report them. */
  readonly checks: readonly { readonly context: string; readonly integration: number | undefined }[];
}

export interface Protection {
  readonly defaultBranch: string;
  readonly appId: number;
  /** Rules of the default branch, of `ledger`, and of a branch in `request/`. */
  readonly onDefault: readonly BranchRule[];
  readonly onLedger: readonly BranchRule[];
  readonly onRequests: readonly BranchRule[];
  /** Rulesets that we, the App, cannot bypass. */
  readonly binding: ReadonlySet<number>;
}

interface Demand {
  readonly code: ProblemCode;
  readonly of: (protection: Protection) => readonly BranchRule[];
  readonly rule: (rule: BranchRule, protection: Protection) => boolean;
  /** Must hold for our App too: the App's token may be stolen. */
  readonly binding: boolean;
  readonly lacks: (protection: Protection) => string;
}

const law = (type: string, lacks: string, rule: Demand["rule"] = () => true): Demand => ({
  code: "trust.law-unprotected",
  of: ({ onDefault }) => onDefault,
  rule: (each, all) => each.type === type && rule(each, all),
  binding: true,
  lacks: ({ defaultBranch }) => `\`${defaultBranch}\`: ${lacks}`,
});

const lawReview = (enough: (reviews: ReviewRule) => boolean, lacks: string): Demand =>
  law("pull_request", lacks, ({ reviews }) => reviews !== undefined && enough(reviews));

const ledger = (type: string, lacks: string, more: Partial<Demand> = {}): Demand => ({
  code: "trust.ledger-unprotected",
  of: ({ onLedger }) => onLedger,
  binding: false,
  lacks: () => `\`ledger\`: ${lacks}`,
  ...more,
  rule: (each, all) => each.type === type && (more.rule?.(each, all) ?? true),
});

const requests = (type: string, lacks: string, binding: boolean): Demand => ({
  code: "trust.ledger-unprotected",
  of: ({ onRequests }) => onRequests,
  rule: (each) => each.type === type,
  binding,
  lacks: () => `\`request/**\`: ${lacks}`,
});

const demands: readonly Demand[] = [
  // whoever changes the law decides everything: a stolen App token must not be able to
  lawReview(
    ({ approvals }) => approvals > 0,
    "expected changes only by pull request, with at least one approval",
  ),
  lawReview(({ codeOwners }) => codeOwners, "expected pull requests to need code-owner review"),
  // ATTACK: whoever may push, a stolen App token too, pushes what nobody has read onto what a code owner has approved
  lawReview(({ dismissesStale }) => dismissesStale, "expected a push to dismiss the approvals before it"),
  // ATTACK: a code owner pushes to another's pull request and approves it alone
  lawReview(({ lastPush }) => lastPush, "expected somebody else than its pusher to approve the last push"),
  law("non_fast_forward", "expected force-pushes to be blocked"),
  law("deletion", "expected deletion to be blocked"),
  ledger("update", "expected updates to be restricted, with the App as the only bypass"),
  ledger("required_status_checks", "expected the check `hallpass`, reported by this App, to be required", {
    rule: ({ checks }, { appId }) =>
      checks.some(({ context, integration }) => context === "hallpass" && integration === appId),
  }),
  // history that nobody can rewrite is what keeps a finished request finished
  ledger("non_fast_forward", "expected force-pushes to be blocked", { binding: true }),
  ledger("deletion", "expected deletion to be blocked", { binding: true }),
  // ATTACK: a merge whose first parent is older than a grant hides the grant from the history of its record, and so from "once"
  ledger("required_linear_history", "expected linear history to be required", { binding: true }),
  requests("creation", "expected creation to be restricted, with the App as the only bypass", false),
  requests("update", "expected updates to be restricted, with the App as the only bypass", false),
  requests("deletion", "expected deletion to be restricted, with the App as the only bypass", false),
  requests("non_fast_forward", "expected force-pushes to be blocked", true),
];

/** Rulesets of which it matters whether we can bypass them: those with a rule that should bind us too. */
export function rulesetsInQuestion(rules: Omit<Protection, "binding">): ReadonlySet<number> {
  const protection = { ...rules, binding: new Set<number>() };
  return new Set(
    demands
      .filter(({ binding }) => binding)
      .flatMap(({ of, rule }) => of(protection).filter((each) => rule(each, protection)))
      .map(({ ruleset }) => ruleset),
  );
}

/** Everything that is missing. A rule that should bind us too counts only from a ruleset that we cannot bypass. */
export function judgeProtection(protection: Protection): readonly Problem[] {
  return demands.flatMap(({ code, of, rule, binding, lacks }) => {
    const found = of(protection).filter((each) => rule(each, protection));
    if (found.some(({ ruleset }) => !binding || protection.binding.has(ruleset))) return [];
    const why = found.length === 0 ? "" : ", also for the App, which may bypass it now";
    return [problem(code, `${lacks(protection)}${why}; an admin sets the ruleset up as the README says`)];
  });
}
