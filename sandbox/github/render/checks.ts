import type { CheckRun, CheckSuite, CommitStatus } from "../check-state.ts";
import { timestamp } from "../clock.ts";
import type { Json } from "../http.ts";
import type { Pull } from "../issue-state.ts";
import type { Repository } from "../state.ts";
import type { Twin } from "../twin.ts";
import { showUser } from "./accounts.ts";
import { showApp } from "./apps.ts";
import { optionalTime } from "./issues.ts";
import { showPullMinimal } from "./pulls.ts";
import { repositoryPage, repositoryUrl, showRepository } from "./repositories.ts";

/** Open pull requests of this repository whose head is the commit. */
function pullsAt(repository: Repository, sha: string): Pull[] {
  return [...repository.issues.values()].flatMap(({ pull, state }) =>
    pull?.headSha === sha && state === "open" && pull.headRepository === repository ? [pull] : [],
  );
}

/** `check-run`. */
export function showCheckRun(twin: Twin, repository: Repository, run: CheckRun): Json {
  const self = `${repositoryUrl(twin, repository)}/check-runs/${run.id}`;
  const page = `${repositoryPage(twin, repository)}/runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: run.nodeId,
    head_sha: run.headSha,
    external_id: run.externalId,
    url: self,
    html_url: page,
    details_url: run.detailsUrl ?? page,
    status: run.status,
    conclusion: run.conclusion,
    started_at: timestamp(run.startedAt),
    completed_at: optionalTime(run.completedAt),
    output: { ...run.output, annotations_count: run.annotations, annotations_url: `${self}/annotations` },
    check_suite: { id: run.suite.id },
    app: showApp(twin, run.suite.app),
    pull_requests: pullsAt(repository, run.headSha).map((pull) => showPullMinimal(twin, pull)),
  };
}

/** A check run as webhooks have it: with all of its suite. */
export function showCheckRunInEvent(twin: Twin, repository: Repository, run: CheckRun): Json {
  return { ...showCheckRun(twin, repository, run), check_suite: showSuiteShort(twin, repository, run.suite) };
}

function suiteState(
  repository: Repository,
  suite: CheckSuite,
): { status: string; conclusion: string | null } {
  const runs = repository.checkRuns.filter((run) => run.suite === suite);
  if (runs.length === 0) return { status: "queued", conclusion: null };
  if (runs.some((run) => run.status !== "completed")) return { status: "in_progress", conclusion: null };
  const worst = ["failure", "timed_out", "cancelled", "action_required"].find((conclusion) =>
    runs.some((run) => run.conclusion === conclusion),
  );
  return { status: "completed", conclusion: worst ?? "success" };
}

function showSuiteShort(twin: Twin, repository: Repository, suite: CheckSuite): Json {
  return {
    id: suite.id,
    node_id: suite.nodeId,
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    ...suiteState(repository, suite),
    url: `${repositoryUrl(twin, repository)}/check-suites/${suite.id}`,
    before: null,
    after: suite.headSha,
    pull_requests: pullsAt(repository, suite.headSha).map((pull) => showPullMinimal(twin, pull)),
    app: showApp(twin, suite.app),
    created_at: timestamp(suite.createdAt),
    updated_at: timestamp(suite.updatedAt),
  };
}

/** `check-suite`. */
export function showCheckSuite(twin: Twin, repository: Repository, suite: CheckSuite): Json {
  const commit = repository.objects.commits.get(suite.headSha);
  return {
    ...showSuiteShort(twin, repository, suite),
    repository: showRepository(twin, repository),
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
    latest_check_runs_count: repository.checkRuns.filter((run) => run.suite === suite).length,
    check_runs_url: `${repositoryUrl(twin, repository)}/check-suites/${suite.id}/check-runs`,
  };
}

/** `status`. */
export function showStatus(twin: Twin, repository: Repository, status: CommitStatus): Json {
  return { ...showStatusSimple(twin, repository, status), creator: showUser(twin, status.creator) };
}

/** `simple-commit-status`: as the combined status has it. */
export function showStatusSimple(twin: Twin, repository: Repository, status: CommitStatus): Json {
  return {
    url: `${repositoryUrl(twin, repository)}/statuses/${status.sha}`,
    id: status.id,
    node_id: status.nodeId,
    avatar_url: `${twin.url}/avatars/u/${status.creator.id}?v=4`,
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: timestamp(status.createdAt),
    updated_at: timestamp(status.createdAt),
  };
}
