// The ledger: one file a request, whose folder is its state. Append-only, so that git is the whole history.

import {
  type Account,
  formatInstant,
  type Instant,
  type NodeId,
  type RequestNumber,
  type Sha,
} from "./ids.ts";
import type { Level } from "./law.ts";
import type { Node } from "./node.ts";
import { parseRequestNumber } from "./parse-ids.ts";
import type { AccessRequest } from "./request.ts";
import { writableRequest } from "./request-file.ts";
import { type Writable, writeYaml } from "./yaml-write.ts";

/** A node as it was when people approved it or a policy permitted it. */
export type PinnedNode = Pick<Node, "type" | "account" | "region" | "id" | "name" | "tags">;

/** The issue, or the hand-written pull request, that asks. */
export interface Subject {
  readonly kind: "issue" | "pull";
  readonly number: RequestNumber;
}

interface Asked {
  readonly requester: Account;
  readonly subject: Subject;
}

interface Decided extends Asked {
  readonly request: AccessRequest;
  readonly nodes: readonly PinnedNode[];
  /** The commit of the policies it was decided under. */
  readonly policies: Sha;
}

/** What people approve. A request written by hand is its own file and has none. */
export interface ApprovedRecord extends Decided {
  readonly folder: "approved";
}

export interface Granted {
  readonly at: Instant;
  readonly until: Instant;
  /** `hp.<repository id>.<request>`: the role session name, and the prefix of all the grant owns in AWS. */
  readonly session: string;
  /** The workflow run that grants: another one goes on only when this one is over. */
  readonly run: number;
}

/** Access that was given before anybody had approved, and what people said of it afterwards. */
export interface BrokenGlassRecord {
  readonly at: Instant;
  readonly why: string;
  /** Names of the policies that permitted it. */
  readonly policies: readonly string[];
  /** Who was not waited for, and reviews it. */
  readonly levels: readonly Level[];
  /** Written when it is answered, and access is over. */
  readonly review?: {
    readonly at: Instant;
    readonly how: "approved" | "rejected";
    /** Logins. */
    readonly by: readonly string[];
  };
}

export interface ActiveRecord extends Decided {
  readonly folder: "active";
  readonly granted: Granted;
  readonly breakGlass?: BrokenGlassRecord;
}

/** A session that was opened with a grant. */
export interface SessionEnd {
  readonly id: string;
  readonly node: NodeId;
  readonly started: Instant;
  readonly ended?: Instant;
  /** Left by its user, terminated by us, or failed by itself. */
  readonly how: "left" | "terminated" | "failed";
  /** Where AWS keeps its log. */
  readonly log?: string;
}

export interface Ending<How extends string> {
  readonly at: Instant;
  readonly how: How;
  /** `schedule`, `sweep`, `policy` or a login. */
  readonly by: string;
  readonly why: string;
  /** Empty without a grant. */
  readonly sessions: readonly SessionEnd[];
}

export const grantedEnds = ["expired", "revoked", "failed"] as const;
export const ungrantedEnds = ["denied", "rejected", "cancelled", "lapsed", "invalid", "failed"] as const;

/** `failed` here is a grant that began and was not finished by its `until`. */
export interface EndedGrant extends Decided {
  readonly folder: "ended";
  readonly granted: Granted;
  readonly breakGlass?: BrokenGlassRecord;
  readonly ended: Ending<(typeof grantedEnds)[number]>;
}

/** What was never known (the request of an invalid form, the nodes of an unknown name) is not there. */
export interface EndedUngranted extends Asked, Partial<Pick<Decided, "request" | "nodes" | "policies">> {
  readonly folder: "ended";
  readonly granted?: never;
  readonly breakGlass?: never;
  readonly ended: Ending<(typeof ungrantedEnds)[number]>;
}

export type EndedRecord = EndedGrant | EndedUngranted;
export type LedgerRecord = ApprovedRecord | ActiveRecord | EndedRecord;

/** `approved/12.yaml`, `active/12.yaml`, `ended/2026/12/12.yaml`; the month is that of the end, UTC. */
export function recordPath(record: LedgerRecord): string {
  const file = `${record.subject.number}.yaml`;
  if (record.folder !== "ended") return `${record.folder}/${file}`;
  const [year, month] = new Date(record.ended.at).toISOString().split("-");
  return `ended/${year}/${month}/${file}`;
}

/** Whose record a path is. A request written by hand has another kind of name. */
export function parseRecordPath(
  path: string,
): { readonly folder: LedgerRecord["folder"]; readonly number: RequestNumber } | undefined {
  const [, plain, digits] =
    /^(?:(approved|active)|ended\/\d{4}\/(?:0[1-9]|1[0-2]))\/([1-9]\d{0,14})\.yaml$/.exec(path) ?? [];
  const number = parseRequestNumber(Number(digits));
  if (number === undefined) return undefined;
  return { folder: plain === "approved" || plain === "active" ? plain : "ended", number };
}

/** The role session name of a grant. Two access repositories may share an AWS account, so it names the repository too. */
export const sessionName = (repositoryId: number, request: RequestNumber): string =>
  `hp.${repositoryId}.${request}`;

export function parseSessionName(
  name: string,
): { readonly repositoryId: number; readonly request: RequestNumber } | undefined {
  const [, repository, digits] = /^hp\.([1-9]\d{0,14})\.([1-9]\d{0,14})$/.exec(name) ?? [];
  const request = parseRequestNumber(Number(digits));
  return request === undefined ? undefined : { repositoryId: Number(repository), request };
}

/** Canonical YAML: the same record is always the same bytes. Instants lose their fractions of a second. */
export function renderRecord(record: LedgerRecord): string {
  const { requester, subject, request, nodes, policies } = record;
  return writeYaml({
    request: request && writableRequest(request),
    requester: { login: requester.login, id: requester.id },
    [subject.kind]: subject.number,
    nodes: nodes?.map(writableNode),
    policies,
    granted: record.folder === "approved" ? undefined : record.granted && writableGrant(record.granted),
    breakGlass:
      record.folder === "approved" ? undefined : record.breakGlass && writableGlass(record.breakGlass),
    ended: record.folder === "ended" ? writableEnd(record.ended) : undefined,
  });
}

const writableNode = ({ account, region, id, name, tags }: PinnedNode): Writable => ({
  account,
  region,
  id,
  name,
  tags: Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))),
});

const writableGrant = ({ at, until, session, run }: Granted): Writable => ({
  at: formatInstant(at),
  until: formatInstant(until),
  session,
  run,
});

const writableGlass = ({ at, why, policies, levels, review }: BrokenGlassRecord): Writable => ({
  at: formatInstant(at),
  why,
  policies: [...policies],
  levels: levels.map(({ text }) => text),
  review: review && { at: formatInstant(review.at), how: review.how, by: [...review.by] },
});

const writableEnd = ({ at, how, by, why, sessions }: Ending<string>): Writable => ({
  at: formatInstant(at),
  how,
  by,
  why,
  sessions: sessions.map((each) => ({
    id: each.id,
    node: each.node,
    started: formatInstant(each.started),
    ended: each.ended === undefined ? undefined : formatInstant(each.ended),
    how: each.how,
    log: each.log,
  })),
});
