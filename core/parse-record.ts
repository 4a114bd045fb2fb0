// Records as they lie in the ledger, read strictly: whatever we would not have written ourselves is nobody's record.

import { readRequest } from "./check-request.ts";
import { formatInstant, type Instant, type RequestNumber, type UserId } from "./ids.ts";
import type { Level } from "./law.ts";
import { parseLevel } from "./level.ts";
import { nodeType } from "./node.ts";
import {
  parseAccountId,
  parseAccountLogin,
  parseInstant,
  parseNodeId,
  parseRegion,
  parseSha,
} from "./parse-ids.ts";
import { type Parsed, type Problem, problem, refused } from "./problem.ts";
import {
  type ActiveRecord,
  type ApprovedRecord,
  type EndedRecord,
  grantedEnds,
  type LedgerRecord,
  type PinnedNode,
  parseRecordPath,
  parseSessionName,
  recordPath,
  type SessionEnd,
  type Subject,
  ungrantedEnds,
} from "./record.ts";
import type { AccessRequest } from "./request.ts";
import { requestDraft } from "./request-file.ts";
import {
  audited,
  type Complaint,
  converted,
  integer,
  list,
  mapOf,
  object,
  oneOf,
  optional,
  parsedText,
  readFile,
  report,
  required,
  type Shape,
  text,
  withDefault,
} from "./shape.ts";
import { quoted } from "./text.ts";
import { oneCode } from "./yaml-read.ts";

const codes = oneCode("record.malformed");

const source = (file: string) => ({ file, codes, maxBytes: 512 * 1024 });

/** Any record; its path says which. */
export function parseRecord(content: string, path: string): Parsed<LedgerRecord> {
  switch (parseRecordPath(path)?.folder) {
    case "approved":
      return parseApproved(content, path);
    case "active":
      return parseActive(content, path);
    case "ended":
      return parseEnded(content, path);
    case undefined:
      return misplaced(
        path,
        "approved/<number>.yaml, active/<number>.yaml or ended/<yyyy>/<mm>/<number>.yaml",
      );
  }
}

export const parseApproved = (content: string, path: string): Parsed<ApprovedRecord> =>
  inItsPlace(readFile(content, source(path), approved), path);
export const parseActive = (content: string, path: string): Parsed<ActiveRecord> =>
  inItsPlace(readFile(content, source(path), active), path);
export const parseEnded = (content: string, path: string): Parsed<EndedRecord> =>
  inItsPlace(readFile(content, source(path), ended), path);

/** ATTACK: a record under another's number, or in another state's folder. */
function inItsPlace<T extends LedgerRecord>(record: Parsed<T>, path: string): Parsed<T> {
  if (!record.ok) {
    const [first, ...others] = record.problems;
    return refused(mendable(first), ...others.map(mendable));
  }
  const expected = recordPath(record.value);
  return expected === path ? record : misplaced(path, expected);
}

/** Records are ours: whoever finds one wrong has nothing to correct in it, only to find out who wrote it. */
const mend = "put back what the ledger had before";
const mendable = (each: Problem): Problem => ({ ...each, message: `${each.message}; ${mend}` });

const misplaced = (path: string, expected: string): Parsed<never> =>
  refused(
    problem(
      "record.malformed",
      `${quoted(path)} is no place for this record; expected ${expected}; ${mend}`,
      {
        place: { file: path, line: 1, column: 1 },
      },
    ),
  );

const word = (pattern: RegExp, expected: string): Shape<string> =>
  parsedText((written) => (pattern.test(written) ? written : undefined), expected);

const instant = parsedText<Instant>((written) => {
  const at = parseInstant(written);
  return at !== undefined && formatInstant(at) === written ? at : undefined;
}, "a moment such as `2026-12-01T22:00:00Z`");

const nodeId = parsedText(parseNodeId, "a node id");
const positive = integer(1, 999_999_999_999_999);

const requestNumber = converted(positive, (number) => number as RequestNumber);

const request: Shape<AccessRequest> = {
  json: {},
  read: (value, field, reading) => {
    const draft = requestDraft("record").read(value, field, reading);
    if (draft === undefined) return undefined;
    const read = readRequest(draft);
    if (read.ok) return read.value;
    for (const { message, field: inner, place = value.place } of read.problems)
      report(reading, reading.codes.wrongType, message, { field: `${field}.${inner}`, place });
    return undefined;
  },
};

const pinnedNode: Shape<PinnedNode> = converted(
  object({
    account: required(parsedText(parseAccountId, "an account id of 12 digits")),
    region: required(parsedText(parseRegion, "a region")),
    id: required(nodeId),
    name: optional(text),
    tags: withDefault(
      converted(
        mapOf(() => text, {}),
        (tags): Readonly<Record<string, string>> => Object.fromEntries(tags),
      ),
      {},
    ),
  }),
  (node) => ({ type: nodeType(node.id), ...node }),
);

const granted = audited(
  object({
    at: required(instant),
    until: required(instant),
    session: required(
      parsedText(
        (name) => (parseSessionName(name) === undefined ? undefined : name),
        "`hp.<repository id>.<request>`",
      ),
    ),
    run: required(positive),
  }),
  ({ at, until }) => (at < until ? [] : [{ at: ["until"], message: "expected to be after `at`" }]),
);

const level: Shape<Level> = parsedText((written) => {
  const parsed = parseLevel(written);
  return parsed.ok && parsed.value.text === written ? parsed.value : undefined;
}, "a level such as `2 of @acme/security`");

const login = parsedText(parseAccountLogin, "a login");

const breakGlass = object({
  at: required(instant),
  why: required(text),
  policies: required(list(text, 1, 1_000)),
  levels: required(list(level, 1, 1_000)),
  review: optional(
    object({
      at: required(instant),
      how: required(oneOf(["approved", "rejected"])),
      by: required(list(login, 1, 1_000)),
    }),
  ),
});

const sessionEnd: Shape<SessionEnd> = object({
  id: required(word(/^[\w+=,.@-]{1,96}$/, "a session id")),
  node: required(nodeId),
  started: required(instant),
  ended: optional(instant),
  how: required(oneOf(["left", "terminated", "failed"])),
  log: optional(text),
});

const ending = object({
  at: required(instant),
  how: required(oneOf([...new Set([...grantedEnds, ...ungrantedEnds])])),
  by: required(word(/^\S(?:.{0,98}\S)?$/, "1 to 100 characters")),
  why: required(text),
  sessions: required(list(sessionEnd, 0, 1_000)),
});

const asked = {
  requester: required(
    object({
      login: required(login),
      id: required(converted(positive, (id) => id as UserId)),
    }),
  ),
  issue: optional(requestNumber),
  pull: optional(requestNumber),
};
const nodes = list(pinnedNode, 1, 1_000);
const policies = parsedText(parseSha, "a commit of 40 hex digits");
const decided = {
  ...asked,
  request: required(request),
  nodes: required(nodes),
  policies: required(policies),
};

type Asking = { readonly issue?: RequestNumber; readonly pull?: RequestNumber };

const oneSubject = ({ issue, pull }: Asking): readonly Complaint[] =>
  (issue === undefined) === (pull === undefined)
    ? [{ at: [], message: "expected either `issue` or `pull`" }]
    : [];

/** What a record has in place of `issue` or `pull`. */
function withSubject<T extends Asking, Folder extends string>(record: T, folder: Folder) {
  const { issue, pull, ...rest } = record;
  const subject: Subject =
    issue === undefined ? { kind: "pull", number: pull as RequestNumber } : { kind: "issue", number: issue };
  return { folder, subject, ...rest };
}

const approved: Shape<ApprovedRecord> = converted(audited(object(decided), oneSubject), (record) =>
  withSubject(record, "approved"),
);

const active: Shape<ActiveRecord> = converted(
  audited(object({ ...decided, granted: required(granted), breakGlass: optional(breakGlass) }), oneSubject),
  (record) => withSubject(record, "active"),
);

const ended: Shape<EndedRecord> = converted(
  audited(
    object({
      ...asked,
      request: optional(request),
      nodes: optional(nodes),
      policies: optional(policies),
      granted: optional(granted),
      breakGlass: optional(breakGlass),
      ended: required(ending),
    }),
    (record) => [...oneSubject(record), ...wrongEnd(record)],
  ),
  // INVARIANT: `wrongEnd` has told the two kinds apart
  (record) => withSubject(record, "ended") as EndedRecord,
);

/** Each end has only its own fields. */
function wrongEnd(record: {
  readonly request?: unknown;
  readonly nodes?: unknown;
  readonly policies?: unknown;
  readonly granted?: unknown;
  readonly breakGlass?: unknown;
  readonly ended: EndedRecord["ended"];
}): readonly Complaint[] {
  const { how, sessions } = record.ended;
  const ends: readonly string[] = record.granted === undefined ? ungrantedEnds : grantedEnds;
  const missing =
    record.granted === undefined
      ? []
      : (["request", "nodes", "policies"] as const).filter((key) => record[key] === undefined);
  return [
    ...missing.map((key) => ({ at: [], message: `\`${key}\` is missing; a grant has it` })),
    ...(ends.includes(how)
      ? []
      : [{ at: ["ended", "how"], message: `expected one of ${ends.join(", ")} here` }]),
    ...(record.granted === undefined && record.breakGlass !== undefined
      ? [{ at: ["breakGlass"], message: "no glass is broken without a grant" }]
      : []),
    ...(record.granted === undefined && sessions.length > 0
      ? [{ at: ["ended", "sessions"], message: "there are no sessions without a grant" }]
      : []),
  ];
}
