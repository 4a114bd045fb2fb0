import { findAccount } from "../access.ts";
import type { ActorRef, JobInfo, RunInfo, WorkflowInfo } from "../actions-port.ts";
import { timestamp } from "../clock.ts";
import type { Json } from "../http.ts";
import type { Repository } from "../state.ts";
import type { Twin } from "../twin.ts";
import { showUser } from "./accounts.ts";
import { optionalTime } from "./issues.ts";
import { showPullMinimal } from "./pulls.ts";
import { repositoryPage, repositoryUrl, showRepositoryShort } from "./repositories.ts";

function showActor(twin: Twin, actor: ActorRef): Json {
  return showUser(twin, findAccount(twin, actor.login) ?? twin.ghost);
}

/** `workflow`. */
export function showWorkflow(twin: Twin, repository: Repository, workflow: WorkflowInfo): Json {
  const page = repositoryPage(twin, repository);
  const file = workflow.path.split("/").at(-1);
  return {
    id: workflow.id,
    node_id: twin.ids.node("W", workflow.id),
    name: workflow.name,
    path: workflow.path,
    state: workflow.state,
    created_at: timestamp(workflow.createdAt),
    updated_at: timestamp(workflow.updatedAt),
    url: `${repositoryUrl(twin, repository)}/actions/workflows/${workflow.id}`,
    html_url: `${page}/blob/${repository.defaultBranch}/${workflow.path}`,
    badge_url: `${page}/actions/workflows/${file}/badge.svg`,
  };
}

export function runUrl(twin: Twin, repository: Repository, id: number): string {
  return `${repositoryUrl(twin, repository)}/actions/runs/${id}`;
}

export function runPage(twin: Twin, repository: Repository, id: number): string {
  return `${repositoryPage(twin, repository)}/actions/runs/${id}`;
}

/** `workflow-run`. */
export function showWorkflowRun(twin: Twin, repository: Repository, run: RunInfo): Json {
  const self = runUrl(twin, repository, run.id);
  const commit = repository.objects.commits.get(run.headSha);
  const pulls = run.pullNumbers.flatMap((number) => repository.issues.get(number)?.pull ?? []);
  const previous = run.runAttempt > 1 ? `${self}/attempts/${run.runAttempt - 1}` : null;
  return {
    id: run.id,
    name: run.name,
    node_id: twin.ids.node("WFR", run.id),
    check_suite_id: run.id,
    check_suite_node_id: twin.ids.node("CS", run.id),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.path,
    display_title: run.displayTitle,
    run_number: run.runNumber,
    run_attempt: run.runAttempt,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflowId,
    workflow_url: `${repositoryUrl(twin, repository)}/actions/workflows/${run.workflowId}`,
    url: self,
    html_url: runPage(twin, repository, run.id),
    pull_requests: pulls.map((pull) => showPullMinimal(twin, pull)),
    created_at: timestamp(run.createdAt),
    updated_at: timestamp(run.updatedAt),
    run_started_at: timestamp(run.runStartedAt),
    actor: showActor(twin, run.actor),
    triggering_actor: showActor(twin, run.triggeringActor),
    referenced_workflows: [],
    jobs_url: `${self}/jobs`,
    logs_url: `${self}/logs`,
    check_suite_url: `${repositoryUrl(twin, repository)}/check-suites/${run.id}`,
    artifacts_url: `${self}/artifacts`,
    cancel_url: `${self}/cancel`,
    rerun_url: `${self}/rerun`,
    previous_attempt_url: previous,
    head_commit:
      commit === undefined
        ? null
        : {
            id: commit.sha,
            tree_id: commit.tree,
            message: commit.message,
            timestamp: timestamp(commit.committer.at),
            author: { name: commit.author.name, email: commit.author.email },
            committer: { name: commit.committer.name, email: commit.committer.email },
          },
    repository: showRepositoryShort(twin, repository),
    head_repository: showRepositoryShort(twin, repository),
  };
}

/** `job`. */
export function showJob(twin: Twin, repository: Repository, job: JobInfo, run: RunInfo): Json {
  return {
    id: job.id,
    run_id: job.runId,
    run_url: runUrl(twin, repository, job.runId),
    run_attempt: job.runAttempt,
    node_id: twin.ids.node("CR", job.id),
    head_sha: job.headSha,
    head_branch: run.headBranch,
    workflow_name: run.name,
    url: `${repositoryUrl(twin, repository)}/actions/jobs/${job.id}`,
    html_url: `${runPage(twin, repository, job.runId)}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: timestamp(job.startedAt),
    started_at: timestamp(job.startedAt),
    completed_at: optionalTime(job.completedAt),
    name: job.name,
    steps: job.steps.map((step) => ({
      name: step.name,
      status: step.status,
      conclusion: step.conclusion,
      number: step.number,
      started_at: optionalTime(step.startedAt),
      completed_at: optionalTime(step.completedAt),
    })),
    check_run_url: `${repositoryUrl(twin, repository)}/check-runs/${job.id}`,
    labels: ["ubuntu-latest"],
    runner_id: 1,
    runner_name: "GitHub Actions 1",
    runner_group_id: 0,
    runner_group_name: "GitHub Actions",
  };
}
