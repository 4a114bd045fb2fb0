import type { Sha } from "../core/ids.ts";
import type { Parsed } from "../core/problem.ts";
import type { ActiveRecord, EndedRecord } from "../core/record.ts";
import type { GitHubClient } from "./client.ts";

export interface LedgerCommit {
  readonly expectedHead: Sha;
  /** First line the headline, then a blank line and the body. */
  readonly message: string;
  readonly additions: readonly { readonly path: string; readonly content: string }[];
  readonly deletions: readonly string[];
}

export type Committed =
  | { readonly ok: true; readonly head: Sha }
  | { readonly ok: false; readonly because: "moved" };

/** Compare and swap. A commit that landed though its answer was lost is found again. */
export declare function commitToLedger(client: GitHubClient, commit: LedgerCommit): Promise<Committed>;

export interface LedgerFolder<Record> {
  readonly head: Sha;
  readonly records: readonly Record[];
}

/** All active records at the ledger's head now, read in one query. Problems name records that cannot be read. */
export declare function readActive(client: GitHubClient): Promise<Parsed<LedgerFolder<ActiveRecord>>>;

/** The ended records of these months, `2026/12`. */
export declare function readEnded(
  client: GitHubClient,
  months: readonly string[],
): Promise<Parsed<LedgerFolder<EndedRecord>>>;

export interface LedgerTexts {
  readonly head: Sha;
  /** Of the paths asked for, those that are there. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Some files of the ledger at its head now. */
export declare function readLedgerFiles(client: GitHubClient, paths: readonly string[]): Promise<LedgerTexts>;
