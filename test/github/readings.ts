// Readings to start a table from: alice asks in issue 12, our App has opened pull request 13 for it.

import type { Instant, RequestNumber, Sha, UserId } from "../../core/ids.ts";
import type {
  Actor,
  CommentReading,
  CommitReading,
  PullReading,
  RequestReading,
  ReviewReading,
  SubjectReading,
  TreeEntry,
} from "../../github/reading.ts";

export const at = (minute: number): Instant =>
  (Date.parse("2026-12-01T09:00:00Z") + minute * 60_000) as Instant;
export const oid = (digit: string): Sha => digit.repeat(40) as Sha;

const person = (login: string, id: number): Actor => ({ kind: "User", login, id: id as UserId });
export const alice = person("alice", 1001);
export const bob = person("bob", 1002);
export const carol = person("carol", 1003);
export const bot: Actor = { kind: "Bot", login: "hallpass[bot]", id: 900 as UserId };
export const otherBot: Actor = { kind: "Bot", login: "renovate[bot]", id: 901 as UserId };
export const mannequin: Actor = { kind: "Mannequin", login: "imported", id: 77 as UserId };

export const subject = (more: Partial<SubjectReading> = {}): SubjectReading => ({
  kind: "issue",
  number: 12 as RequestNumber,
  author: alice,
  body: "### Nodes\n\ni-0123456789abcdef0\n",
  createdAt: at(0),
  lastEditedAt: undefined,
  open: true,
  mergedAt: undefined,
  labels: ["access: pending"],
  edits: [],
  closings: [],
  transferred: false,
  comments: [],
  ...more,
});

const readme: TreeEntry = { name: "README.md", mode: 0o100644, oid: oid("1") };
const folder = (digit: string): TreeEntry => ({ name: "approved", mode: 0o040000, oid: oid(digit) });
const other: TreeEntry = { name: "9.yaml", mode: 0o100644, oid: oid("9") };
export const added: TreeEntry = { name: "12.yaml", mode: 0o100644, oid: oid("c") };

export const record = `request:
  nodes: [i-0123456789abcdef0]
  access: shell
  for: 1h
  reason: INC-1 checkout is down
requester: { login: alice, id: 1001 }
issue: 12
nodes:
  - { account: "111122223333", region: eu-central-1, id: i-0123456789abcdef0, tags: {} }
policies: ${oid("e")}
`;

export const commit = (more: Partial<CommitReading> = {}): CommitReading => ({
  parents: [{ root: [readme, folder("a")], approved: [other] }],
  tree: { root: [readme, folder("b")], approved: [added, other] },
  record,
  ...more,
});

export const entries = { readme, folder, other };

export const pull = (more: Partial<PullReading> = {}): PullReading => ({
  number: 13,
  author: bot,
  createdAt: at(1),
  headRepository: 5000,
  branch: "request/12",
  base: "ledger",
  head: oid("d"),
  state: "OPEN",
  maintainerCanModify: false,
  commits: 1,
  commit: commit(),
  reviews: [],
  events: [],
  ...more,
});

export const review = (more: Partial<ReviewReading> = {}): ReviewReading => ({
  id: 1,
  author: bob,
  state: "APPROVED",
  commit: oid("d"),
  submittedAt: at(10),
  ...more,
});

export const comment = (more: Partial<CommentReading> = {}): CommentReading => ({
  id: 1,
  author: alice,
  body: "/cancel",
  at: at(5),
  edited: false,
  ...more,
});

export const reading = (more: Partial<RequestReading> = {}): RequestReading => ({
  now: at(30),
  us: { appId: 7, slug: "hallpass", botId: bot.id },
  repository: {
    id: 5000,
    owner: "acme",
    name: "access",
    closed: true,
    defaultBranch: "main",
    htmlUrl: "https://github.test/acme/access",
  },
  defaultHead: oid("e"),
  ledger: { head: oid("f"), everActive: false },
  inventory: undefined,
  subject: subject(),
  pulls: [],
  ...more,
});
