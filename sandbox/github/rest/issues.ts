import { type Answer, created, invalid, noContent, ok, refusal } from "../http.ts";
import type { Issue } from "../issue-state.ts";
import {
  assignable,
  canModerate,
  canTriage,
  closeIssue,
  editIssue,
  openIssue,
  reopenIssue,
  requireIssue,
  setAssignees,
  setLabels,
  setLock,
} from "../issues.ts";
import { changePull } from "../pulls.ts";
import { showIssue, showIssueFull } from "../render/issues.ts";
import {
  byWriter,
  listed,
  onRepository,
  type RepositoryCall,
  type Route,
  type WriteCall,
} from "../router.ts";

/** A pull request is an issue too: either permission will do. */
export const read = "issues:read|pull_requests:read";
export const write = "issues:write|pull_requests:write";

export function theIssue(call: RepositoryCall): Issue {
  return requireIssue(call.twin, call.repository, call.params["issue_number"] ?? "");
}

/** `labels` may be names or objects with a name. */
export function labelNames(value: unknown): string[] | undefined {
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
  else if (issue.pull !== undefined) changePull(twin, issue.pull, { state }, writer);
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

export const issueRoutes: Route[] = [
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
