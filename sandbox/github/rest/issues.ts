import {
  addComment,
  deleteComment,
  editComment,
  findComment,
  react,
  requireCommentWrite,
} from "../comments.ts";
import { type Answer, created, invalid, noContent, notFound, ok, refusal } from "../http.ts";
import type { Issue } from "../issue-state.ts";
import {
  assignable,
  canModerate,
  canTriage,
  closeIssue,
  createLabel,
  editIssue,
  findLabel,
  openIssue,
  reopenIssue,
  requireIssue,
  setAssignees,
  setLabels,
  setLock,
} from "../issues.ts";
import { showComment, showIssue, showIssueFull, showReaction } from "../render/issues.ts";
import { showLabel } from "../render/repositories.ts";
import {
  byWriter,
  type Call,
  listed,
  onRepository,
  type RepositoryCall,
  type Route,
  type WriteCall,
} from "../router.ts";

const read = "issues:read|pull_requests:read";
const write = "issues:write|pull_requests:write";

function theIssue(call: RepositoryCall): Issue {
  return requireIssue(call.twin, call.repository, call.params["issue_number"] ?? "");
}

/** `labels` may be names or objects with a name. */
function labelNames(value: unknown): string[] | undefined {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) return undefined;
  return value.map((label) => {
    const name: unknown = typeof label === "object" && label !== null && "name" in label ? label.name : label;
    if (typeof name !== "string" || name.trim() === "") throw invalid("Label", "name", "invalid");
    return name;
  });
}

function create(call: WriteCall): Answer {
  const { twin, repository, writer, body } = call;
  const title = body.raw["title"];
  const issue = openIssue(
    twin,
    repository,
    {
      title: typeof title === "number" ? String(title) : body.text("title"),
      body: body.nullableText("body") ?? null,
      labels: labelNames(body.raw["labels"]) ?? [],
      assignees: body.texts("assignees") ?? [],
    },
    writer,
  );
  return created(showIssueFull(twin, issue));
}

function update(call: WriteCall): Answer {
  const { twin, writer, body, repository } = call;
  const issue = theIssue(call);
  const own = writer.kind === "user" && issue.author === writer.account;
  const moderates = canModerate(twin, writer, repository);
  const triages = canTriage(twin, writer, repository);
  if (!own && !triages) throw refusal(403, "Must have admin rights to Repository.");
  const title = body.optionalText("title");
  const text = body.nullableText("body");
  if ((title !== undefined || text !== undefined) && !own && !moderates) {
    throw refusal(403, "Must have admin rights to Repository.");
  }
  editIssue(twin, issue, { title, body: text }, writer);
  const labels = labelNames(body.raw["labels"]);
  if (labels !== undefined && triages) setLabels(twin, issue, labels, writer);
  const assignees = body.texts("assignees");
  if (assignees !== undefined && triages) {
    setAssignees(
      twin,
      issue,
      assignees.flatMap((login) => assignable(twin, repository, login)),
      writer,
    );
  }
  changeState(call, issue, triages);
  return ok(showIssueFull(twin, issue));
}

function changeState(call: WriteCall, issue: Issue, triages: boolean): void {
  const { twin, writer, body } = call;
  const state = body.optionalText("state");
  const reason = body.nullableText("state_reason");
  if (reason != null && !["completed", "not_planned", "duplicate", "reopened"].includes(reason)) {
    throw invalid("Issue", "state_reason", "invalid");
  }
  if (state === undefined) return;
  if (state !== "open" && state !== "closed") throw invalid("Issue", "state", "invalid");
  if (state === "closed") closeIssue(twin, issue, writer, (reason ?? "completed") as Issue["stateReason"]);
  // whose issue a maintainer has closed may not open it again
  else if (!triages && issue.closedBy !== writer.account)
    throw refusal(403, "Must have admin rights to Repository.");
  else reopenIssue(twin, issue, writer);
}

function list(call: RepositoryCall): Answer {
  const { twin, repository, query } = call;
  const state = query.get("state") ?? "open";
  const labels = (query.get("labels") ?? "").split(",").filter((name) => name !== "");
  const creator = query.get("creator");
  const since = query.get("since");
  const key = query.get("sort") === "updated" ? "updatedAt" : "createdAt";
  const direction = query.get("direction") === "asc" ? 1 : -1;
  const found = [...repository.issues.values()]
    .filter((issue) => state === "all" || issue.state === state)
    .filter((issue) =>
      labels.every((name) => issue.labels.some((label) => label.name.toLowerCase() === name.toLowerCase())),
    )
    .filter((issue) => creator === null || issue.author.login.toLowerCase() === creator.toLowerCase())
    .filter((issue) => since === null || issue.updatedAt >= Date.parse(since))
    .sort((a, b) => direction * (a[key] - b[key] || a.number - b.number));
  return listed(call, found, (issue) => showIssue(twin, issue));
}

const issueRoutesProper: Route[] = [
  onRepository("GET /issues", read, "read", list),
  byWriter("POST /issues", "issues:write", "read", create),
  onRepository("GET /issues/{issue_number}", read, "read", (call) =>
    ok(showIssueFull(call.twin, theIssue(call))),
  ),
  byWriter("PATCH /issues/{issue_number}", write, "read", update),
  byWriter("PUT /issues/{issue_number}/lock", write, "triage", (call) => {
    setLock(call.twin, theIssue(call), true, call.body.optionalText("lock_reason") ?? null, call.writer);
    return noContent;
  }),
  byWriter("DELETE /issues/{issue_number}/lock", write, "triage", (call) => {
    setLock(call.twin, theIssue(call), false, null, call.writer);
    return noContent;
  }),
  byWriter("POST /issues/{issue_number}/assignees", write, "triage", (call) => changeAssignees(call, true)),
  byWriter("DELETE /issues/{issue_number}/assignees", write, "triage", (call) =>
    changeAssignees(call, false),
  ),
];

function changeAssignees(call: WriteCall, add: boolean): Answer {
  const issue = theIssue(call);
  const named = (call.body.texts("assignees") ?? []).flatMap((login) =>
    assignable(call.twin, call.repository, login),
  );
  const wanted = add ? [...issue.assignees, ...named] : issue.assignees.filter((one) => !named.includes(one));
  setAssignees(call.twin, issue, wanted, call.writer);
  return (add ? created : ok)(showIssueFull(call.twin, issue));
}

function theComment(call: RepositoryCall) {
  return findComment(call.repository, call.params["comment_id"] ?? "");
}

function since(call: Call): (item: { updatedAt: number }) => boolean {
  const text = call.query.get("since");
  return text === null ? () => true : (item) => item.updatedAt >= Date.parse(text);
}

const commentRoutes: Route[] = [
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

const reactionRoutes: Route[] = [
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

function showLabels(call: RepositoryCall, issue: Issue): Answer {
  return listed(call, issue.labels, (label) => showLabel(call.twin, call.repository, label));
}

function changeLabels(call: WriteCall, change: (issue: Issue, names: string[]) => string[]): Answer {
  const issue = theIssue(call);
  const names = labelNames(call.body.raw["labels"]) ?? [];
  setLabels(call.twin, issue, change(issue, names), call.writer);
  return ok(issue.labels.map((label) => showLabel(call.twin, call.repository, label)));
}

const current = (issue: Issue) => issue.labels.map((label) => label.name);

const labelRoutes: Route[] = [
  onRepository("GET /issues/{issue_number}/labels", read, "read", (call) => showLabels(call, theIssue(call))),
  byWriter("POST /issues/{issue_number}/labels", write, "triage", (call) =>
    changeLabels(call, (issue, names) => [...current(issue), ...names]),
  ),
  byWriter("PUT /issues/{issue_number}/labels", write, "triage", (call) =>
    changeLabels(call, (_, names) => names),
  ),
  byWriter("DELETE /issues/{issue_number}/labels", write, "triage", (call) => {
    setLabels(call.twin, theIssue(call), [], call.writer);
    return noContent;
  }),
  byWriter("DELETE /issues/{issue_number}/labels/{name}", write, "triage", (call) => {
    const issue = theIssue(call);
    const name = (call.params["name"] ?? "").toLowerCase();
    if (!issue.labels.some((label) => label.name.toLowerCase() === name))
      throw refusal(404, "Label does not exist");
    return changeLabels(call, () => current(issue).filter((other) => other.toLowerCase() !== name));
  }),
  onRepository("GET /labels", read, "read", (call) =>
    listed(call, [...call.repository.labels.values()], (label) =>
      showLabel(call.twin, call.repository, label),
    ),
  ),
  onRepository("GET /labels/{name}", read, "read", (call) => {
    const label = findLabel(call.repository, call.params["name"] ?? "");
    if (label === undefined) throw notFound();
    return ok(showLabel(call.twin, call.repository, label));
  }),
  byWriter("POST /labels", write, "write", (call) => {
    const { body, twin, repository } = call;
    const name = body.text("name");
    if (findLabel(repository, name) !== undefined) throw invalid("Label", "name", "already_exists");
    const color = body.optionalText("color") ?? "ededed";
    if (!/^[0-9a-f]{6}$/i.test(color)) throw invalid("Label", "color", "invalid");
    const label = createLabel(twin, repository, name, color, body.optionalText("description") ?? null);
    twin.emit({
      name: "label",
      action: "created",
      repository,
      sender: call.writer,
      payload: { label: showLabel(twin, repository, label) },
    });
    return created(showLabel(twin, repository, label));
  }),
];

export const issueRoutes: Route[] = [
  ...issueRoutesProper,
  ...commentRoutes,
  ...reactionRoutes,
  ...labelRoutes,
];
