// Everything a decision rests on, gathered first, with one timestamp. The App and the Action gather the same facts; the Action adds what only power needs.

import type { NodeAnswer } from "./answer.ts";
import type { CommandWord } from "./commands.ts";
import type { Account, Instant, RequestNumber, Seconds, Sha, TeamHandle, UserId } from "./ids.ts";
import type { OldInventory } from "./inventory.ts";
import type { ApprovalRule, Config, Delegation, People } from "./law.ts";
import type { Node } from "./node.ts";
import type { Parsed, Problem } from "./problem.ts";
import type { ActiveRecord, ApprovedRecord, EndedRecord } from "./record.ts";
import type { AccessRequest } from "./request.ts";
import type { Review } from "./review.ts";
import type { Memberships } from "./tally.ts";

export interface Facts {
  readonly now: Instant;
  readonly repository: RepositoryFacts;
  readonly us: UsFacts;
  readonly law: LawFacts;
  readonly subject: SubjectFacts;
  /** The request as its author wrote it. `invalid` problems are theirs to mend. */
  readonly asked: Parsed<AccessRequest>;
  /** What the selectors name, or the nodes that the request's pull request pins. Absent while `asked` is not ok. */
  readonly nodes?: Parsed<readonly Node[]>;
  /** Cedar's answer for each of `nodes`, in their order. Problems here mean *broken*. */
  readonly answers?: Parsed<readonly NodeAnswer[]>;
  /** The request's own pull requests, oldest first; the last is the current one if it says what the issue says. */
  readonly pulls: readonly PullFacts[];
  /** Why open pull requests that are called like the request's own are nobody's. For showing. */
  readonly lookalikes: readonly Problem[];
  readonly memberships: Memberships;
  /** Teams that did not answer 200 in this pass. Their members are unknown, which is not the same as none. */
  readonly unreadableTeams: readonly TeamHandle[];
  /** How many members the readable teams have, so that a level out of reach can be named. */
  readonly teamSizes: ReadonlyMap<TeamHandle, number>;
  /** What is known of the nodes and is old. For showing: the Action looks at AWS itself. */
  readonly oldInventory?: readonly OldInventory[];
  readonly ledger: LedgerFacts;
  readonly commands: readonly CommandFacts[];
  /** Commands in comments that were edited: they are said to do nothing, and do nothing. */
  readonly editedCommands?: readonly EditedCommand[];
  /** Of an issue that our App opened because of `/extend` on another request. */
  readonly extends?: ExtensionFacts;
  /** What was opened because of `/extend` on this request, oldest first. Two processes may both have opened one: the lowest number counts. */
  readonly extensions?: readonly OpenedExtension[];
  readonly shown: ShownFacts;
}

export interface RepositoryFacts {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  /** Private or internal. */
  readonly closed: boolean;
  readonly defaultBranch: string;
  readonly htmlUrl: string;
}

export interface UsFacts {
  readonly appId: number;
  readonly slug: string;
  /** The user id of the App's bot: what `author` of our comments and pull requests is compared with. */
  readonly botId: UserId;
}

/** Policies, rules, people and config at one commit of the default branch. */
export interface LawFacts {
  readonly commit: Sha;
  readonly law: Parsed<Law>;
}

export interface Law {
  readonly config: Config;
  readonly rules: readonly ApprovalRule[];
  readonly people: People;
  readonly delegations: readonly Delegation[];
}

/** The issue or pull request that asks. */
export interface SubjectFacts {
  readonly kind: "issue" | "pull";
  readonly number: RequestNumber;
  readonly author: Account;
  /** False for bots, ghosts and mannequins. */
  readonly authorIsPerson: boolean;
  /** Whether the author has read access now. */
  readonly authorHasAccess: boolean;
  readonly createdAt: Instant;
  /** When the author last wrote the text: the opening, or their last edit. */
  readonly writtenAt: Instant;
  readonly open: boolean;
  /** The first `closed` event, if there ever was one: an issue that was ever closed is over, reopened or not. */
  readonly everClosed?: { readonly by: string; readonly at: Instant };
  /** Why the text cannot be taken for its author's own: transferred, edited by another, edits that cannot be read whole. */
  readonly distrust: readonly Problem[];
}

export interface PullFacts {
  readonly number: number;
  readonly branch: string;
  readonly head: Sha;
  readonly open: boolean;
  readonly merged: boolean;
  /** The pinned record in its one added file; problems when it is anything else, which makes the pull request nobody's. */
  readonly file: Parsed<ApprovedRecord>;
  readonly reviews: readonly Review[];
  /** Who pushed to, authored or committed on a hand-written branch. Empty for ours. */
  readonly barred: readonly string[];
  /** Whether reviews were ever asked for. */
  readonly asked: boolean;
  /** Our check run on the head. */
  readonly check?: { readonly id: number; readonly done: boolean };
}

export interface LedgerFacts {
  readonly head: Sha;
  readonly approved?: ApprovedRecord;
  readonly active?: ActiveRecord;
  readonly ended?: EndedRecord;
  /** Whether `active/<id>.yaml` is anywhere in the ledger's history: then a grant can only be resumed, never started again. */
  readonly everActive: boolean;
}

/** A command of ours in an unedited comment. */
export type CommandFacts = {
  readonly comment: number;
  readonly by: Account;
  readonly at: Instant;
  /** Whether the author may give it; decided from the author's identity and permission when the facts were gathered. */
  readonly allowed: boolean;
} & (
  | { readonly command: "token"; readonly recipient: string }
  | { readonly command: "token" | "extend"; readonly problem: Problem }
  | { readonly command: "extend"; readonly for: Seconds }
  | { readonly command: "revoke" | "cancel"; readonly why?: string }
  | { readonly command: "break-glass"; readonly why?: string }
  | { readonly command: "retry" | "refresh" }
);

export interface EditedCommand {
  readonly command: CommandWord;
  readonly by: Account;
}

/** Which `/extend` of which request an extension answers. */
export interface ExtensionOf {
  readonly request: RequestNumber;
  /** Id of the comment. */
  readonly comment: number;
}

export interface ExtensionFacts extends ExtensionOf {
  /** Why it answers none that counts: then it asks for nothing. */
  readonly unfounded?: string;
}

export interface OpenedExtension {
  readonly number: RequestNumber;
  readonly comment: number;
}

/** What GitHub shows of us now; compared with what should be there. */
export interface ShownFacts {
  readonly labels: readonly string[];
  /** Our status comments, oldest first. Two processes may both have made one: the lowest id wins. */
  readonly statuses: readonly { readonly id: number; readonly body: string }[];
  /** Our reminders, oldest first; `key` says which one it is. There is one at most, but for a moment. */
  readonly reminders: readonly { readonly id: number; readonly key: string }[];
  /** The `/token` comments (ids) that sealed credentials were posted for. */
  readonly answered: readonly number[];
  /** Whether this pass has started the workflow already, or found it running. */
  readonly dispatched: boolean;
  /** Whether this pass has seen to it that the inventory is read anew. */
  readonly refreshed?: boolean;
  /** When this pass wants another look: a run has just failed, or the inventory is being read. */
  readonly heldUntil?: Instant;
}
