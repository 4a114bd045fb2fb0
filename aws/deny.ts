// Early revocation: one inline policy on the access role that denies the revoked session names until their credentials are dead by themselves. Its text is
// a function of the ledger, written whole. Only a sweep takes names out, so that two revocations at once cannot lose one.

import { formatInstant, type Instant } from "../core/ids.ts";
import { parseRoleArn } from "./arns.ts";
import type { Aws, CallTarget } from "./clients.ts";
import { AwsError } from "./errors.ts";

export interface Revoked {
  /** `hp.<repository id>.<request id>`. */
  readonly session: string;
  /** The end that the grant had before it was revoked. */
  readonly until: Instant;
  /** When it was revoked. */
  readonly at?: Instant;
}

/** One for each access repo: two of them on one account must not overwrite each other's. */
export const denyPolicyName = (repository: number): string => `HallpassRevoked-${repository}`;

/** What all inline policies of a role may have together, in characters without white space. */
const roleLimit = 10_240;
/** Kept free, so that the text below always fits. */
const reserve = 512;
/** IAM takes this long to spread; AWS's own revocation looks as far ahead. */
const spread = 30_000;

export interface DenyPolicy {
  readonly text: string;
  /** True when single names did not fit and everybody's credentials on the role are denied. */
  readonly everybody: boolean;
}

/**
 * The policy for these revocations, or `undefined` when none is still needed. Sorted, pruned, without duplicates; the same entries give the same text.
 * When the names do not fit it fails closed: all credentials issued before the last revocation are denied, whoever holds them.
 */
export function revokedPolicy(entries: readonly Revoked[], now: Instant): DenyPolicy | undefined {
  const live = entries.filter(({ until }) => until > now);
  if (live.length === 0) return undefined;
  const names = [...new Set(live.map(({ session }) => session))].sort();
  const odd = names.find((name) => !/^hp\.\d+\.\d+$/.test(name));
  // INVARIANT: no wildcard from outside gets into a policy
  if (odd !== undefined) throw new Error(`expected a session name like hp.1.2, got \`${odd.slice(0, 64)}\``);
  const text = deny({ StringLike: { "aws:userid": names.map((name) => `*:${name}`) } });
  if (text.length <= roleLimit - reserve) return { text, everybody: false };
  return { text: denyEverybody(live), everybody: true };
}

/** Credentials issued after the last revocation are not of a revoked grant: those get no new ones. */
function denyEverybody(live: readonly Revoked[]): string {
  const last = Math.max(...live.map(({ at, until }) => (at === undefined ? until : at + spread)));
  return deny({ DateLessThan: { "aws:TokenIssueTime": formatInstant(last as Instant) } });
}

const deny = (condition: object): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid: "Revoked", Effect: "Deny", Action: "*", Resource: "*", Condition: condition }],
  });

/** What the role denies now; `undefined` when nothing. */
export async function readDeny(
  aws: Aws,
  at: CallTarget & { readonly repository: number },
): Promise<string | undefined> {
  try {
    const { PolicyDocument } = await aws.send(at, "iam:GetRolePolicy", policyOf(at));
    return PolicyDocument === undefined ? undefined : decodeURIComponent(PolicyDocument);
  } catch (error) {
    if (error instanceof AwsError && error.code === "not-found") return undefined;
    throw error;
  }
}

export interface DenyWritten {
  readonly changed: boolean;
  /** True when everybody's credentials on the role are denied; the message of the run should say so. */
  readonly everybody: boolean;
}

/** Makes the role deny exactly these. Writes nothing when it does already. Afterwards the caller reads the ledger again, until it says the same. */
export async function writeDeny(
  aws: Aws,
  request: CallTarget & {
    readonly repository: number;
    readonly revoked: readonly Revoked[];
    /** Takes nothing away: for a ledger that cannot be read whole, or that another run may have gone on writing. */
    readonly keep?: boolean;
  },
): Promise<DenyWritten> {
  const now = aws.clock.now() as Instant;
  const there = await readDeny(aws, request);
  const kept = request.keep === true && there !== undefined ? sessionsIn(there) : [];
  const wanted =
    kept === "everybody"
      ? stillEverybody(request.revoked, there ?? "", now)
      : revokedPolicy(
          [...request.revoked, ...kept.map((session) => ({ session, until: (now + 1) as Instant }))],
          now,
        );
  const everybody = wanted?.everybody ?? false;
  if (there === wanted?.text) return { changed: false, everybody };
  if (wanted === undefined) {
    await removeDeny(aws, request);
    return { changed: true, everybody };
  }
  try {
    await aws.send(request, "iam:PutRolePolicy", { ...policyOf(request), PolicyDocument: wanted.text });
    return { changed: true, everybody };
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "limit-reached" || everybody) throw error;
    // another access repo's denies share the role's limit
    const live = request.revoked.filter(({ until }) => until > now);
    await aws.send(request, "iam:PutRolePolicy", {
      ...policyOf(request),
      PolicyDocument: denyEverybody(live),
    });
    return { changed: true, everybody: true };
  }
}

/** Everybody stays denied, and those revoked since as well: they may have been issued credentials after the instant that stands there. */
function stillEverybody(revoked: readonly Revoked[], there: string, now: Instant): DenyPolicy {
  const live = revoked.filter(({ until }) => until > now);
  const text = live.length === 0 ? there : denyEverybody(live);
  // instants of one form compare as text
  return { text: issueTime(text) > issueTime(there) ? text : there, everybody: true };
}

const issueTime = (text: string): string => /"aws:TokenIssueTime":"([^"]*)"/.exec(text)?.[1] ?? "";

/** Whom a policy of ours denies. */
function sessionsIn(text: string): readonly string[] | "everybody" {
  const names = [...text.matchAll(/"\*:(hp\.\d+\.\d+)"/g)].flatMap(([, name]) => name ?? []);
  return names.length === 0 ? "everybody" : names;
}

async function removeDeny(aws: Aws, at: CallTarget & { readonly repository: number }): Promise<void> {
  try {
    await aws.send(at, "iam:DeleteRolePolicy", policyOf(at));
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "not-found") throw error;
  }
}

const policyOf = ({ account, repository }: CallTarget & { readonly repository: number }) => ({
  RoleName: parseRoleArn(account.roles.access).name,
  PolicyName: denyPolicyName(repository),
});
