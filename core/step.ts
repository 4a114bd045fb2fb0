// What is to be done on GitHub, as data, performed by one exhaustive switch in github/. AWS's effects are no steps: only flow/ has them, in the Action, so
// that the App cannot even name one. Every step is an *ensure*: doing it twice is doing it once.

import type { Extend } from "./extension.ts";
import type { Instant, RequestNumber, Sha } from "./ids.ts";
import type { EndedRecord } from "./record.ts";

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
      readonly conclusion?: "success" | "failure";
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
  /** `retriedAt`: somebody who may has asked to try again, whatever failed before. */
  | {
      readonly do: "dispatch";
      readonly command: "grant" | "end";
      readonly request: RequestNumber;
      readonly retriedAt?: Instant;
    }
  /** The inventory is read anew, unless that was done a moment ago. */
  | { readonly do: "refresh"; readonly askedAt: Instant }
  /** One issue for one `/extend`. */
  | { readonly do: "open-extension"; readonly said: Extend; readonly title: string; readonly body: string }
  | {
      readonly do: "record-end";
      readonly record: EndedRecord;
      readonly removes: readonly string[];
      readonly message?: string;
    }
  | { readonly do: "status"; readonly body: string }
  /** A new comment each time: a mention in an edit tells nobody. */
  | { readonly do: "remind"; readonly key: string; readonly body: string }
  | { readonly do: "remove-status" | "remove-reminder"; readonly comment: number }
  | { readonly do: "labels"; readonly labels: readonly string[] }
  | {
      readonly do: "close";
      readonly labels: readonly string[];
      readonly reason: "completed" | "not_planned";
    };
