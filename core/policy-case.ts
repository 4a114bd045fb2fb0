// Policy cases: what a request would be decided to be, written down beside the policies. Run by `hallpass policy test` and by the policy check.

import { durationForm, parseDuration } from "./duration.ts";
import type { AccountId, Instant, NodeId, Region, Seconds, TeamHandle, UserId } from "./ids.ts";
import type { IdentityAttributes, Level } from "./law.ts";
import { parseLevel } from "./level.ts";
import type { Node, NodeType } from "./node.ts";
import { parseAccountLogin, parseInstant, parseTeamHandle } from "./parse-ids.ts";
import type { Parsed, Place } from "./problem.ts";
import type { AccessMode } from "./request.ts";
import { accessModes } from "./request.ts";
import type { Review, Stance } from "./review.ts";
import {
  audited,
  boolean,
  type Complaint,
  checked,
  converted,
  integer,
  list,
  mapOf,
  object,
  oneOf,
  optional,
  orNothing,
  parsedText,
  readFile,
  required,
  type Shape,
  textAsWritten,
  withDefault,
} from "./shape.ts";
import type { Memberships } from "./tally.ts";
import type { FormatCodes } from "./yaml-read.ts";

export const verdicts = ["auto", "manual", "denied", "broken"] as const;
export const approvals = ["approved", "pending", "rejected"] as const;

/** What a case says should come out. What it does not say may be anything. */
export interface Expectation {
  readonly expect: (typeof verdicts)[number];
  /** What decided: `@id`s, else `file:line`; the rules for manual. A set. */
  readonly by?: readonly string[];
  /** A set. */
  readonly levels?: readonly Level[];
  readonly approval?: (typeof approvals)[number];
  /** Numbers of the levels still open, exactly. */
  readonly missing?: readonly number[];
  /** Whether `/break-glass` would open it before anybody has approved. */
  readonly breakGlass?: boolean;
}

export interface PolicyCase {
  readonly name: string;
  /** Of the case in its file. */
  readonly place: Place;
  readonly requester: string;
  readonly teams: readonly TeamHandle[];
  readonly groups: readonly string[];
  readonly attributes: IdentityAttributes;
  readonly principalTags: Readonly<Record<string, string>>;
  readonly node: Node;
  readonly for: Seconds;
  readonly access: AccessMode;
  readonly reason: string;
  readonly ticket?: string;
  readonly at: Instant;
  readonly members: Memberships;
  readonly reviews: readonly Review[];
  readonly pushedBy: readonly string[];
  readonly expected: Expectation;
}

const codes: FormatCodes = {
  tooLarge: "case.malformed",
  notYaml: "case.malformed",
  characters: "case.malformed",
  unknownKey: "case.malformed",
  wrongType: "case.malformed",
};

const mostCases = 10_000;

/** The cases of one file, a list in YAML or JSON. */
export const parsePolicyCases = (content: string, file: string): Parsed<readonly PolicyCase[]> =>
  readFile(
    content,
    { file, codes, maxBytes: 4 * 1024 * 1024 },
    orNothing(list(policyCase, 0, mostCases), []),
  );

const words = textAsWritten;
const someText = checked(words, (value) => (value === "" ? "expected at least one character" : undefined));
const login = parsedText(parseAccountLogin, "a login without `@`", { of: words });
const team = parsedText((text) => parseTeamHandle(withAt(text)), "a team such as `acme/devops`", {
  of: words,
});
const withAt = (text: string): string => (text.startsWith("@") ? text : `@${text}`);
const names: Shape<readonly string[]> = list(someText, 0, 1_000);
const logins = list(login, 0, 1_000);

const textMap = converted(
  mapOf(() => words, { type: "object", additionalProperties: words.json }),
  (read): Readonly<Record<string, string>> => Object.fromEntries(read),
);

const attributes = object({
  employeeNumber: optional(words),
  costCenter: optional(words),
  organization: optional(words),
  division: optional(words),
});

const nodeTypes = ["AWS::EC2::Instance", "AWS::SSM::ManagedInstance"] as const satisfies readonly NodeType[];

const someNode = {
  type: "AWS::EC2::Instance",
  id: "i-00000000000000000",
  account: "111122223333",
  region: "us-east-1",
  tags: {} as Readonly<Record<string, string>>,
} as const;

/** Ids are any text: a case is about policies, and `i-1` says as much as seventeen digits. */
const nodeShape = object({
  type: withDefault(oneOf(nodeTypes), someNode.type),
  id: withDefault(someText, someNode.id),
  account: withDefault(someText, someNode.account),
  region: withDefault(someText, someNode.region),
  name: optional(someText),
  platform: optional(someText),
  tags: withDefault(textMap, someNode.tags),
});

type WrittenNode = NonNullable<ReturnType<(typeof nodeShape)["read"]>>;

function nodeOf({ type, id, account, region, name, platform, tags }: WrittenNode): Node {
  const named = name ?? (Object.hasOwn(tags, "Name") ? tags["Name"] : undefined);
  return {
    type,
    id: id as NodeId,
    account: account as AccountId,
    region: region as Region,
    ...(named === undefined ? {} : { name: named }),
    ...(platform === undefined ? {} : { platform }),
    agent: "online",
    tags,
  };
}

const node = converted(nodeShape, nodeOf);

const level: Shape<Level> = {
  json: { type: "string" },
  read: (value, field, reading) => {
    const written = words.read(value, field, reading);
    if (written === undefined) return undefined;
    const parsed = parseLevel(written);
    if (parsed.ok) return parsed.value;
    for (const { message } of parsed.problems)
      reading.problems.push({ code: "case.malformed", message, field, place: value.place });
    return undefined;
  },
};

const reviewStates = ["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"] as const;
const stances: Readonly<Record<string, Stance | undefined>> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes-requested",
};

const reviewShape = audited(
  object({
    by: required(login),
    state: required(oneOf(reviewStates)),
    on: withDefault(oneOf(["head", "old"]), "head"),
    was: optional(oneOf(["APPROVED", "CHANGES_REQUESTED"])),
    dismissedBy: optional(login),
  }),
  ({ state, was, dismissedBy }) =>
    state === "DISMISSED" ? [] : only("stands only with `state: DISMISSED`", { was, dismissedBy }),
);

const only = (message: string, values: Readonly<Record<string, unknown>>): readonly Complaint[] =>
  Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ at: [key], message: `\`${key}\` ${message}; take it out` }],
  );

type ReadReview = NonNullable<ReturnType<(typeof reviewShape)["read"]>>;

/** Comments decide nothing and are left out. One login is one person. */
function reviewsOf(written: readonly ReadReview[], at: Instant): readonly Review[] {
  const people = [...new Set(written.map(({ by }) => by.toLowerCase()))];
  return written.flatMap(({ by, state, on, was = "APPROVED", dismissedBy }) => {
    const stance = stances[state === "DISMISSED" ? was : state];
    if (stance === undefined) return [];
    const review: Review = {
      by: { login: by, id: (people.indexOf(by.toLowerCase()) + 1) as UserId },
      human: !by.toLowerCase().endsWith("[bot]"),
      stance,
      onHead: on === "head",
      at,
      ...(state === "DISMISSED" ? { dismissed: { by: dismissedBy } } : {}),
    };
    return [review];
  });
}

const members = converted(
  mapOf(
    (key) =>
      parseTeamHandle(withAt(key)) === undefined ? `\`${key}\` is no team; expected \`org/team\`` : logins,
    {
      type: "object",
      additionalProperties: logins.json,
    },
  ),
  (read): Memberships =>
    new Map(
      [...read].map(([key, people]) => [
        withAt(key).slice(1).toLowerCase() as TeamHandle,
        new Set(people.map((each) => each.toLowerCase())),
      ]),
    ),
);

const oneOrMore: Shape<readonly string[]> = {
  json: { anyOf: [someText.json, names.json] },
  read: (value, field, reading) =>
    value.kind === "scalar"
      ? converted(someText, (one) => [one]).read(value, field, reading)
      : names.read(value, field, reading),
};

const caseShape = audited(
  object({
    name: required(someText),
    requester: required(login),
    teams: withDefault(list(team, 0, 1_000), []),
    groups: withDefault(names, []),
    attributes: withDefault(attributes, {}),
    principalTags: withDefault(textMap, {}),
    node: withDefault(node, nodeOf(someNode)),
    for: withDefault(parsedText(parseDuration, durationForm, { of: words }), 3_600 as Seconds),
    access: withDefault(oneOf(accessModes), "shell"),
    reason: withDefault(words, "policy case"),
    ticket: optional(words),
    at: withDefault(
      parsedText(parseInstant, "a moment such as `2026-01-05T12:00:00Z`"),
      Date.parse("2026-01-05T12:00:00Z") as Instant,
    ),
    members: withDefault(members, new Map()),
    reviews: withDefault(list(reviewShape, 0, 1_000), []),
    pushedBy: withDefault(logins, []),
    expect: required(oneOf(verdicts)),
    by: optional(oneOrMore),
    levels: optional(list(level, 0, 100)),
    approval: optional(oneOf(approvals)),
    missing: optional(list(integer(1, 100), 0, 100)),
    breakGlass: optional(boolean),
  }),
  ({ expect, approval, levels, missing, breakGlass }) =>
    expect === "manual"
      ? []
      : only("stands only with `expect: manual`", { approval, levels, missing, breakGlass }),
);

const policyCase: Shape<PolicyCase> = {
  json: caseShape.json,
  read: (value, field, reading) => {
    const read = caseShape.read(value, field, reading);
    if (read === undefined) return undefined;
    const {
      expect,
      by,
      levels,
      approval,
      missing,
      breakGlass,
      reviews,
      teams,
      members: listed,
      ...rest
    } = read;
    const expected = { expect, by, levels, approval, missing, breakGlass };
    return {
      ...rest,
      place: value.place,
      teams: teamsOf(rest.requester, teams, listed),
      members: withRequester(rest.requester, teams, listed),
      reviews: reviewsOf(reviews, rest.at),
      expected: Object.fromEntries(
        Object.entries(expected).filter(([, wanted]) => wanted !== undefined),
      ) as unknown as Expectation,
    };
  },
};

/** Who is listed among a team's members is in that team, for the policies as for the levels. */
function teamsOf(
  requester: string,
  teams: readonly TeamHandle[],
  listed: Memberships,
): readonly TeamHandle[] {
  const isIn = [...listed].filter(([, people]) => people.has(requester.toLowerCase()));
  return [...new Set([...teams, ...isIn.map(([handle]) => handle)])];
}

function withRequester(requester: string, teams: readonly TeamHandle[], listed: Memberships): Memberships {
  const of = (handle: TeamHandle): ReadonlySet<string> =>
    new Set([...(listed.get(handle) ?? []), requester.toLowerCase()]);
  return new Map([...listed, ...teams.map((handle) => [handle, of(handle)] as const)]);
}
