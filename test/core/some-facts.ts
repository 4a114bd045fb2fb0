// A request as its facts show it: alice asks for two hours on one node, which a rule covers with two levels. Each test says what is different.

import type { NodeAnswer, PolicyRef } from "../../core/answer.ts";
import type { CommandFacts, Facts, Law, PullFacts } from "../../core/facts.ts";
import type {
  Account,
  AccountId,
  Instant,
  NodeId,
  Region,
  RequestNumber,
  Seconds,
  Sha,
  TeamHandle,
  UserId,
} from "../../core/ids.ts";
import type { ApprovalRule, Config, Level } from "../../core/law.ts";
import type { Node } from "../../core/node.ts";
import { accepted } from "../../core/problem.ts";
import type {
  ActiveRecord,
  ApprovedRecord,
  BrokenGlassRecord,
  EndedGrant,
  EndedUngranted,
} from "../../core/record.ts";
import type { AccessRequest } from "../../core/request.ts";
import type { Review } from "../../core/review.ts";

export const at = (text: string): Instant => Date.parse(`2026-12-01T${text}Z`) as Instant;
export const hours = (count: number): Seconds => (count * 3_600) as Seconds;
export const later = (instant: number, seconds: number): Instant => (instant + seconds * 1_000) as Instant;

const logins = ["alice", "bob", "carol", "erin", "frank", "mallory", "hallpass[bot]"] as const;
export type Login = (typeof logins)[number];
export const account = (login: Login): Account => ({
  login,
  id: (1_001 + logins.indexOf(login)) as UserId,
});

export const leads = "acme/devops-leads" as TeamHandle;
export const security = "acme/security" as TeamHandle;

export const node: Node = {
  type: "AWS::EC2::Instance",
  account: "111122223333" as AccountId,
  region: "eu-central-1" as Region,
  id: "i-0123456789abcdef0" as NodeId,
  name: "r2d2-app-01",
  platform: "linux",
  agent: "online",
  tags: { Name: "r2d2-app-01", Workload: "Application01" },
};

export const otherNode: Node = { ...node, id: "i-0123456789abcdef1" as NodeId, name: "r2d2-app-02" };

export const asked: AccessRequest = {
  nodes: [{ by: "name", name: "r2d2-app-01" }],
  access: "shell",
  for: hours(2),
  reason: "INC-1234 checkout is down",
};

export const policy: PolicyRef = { name: "dev-nodes", file: "policies/dev.cedar", line: 3 };
const nothing: NodeAnswer = { guardrails: [], permits: [], denies: [], errors: [] };
export const answer = (more: Partial<NodeAnswer> = {}): NodeAnswer => ({ ...nothing, ...more });
export const permitted = answer({ permits: [policy] });

/** Nothing of it at once, unless the glass is broken. */
export const breaking = answer({ breakGlass: [{ ...policy, name: "on-call" }] });

export const level = (need: number, ...handles: readonly string[]): Level => ({
  text: `${need} of ${handles.map((handle) => `@${handle}`).join(" ")}`,
  need,
  people: handles.filter((handle) => !handle.includes("/")),
  teams: handles.filter((handle) => handle.includes("/")) as TeamHandle[],
});

export const rule: ApprovalRule = {
  name: "application01",
  line: 4,
  nodes: { tags: {} },
  levels: [level(1, leads), level(2, security, "carol")],
};

export const config: Config = {
  app: 77,
  timeZone: "UTC",
  allowPublic: false,
  accounts: [],
  forwards: [],
  limits: {
    maxDuration: hours(8),
    minDuration: 900 as Seconds,
    maxNodes: 10,
    openFor: hours(7 * 24),
    decisionGoodFor: hours(24),
    settle: 60 as Seconds,
  },
  modes: ["shell"],
  notify: [],
};

export const law: Law = {
  config,
  rules: [rule],
  people: { people: new Map(), teams: new Map() },
  delegations: [],
};

export const number = 12 as RequestNumber;
export const commit = "c".repeat(40) as Sha;
export const head = (digit: string): Sha => digit.repeat(40) as Sha;

/** Opened at 10:00, looked at at 10:30. */
export const facts = (more: Partial<Facts> = {}): Facts => ({
  now: at("10:30:00"),
  repository: {
    id: 4711,
    owner: "acme",
    name: "access",
    closed: true,
    defaultBranch: "main",
    htmlUrl: "https://github.example/acme/access",
  },
  us: { appId: 77, slug: "hallpass", botId: account("hallpass[bot]").id },
  law: { commit, law: accepted(law) },
  subject: issue(),
  asked: accepted(asked),
  nodes: accepted([node]),
  answers: accepted([answer()]),
  pulls: [],
  lookalikes: [],
  memberships: new Map([
    [leads, new Set(["bob"])],
    [security, new Set(["bob", "erin"])],
  ]),
  unreadableTeams: [],
  teamSizes: new Map([
    [leads, 2],
    [security, 3],
  ]),
  ledger: { head: head("1"), everActive: false },
  commands: [],
  shown: { labels: ["access: pending"], statuses: [], reminders: [], answered: [], dispatched: false },
  ...more,
});

export const issue = (more: Partial<Facts["subject"]> = {}): Facts["subject"] => ({
  kind: "issue",
  number,
  author: account("alice"),
  authorIsPerson: true,
  authorHasAccess: true,
  createdAt: at("10:00:00"),
  // edited a little later: nobody has to be reminded yet
  writtenAt: at("10:16:00"),
  open: true,
  distrust: [],
  ...more,
});

export const approvedRecord = (request: AccessRequest = asked): ApprovedRecord => ({
  folder: "approved",
  request,
  requester: account("alice"),
  subject: { kind: "issue", number },
  nodes: [node],
  policies: commit,
});

/** Our pull request for what is asked: #13, open, asked for, checked. */
export const pull = (more: Partial<PullFacts> = {}): PullFacts => ({
  number: 13,
  branch: "request/12",
  head: head("a"),
  open: true,
  merged: false,
  file: accepted(approvedRecord()),
  reviews: [],
  barred: [],
  asked: true,
  check: { id: 1, done: false },
  ...more,
});

export const review = (by: Login, said: "yes" | "no" = "yes", more: Partial<Review> = {}): Review => ({
  by: account(by),
  human: true,
  stance: said === "yes" ? "approved" : "changes-requested",
  onHead: true,
  at: at("10:20:00"),
  ...more,
});

/** Enough for both levels. */
export const approvals: readonly Review[] = [review("bob"), review("carol"), review("erin")];

type Said = { readonly allowed?: boolean; readonly at?: Instant; readonly comment?: number };
const said = (by: Login, { allowed = by === "alice", at: when = at("10:25:00"), comment = 501 }: Said) => ({
  comment,
  by: account(by),
  at: when,
  allowed,
});

export const token = (more: Said = {}, by: Login = "alice"): CommandFacts => ({
  ...said(by, more),
  command: "token",
  recipient: "age1alice",
});

export const command = (
  word: "revoke" | "cancel" | "break-glass" | "retry",
  by: Login = "alice",
  { why, ...more }: Said & { readonly why?: string } = {},
): CommandFacts => ({ ...said(by, more), command: word, ...(why === undefined ? {} : { why }) });

export const activeRecord: ActiveRecord = {
  ...approvedRecord(),
  folder: "active",
  granted: { at: at("10:10:00"), until: at("12:10:00"), session: "hp.4711.12", run: 900 },
};

export const brokenGlassRecord: BrokenGlassRecord = {
  at: at("10:05:00"),
  why: "INC-1234 nobody answers",
  policies: ["on-call"],
  levels: [{ ...level(1, leads), text: `@${leads}` }, level(2, security, "carol")],
};

export const active = { head: head("2"), everActive: true, active: activeRecord };

export const endedGrant: EndedGrant = {
  ...activeRecord,
  folder: "ended",
  ended: {
    at: at("12:11:00"),
    how: "expired",
    by: "schedule",
    why: "the agreed time is over",
    sessions: [],
  },
};

export const endedUngranted = (how: EndedUngranted["ended"]["how"]): EndedUngranted => ({
  folder: "ended",
  requester: account("alice"),
  subject: { kind: "issue", number },
  ended: { at: at("10:40:00"), how, by: "bob", why: "because", sessions: [] },
});
