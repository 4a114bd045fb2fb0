// The law: what the default branch says about who may do what. Parsed once, at one commit.

import type { AccountId, Instant, Region, Seconds, TeamHandle, UserId } from "./ids.ts";

/** One step of manual approval: `need` different people of these. */
export interface Level {
  /** As written, white space folded, `1 of` left out. */
  readonly text: string;
  readonly need: number;
  /** Logins, as written. */
  readonly people: readonly string[];
  readonly teams: readonly TeamHandle[];
}

/** What a rule's `nodes` says: every entry must match; a value matches if any of its globs does. Empty: all nodes. */
export interface NodeMatcher {
  readonly id?: readonly string[];
  readonly name?: readonly string[];
  readonly account?: readonly string[];
  readonly region?: readonly string[];
  readonly platform?: readonly string[];
  readonly type?: readonly string[];
  readonly tags: Readonly<Record<string, readonly string[]>>;
}

export interface ApprovalRule {
  /** Its `name`, else `approvals.yaml:LINE`. */
  readonly name: string;
  readonly line: number;
  readonly nodes: NodeMatcher;
  readonly levels: readonly [Level, ...Level[]];
  readonly max?: Seconds;
}

/** The four attributes of AWS's schema. */
export interface IdentityAttributes {
  readonly employeeNumber?: string;
  readonly costCenter?: string;
  readonly organization?: string;
  readonly division?: string;
}

/** What GitHub does not know of a person or of everyone in a team. */
export interface PersonEntry {
  readonly id?: UserId;
  readonly user?: string;
  readonly groups: readonly string[];
  readonly attributes: IdentityAttributes;
  readonly principalTags: Readonly<Record<string, string>>;
}

/** `policies/people.yaml`. Keys of `people` are lower-case logins. */
export interface People {
  readonly people: ReadonlyMap<string, PersonEntry>;
  readonly teams: ReadonlyMap<TeamHandle, PersonEntry>;
}

/** One line of `policies/delegations.yaml`: `to` may approve where `from` may, from `since` until before `until`. Logins, as written. */
export interface Delegation {
  readonly from: string;
  readonly to: string;
  readonly since: Instant;
  readonly until: Instant;
  /** Where there is one: only where a level has `from` by one of these handles. */
  readonly only?: Pick<Level, "people" | "teams">;
}

export interface AccountConfig {
  readonly id: AccountId;
  readonly name?: string;
  readonly regions: readonly Region[];
  /** Full role ARNs. */
  readonly roles: { readonly inventory: string; readonly access: string; readonly revoke: string };
}

export interface ForwardConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** `.github/hallpass.yml`. Defaults are filled in; durations are seconds. */
export interface Config {
  readonly app: number;
  /** The App's, for signing in from a terminal. No secret. */
  readonly clientId?: string;
  readonly timeZone: string;
  /** True only where the config says that a public access repo is meant. */
  readonly allowPublic: boolean;
  readonly accounts: readonly AccountConfig[];
  readonly forwards: readonly ForwardConfig[];
  readonly limits: {
    readonly maxDuration: Seconds;
    readonly minDuration: Seconds;
    readonly maxNodes: number;
    readonly openFor: Seconds;
    readonly decisionGoodFor: Seconds;
    readonly settle: Seconds;
  };
  readonly modes: readonly ("shell" | "ssh" | "port-forward" | "rdp")[];
  /** `@login` or `@org/team`: mentioned in each request, so that GitHub tells them of it when it is first shown. */
  readonly notify: readonly string[];
}
