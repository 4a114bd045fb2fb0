// What one look at a request brings back from GitHub: raw, but of known types. The pure functions of this folder turn it into core's facts.

import type { RepositoryFacts, UsFacts } from "../core/facts.ts";
import type { Instant, RequestNumber, Sha, UserId } from "../core/ids.ts";

export interface RequestReading {
  readonly now: Instant;
  readonly us: UsFacts;
  readonly repository: RepositoryFacts;
  /** The default branch's head: the law is read at it. */
  readonly defaultHead: Sha;
  readonly ledger: LedgerReading;
  /** Head of the branch `inventory`; undefined before its first run. */
  readonly inventory: Sha | undefined;
  readonly subject: SubjectReading;
  /** Every pull request whose head branch is called as the request's would be, of whoever's making, oldest first. */
  readonly pulls: readonly PullReading[];
}

/** Somebody as GraphQL shows them. Undefined stands for a deleted account, in every place where GitHub says null. */
export interface Actor {
  readonly kind: "User" | "Bot" | "Mannequin" | "Organization" | "EnterpriseUserAccount";
  readonly login: string;
  readonly id: UserId;
}

/** All texts are of one commit, `head`. */
export interface LedgerReading {
  readonly head: Sha;
  readonly approved?: string;
  readonly active?: string;
  readonly ended?: { readonly path: string; readonly text: string };
  readonly everActive: boolean;
}

export interface SubjectReading {
  readonly kind: "issue" | "pull";
  readonly number: RequestNumber;
  readonly author: Actor | undefined;
  /** CRLF as the web writes it. */
  readonly body: string;
  readonly createdAt: Instant;
  readonly lastEditedAt: Instant | undefined;
  readonly open: boolean;
  readonly mergedAt: Instant | undefined;
  readonly labels: readonly string[];
  /** Every revision; undefined when GitHub does not show them. Empty: never edited. */
  readonly edits: readonly EditReading[] | undefined;
  readonly closings: readonly { readonly by: Actor | undefined; readonly at: Instant }[];
  readonly transferred: boolean;
  readonly comments: readonly CommentReading[];
  /** The pull request itself where it asks: one to `ledger` by somebody other than us. */
  readonly pull?: PullReading & HandWritten;
}

export interface EditReading {
  readonly editor: Actor | undefined;
  readonly at: Instant;
}

export interface CommentReading {
  readonly id: number;
  readonly author: Actor | undefined;
  readonly body: string;
  readonly at: Instant;
  readonly edited: boolean;
}

export interface PullReading {
  readonly number: number;
  readonly author: Actor | undefined;
  readonly createdAt: Instant;
  /** Numeric id of the head's repository; undefined once a fork is deleted. */
  readonly headRepository: number | undefined;
  readonly branch: string;
  readonly base: string;
  readonly head: Sha;
  readonly state: "OPEN" | "CLOSED" | "MERGED";
  /** Whether writers of this repository may push to a fork's branch. */
  readonly maintainerCanModify: boolean;
  /** How many commits GitHub counts between base and head. */
  readonly commits: number;
  /** The head commit; undefined when GitHub does not show it. */
  readonly commit: CommitReading | undefined;
  readonly reviews: readonly ReviewReading[];
  readonly events: readonly PullEvent[];
  /** Our check run on the head. */
  readonly check?: { readonly id: number; readonly done: boolean };
  /** Of the commit that merged it. */
  readonly mergeMessage?: string;
}

export interface CommitReading {
  readonly parents: readonly TreeReading[];
  readonly tree: TreeReading;
  /** Text of `approved/<request>.yaml` at this commit; undefined when it is not there or not text. */
  readonly record: string | undefined;
}

/** The two levels of a tree in which one added record shows. */
export interface TreeReading {
  readonly root: readonly TreeEntry[];
  readonly approved: readonly TreeEntry[];
}

export interface TreeEntry {
  readonly name: string;
  /** As git writes it, octal: 0o100644 is a regular file. */
  readonly mode: number;
  readonly oid: Sha;
}

export type ReviewState = "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";

export interface ReviewReading {
  readonly id: number;
  readonly author: Actor | undefined;
  readonly state: ReviewState;
  readonly commit: Sha | undefined;
  /** Undefined for one that its author has not handed in. */
  readonly submittedAt: Instant | undefined;
}

export type PullEvent =
  /** Force-pushed, restored, base changed or base force-pushed: GitHub re-points approvals on some of these. */
  | { readonly event: "re-pointed"; readonly at: Instant }
  | {
      readonly event: "review-dismissed";
      readonly at: Instant;
      readonly by: Actor | undefined;
      readonly review: number | undefined;
      readonly was: ReviewState;
    }
  | { readonly event: "review-requested"; readonly at: Instant; readonly by: Actor | undefined }
  | { readonly event: "closed" | "reopened"; readonly at: Instant; readonly by: Actor | undefined };

/** What is read of a pull request that a person opened to ask. */
export interface HandWritten {
  /** The one file it adds; problems say why it does not count. */
  readonly added: AddedFile | { readonly problem: string };
  /** Logins of authors, committers and pushers; undefined where GitHub knows no account behind a commit. */
  readonly hands: readonly (string | undefined)[];
}

export interface AddedFile {
  readonly path: string;
  readonly text: string;
}
