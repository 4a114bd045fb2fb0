import type { Account, App, Repository, Team } from "./state.ts";

// What the twin remembers of issues, pull requests and their histories.

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
