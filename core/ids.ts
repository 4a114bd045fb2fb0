// Identifiers that must not be mixed up. A brand costs nothing at run time; the parsers of the formats are the only makers.

declare const brand: unique symbol;
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** The number of the issue or pull request that asks: the id of an access request. */
export type RequestNumber = Branded<number, "RequestNumber">;
/** GitHub's numeric id of a user or bot. People are kept by it, because a login can be given up and taken by somebody else. */
export type UserId = Branded<number, "UserId">;
/** A git object id, 40 lower-case hex digits. */
export type Sha = Branded<string, "Sha">;
/** `i-…` (EC2) or `mi-…` (SSM managed instance). */
export type NodeId = Branded<string, "NodeId">;
/** 12 digits. */
export type AccountId = Branded<string, "AccountId">;
/** For example `eu-central-1`. */
export type Region = Branded<string, "Region">;
/** Milliseconds since the epoch, UTC. */
export type Instant = Branded<number, "Instant">;
/** A length of time in whole seconds, more than 0. */
export type Seconds = Branded<number, "Seconds">;
/** `org/team`, lower case, without the `@`. */
export type TeamHandle = Branded<string, "TeamHandle">;

/** A GitHub account as an API shows it. Logins compare without letter case. */
export interface Account {
  readonly login: string;
  readonly id: UserId;
}

export const sameLogin = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** `2026-12-01T22:00:00Z`: the form of every instant in a record, without fractions. */
export const formatInstant = (at: Instant): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");
