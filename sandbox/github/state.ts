import type { KeyObject } from "node:crypto";
import type { ObjectStore } from "./git/objects.ts";

// Everything the twin remembers. Times in milliseconds of the twin's clock.

export type Permission = "none" | "read" | "triage" | "write" | "maintain" | "admin";
export type Access = "read" | "write" | "admin";
export type Permissions = Record<string, Access>;
export type Visibility = "public" | "private" | "internal";

export interface Account {
  kind: "User" | "Bot" | "Organization";
  id: number;
  nodeId: string;
  login: string;
  name: string | null;
  email: string | null;
  createdAt: number;
  /** The account was deleted: what it wrote now belongs to `ghost`. */
  deleted: boolean;
  /** A Bot's App. */
  appSlug?: string;
}

export interface Organization {
  account: Account;
  members: Map<number, { role: "admin" | "member"; state: "active" | "pending" }>;
  /** What every member may do on every repository. */
  basePermission: "none" | "read" | "write" | "admin";
  teams: Team[];
  rulesets: Ruleset[];
  secrets: Map<string, string>;
  variables: Map<string, Variable>;
  oidcSubTemplate?: string[];
}

export interface Team {
  id: number;
  nodeId: string;
  slug: string;
  name: string;
  description: string | null;
  privacy: "closed" | "secret";
  organization: Organization;
  parent: Team | null;
  members: Map<number, { role: "member" | "maintainer"; state: "active" | "pending" }>;
  repositories: Map<number, Permission>;
  createdAt: number;
  updatedAt: number;
}

export interface App {
  id: number;
  nodeId: string;
  slug: string;
  name: string;
  clientId: string;
  owner: Account;
  bot: Account;
  permissions: Permissions;
  events: string[];
  privateKey: string;
  /** Checks its JWTs; GitHub's own App has none here. */
  publicKey: KeyObject | undefined;
  hook: { id: number; url: string; secret: string; contentType: "json"; insecureSsl: "0" } | undefined;
  createdAt: number;
}

export interface Installation {
  id: number;
  app: App;
  account: Account;
  permissions: Permissions;
  events: string[];
  /** Ids, or every repository of the account. */
  repositories: Set<number> | "all";
  createdAt: number;
  suspendedAt: number | undefined;
}

export interface Repository {
  id: number;
  nodeId: string;
  owner: Account;
  name: string;
  description: string | null;
  visibility: Visibility;
  defaultBranch: string;
  createdAt: number;
  pushedAt: number;
  updatedAt: number;
  forkOf: Repository | undefined;
  objects: ObjectStore;
  /** Full ref name → commit. */
  refs: Map<string, string>;
  nextNumber: number;
  issues: Map<number, Issue>;
  /** Old number → where the issue went. */
  transferred: Map<number, Issue>;
  labels: Map<string, Label>;
  collaborators: Map<number, Permission>;
  rulesets: Ruleset[];
  environments: Map<string, Environment>;
  secrets: Map<string, string>;
  variables: Map<string, Variable>;
  activity: Activity[];
  checkSuites: CheckSuite[];
  checkRuns: CheckRun[];
  statuses: CommitStatus[];
  deployments: Deployment[];
  mergeMethods: Set<"merge" | "squash" | "rebase">;
  oidcSubTemplate?: string[];
}

export interface Label {
  id: number;
  nodeId: string;
  name: string;
  color: string;
  description: string | null;
  default: boolean;
}

/** One revision of a text. `text` is gone once somebody deleted the revision from the history. */
export interface Edit {
  id: number;
  editor: Account | null;
  editedAt: number;
  text: string | null;
  deletedAt: number | null;
  deletedBy: Account | null;
}

export interface Reaction {
  id: number;
  nodeId: string;
  content: "+1" | "-1" | "laugh" | "confused" | "heart" | "hooray" | "rocket" | "eyes";
  user: Account;
  createdAt: number;
}

export interface Comment {
  id: number;
  nodeId: string;
  issue: Issue;
  author: Account;
  app: App | null;
  body: string;
  createdAt: number;
  updatedAt: number;
  edits: Edit[];
  reactions: Reaction[];
  minimized: string | null;
}

export interface Issue {
  id: number;
  nodeId: string;
  number: number;
  repository: Repository;
  title: string;
  body: string | null;
  author: Account;
  app: App | null;
  state: "open" | "closed";
  stateReason: "completed" | "not_planned" | "duplicate" | "reopened" | null;
  labels: Label[];
  assignees: Account[];
  locked: boolean;
  lockReason: string | null;
  createdAt: number;
  updatedAt: number;
  closedAt: number | null;
  closedBy: Account | null;
  edits: Edit[];
  comments: Comment[];
  reactions: Reaction[];
  timeline: TimelineEvent[];
  pull: Pull | undefined;
}

export interface Pull {
  id: number;
  nodeId: string;
  issue: Issue;
  /** Gone once the fork was deleted. */
  headRepository: Repository | null;
  headRef: string;
  headSha: string;
  baseRef: string;
  baseSha: string;
  draft: boolean;
  maintainerCanModify: boolean;
  merged: boolean;
  mergedAt: number | null;
  mergedBy: Account | null;
  mergeCommitSha: string | null;
  reviews: Review[];
  requestedUsers: Account[];
  requestedTeams: Team[];
  /** `head:base` for which GitHub has finished working out whether it merges; before that `mergeable` is null. */
  mergeabilityKnownFor: string | undefined;
  testMerge: { head: string; base: string; sha: string } | undefined;
  /** Who pushed the head last. */
  lastPusher: Account | null;
}

export type ReviewState = "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";

export interface Review {
  id: number;
  nodeId: string;
  pull: Pull;
  author: Account;
  app: App | null;
  state: ReviewState;
  body: string;
  commitId: string;
  submittedAt: number | null;
  updatedAt: number;
  edits: Edit[];
}

export type TimelineKind =
  | "closed"
  | "reopened"
  | "merged"
  | "labeled"
  | "unlabeled"
  | "assigned"
  | "unassigned"
  | "locked"
  | "unlocked"
  | "renamed"
  | "transferred"
  | "review_requested"
  | "review_request_removed"
  | "review_dismissed"
  | "head_ref_deleted"
  | "head_ref_restored"
  | "head_ref_force_pushed"
  | "base_ref_changed"
  | "base_ref_force_pushed"
  | "ready_for_review"
  | "convert_to_draft"
  | "comment_deleted"
  | "committed";

export interface TimelineEvent {
  id: number;
  nodeId: string;
  kind: TimelineKind;
  issue: Issue;
  actor: Account;
  app: App | null;
  at: number;
  /** Commit that closed, merged, or was pushed to. */
  commitId?: string;
  beforeCommit?: string;
  label?: Label;
  assignee?: Account;
  lockReason?: string | null;
  rename?: { from: string; to: string };
  fromRepository?: Repository;
  requestedReviewer?: Account;
  requestedTeam?: Team;
  dismissed?: { review: Review; state: ReviewState; message: string | null; commitId?: string };
  baseRefs?: { from: string; to: string };
  stateReason?: Issue["stateReason"];
}

export interface Variable {
  name: string;
  value: string;
  createdAt: number;
  updatedAt: number;
}

export interface Environment {
  id: number;
  nodeId: string;
  name: string;
  branches: { id: number; nodeId: string; name: string }[] | "all" | "protected";
  secrets: Map<string, string>;
  variables: Map<string, Variable>;
  createdAt: number;
  updatedAt: number;
}

export interface Activity {
  id: number;
  nodeId: string;
  before: string;
  after: string;
  ref: string;
  at: number;
  type: "push" | "force_push" | "branch_creation" | "branch_deletion" | "pr_merge";
  actor: Account;
}

export type CheckConclusion =
  | "success"
  | "failure"
  | "neutral"
  | "cancelled"
  | "skipped"
  | "timed_out"
  | "action_required"
  | "stale"
  | "startup_failure";

export interface CheckSuite {
  id: number;
  nodeId: string;
  app: App;
  headSha: string;
  headBranch: string | null;
  createdAt: number;
  updatedAt: number;
}

export interface CheckRun {
  id: number;
  nodeId: string;
  suite: CheckSuite;
  name: string;
  headSha: string;
  status: "queued" | "in_progress" | "completed" | "waiting" | "requested" | "pending";
  conclusion: CheckConclusion | null;
  externalId: string;
  detailsUrl: string | null;
  startedAt: number;
  completedAt: number | null;
  output: { title: string | null; summary: string | null; text: string | null };
  annotations: number;
}

export interface CommitStatus {
  id: number;
  nodeId: string;
  sha: string;
  state: "error" | "failure" | "pending" | "success";
  context: string;
  description: string | null;
  targetUrl: string | null;
  creator: Account;
  appId: number | undefined;
  createdAt: number;
}

export interface Deployment {
  id: number;
  nodeId: string;
  sha: string;
  ref: string;
  task: string;
  payload: Record<string, unknown> | string;
  environment: string;
  description: string | null;
  creator: Account;
  app: App | null;
  createdAt: number;
  updatedAt: number;
  statuses: DeploymentStatus[];
}

export interface DeploymentStatus {
  id: number;
  nodeId: string;
  state: "error" | "failure" | "inactive" | "in_progress" | "queued" | "pending" | "success";
  description: string;
  creator: Account;
  app: App | null;
  logUrl: string;
  environmentUrl: string;
  createdAt: number;
}

export type RuleType =
  | "creation"
  | "update"
  | "deletion"
  | "non_fast_forward"
  | "required_linear_history"
  | "pull_request"
  | "required_status_checks";

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

export type Token =
  | { kind: "user"; account: Account; value: string }
  | {
      kind: "installation";
      value: string;
      installation: Installation;
      permissions: Permissions;
      repositories: Set<number> | "all";
      expiresAt: number;
    }
  | {
      kind: "actions";
      value: string;
      repository: Repository;
      permissions: Permissions;
      runId: number;
      /** The token outlives its job by nothing, and never 24 hours. */
      expiresAt: number;
    };

export interface State {
  accounts: Account[];
  organizations: Map<number, Organization>;
  apps: App[];
  installations: Installation[];
  repositories: Repository[];
  tokens: Map<string, Token>;
  /** Everything that GraphQL's `node(id:)` finds. */
  nodes: Map<string, Node>;
}

export type Node =
  | { type: "account"; value: Account }
  | { type: "repository"; value: Repository }
  | { type: "issue"; value: Issue }
  | { type: "comment"; value: Comment }
  | { type: "review"; value: Review }
  | { type: "label"; value: Label }
  | { type: "team"; value: Team };
