// What is to be done on GitHub and in AWS, as data. Two unions, each performed by one exhaustive switch in its own folder, so that the App cannot even
// name an AWS step. Every step is an *ensure*: doing it twice is doing it once.

import type { AccountId, Instant, NodeId, Region, RequestNumber, Seconds, Sha } from "./ids.ts";
import type { EndedRecord } from "./record.ts";
import type { AccessMode } from "./request.ts";

export type Command = "reconcile" | "grant" | "end" | "sweep" | "inventory" | "check";

export type GitHubStep =
  /** One branch, one commit, one added file, one pull request: what people approve. */
  | {
      readonly do: "open-pull";
      readonly branch: string;
      readonly path: string;
      readonly content: string;
      readonly title: string;
      readonly body: string;
    }
  | { readonly do: "close-pull"; readonly pull: number }
  /** GitHub lets any writer close a pull request; one that is still wanted is opened again. */
  | { readonly do: "reopen-pull"; readonly pull: number }
  | {
      readonly do: "ask-reviewers";
      readonly pull: number;
      readonly people: readonly string[];
      /** Slugs of teams of the repository's organization. */
      readonly teams: readonly string[];
    }
  | {
      readonly do: "check";
      readonly pull: number;
      readonly head: Sha;
      readonly conclusion?: "success" | "failure" | "neutral";
      readonly title: string;
      readonly summary: string;
    }
  /** With that head's SHA, and trailers that say who approved which level under which policy commit. */
  | {
      readonly do: "merge";
      readonly pull: number;
      readonly head: Sha;
      readonly title: string;
      readonly message: string;
    }
  | { readonly do: "dispatch"; readonly command: "grant" | "end"; readonly request: RequestNumber }
  | { readonly do: "record-end"; readonly record: EndedRecord; readonly removes: readonly string[] }
  | { readonly do: "status"; readonly body: string }
  | { readonly do: "remove-status"; readonly comment: number }
  | { readonly do: "labels"; readonly labels: readonly string[] }
  | {
      readonly do: "close";
      readonly labels: readonly string[];
      readonly reason: "completed" | "not_planned";
    };

export type AwsStep =
  | {
      readonly do: "schedule-end";
      readonly account: AccountId;
      readonly region: Region;
      readonly session: string;
      readonly until: Instant;
      readonly settle: Seconds;
    }
  | {
      readonly do: "issue-credentials";
      readonly account: AccountId;
      readonly region: Region;
      readonly session: string;
      readonly mode: AccessMode;
      readonly forward?: string;
      readonly nodes: readonly NodeId[];
      readonly until: Instant;
    }
  | { readonly do: "deny"; readonly account: AccountId; readonly revoked: readonly RevokedSession[] }
  | {
      readonly do: "terminate";
      readonly account: AccountId;
      readonly region: Region;
      readonly session: string;
    }
  | {
      readonly do: "unschedule";
      readonly account: AccountId;
      readonly region: Region;
      readonly session: string;
    };

/** A session name that the access role denies until the credentials behind it are dead by themselves. */
export interface RevokedSession {
  readonly session: string;
  readonly until: Instant;
}
