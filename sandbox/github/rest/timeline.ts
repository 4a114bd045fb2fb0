import { timestamp } from "../clock.ts";
import type { Json } from "../http.ts";
import type { Issue, TimelineEvent } from "../issue-state.ts";
import { requireIssue } from "../issues.ts";
import { showTeam, showUser } from "../render/accounts.ts";
import { showGitCommit } from "../render/git.ts";
import { showComment, showOptionalApp } from "../render/issues.ts";
import { pullCommits, showReview } from "../render/pulls.ts";
import { repositoryUrl } from "../render/repositories.ts";
import { listed, onRepository, type RepositoryCall, type Route } from "../router.ts";
import type { Twin } from "../twin.ts";

/** An event of an issue's history in REST's words. */
function showEvent(twin: Twin, event: TimelineEvent): Json {
  const { repository } = event.issue;
  const commit = event.commitId ?? null;
  return {
    id: event.id,
    node_id: event.nodeId,
    url: `${repositoryUrl(twin, repository)}/issues/events/${event.id}`,
    actor: showUser(twin, event.actor),
    event: event.kind,
    commit_id: commit,
    commit_url: commit === null ? null : `${repositoryUrl(twin, repository)}/commits/${commit}`,
    created_at: timestamp(event.at),
    performed_via_github_app: showOptionalApp(twin, event.app),
    ...eventParts(twin, event),
  };
}

function eventParts(twin: Twin, event: TimelineEvent): Json {
  switch (event.kind) {
    case "labeled":
    case "unlabeled":
      return { label: { name: event.label?.name, color: event.label?.color } };
    case "assigned":
    case "unassigned":
      return event.assignee === undefined ? {} : { assignee: showUser(twin, event.assignee) };
    case "closed":
    case "reopened":
      return { state_reason: event.stateReason ?? null };
    case "locked":
      return { lock_reason: event.lockReason ?? null };
    case "renamed":
      return { rename: event.rename };
    case "review_requested":
    case "review_request_removed":
      return {
        review_requester: showUser(twin, event.actor),
        ...(event.requestedReviewer === undefined
          ? {}
          : { requested_reviewer: showUser(twin, event.requestedReviewer) }),
        ...(event.requestedTeam === undefined ? {} : { requested_team: showTeam(twin, event.requestedTeam) }),
      };
    case "review_dismissed":
      return { dismissed_review: showDismissal(event) };
    case "merged":
    case "unlocked":
    case "transferred":
    case "head_ref_deleted":
    case "head_ref_restored":
    case "head_ref_force_pushed":
    case "base_ref_changed":
    case "base_ref_force_pushed":
    case "ready_for_review":
    case "convert_to_draft":
    case "comment_deleted":
    case "committed":
      return {};
  }
}

/** State in small letters: what the review said before. */
function showDismissal(event: TimelineEvent): Json {
  const { dismissed } = event;
  if (dismissed === undefined) return {};
  return {
    state: dismissed.state.toLowerCase(),
    review_id: dismissed.review.id,
    dismissal_message: dismissed.message,
    ...(dismissed.commitId === undefined ? {} : { dismissal_commit_id: dismissed.commitId }),
  };
}

function itemsOf(twin: Twin, issue: Issue): { at: number; id: number; shown: Json }[] {
  const events = issue.timeline.map((event) => ({
    at: event.at,
    id: event.id,
    shown: showEvent(twin, event),
  }));
  const comments = issue.comments.map((comment) => ({
    at: comment.createdAt,
    id: comment.id,
    shown: { ...showComment(twin, comment), event: "commented", actor: showUser(twin, comment.author) },
  }));
  const { pull, repository } = issue;
  if (pull === undefined) return [...events, ...comments];
  const commits = pullCommits(pull).map((commit) => ({
    at: commit.committer.at,
    id: 0,
    shown: { ...showGitCommit(twin, repository, commit), event: "committed" },
  }));
  const reviews = pull.reviews
    .filter((review) => review.submittedAt !== null)
    .map((review) => ({
      at: review.submittedAt ?? 0,
      id: review.id,
      // reviews say their state in small letters here
      shown: { ...showReview(twin, review), state: review.state.toLowerCase(), event: "reviewed" },
    }));
  return [...commits, ...events, ...comments, ...reviews];
}

function timeline(call: RepositoryCall) {
  const issue = requireIssue(call.twin, call.repository, call.params["issue_number"] ?? "");
  const items = itemsOf(call.twin, issue).sort((a, b) => a.at - b.at || a.id - b.id);
  return listed(call, items, (item) => item.shown);
}

export const timelineRoutes: Route[] = [
  onRepository("GET /issues/{issue_number}/timeline", "issues:read|pull_requests:read", "read", timeline),
];
