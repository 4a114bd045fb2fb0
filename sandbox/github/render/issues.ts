import { associationOf } from "../access.ts";
import { timestamp } from "../clock.ts";
import type { Json } from "../http.ts";
import type { Comment, Issue, Reaction } from "../issue-state.ts";
import type { App } from "../state.ts";
import type { Twin } from "../twin.ts";
import { showOptionalUser, showUser } from "./accounts.ts";
import { showApp } from "./apps.ts";
import { repositoryPage, repositoryUrl, showLabel } from "./repositories.ts";

export function issueUrl(twin: Twin, issue: Issue): string {
  return `${repositoryUrl(twin, issue.repository)}/issues/${issue.number}`;
}

export function issuePage(twin: Twin, issue: Issue): string {
  const kind = issue.pull === undefined ? "issues" : "pull";
  return `${repositoryPage(twin, issue.repository)}/${kind}/${issue.number}`;
}

export function optionalTime(at: number | null): string | null {
  return at === null ? null : timestamp(at);
}

export function showOptionalApp(twin: Twin, app: App | null): Json | null {
  return app === null ? null : showApp(twin, app);
}

export function showReactions(url: string, reactions: Reaction[]): Json {
  const count = (content: string) => reactions.filter((reaction) => reaction.content === content).length;
  const names = ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"];
  return {
    url: `${url}/reactions`,
    total_count: reactions.length,
    ...Object.fromEntries(names.map((name) => [name, count(name)])),
  };
}

export function showReaction(twin: Twin, reaction: Reaction): Json {
  return {
    id: reaction.id,
    node_id: reaction.nodeId,
    user: showUser(twin, reaction.user),
    content: reaction.content,
    created_at: timestamp(reaction.createdAt),
  };
}

/** `issue`; a pull request is one too. */
export function showIssue(twin: Twin, issue: Issue): Json {
  const self = issueUrl(twin, issue);
  return {
    url: self,
    repository_url: repositoryUrl(twin, issue.repository),
    labels_url: `${self}/labels{/name}`,
    comments_url: `${self}/comments`,
    events_url: `${self}/events`,
    html_url: issuePage(twin, issue),
    id: issue.id,
    node_id: issue.nodeId,
    number: issue.number,
    title: issue.title,
    user: showUser(twin, issue.author),
    labels: issue.labels.map((label) => showLabel(twin, issue.repository, label)),
    state: issue.state,
    locked: issue.locked,
    assignee: showOptionalUser(twin, issue.assignees[0] ?? null),
    assignees: issue.assignees.map((account) => showUser(twin, account)),
    milestone: null,
    comments: issue.comments.length,
    created_at: timestamp(issue.createdAt),
    updated_at: timestamp(issue.updatedAt),
    closed_at: optionalTime(issue.closedAt),
    author_association: associationOf(twin, issue.author, issue.repository),
    active_lock_reason: issue.lockReason,
    body: issue.body,
    reactions: showReactions(self, issue.reactions),
    timeline_url: `${self}/timeline`,
    performed_via_github_app: showOptionalApp(twin, issue.app),
    state_reason: issue.stateReason,
    ...(issue.pull === undefined ? {} : pullPart(twin, issue)),
  };
}

function pullPart(twin: Twin, issue: Issue): Json {
  const page = issuePage(twin, issue);
  return {
    draft: issue.pull?.draft ?? false,
    pull_request: {
      url: `${repositoryUrl(twin, issue.repository)}/pulls/${issue.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: optionalTime(issue.pull?.mergedAt ?? null),
    },
  };
}

/** `issue` as single-issue endpoints answer it: with who closed it. */
export function showIssueFull(twin: Twin, issue: Issue): Json {
  return { ...showIssue(twin, issue), closed_by: showOptionalUser(twin, issue.closedBy) };
}

/** `issue-comment`. */
export function showComment(twin: Twin, comment: Comment): Json {
  const { issue } = comment;
  const self = `${repositoryUrl(twin, issue.repository)}/issues/comments/${comment.id}`;
  return {
    url: self,
    html_url: `${issuePage(twin, issue)}#issuecomment-${comment.id}`,
    issue_url: issueUrl(twin, issue),
    id: comment.id,
    node_id: comment.nodeId,
    user: showUser(twin, comment.author),
    created_at: timestamp(comment.createdAt),
    updated_at: timestamp(comment.updatedAt),
    author_association: associationOf(twin, comment.author, issue.repository),
    body: comment.body,
    reactions: showReactions(self, comment.reactions),
    performed_via_github_app: showOptionalApp(twin, comment.app),
  };
}
