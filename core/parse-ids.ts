// The only makers of branded identifiers: text that has the right form, or undefined.

import type { AccountId, Instant, NodeId, Region, RequestNumber, Sha, TeamHandle, UserId } from "./ids.ts";

const matching =
  <T extends string>(pattern: RegExp) =>
  (text: string): T | undefined =>
    pattern.test(text) ? (text as T) : undefined;

export const parseAccountId = matching<AccountId>(/^\d{12}$/);
/** EC2 ids have 17 hex digits, those of before 2016 have 8. */
export const parseNodeId = matching<NodeId>(/^(?:i-(?:[0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$/);
export const parseRegion = matching<Region>(/^[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/);
export const parseSha = matching<Sha>(/^[0-9a-f]{40}$/);
/** Part of a document's name in AWS. */
export const forwardNamePattern = /^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/;
export const parseForwardName = matching(forwardNamePattern);

const login = "[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?-?";
/** A person's login, as written. `_` is in logins of managed users, a hyphen at the end in some old ones. */
export const parseLogin = matching(new RegExp(`^${login}$`));
/** A login of a person or of an App's bot. */
export const parseAccountLogin = matching(new RegExp(`^${login}(?:\\[bot\\])?$`));

const teamPattern = new RegExp(`^@${login}/[a-z0-9][a-z0-9_.-]{0,254}$`, "i");
/** `@org/team`, in any letter case. */
export const parseTeamHandle = (text: string): TeamHandle | undefined =>
  teamPattern.test(text) ? (text.slice(1).toLowerCase() as TeamHandle) : undefined;

const positive = <T extends number>(value: number): T | undefined =>
  Number.isSafeInteger(value) && value > 0 ? (value as T) : undefined;

export const parseUserId = (value: number): UserId | undefined => positive<UserId>(value);
export const parseRequestNumber = (value: number): RequestNumber | undefined =>
  positive<RequestNumber>(value);

const instantPattern =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** A moment with its offset, `2026-12-01T22:00:00Z` or `2026-12-01T23:00+01:00`. Without an offset it would mean another moment to each reader. */
export function parseInstant(text: string): Instant | undefined {
  const [, minute, day, second = ":00", offset] = instantPattern.exec(text) ?? [];
  const local = Date.parse(`${minute}${second}Z`);
  // Date.parse rolls 30 February over into March
  if (Number.isNaN(local) || new Date(local).getUTCDate() !== Number(day)) return undefined;
  return Date.parse(`${minute}${second}${offset}`) as Instant;
}
