import type { RepoRef } from "../actions-port.ts";

// What GitHub's OIDC provider says of a job.

/** Repositories made after this instant name owner and repository with their ids in `sub`. */
const IMMUTABLE_SUBJECT_SINCE = Date.UTC(2026, 6, 16);

export interface JobFacts {
  repo: RepoRef;
  event: string;
  ref: string;
  sha: string;
  headRef: string;
  baseRef: string;
  workflowName: string;
  workflowPath: string;
  environment: string | undefined;
  runId: number;
  runNumber: number;
  runAttempt: number;
  actor: { login: string; id: number };
  checkRunId: number;
}

export function claimsOf(job: JobFacts, template: readonly string[] | undefined): Record<string, string> {
  const workflowRef = `${job.repo.fullName}/${job.workflowPath}@${job.ref}`;
  const claims: Record<string, string> = {
    ref: job.ref,
    sha: job.sha,
    repository: job.repo.fullName,
    repository_owner: job.repo.owner,
    repository_owner_id: String(job.repo.ownerId),
    run_id: String(job.runId),
    run_number: String(job.runNumber),
    run_attempt: String(job.runAttempt),
    repository_visibility: job.repo.visibility,
    repository_id: String(job.repo.id),
    actor_id: String(job.actor.id),
    actor: job.actor.login,
    workflow: job.workflowName,
    head_ref: job.headRef,
    base_ref: job.baseRef,
    event_name: job.event,
    ref_protected: "false",
    ref_type: job.ref.startsWith("refs/tags/") ? "tag" : "branch",
    workflow_ref: workflowRef,
    workflow_sha: job.sha,
    job_workflow_ref: workflowRef,
    job_workflow_sha: job.sha,
    runner_environment: "github-hosted",
    check_run_id: String(job.checkRunId),
  };
  if (job.environment !== undefined) claims["environment"] = job.environment;
  return { sub: subjectOf(job, claims, template), ...claims };
}

function subjectOf(
  job: JobFacts,
  claims: Record<string, string>,
  template: readonly string[] | undefined,
): string {
  const repo = `repo:${repositoryName(job.repo)}`;
  const context = contextOf(job);
  if (!template) return `${repo}:${context}`;
  const parts = template.map((key) => {
    if (key === "repo") return repo;
    if (key === "context") return context;
    return `${key}:${escaped(claims[key] ?? "")}`;
  });
  return parts.join(":");
}

function repositoryName(repo: RepoRef): string {
  const immutable = repo.createdAt !== undefined && repo.createdAt >= IMMUTABLE_SUBJECT_SINCE;
  return immutable ? `${repo.owner}@${repo.ownerId}/${repo.name}@${repo.id}` : repo.fullName;
}

function contextOf(job: JobFacts): string {
  if (job.environment !== undefined) return `environment:${escaped(job.environment)}`;
  if (job.event === "pull_request" || job.event === "pull_request_review") return "pull_request";
  return `ref:${escaped(job.ref)}`;
}

// Else an environment named `x:ref:refs/heads/main` could speak for a branch.
function escaped(value: string): string {
  return value.replaceAll(":", "%3A");
}
