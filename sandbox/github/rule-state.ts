import type { Organization, Repository } from "./state.ts";

// Rulesets.

export interface PullRequestParameters {
  required_approving_review_count: number;
  dismiss_stale_reviews_on_push: boolean;
  require_code_owner_review: boolean;
  require_last_push_approval: boolean;
  required_review_thread_resolution: boolean;
  allowed_merge_methods: ("merge" | "squash" | "rebase")[];
}

export interface StatusCheckParameters {
  strict_required_status_checks_policy: boolean;
  do_not_enforce_on_create: boolean;
  required_status_checks: { context: string; integration_id?: number }[];
}

export type Rule =
  | { type: "creation" | "deletion" | "non_fast_forward" | "required_linear_history" }
  | { type: "update"; parameters?: { update_allows_fetch_and_merge: boolean } }
  | { type: "pull_request"; parameters: PullRequestParameters }
  | { type: "required_status_checks"; parameters: StatusCheckParameters };

export interface BypassActor {
  actor_id: number | null;
  actor_type: "Integration" | "OrganizationAdmin" | "RepositoryRole" | "Team" | "DeployKey";
  bypass_mode: "always" | "pull_request";
}

export interface Ruleset {
  id: number;
  nodeId: string;
  name: string;
  target: "branch" | "tag";
  /** The repository, or the organization whose repositories it covers. */
  source: Repository | Organization;
  enforcement: "active" | "disabled" | "evaluate";
  bypassActors: BypassActor[];
  refs: { include: string[]; exclude: string[] };
  /** Organization rulesets: names of repositories. */
  repositoryNames: { include: string[]; exclude: string[] } | undefined;
  rules: Rule[];
  createdAt: number;
  updatedAt: number;
}
