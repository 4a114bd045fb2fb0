import { invalid, notFound, refusal } from "./http.ts";
import type { Comment, Issue, Reaction } from "./issue-state.ts";
import { canModerate, checkBody, touch } from "./issues.ts";
import { showComment, showIssue } from "./render/issues.ts";
import type { Repository } from "./state.ts";
import { editBody } from "./texts.ts";
import { record, viaApp } from "./timeline.ts";
import type { Twin, Writer } from "./twin.ts";

function announceComment(twin: Twin, comment: Comment, action: string, sender: Writer, extra = {}): void {
  const { issue } = comment;
  const payload = { issue: showIssue(twin, issue), comment: showComment(twin, comment), ...extra };
  twin.emit({ name: "issue_comment", action, repository: issue.repository, sender, payload });
}

function checkComment(body: string): void {
  if (body.trim() === "") throw invalid("IssueComment", "body", "custom", "body is blank");
  checkBody("IssueComment", body);
}

export function addComment(twin: Twin, issue: Issue, body: string, writer: Writer): Comment {
  checkComment(body);
  if (issue.locked && !canModerate(twin, writer, issue.repository)) {
    throw refusal(403, "Unable to create comment because issue is locked.");
  }
  const id = twin.ids.number();
  const now = twin.clock.now();
  const comment: Comment = {
    id,
    nodeId: twin.ids.node("IC", id),
    issue,
    author: writer.account,
    app: viaApp(writer),
    body,
    createdAt: now,
    updatedAt: now,
    edits: [],
    reactions: [],
    minimized: null,
  };
  issue.comments.push(comment);
  twin.state.nodes.set(comment.nodeId, { type: "comment", value: comment });
  touch(twin, issue);
  announceComment(twin, comment, "created", writer);
  return comment;
}

/** Authors may change their own words; so may everybody who can write, and Apps with `issues: write`. */
export function requireCommentWrite(twin: Twin, comment: Comment, writer: Writer): void {
  if (writer.kind === "user" && comment.author === writer.account) return;
  if (!canModerate(twin, writer, comment.issue.repository)) {
    throw refusal(403, "Must have admin rights to Repository.");
  }
}

export function editComment(twin: Twin, comment: Comment, body: string, writer: Writer): void {
  checkComment(body);
  const before = comment.body;
  if (!editBody(twin, comment, body, writer.account)) return;
  comment.updatedAt = twin.clock.now();
  announceComment(twin, comment, "edited", writer, { changes: { body: { from: before } } });
}

export function deleteComment(twin: Twin, comment: Comment, writer: Writer): void {
  const { issue } = comment;
  issue.comments = issue.comments.filter((other) => other !== comment);
  twin.state.nodes.delete(comment.nodeId);
  if (comment.author !== writer.account) record(twin, issue, "comment_deleted", writer);
  announceComment(twin, comment, "deleted", writer);
}

export function findComment(repository: Repository, id: string): Comment {
  for (const issue of repository.issues.values()) {
    const comment = issue.comments.find((candidate) => candidate.id === Number(id));
    if (comment !== undefined) return comment;
  }
  throw notFound();
}

/** One reaction of a kind a person: the second answers with the first. */
export function react(
  twin: Twin,
  reactions: Reaction[],
  content: string,
  writer: Writer,
): { reaction: Reaction; fresh: boolean } {
  const names = ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"] as const;
  const name = names.find((candidate) => candidate === content);
  if (name === undefined) throw invalid("Reaction", "content", "invalid");
  const known = reactions.find((reaction) => reaction.content === name && reaction.user === writer.account);
  if (known !== undefined) return { reaction: known, fresh: false };
  const id = twin.ids.number();
  const nodeId = twin.ids.node("REA", id);
  const reaction = { id, nodeId, content: name, user: writer.account, createdAt: twin.clock.now() };
  reactions.push(reaction);
  return { reaction, fresh: true };
}
