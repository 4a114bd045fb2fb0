import type { GraphQLResolveInfo } from "graphql";
import type { Issue, TimelineEvent, TimelineKind } from "../issue-state.ts";
import { pullCommits } from "../render/pulls.ts";
import { showActor, showTeam } from "./actors.ts";
import { showCommit } from "./git-objects.ts";
import { showComment, showIssue, showLabel } from "./issues.ts";
import { showPullCommit, showReview } from "./pulls.ts";
import { showRepository } from "./repositories.ts";
import { type Arguments, connection, type Graph, type Source, time } from "./source.ts";

/** Kind → GraphQL type and its name in `itemTypes`. */
const types: Record<TimelineKind, { typename: string; item: string }> = {
  closed: { typename: "ClosedEvent", item: "CLOSED_EVENT" },
  reopened: { typename: "ReopenedEvent", item: "REOPENED_EVENT" },
  merged: { typename: "MergedEvent", item: "MERGED_EVENT" },
  labeled: { typename: "LabeledEvent", item: "LABELED_EVENT" },
  unlabeled: { typename: "UnlabeledEvent", item: "UNLABELED_EVENT" },
  assigned: { typename: "AssignedEvent", item: "ASSIGNED_EVENT" },
  unassigned: { typename: "UnassignedEvent", item: "UNASSIGNED_EVENT" },
  locked: { typename: "LockedEvent", item: "LOCKED_EVENT" },
  unlocked: { typename: "UnlockedEvent", item: "UNLOCKED_EVENT" },
  renamed: { typename: "RenamedTitleEvent", item: "RENAMED_TITLE_EVENT" },
  transferred: { typename: "TransferredEvent", item: "TRANSFERRED_EVENT" },
  review_requested: { typename: "ReviewRequestedEvent", item: "REVIEW_REQUESTED_EVENT" },
  review_request_removed: { typename: "ReviewRequestRemovedEvent", item: "REVIEW_REQUEST_REMOVED_EVENT" },
  review_dismissed: { typename: "ReviewDismissedEvent", item: "REVIEW_DISMISSED_EVENT" },
  head_ref_deleted: { typename: "HeadRefDeletedEvent", item: "HEAD_REF_DELETED_EVENT" },
  head_ref_restored: { typename: "HeadRefRestoredEvent", item: "HEAD_REF_RESTORED_EVENT" },
  head_ref_force_pushed: { typename: "HeadRefForcePushedEvent", item: "HEAD_REF_FORCE_PUSHED_EVENT" },
  base_ref_changed: { typename: "BaseRefChangedEvent", item: "BASE_REF_CHANGED_EVENT" },
  base_ref_force_pushed: { typename: "BaseRefForcePushedEvent", item: "BASE_REF_FORCE_PUSHED_EVENT" },
  ready_for_review: { typename: "ReadyForReviewEvent", item: "READY_FOR_REVIEW_EVENT" },
  convert_to_draft: { typename: "ConvertToDraftEvent", item: "CONVERT_TO_DRAFT_EVENT" },
  comment_deleted: { typename: "CommentDeletedEvent", item: "COMMENT_DELETED_EVENT" },
  committed: { typename: "PullRequestCommit", item: "PULL_REQUEST_COMMIT" },
};

interface Item {
  item: string;
  at: number;
  /** Breaks ties. */
  id: number;
  show: () => Source;
}

/** Events, comments, commits and reviews, in the order of time. */
export function itemsOf(graph: Graph, issue: Issue): Item[] {
  const events = issue.timeline.map(
    (event): Item => ({
      item: types[event.kind].item,
      at: event.at,
      id: event.id,
      show: () => showEvent(graph, event),
    }),
  );
  const comments = issue.comments.map(
    (comment): Item => ({
      item: "ISSUE_COMMENT",
      at: comment.createdAt,
      id: comment.id,
      show: () => showComment(graph, comment),
    }),
  );
  const { pull } = issue;
  if (pull === undefined) return [...events, ...comments].sort((a, b) => a.at - b.at || a.id - b.id);
  const commits = pullCommits(pull).map(
    (commit): Item => ({
      item: "PULL_REQUEST_COMMIT",
      at: commit.committer.at,
      id: 0,
      show: () => showPullCommit(graph, pull, commit),
    }),
  );
  const reviews = pull.reviews
    .filter((review) => review.submittedAt !== null)
    .map(
      (review): Item => ({
        item: "PULL_REQUEST_REVIEW",
        at: review.submittedAt ?? 0,
        id: review.id,
        show: () => showReview(graph, review),
      }),
    );
  return [...commits, ...events, ...comments, ...reviews].sort((a, b) => a.at - b.at || a.id - b.id);
}

export function showTimeline(graph: Graph, issue: Issue) {
  return (args: Arguments, info: GraphQLResolveInfo): Source => {
    const wanted: string[] | null | undefined = args["itemTypes"];
    const since = args["since"] == null ? Number.NEGATIVE_INFINITY : Date.parse(String(args["since"]));
    const items = itemsOf(graph, issue).filter(
      ({ item, at }) => at >= since && (wanted == null || wanted.includes(item)),
    );
    const page = connection(args, info, items, (item) => item.show(), ["itemTypes", "since"]);
    return {
      ...page,
      filteredCount: items.length,
      pageCount: items.length,
      updatedAt: time(issue.updatedAt),
    };
  };
}

function showEvent(graph: Graph, event: TimelineEvent): Source {
  return {
    __typename: types[event.kind].typename,
    id: event.nodeId,
    createdAt: time(event.at),
    actor: () => showActor(graph, event.actor),
    ...eventParts(graph, event),
  };
}

function eventParts(graph: Graph, event: TimelineEvent): Source {
  const { issue } = event;
  const { repository, pull } = issue;
  const subject = () => showIssue(graph, issue);
  const commit = (sha: string | undefined) => () => {
    const found = sha === undefined ? undefined : repository.objects.commits.get(sha);
    return found === undefined ? null : showCommit(graph, repository, found);
  };
  switch (event.kind) {
    case "closed":
      return {
        closable: subject,
        stateReason: (_: Arguments) => event.stateReason?.toUpperCase() ?? null,
        closer: commit(event.commitId),
      };
    case "reopened":
      return { closable: subject, stateReason: (_: Arguments) => event.stateReason?.toUpperCase() ?? null };
    case "merged":
      return { pullRequest: subject, commit: commit(event.commitId), mergeRefName: pull?.baseRef };
    case "labeled":
    case "unlabeled":
      return { labelable: subject, label: event.label === undefined ? null : showLabel(event.label) };
    case "assigned":
    case "unassigned":
      return { assignable: subject, assignee: () => showActor(graph, event.assignee) };
    case "locked":
    case "unlocked":
      return { lockable: subject, lockReason: event.lockReason?.toUpperCase() ?? null };
    case "renamed":
      return { subject, currentTitle: event.rename?.to, previousTitle: event.rename?.from };
    case "transferred": {
      const from = event.fromRepository;
      return {
        issue: subject,
        fromRepository: () => (from === undefined ? null : showRepository(graph, from)),
      };
    }
    case "review_requested":
    case "review_request_removed": {
      const { requestedTeam: team, requestedReviewer } = event;
      return {
        pullRequest: subject,
        requestedReviewer: () =>
          team === undefined ? showActor(graph, requestedReviewer) : showTeam(graph, team),
      };
    }
    case "review_dismissed":
      return { pullRequest: subject, ...dismissalParts(graph, event) };
    case "head_ref_deleted":
      return { pullRequest: subject, headRefName: pull?.headRef, headRef: null };
    case "head_ref_restored":
    case "ready_for_review":
    case "convert_to_draft":
      return { pullRequest: subject };
    case "head_ref_force_pushed":
    case "base_ref_force_pushed":
      return {
        pullRequest: subject,
        beforeCommit: commit(event.beforeCommit),
        afterCommit: commit(event.commitId),
        ref: null,
      };
    case "base_ref_changed":
      return {
        pullRequest: subject,
        previousRefName: event.baseRefs?.from,
        currentRefName: event.baseRefs?.to,
        databaseId: event.id,
      };
    case "comment_deleted":
      return { databaseId: event.id };
    case "committed":
      return {};
  }
}

function dismissalParts(graph: Graph, event: TimelineEvent): Source {
  const { dismissed } = event;
  if (dismissed === undefined) return {};
  return {
    databaseId: event.id,
    dismissalMessage: dismissed.message,
    previousReviewState: dismissed.state,
    review: () => showReview(graph, dismissed.review),
  };
}
