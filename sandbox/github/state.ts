import type { KeyObject } from "node:crypto";
import type { CheckRun, CheckSuite, CommitStatus, Deployment } from "./check-state.ts";
import type { ObjectStore } from "./git/objects.ts";
import type { Comment, Issue, Label, Review } from "./issue-state.ts";
import type { Ruleset } from "./rule-state.ts";

// Everything the twin remembers. Times in milliseconds of the twin's clock.

export type Permission = "none" | "read" | "triage" | "write" | "maintain" | "admin";
export type Access = "read" | "write" | "admin";
export type Permissions = Record<string, Access>;
export type Visibility = "public" | "private" | "internal";

export interface Account {
  kind: "User" | "Bot" | "Organization";
  id: number;
  nodeId: string;
  login: string;
  name: string | null;
  email: string | null;
  createdAt: number;
  /** The account was deleted: what it wrote now belongs to `ghost`. */
  deleted: boolean;
  /** A Bot's App. */
  appSlug?: string;
}

export interface Organization {
  account: Account;
  members: Map<number, { role: "admin" | "member"; state: "active" | "pending" }>;
  /** What every member may do on every repository. */
  basePermission: "none" | "read" | "write" | "admin";
  teams: Team[];
  rulesets: Ruleset[];
  secrets: Map<string, string>;
  variables: Map<string, Variable>;
  oidcSubTemplate?: string[];
}

export interface Team {
  id: number;
  nodeId: string;
  slug: string;
  name: string;
  description: string | null;
  privacy: "closed" | "secret";
  organization: Organization;
  parent: Team | null;
  members: Map<number, { role: "member" | "maintainer"; state: "active" | "pending" }>;
  repositories: Map<number, Permission>;
  createdAt: number;
  updatedAt: number;
}

export interface App {
  id: number;
  nodeId: string;
  slug: string;
  name: string;
  clientId: string;
  owner: Account;
  bot: Account;
  permissions: Permissions;
  events: string[];
  privateKey: string;
  /** Checks its JWTs; GitHub's own App has none here. */
  publicKey: KeyObject | undefined;
  hook: { id: number; url: string; secret: string; contentType: "json"; insecureSsl: "0" } | undefined;
  createdAt: number;
  /** The box "Enable Device Flow" in its settings. */
  deviceFlow?: boolean;
}

export interface Installation {
  id: number;
  app: App;
  account: Account;
  permissions: Permissions;
  events: string[];
  /** Ids, or every repository of the account. */
  repositories: Set<number> | "all";
  createdAt: number;
  suspendedAt: number | undefined;
}

export interface Repository {
  id: number;
  nodeId: string;
  owner: Account;
  name: string;
  description: string | null;
  visibility: Visibility;
  defaultBranch: string;
  createdAt: number;
  pushedAt: number;
  updatedAt: number;
  forkOf: Repository | undefined;
  objects: ObjectStore;
  /** Full ref name → commit. */
  refs: Map<string, string>;
  nextNumber: number;
  issues: Map<number, Issue>;
  /** Old number → where the issue went. */
  transferred: Map<number, Issue>;
  labels: Map<string, Label>;
  collaborators: Map<number, Permission>;
  rulesets: Ruleset[];
  environments: Map<string, Environment>;
  secrets: Map<string, string>;
  variables: Map<string, Variable>;
  activity: Activity[];
  checkSuites: CheckSuite[];
  checkRuns: CheckRun[];
  statuses: CommitStatus[];
  deployments: Deployment[];
  mergeMethods: Set<"merge" | "squash" | "rebase">;
  oidcSubTemplate?: string[];
}

export interface Variable {
  name: string;
  value: string;
  createdAt: number;
  updatedAt: number;
}

export interface Environment {
  id: number;
  nodeId: string;
  name: string;
  branches: { id: number; nodeId: string; name: string }[] | "all" | "protected";
  secrets: Map<string, string>;
  variables: Map<string, Variable>;
  createdAt: number;
  updatedAt: number;
}

export interface Activity {
  id: number;
  nodeId: string;
  before: string;
  after: string;
  ref: string;
  at: number;
  type: "push" | "force_push" | "branch_creation" | "branch_deletion" | "pr_merge";
  actor: Account;
}

export type Token =
  /** With an App: a user access token, which may what both of them may. */
  | { kind: "user"; account: Account; value: string; app?: App; expiresAt?: number }
  | {
      kind: "installation";
      value: string;
      installation: Installation;
      permissions: Permissions;
      repositories: Set<number> | "all";
      expiresAt: number;
    }
  | {
      kind: "actions";
      value: string;
      repository: Repository;
      permissions: Permissions;
      runId: number;
      /** The token outlives its job by nothing, and never 24 hours. */
      expiresAt: number;
    };

export interface State {
  accounts: Account[];
  organizations: Map<number, Organization>;
  apps: App[];
  installations: Installation[];
  repositories: Repository[];
  tokens: Map<string, Token>;
  /** Everything that GraphQL's `node(id:)` finds. */
  nodes: Map<string, Node>;
}

export type Node =
  | { type: "account"; value: Account }
  | { type: "repository"; value: Repository }
  | { type: "issue"; value: Issue }
  | { type: "comment"; value: Comment }
  | { type: "review"; value: Review }
  | { type: "label"; value: Label }
  | { type: "team"; value: Team };
