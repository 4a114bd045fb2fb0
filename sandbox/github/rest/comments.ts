import {
  addComment,
  deleteComment,
  editComment,
  findComment,
  react,
  requireCommentWrite,
} from "../comments.ts";
import { created, noContent, ok } from "../http.ts";
import { showComment, showReaction } from "../render/issues.ts";
import { byWriter, type Call, listed, onRepository, type RepositoryCall, type Route } from "../router.ts";
import { read, theIssue, write } from "./issues.ts";

function theComment(call: RepositoryCall) {
  return findComment(call.repository, call.params["comment_id"] ?? "");
}

function since(call: Call): (item: { updatedAt: number }) => boolean {
  const text = call.query.get("since");
  return text === null ? () => true : (item) => item.updatedAt >= Date.parse(text);
}

export const commentRoutes: Route[] = [
  onRepository("GET /issues/{issue_number}/comments", read, "read", (call) =>
    listed(call, theIssue(call).comments.filter(since(call)), (comment) => showComment(call.twin, comment)),
  ),
  onRepository("GET /issues/comments", read, "read", (call) => {
    const all = [...call.repository.issues.values()].flatMap((issue) => issue.comments).filter(since(call));
    const key = call.query.get("sort") === "updated" ? "updatedAt" : "createdAt";
    const direction = call.query.get("direction") === "desc" ? -1 : 1;
    all.sort((a, b) => direction * (a[key] - b[key] || a.id - b.id));
    return listed(call, all, (comment) => showComment(call.twin, comment));
  }),
  byWriter("POST /issues/{issue_number}/comments", write, "read", (call) => {
    const comment = addComment(call.twin, theIssue(call), call.body.text("body"), call.writer);
    return created(showComment(call.twin, comment));
  }),
  onRepository("GET /issues/comments/{comment_id}", read, "read", (call) =>
    ok(showComment(call.twin, theComment(call))),
  ),
  byWriter("PATCH /issues/comments/{comment_id}", write, "read", (call) => {
    const comment = theComment(call);
    requireCommentWrite(call.twin, comment, call.writer);
    editComment(call.twin, comment, call.body.text("body"), call.writer);
    return ok(showComment(call.twin, comment));
  }),
  byWriter("DELETE /issues/comments/{comment_id}", write, "read", (call) => {
    const comment = theComment(call);
    requireCommentWrite(call.twin, comment, call.writer);
    deleteComment(call.twin, comment, call.writer);
    return noContent;
  }),
];

export const reactionRoutes: Route[] = [
  onRepository("GET /issues/{issue_number}/reactions", read, "read", (call) =>
    listed(call, theIssue(call).reactions, (reaction) => showReaction(call.twin, reaction)),
  ),
  onRepository("GET /issues/comments/{comment_id}/reactions", read, "read", (call) =>
    listed(call, theComment(call).reactions, (reaction) => showReaction(call.twin, reaction)),
  ),
  byWriter("POST /issues/{issue_number}/reactions", write, "read", (call) => {
    const { reaction, fresh } = react(
      call.twin,
      theIssue(call).reactions,
      call.body.text("content"),
      call.writer,
    );
    return (fresh ? created : ok)(showReaction(call.twin, reaction));
  }),
  byWriter("POST /issues/comments/{comment_id}/reactions", write, "read", (call) => {
    const { reaction, fresh } = react(
      call.twin,
      theComment(call).reactions,
      call.body.text("content"),
      call.writer,
    );
    return (fresh ? created : ok)(showReaction(call.twin, reaction));
  }),
];
