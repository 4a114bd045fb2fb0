import type { GraphQLResolveInfo } from "graphql";
import { associationOf } from "../access.ts";
import type { Comment, Edit, Issue, Label, Reaction } from "../issue-state.ts";
import { showActor } from "./actors.ts";
import { showPullParts } from "./pulls.ts";
import { showRepository } from "./repositories.ts";
import { type Arguments, connection, type Graph, only, type Source, time } from "./source.ts";
import { showTimeline } from "./timeline.ts";

/** Newest first. Nothing until the first edit, which brings the original along; a deleted revision loses its text. */
export function editsOf(graph: Graph, edits: Edit[]) {
  return (args: Arguments, info: GraphQLResolveInfo) =>
    connection(args, info, edits.toReversed(), (edit) => showEdit(graph, edit));
}

function showEdit(graph: Graph, edit: Edit): Source {
  return {
    __typename: "UserContentEdit",
    id: graph.twin.ids.node("UCE", edit.id),
    createdAt: time(edit.editedAt),
    updatedAt: time(edit.deletedAt ?? edit.editedAt),
    editedAt: time(edit.editedAt),
    editor: () => showActor(graph, edit.editor),
    deletedAt: time(edit.deletedAt),
    deletedBy: () => showActor(graph, edit.deletedBy),
    diff: edit.deletedAt === null ? edit.text : null,
  };
}

/** What issues, comments and reviews say of their text. */
export function showText(graph: Graph, text: { edits: Edit[] }): Source {
  const last = text.edits.at(-1);
  return {
    includesCreatedEdit: text.edits.length > 0,
    lastEditedAt: time(last?.editedAt),
    editor: () => showActor(graph, last?.editor),
    userContentEdits: editsOf(graph, text.edits),
  };
}

export function showReactions(graph: Graph, reactions: Reaction[]) {
  return (args: Arguments, info: GraphQLResolveInfo) =>
    connection(args, info, reactions, (reaction) => ({
      __typename: "Reaction",
      id: reaction.nodeId,
      databaseId: reaction.id,
      content: reactionNames[reaction.content],
      createdAt: time(reaction.createdAt),
      user: () => showActor(graph, reaction.user),
    }));
}

const reactionNames: Record<Reaction["content"], string> = {
  "+1": "THUMBS_UP",
  "-1": "THUMBS_DOWN",
  laugh: "LAUGH",
  confused: "CONFUSED",
  heart: "HEART",
  hooray: "HOORAY",
  rocket: "ROCKET",
  eyes: "EYES",
};

export function showLabel(label: Label): Source {
  return {
    __typename: "Label",
    id: label.nodeId,
    name: label.name,
    color: label.color,
    description: label.description,
    isDefault: label.default,
  };
}

export function showComment(graph: Graph, comment: Comment): Source {
  const { issue } = comment;
  return {
    __typename: "IssueComment",
    id: comment.nodeId,
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    author: () => showActor(graph, comment.author),
    authorAssociation: () => associationOf(graph.twin, comment.author, issue.repository),
    body: comment.body,
    createdAt: time(comment.createdAt),
    publishedAt: time(comment.createdAt),
    updatedAt: time(comment.updatedAt),
    ...showText(graph, comment),
    isMinimized: comment.minimized !== null,
    minimizedReason: comment.minimized?.toLowerCase() ?? null,
    viewerDidAuthor: comment.author === graph.viewer.account,
    reactions: showReactions(graph, comment.reactions),
    issue: () => (issue.pull === undefined ? showIssue(graph, issue) : null),
    pullRequest: () => (issue.pull === undefined ? null : showIssue(graph, issue)),
    repository: () => showRepository(graph, issue.repository),
    url: `${graph.twin.url}/${issue.repository.owner.login}/${issue.repository.name}/issues/${issue.number}#issuecomment-${comment.id}`,
  };
}

function comments(graph: Graph, issue: Issue) {
  return (args: Arguments, info: GraphQLResolveInfo) => {
    const { orderBy } = args;
    const all = [...issue.comments];
    if (orderBy != null) {
      const direction = orderBy.direction === "DESC" ? -1 : 1;
      all.sort((a, b) => direction * (a.updatedAt - b.updatedAt || a.id - b.id));
    }
    return connection(args, info, all, (comment) => showComment(graph, comment), ["orderBy"]);
  };
}

/** An issue or, with its own parts, a pull request. */
export function showIssue(graph: Graph, issue: Issue): Source {
  const { repository, pull } = issue;
  const kind = pull === undefined ? "issues" : "pull";
  return {
    __typename: pull === undefined ? "Issue" : "PullRequest",
    id: issue.nodeId,
    databaseId: pull?.id ?? issue.id,
    fullDatabaseId: String(pull?.id ?? issue.id),
    number: issue.number,
    title: issue.title,
    body: issue.body ?? "",
    url: `${graph.twin.url}/${repository.owner.login}/${repository.name}/${kind}/${issue.number}`,
    state: pull?.merged === true ? "MERGED" : issue.state.toUpperCase(),
    stateReason: (args: Arguments, info: GraphQLResolveInfo) => {
      only(args, info, "enableDuplicate");
      return issue.stateReason?.toUpperCase() ?? null;
    },
    closed: issue.state === "closed",
    locked: issue.locked,
    activeLockReason: issue.lockReason?.toUpperCase().replaceAll(/[- ]/g, "_") ?? null,
    createdAt: time(issue.createdAt),
    publishedAt: time(issue.createdAt),
    updatedAt: time(issue.updatedAt),
    closedAt: time(issue.closedAt),
    author: () => showActor(graph, issue.author),
    authorAssociation: () => associationOf(graph.twin, issue.author, repository),
    viewerDidAuthor: issue.author === graph.viewer.account,
    ...showText(graph, issue),
    labels: (args: Arguments, info: GraphQLResolveInfo) =>
      connection(args, info, issue.labels, showLabel, ["orderBy"]),
    assignees: (args: Arguments, info: GraphQLResolveInfo) =>
      connection(args, info, issue.assignees, (account) => showActor(graph, account)),
    comments: comments(graph, issue),
    reactions: showReactions(graph, issue.reactions),
    repository: () => showRepository(graph, repository),
    timelineItems: showTimeline(graph, issue),
    ...(pull === undefined ? {} : showPullParts(graph, pull)),
  };
}
