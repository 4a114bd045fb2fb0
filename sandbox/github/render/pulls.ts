import { associationOf } from "../access.ts";
import { timestamp } from "../clock.ts";
import { headOf, treeOf } from "../commits.ts";
import { diffTrees, type FileChange } from "../git/diff.ts";
import { commitsBetween, mergeBase } from "../git/history.ts";
import type { Commit } from "../git/objects.ts";
import type { Json } from "../http.ts";
import type { Pull, Review } from "../issue-state.ts";
import { lookAtMergeability } from "../mergeability.ts";
import type { Repository } from "../state.ts";
import type { Twin, Viewer } from "../twin.ts";
import { showOptionalUser, showTeam, showTeamSimple, showUser } from "./accounts.ts";
import { issuePage, issueUrl, optionalTime, showOptionalApp } from "./issues.ts";
import { repositoryUrl, showLabel, showRepository } from "./repositories.ts";

/** The base that a pull request's changes are counted from: the branch while open, what it was merged into after. */
function baseOf(pull: Pull): string {
  if (pull.issue.state === "closed") return pull.baseSha;
  return headOf(pull.issue.repository, pull.baseRef) ?? pull.baseSha;
}

/** Commits of the pull request, oldest first. */
export function pullCommits(pull: Pull): Commit[] {
  const { objects } = pull.issue.repository;
  return commitsBetween(objects, baseOf(pull), pull.headSha).reverse();
}

export function pullFiles(pull: Pull): FileChange[] {
  const { objects } = pull.issue.repository;
  const head = treeOf(objects, pull.headSha);
  if (head === undefined) return [];
  return diffTrees(objects, treeOf(objects, mergeBase(objects, baseOf(pull), pull.headSha)), head);
}

function showEnd(twin: Twin, repository: Repository | null, ref: string, sha: string): Json {
  const owner = repository?.owner;
  return {
    label: `${owner?.login ?? "unknown repository"}${owner === undefined ? "" : `:${ref}`}`,
    ref,
    sha,
    user: owner === undefined ? null : showUser(twin, owner),
    repo:
      repository === null ? null : { ...showRepository(twin, repository), ...showMergeSettings(repository) },
  };
}

export function showMergeSettings(repository: Repository): Json {
  return {
    allow_squash_merge: repository.mergeMethods.has("squash"),
    allow_merge_commit: repository.mergeMethods.has("merge"),
    allow_rebase_merge: repository.mergeMethods.has("rebase"),
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    allow_update_branch: false,
  };
}

function showLinks(twin: Twin, pull: Pull): Json {
  const self = `${repositoryUrl(twin, pull.issue.repository)}/pulls/${pull.issue.number}`;
  const issue = issueUrl(twin, pull.issue);
  return {
    self: { href: self },
    html: { href: issuePage(twin, pull.issue) },
    issue: { href: issue },
    comments: { href: `${issue}/comments` },
    review_comments: { href: `${self}/comments` },
    review_comment: { href: `${repositoryUrl(twin, pull.issue.repository)}/pulls/comments{/number}` },
    commits: { href: `${self}/commits` },
    statuses: { href: `${repositoryUrl(twin, pull.issue.repository)}/statuses/${pull.headSha}` },
  };
}

/** `pull-request-simple`: as lists have it. */
export function showPullSimple(twin: Twin, pull: Pull): Json {
  const { issue } = pull;
  const { repository } = issue;
  const self = `${repositoryUrl(twin, repository)}/pulls/${issue.number}`;
  const page = issuePage(twin, issue);
  return {
    url: self,
    id: pull.id,
    node_id: pull.nodeId,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issueUrl(twin, issue),
    number: issue.number,
    state: issue.state,
    locked: issue.locked,
    title: issue.title,
    user: showUser(twin, issue.author),
    body: issue.body,
    created_at: timestamp(issue.createdAt),
    updated_at: timestamp(issue.updatedAt),
    closed_at: optionalTime(issue.closedAt),
    merged_at: optionalTime(pull.mergedAt),
    merge_commit_sha: pull.mergeCommitSha ?? pull.testMerge?.sha ?? null,
    assignee: showOptionalUser(twin, issue.assignees[0] ?? null),
    assignees: issue.assignees.map((account) => showUser(twin, account)),
    requested_reviewers: pull.requestedUsers.map((account) => showUser(twin, account)),
    requested_teams: pull.requestedTeams.map((team) => showTeam(twin, team)),
    labels: issue.labels.map((label) => showLabel(twin, repository, label)),
    milestone: null,
    draft: pull.draft,
    commits_url: `${self}/commits`,
    review_comments_url: `${self}/comments`,
    review_comment_url: `${repositoryUrl(twin, repository)}/pulls/comments{/number}`,
    comments_url: `${issueUrl(twin, issue)}/comments`,
    statuses_url: `${repositoryUrl(twin, repository)}/statuses/${pull.headSha}`,
    head: showEnd(twin, pull.headRepository, pull.headRef, pull.headSha),
    base: showEnd(twin, repository, pull.baseRef, pull.baseSha),
    _links: showLinks(twin, pull),
    author_association: associationOf(twin, issue.author, repository),
    auto_merge: null,
    active_lock_reason: issue.lockReason,
  };
}

/** `pull-request`. Looking starts GitHub's work on `mergeable`; webhooks show it without. */
export function showPull(twin: Twin, pull: Pull, viewer: Viewer, look = true): Json {
  const files = pullFiles(pull);
  const { mergeable, state } = lookAtMergeability(twin, pull, viewer, look);
  return {
    ...showPullSimple(twin, pull),
    requested_teams: pull.requestedTeams.map((team) => showTeamSimple(twin, team)),
    merged: pull.merged,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: state,
    merged_by: showOptionalUser(twin, pull.mergedBy),
    comments: pull.issue.comments.length,
    review_comments: 0,
    maintainer_can_modify: pull.maintainerCanModify,
    commits: pullCommits(pull).length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  };
}

/** `pull-request-review`. */
export function showReview(twin: Twin, review: Review): Json {
  const { issue } = review.pull;
  const page = `${issuePage(twin, issue)}#pullrequestreview-${review.id}`;
  const pullUrl = `${repositoryUrl(twin, issue.repository)}/pulls/${issue.number}`;
  return {
    id: review.id,
    node_id: review.nodeId,
    user: showUser(twin, review.author),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: pullUrl,
    author_association: associationOf(twin, review.author, issue.repository),
    _links: { html: { href: page }, pull_request: { href: pullUrl } },
    ...(review.submittedAt === null ? {} : { submitted_at: timestamp(review.submittedAt) }),
    commit_id: review.commitId,
  };
}

/** A review as webhooks have it: state in small letters, and the App behind it. */
export function showReviewInEvent(twin: Twin, review: Review): Json {
  return {
    ...showReview(twin, review),
    state: review.state.toLowerCase(),
    submitted_at: optionalTime(review.submittedAt),
    updated_at: timestamp(review.updatedAt),
    ...(review.app === null ? {} : { performed_via_github_app: showOptionalApp(twin, review.app) }),
  };
}

/** A pull request inside a check run or workflow run. */
export function showPullMinimal(twin: Twin, pull: Pull): Json {
  const end = (repository: Repository, ref: string, sha: string) => ({
    ref,
    sha,
    repo: { id: repository.id, url: repositoryUrl(twin, repository), name: repository.name },
  });
  const { repository, number } = pull.issue;
  return {
    url: `${repositoryUrl(twin, repository)}/pulls/${number}`,
    id: pull.id,
    number,
    head: end(pull.headRepository ?? repository, pull.headRef, pull.headSha),
    base: end(repository, pull.baseRef, pull.baseSha),
  };
}
