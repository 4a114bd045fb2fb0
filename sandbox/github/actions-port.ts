import type { Clock } from "./clock.ts";

// The seam between the twin's core and its Actions part. The core routes the Actions REST endpoints and every
// repository event to an ActionsHost; the host sees the world only through ActionsWorld.

/** What an OIDC claim or a webhook needs to know of a repository. */
export interface RepoRef {
  id: number;
  owner: string;
  ownerId: number;
  name: string;
  /** `owner/name`. */
  fullName: string;
  visibility: "public" | "private" | "internal";
  defaultBranch: string;
  /** Full name of the repository this one is a fork of. */
  forkOf?: string;
  /** Ms. Repositories made after 15 July 2026 get the immutable form of the OIDC `sub`. Absent: the old form. */
  createdAt?: number;
  /** What GITHUB_TOKEN may do in a workflow that says nothing. Absent: `read`, GitHub's default since 2023. */
  defaultTokenAccess?: "read" | "write";
  /** Whether pull requests from forks start workflows. Absent: yes for public repositories, no for others, as on GitHub. */
  runsForkPullRequests?: boolean;
}

/** Who did something: a person, or an App's bot. */
export interface ActorRef {
  login: string;
  id: number;
  type: "User" | "Bot";
}

/** Something happened in a repository; the payload is the one webhooks carry. */
export interface RepoEvent {
  name: string;
  action?: string;
  payload: Record<string, unknown>;
  repository: RepoRef;
  /** `push`: the pushed ref; `workflow_dispatch`: the ref given; `pull_request*`: `refs/pull/N/merge`. Absent: the default branch. */
  ref?: string;
  /** Commit of `ref` at the moment of the event. Absent: the default branch's head. */
  sha?: string;
  /** `pull_request*` only: number and whether the head lives in another repository (no secrets, read-only token). */
  pull?: { number: number; fromFork: boolean };
  actor: ActorRef;
  /** Caused by a GITHUB_TOKEN: starts no workflow, except `workflow_dispatch` and `repository_dispatch`. */
  byGitHubToken: boolean;
}

export type RunStatus = "queued" | "in_progress" | "completed" | "waiting" | "pending";
export type RunConclusion =
  | "success"
  | "failure"
  | "cancelled"
  | "skipped"
  | "timed_out"
  | "action_required"
  | "neutral"
  | "stale";

/** A workflow file as the Actions REST endpoints know it. */
export interface WorkflowInfo {
  id: number;
  /** `.github/workflows/access.yml`. */
  path: string;
  name: string;
  state: "active" | "disabled_manually";
  createdAt: number;
  updatedAt: number;
}

/** A run as the Actions REST endpoints and `workflow_run` show it. Times in ms. */
export interface RunInfo {
  id: number;
  workflowId: number;
  path: string;
  /** The workflow's `name`. */
  name: string;
  displayTitle: string;
  runNumber: number;
  runAttempt: number;
  event: string;
  status: RunStatus;
  conclusion: RunConclusion | null;
  headBranch: string | null;
  headSha: string;
  actor: ActorRef;
  triggeringActor: ActorRef;
  createdAt: number;
  updatedAt: number;
  runStartedAt: number;
  pullNumbers: number[];
}

/** A job of a run attempt. */
export interface JobInfo {
  id: number;
  runId: number;
  runAttempt: number;
  name: string;
  status: RunStatus;
  conclusion: RunConclusion | null;
  headSha: string;
  startedAt: number;
  completedAt: number | null;
  steps: {
    name: string;
    number: number;
    status: "queued" | "in_progress" | "completed";
    conclusion: RunConclusion | null;
    startedAt: number | null;
    completedAt: number | null;
  }[];
}

/** `status` is the HTTP status that GitHub answers: 404 unknown workflow or run, 422 unexpected or missing inputs, 403 disabled or not re-runnable, 409 already over. */
export interface ActionsRefusal {
  refused: string;
  status: 403 | 404 | 409 | 422;
}

/** Implemented by sandbox/github/actions, handed to the core with `github.attachActions(host)`. */
export interface ActionsHost {
  /** Called synchronously after the state has changed; must not throw and must not wait. */
  onEvent(event: RepoEvent): void;
  /** `workflow`: id, file name or path. `ref`: branch or tag name, or `refs/…`. */
  dispatch(
    repo: RepoRef,
    workflow: string | number,
    ref: string,
    inputs: Record<string, string>,
    actor: ActorRef,
  ): RunInfo | ActionsRefusal;
  listWorkflows(repo: RepoRef): WorkflowInfo[];
  setWorkflowState(repo: RepoRef, workflow: string | number, state: WorkflowInfo["state"]): boolean;
  /** Newest first; all of them, the core filters and pages. */
  listRuns(repo: RepoRef): RunInfo[];
  /** Newest attempt. */
  getRun(repo: RepoRef, runId: number): RunInfo | undefined;
  listJobs(repo: RepoRef, runId: number, attempt?: number): JobInfo[];
  jobLog(repo: RepoRef, jobId: number): string | undefined;
  /** The zip that `GET …/runs/{id}/logs` leads to. */
  runLogs?(repo: RepoRef, runId: number): Uint8Array | undefined;
  rerun(
    repo: RepoRef,
    runId: number,
    actor: ActorRef,
    options: { debug: boolean; failedOnly: boolean },
  ): RunInfo | ActionsRefusal;
  cancel(repo: RepoRef, runId: number, actor: ActorRef): RunInfo | ActionsRefusal;
  /** Answers what lies below `/_oidc/` of the twin's URL (issuer, keys, token requests); undefined for any other path. */
  answer(request: Request): Promise<Response> | undefined;
}

export type TokenAccess = "read" | "write" | "none";

/** What the Actions part may see and do. The core's object has it as `github.actionsWorld`. */
export interface ActionsWorld {
  clock: Clock;
  /** The API base, for GITHUB_API_URL. */
  url: string;
  repository(fullName: string): RepoRef | undefined;
  repositories(): RepoRef[];
  /** File at a commit; undefined when there is none. */
  readFile(repo: RepoRef, sha: string, path: string): Uint8Array | undefined;
  /** Paths of the files (recursive) under `dir` at a commit, sorted. */
  listFiles(repo: RepoRef, sha: string, dir: string): string[];
  /** `refs/heads/x`, `refs/tags/x`, `refs/pull/N/merge`, `refs/pull/N/head`, or a bare branch or tag name → its full name and commit. */
  resolveRef(repo: RepoRef, ref: string): { ref: string; sha: string } | undefined;
  /** Full name (`refs/heads/main`) and head of the default branch. */
  defaultBranch(repo: RepoRef): { ref: string; sha: string };
  /** `refs/pull/N/merge`; undefined when the pull request does not merge cleanly. Made on demand. */
  mergeRef(repo: RepoRef, pull: number): { ref: string; sha: string } | undefined;
  /** `branches: "all"`, `"protected"`, or the names and patterns of its deployment branch policies. */
  environment(
    repo: RepoRef,
    name: string,
  ): { name: string; branches: string[] | "all" | "protected" } | undefined;
  /** Whether a ref passes the environment's deployment branch policy. */
  environmentAdmits(repo: RepoRef, name: string, ref: string): boolean;
  /** Organization's and repository's, with the environment's over them. */
  secrets(repo: RepoRef, environment?: string): Record<string, string>;
  variables(repo: RepoRef, environment?: string): Record<string, string>;
  /** A GITHUB_TOKEN of exactly these permissions (named as an installation token's: `pull_requests`), dead once revoked. */
  mintActionsToken(repo: RepoRef, permissions: Record<string, TokenAccess>, runId: number): string;
  revokeToken(token: string): void;
  /** Custom `sub` claim keys of repository or organization; undefined for the default. */
  oidcSubTemplate(repo: RepoRef): string[] | undefined;
  /** Permission of a person on the repository. */
  permission(repo: RepoRef, login: string): "admin" | "maintain" | "write" | "triage" | "read" | "none";
  /** Tell the world of a change of a run, so that `workflow_run` webhooks and events go out. */
  runChanged(repo: RepoRef, run: RunInfo, action: "requested" | "in_progress" | "completed"): void;
  /** Deterministic numeric id. */
  nextId(): number;
}
