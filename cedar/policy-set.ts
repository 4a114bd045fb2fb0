// A policy set that has been checked: plain data, so that it can go to a worker and back.

import type { PolicyRef } from "../core/answer.ts";
import type { TeamHandle } from "../core/ids.ts";
import type { Problem } from "../core/problem.ts";

/** One file of the policies folder; `path` is relative to that folder, as it is shown. */
export interface PolicyFile {
  readonly path: string;
  readonly text: string;
}

export interface LoadedPolicy {
  readonly ref: PolicyRef;
  readonly effect: "permit" | "forbid";
  /** Ids of the actions in its scope, at least one. */
  readonly actions: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  /** From its first token to its `;`. */
  readonly text: string;
  /** Index of `text` in its file. */
  readonly start: number;
}

export interface PolicySet {
  /** A digest of the files: names the set between threads. */
  readonly id: string;
  readonly files: readonly PolicyFile[];
  /** In the order of the files and, in a file, of the text. */
  readonly policies: readonly LoadedPolicy[];
  /** Ids of `GitHub::Team` and `AWS::IdentityStore::Group` anywhere in the policies, as written. */
  readonly teams: readonly string[];
  readonly groups: readonly string[];
  readonly warnings: readonly Problem[];
}

export type LoadResult =
  | { readonly ok: true; readonly set: PolicySet }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The teams whose memberships a decision by these policies needs; nobody else's are looked up. */
export const teamsMentioned = (set: PolicySet): readonly TeamHandle[] => [
  // INVARIANT: the loader refuses ids that are no team handles, so lower case makes a handle
  ...new Set(set.teams.map((team) => team.toLowerCase() as TeamHandle)),
];

export const groupsMentioned = (set: PolicySet): readonly string[] => set.groups;

/** What a policy says to those whom it stops, from its `@advice`. */
export const adviceOf = (set: PolicySet, ref: PolicyRef): string | undefined =>
  set.policies.find((policy) => policy.ref.name === ref.name)?.annotations["advice"];
