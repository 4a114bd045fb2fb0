import { atLeast, findAccount, permissionOf, teamMembership } from "./access.ts";
import { codeOwners, ownerExists, ownersOf, teamOf } from "./codeowners.ts";
import { headOf, treeOf } from "./commits.ts";
import { diffTrees } from "./git/diff.ts";
import { isAncestor, mergeBase } from "./git/history.ts";
import { refusal } from "./http.ts";
import type { Pull, Review } from "./issue-state.ts";
import type { PullRequestParameters, Rule, StatusCheckParameters } from "./rule-state.ts";
import { bindingRules } from "./rulesets.ts";
import type { Account, Repository } from "./state.ts";
import type { Twin, Viewer } from "./twin.ts";

// What the rules of rulesets forbid. Each function answers in GitHub's words, one line a violation.

export interface RefChange {
  ref: string;
  before: string | undefined;
  after: string | undefined;
}

/** Violations of a push, an API write or a deletion. */
export function pushViolations(
  twin: Twin,
  repository: Repository,
  viewer: Viewer,
  change: RefChange,
): string[] {
  return bindingRules(twin, repository, viewer, change.ref, "push").flatMap((rule) =>
    forbidsPush(repository, rule, change),
  );
}

function forbidsPush(repository: Repository, rule: Rule, { before, after }: RefChange): string[] {
  const { objects } = repository;
  const updates = before !== undefined && after !== undefined;
  switch (rule.type) {
    case "creation":
      return before === undefined ? ["Cannot create ref due to creations being restricted."] : [];
    case "deletion":
      return after === undefined ? ["Cannot delete this branch"] : [];
    case "update":
      return updates ? ["Cannot update this protected ref."] : [];
    case "non_fast_forward":
      return updates && !isAncestor(objects, before, after) ? ["Cannot force-push to this branch"] : [];
    case "required_linear_history":
      return after !== undefined && (objects.commits.get(after)?.parents.length ?? 0) > 1
        ? ["This branch must not contain merge commits."]
        : [];
    case "pull_request":
      return updates ? ["Changes must be made through a pull request."] : [];
    case "required_status_checks":
      if (after === undefined || (before === undefined && rule.parameters.do_not_enforce_on_create))
        return [];
      return missingChecks(repository, after, rule.parameters);
  }
}

type MergeMethod = "merge" | "squash" | "rebase";

/** Violations of merging a pull request. */
export function mergeViolations(twin: Twin, pull: Pull, viewer: Viewer, method: MergeMethod): string[] {
  const rules = bindingRules(twin, pull.issue.repository, viewer, `refs/heads/${pull.baseRef}`, "merge");
  return rules.flatMap((rule) => forbidsMerge(twin, rule, pull, method));
}

function forbidsMerge(twin: Twin, rule: Rule, pull: Pull, method: MergeMethod): string[] {
  switch (rule.type) {
    case "creation":
    case "deletion":
    case "non_fast_forward":
      return [];
    case "update":
      return ["Cannot update this protected ref."];
    case "required_linear_history":
      return method === "merge" ? ["This branch must not contain merge commits."] : [];
    case "pull_request":
      return reviewViolations(twin, pull, method, rule.parameters);
    case "required_status_checks": {
      const missing = missingChecks(pull.issue.repository, pull.headSha, rule.parameters);
      return [...missing, ...staleHead(pull, rule.parameters)];
    }
  }
}

export function refuseViolations(violations: string[], status: 405 | 409 | 422): void {
  if (violations.length === 0) return;
  throw refusal(status, `Repository rule violations found\n\n${[...new Set(violations)].join("\n\n")}\n\n`);
}

function staleHead(pull: Pull, parameters: StatusCheckParameters): string[] {
  if (!parameters.strict_required_status_checks_policy) return [];
  const { repository } = pull.issue;
  const base = headOf(repository, pull.baseRef);
  const current = base !== undefined && isAncestor(repository.objects, base, pull.headSha);
  return current ? [] : ["Head branch is out of date. Review and try the merge again."];
}

type CheckVerdict = "passed" | "failed" | "expected";

/** A context is satisfied by a check run of that name or a commit status; with `integration_id`, only by that App's. */
function checkVerdict(
  repository: Repository,
  sha: string,
  context: string,
  app: number | undefined,
): CheckVerdict {
  const runs = repository.checkRuns.filter(
    (run) => run.headSha === sha && run.name === context && (app === undefined || run.suite.app.id === app),
  );
  const statuses = repository.statuses.filter(
    (status) =>
      status.sha === sha && status.context === context && (app === undefined || status.appId === app),
  );
  const run = runs.at(-1);
  const status = statuses.at(-1);
  const verdicts: CheckVerdict[] = [];
  if (run !== undefined) {
    const passed = ["success", "neutral", "skipped"].includes(run.conclusion ?? "");
    verdicts.push(run.status !== "completed" ? "expected" : passed ? "passed" : "failed");
  }
  if (status !== undefined) {
    verdicts.push(status.state === "success" ? "passed" : status.state === "pending" ? "expected" : "failed");
  }
  if (verdicts.includes("failed")) return "failed";
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === "passed") ? "passed" : "expected";
}

function missingChecks(repository: Repository, sha: string, parameters: StatusCheckParameters): string[] {
  const wanted = parameters.required_status_checks;
  const verdicts = wanted.map(({ context, integration_id }) => ({
    context,
    verdict: checkVerdict(repository, sha, context, integration_id),
  }));
  const open = verdicts.filter(({ verdict }) => verdict !== "passed");
  const first = open[0];
  if (first === undefined) return [];
  if (open.length > 1) return [`${open.length} of ${wanted.length} required status checks are expected.`];
  return [
    `Required status check "${first.context}" is ${first.verdict === "failed" ? "failing" : "expected"}.`,
  ];
}

/** Each person's latest review that says yes or no, of people who may write. */
export function decisiveReviews(twin: Twin, pull: Pull): Map<Account, Review> {
  const latest = new Map<Account, Review>();
  for (const review of pull.reviews) {
    if (review.state === "COMMENTED" || review.state === "PENDING") continue;
    latest.set(review.author, review);
  }
  for (const account of latest.keys()) {
    if (!atLeast(permissionOf(twin, account, pull.issue.repository), "write")) latest.delete(account);
  }
  return latest;
}

function reviewViolations(
  twin: Twin,
  pull: Pull,
  method: MergeMethod,
  parameters: PullRequestParameters,
): string[] {
  const reviews = [...decisiveReviews(twin, pull).values()];
  const approvers = reviews.filter((review) => review.state === "APPROVED").map((review) => review.author);
  const needed = parameters.required_approving_review_count;
  const found: string[] = [];
  if (reviews.some((review) => review.state === "CHANGES_REQUESTED")) {
    found.push("Changes have been requested by reviewers with write access.");
  }
  if (approvers.length < needed) {
    found.push(
      `At least ${needed} approving review${needed === 1 ? " is" : "s are"} required by reviewers with write access.`,
    );
  }
  if (parameters.require_last_push_approval && !approvers.some((approver) => approver !== pull.lastPusher)) {
    found.push("New changes require approval from someone other than the last pusher.");
  }
  if (parameters.require_code_owner_review && !ownersAgree(twin, pull, approvers)) {
    found.push("Waiting on code owner review.");
  }
  const methods = parameters.allowed_merge_methods;
  if (methods.length > 0 && !methods.includes(method)) {
    found.push(`This branch does not allow ${method} merges.`);
  }
  return found;
}

/** For every changed file with owners, one of them has approved. */
function ownersAgree(twin: Twin, pull: Pull, approvers: Account[]): boolean {
  const { repository } = pull.issue;
  const { objects } = repository;
  const base = headOf(repository, pull.baseRef);
  const head = treeOf(objects, pull.headSha);
  if (base === undefined || head === undefined) return false;
  const rules = codeOwners(repository, base);
  const from = treeOf(objects, mergeBase(objects, base, pull.headSha));
  return diffTrees(objects, from, head).every((change) =>
    [change.path, ...(change.previousPath === undefined ? [] : [change.previousPath])].every((path) => {
      const owners = ownersOf(rules, path).filter((owner) => ownerExists(twin, repository, owner));
      return (
        owners.length === 0 ||
        owners.some((owner) => approvers.some((who) => isOwner(twin, repository, owner, who)))
      );
    }),
  );
}

function isOwner(twin: Twin, repository: Repository, owner: string, account: Account): boolean {
  const [, organization, slug] = /^@([^/]+)\/(.+)$/.exec(owner) ?? [];
  if (organization === undefined || slug === undefined)
    return findAccount(twin, owner.replace(/^@/, "")) === account;
  const team = teamOf(twin, repository, organization, slug);
  return team !== undefined && teamMembership(team, account)?.state === "active";
}
