import type { GraphQLResolveInfo } from "graphql";
import { associationOf } from "../access.ts";
import type { Commit } from "../git/objects.ts";
import type { Pull, Review } from "../issue-state.ts";
import { lookAtMergeability, testMerge } from "../mergeability.ts";
import { pullCommits, pullFiles } from "../render/pulls.ts";
import { decisiveReviews } from "../rules.ts";
import { showActor, showTeam } from "./actors.ts";
import { showCommit, showRef } from "./git-objects.ts";
import { showIssue, showText } from "./issues.ts";
import { showRepository } from "./repositories.ts";
import { type Arguments, connection, type Graph, type Source, time } from "./source.ts";

/** What a pull request has beyond an issue. */
export function showPullParts(graph: Graph, pull: Pull): Source {
  const { repository } = pull.issue;
  const { objects } = repository;
  const commitOf = (sha: string | null | undefined) => {
    const commit = sha == null ? undefined : objects.commits.get(sha);
    return commit === undefined ? null : showCommit(graph, repository, commit);
  };
  const lines = (key: "additions" | "deletions") => pullFiles(pull).reduce((sum, file) => sum + file[key], 0);
  return {
    headRefName: pull.headRef,
    headRefOid: pull.headSha,
    headRef: () =>
      pull.headRepository === null ? null : showRef(graph, pull.headRepository, `refs/heads/${pull.headRef}`),
    baseRefName: pull.baseRef,
    baseRefOid: pull.baseSha,
    baseRef: () => showRef(graph, repository, `refs/heads/${pull.baseRef}`),
    headRepository: () => (pull.headRepository === null ? null : showRepository(graph, pull.headRepository)),
    headRepositoryOwner: () => showActor(graph, pull.headRepository?.owner),
    baseRepository: () => showRepository(graph, repository),
    isCrossRepository: pull.headRepository !== repository,
    isDraft: pull.draft,
    maintainerCanModify: pull.maintainerCanModify,
    merged: pull.merged,
    mergedAt: time(pull.mergedAt),
    mergedBy: () => showActor(graph, pull.mergedBy),
    mergeCommit: () => commitOf(pull.mergeCommitSha),
    potentialMergeCommit: () =>
      commitOf(pull.issue.state === "open" ? testMerge(graph.twin, pull) : undefined),
    mergeable: () => {
      const { mergeable } = lookAtMergeability(graph.twin, pull, graph.viewer, true);
      return mergeable === null ? "UNKNOWN" : mergeable ? "MERGEABLE" : "CONFLICTING";
    },
    mergeStateStatus: () => lookAtMergeability(graph.twin, pull, graph.viewer, true).state.toUpperCase(),
    additions: () => lines("additions"),
    deletions: () => lines("deletions"),
    changedFiles: () => pullFiles(pull).length,
    commits: (args: Arguments, info: GraphQLResolveInfo) =>
      connection(args, info, pullCommits(pull), (commit) => showPullCommit(graph, pull, commit)),
    files: (args: Arguments, info: GraphQLResolveInfo) =>
      connection(args, info, pullFiles(pull), (file) => ({
        path: file.path,
        additions: file.additions,
        deletions: file.deletions,
        changeType: file.status === "removed" ? "DELETED" : file.status.toUpperCase(),
      })),
    reviews: reviews(graph, pull),
    reviewDecision: () => decision(graph, pull),
    reviewRequests: reviewRequests(graph, pull),
  };
}

export function showPullCommit(graph: Graph, pull: Pull, commit: Commit): Source {
  const id = Buffer.from(`${pull.id}:${commit.sha}`).toString("base64url");
  return {
    __typename: "PullRequestCommit",
    id: `PURC_${id}`,
    commit: () => showCommit(graph, pull.issue.repository, commit),
    pullRequest: () => showIssue(graph, pull.issue),
  };
}

function reviews(graph: Graph, pull: Pull) {
  return (args: Arguments, info: GraphQLResolveInfo) => {
    const { states, author } = args;
    const found = pull.reviews
      .filter((review) => review.state !== "PENDING" || review.author === graph.viewer.account)
      .filter((review) => states == null || states.includes(review.state))
      .filter(
        (review) => author == null || review.author.login.toLowerCase() === String(author).toLowerCase(),
      );
    return connection(args, info, found, (review) => showReview(graph, review), ["states", "author"]);
  };
}

export function showReview(graph: Graph, review: Review): Source {
  const { repository } = review.pull.issue;
  return {
    __typename: "PullRequestReview",
    id: review.nodeId,
    databaseId: review.id,
    fullDatabaseId: String(review.id),
    author: () => showActor(graph, review.author),
    authorAssociation: () => associationOf(graph.twin, review.author, repository),
    state: review.state,
    body: review.body,
    createdAt: time(review.submittedAt ?? review.updatedAt),
    submittedAt: time(review.submittedAt),
    publishedAt: time(review.submittedAt),
    updatedAt: time(review.updatedAt),
    viewerDidAuthor: review.author === graph.viewer.account,
    ...showText(graph, review),
    commit: () => {
      const commit = repository.objects.commits.get(review.commitId);
      return commit === undefined ? null : showCommit(graph, repository, commit);
    },
    pullRequest: () => showIssue(graph, review.pull.issue),
    url: `${graph.twin.url}/${repository.owner.login}/${repository.name}/pull/${review.pull.issue.number}#pullrequestreview-${review.id}`,
  };
}

function decision({ twin }: Graph, pull: Pull): string | null {
  const states = [...decisiveReviews(twin, pull).values()].map((review) => review.state);
  if (states.includes("CHANGES_REQUESTED")) return "CHANGES_REQUESTED";
  return states.includes("APPROVED") ? "APPROVED" : null;
}

function reviewRequests(graph: Graph, pull: Pull) {
  return (args: Arguments, info: GraphQLResolveInfo) => {
    const asked: (() => Source | null)[] = [
      ...pull.requestedUsers.map((account) => () => showActor(graph, account)),
      ...pull.requestedTeams.map((team) => () => showTeam(graph, team)),
    ];
    return connection(args, info, asked, (show) => ({
      __typename: "ReviewRequest",
      asCodeOwner: false,
      requestedReviewer: show,
    }));
  };
}
