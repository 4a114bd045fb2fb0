import type { Account, App } from "./state.ts";

// What the twin remembers of commits: checks, statuses, deployments.

export type CheckConclusion =
  | "success"
  | "failure"
  | "neutral"
  | "cancelled"
  | "skipped"
  | "timed_out"
  | "action_required"
  | "stale"
  | "startup_failure";

export interface CheckSuite {
  id: number;
  nodeId: string;
  app: App;
  headSha: string;
  headBranch: string | null;
  createdAt: number;
  updatedAt: number;
}

export interface CheckRun {
  id: number;
  nodeId: string;
  suite: CheckSuite;
  name: string;
  headSha: string;
  status: "queued" | "in_progress" | "completed" | "waiting" | "requested" | "pending";
  conclusion: CheckConclusion | null;
  externalId: string;
  detailsUrl: string | null;
  startedAt: number;
  completedAt: number | null;
  output: { title: string | null; summary: string | null; text: string | null };
  annotations: number;
}

export interface CommitStatus {
  id: number;
  nodeId: string;
  sha: string;
  state: "error" | "failure" | "pending" | "success";
  context: string;
  description: string | null;
  targetUrl: string | null;
  creator: Account;
  appId: number | undefined;
  createdAt: number;
}

export interface Deployment {
  id: number;
  nodeId: string;
  sha: string;
  ref: string;
  task: string;
  payload: Record<string, unknown> | string;
  environment: string;
  description: string | null;
  creator: Account;
  app: App | null;
  createdAt: number;
  updatedAt: number;
  statuses: DeploymentStatus[];
}

export interface DeploymentStatus {
  id: number;
  nodeId: string;
  state: "error" | "failure" | "inactive" | "in_progress" | "queued" | "pending" | "success";
  description: string;
  creator: Account;
  app: App | null;
  logUrl: string;
  environmentUrl: string;
  createdAt: number;
}
