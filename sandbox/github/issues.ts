import { allowed, findAccount, permissionOf } from "./access.ts";
import { invalid, type Json, notFound, refusal } from "./http.ts";
import type { Issue, Label } from "./issue-state.ts";
import { showUser } from "./render/accounts.ts";
import { issueUrl, showIssue } from "./render/issues.ts";
import { showPull } from "./render/pulls.ts";
import { showLabel, showRepository } from "./render/repositories.ts";
import type { Account, Repository } from "./state.ts";
import { editBody, maxBody } from "./texts.ts";
import { record, viaApp } from "./timeline.ts";
import type { Twin, Writer } from "./twin.ts";

// What can be done to an issue, and to a pull request as far as it is one. The caller has judged the permission.

/** Tells webhooks and workflows; a pull request's events are `pull_request`, its payload the pull request. */
export function announce(twin: Twin, issue: Issue, action: string, sender: Writer, extra: Json = {}): void {
  const { repository, pull } = issue;
  if (pull === undefined) {
    const payload = { issue: showIssue(twin, issue), ...extra };
    twin.emit({ name: "issues", action, repository, sender, payload });
    return;
  }
  const payload = { number: issue.number, pull_request: showPull(twin, pull, sender, false), ...extra };
  const fromFork = pull.headRepository !== repository;
  twin.emit({
    name: "pull_request",
    action,
    repository,
    sender,
    payload,
    ref: `refs/pull/${issue.number}/merge`,
    pull: { number: issue.number, fromFork },
  });
}

export function requireIssue(twin: Twin, repository: Repository, number: string): Issue {
  const issue = repository.issues.get(Number(number));
  if (issue !== undefined) return issue;
  const moved = repository.transferred.get(Number(number));
  if (moved === undefined) throw notFound();
  throw refusal(301, "Moved Permanently", undefined, { location: issueUrl(twin, moved) });
}

/** People may label, assign and close from `triage` on, Apps with `issues: write`. */
export function canTriage(twin: Twin, writer: Writer, repository: Repository): boolean {
  const app = [{ issues: "write" as const }, { pull_requests: "write" as const }];
  return allowed(twin, writer, repository, { app, user: "triage" });
}

export function canModerate(twin: Twin, writer: Writer, repository: Repository): boolean {
  const app = [{ issues: "write" as const }, { pull_requests: "write" as const }];
  return allowed(twin, writer, repository, { app, user: "write" });
}

export function checkTitle(title: string): void {
  if (title.trim() === "") throw invalid("Issue", "title", "missing_field");
  if (title.length > 256)
    throw invalid("Issue", "title", "custom", "title is too long (maximum is 256 characters)");
}

export function checkBody(resource: string, body: string | null | undefined): void {
  if ((body?.length ?? 0) <= maxBody) return;
  throw invalid(resource, "body", "custom", `body is too long (maximum is ${maxBody} characters)`);
}

export interface NewIssue {
  title: string;
  body: string | null;
  labels?: string[];
  assignees?: string[];
}

/** The issue alone, without event: pull requests begin as one. */
export function createIssueRecord(
  twin: Twin,
  repository: Repository,
  request: NewIssue,
  writer: Writer,
): Issue {
  const id = twin.ids.number();
  const now = twin.clock.now();
  const issue: Issue = {
    id,
    nodeId: twin.ids.node("I", id),
    number: repository.nextNumber++,
    repository,
    title: request.title,
    body: request.body,
    author: writer.account,
    app: viaApp(writer),
    state: "open",
    stateReason: null,
    labels: [],
    assignees: [],
    locked: false,
    lockReason: null,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    closedBy: null,
    edits: [],
    comments: [],
    reactions: [],
    timeline: [],
    pull: undefined,
  };
  repository.issues.set(issue.number, issue);
  return issue;
}

export function openIssue(twin: Twin, repository: Repository, request: NewIssue, writer: Writer): Issue {
  checkTitle(request.title);
  checkBody("Issue", request.body);
  const issue = createIssueRecord(twin, repository, request, writer);
  twin.state.nodes.set(issue.nodeId, { type: "issue", value: issue });
  // labels of people who may not set them are dropped without a word
  if (canTriage(twin, writer, repository)) {
    issue.labels = (request.labels ?? []).map((name) => ensureLabel(twin, repository, name));
    issue.assignees = (request.assignees ?? []).flatMap((login) => assignable(twin, repository, login));
  }
  announce(twin, issue, "opened", writer);
  for (const label of issue.labels) labelChanged(twin, issue, "labeled", label, writer);
  return issue;
}

export function touch(twin: Twin, issue: Issue): void {
  issue.updatedAt = twin.clock.now();
}

export function editIssue(
  twin: Twin,
  issue: Issue,
  request: { title?: string | undefined; body?: string | null | undefined },
  writer: Writer,
): void {
  const changes: Json = {};
  if (request.title !== undefined && request.title !== issue.title) {
    checkTitle(request.title);
    const rename = { from: issue.title, to: request.title };
    changes["title"] = { from: issue.title };
    issue.title = request.title;
    record(twin, issue, "renamed", writer, { rename });
  }
  if (request.body !== undefined) {
    checkBody("Issue", request.body);
    const before = issue.body;
    if (editBody(twin, issue, request.body ?? "", writer.account)) changes["body"] = { from: before ?? "" };
  }
  if (Object.keys(changes).length === 0) return;
  touch(twin, issue);
  announce(twin, issue, "edited", writer, { changes });
}

export function closeIssue(
  twin: Twin,
  issue: Issue,
  writer: Writer,
  reason: Issue["stateReason"] = "completed",
  commitId?: string,
): void {
  if (issue.state === "closed") return;
  issue.state = "closed";
  issue.stateReason = issue.pull === undefined ? reason : null;
  issue.closedAt = twin.clock.now();
  issue.closedBy = writer.account;
  touch(twin, issue);
  record(twin, issue, "closed", writer, {
    stateReason: issue.stateReason,
    ...(commitId === undefined ? {} : { commitId }),
  });
  announce(twin, issue, "closed", writer);
}

export function reopenIssue(twin: Twin, issue: Issue, writer: Writer): void {
  if (issue.state === "open") return;
  issue.state = "open";
  issue.stateReason = issue.pull === undefined ? "reopened" : null;
  issue.closedAt = null;
  issue.closedBy = null;
  touch(twin, issue);
  record(twin, issue, "reopened", writer);
  announce(twin, issue, "reopened", writer);
}

export function findLabel(repository: Repository, name: string): Label | undefined {
  return repository.labels.get(name.toLowerCase());
}

export function createLabel(
  twin: Twin,
  repository: Repository,
  name: string,
  color = "ededed",
  description: string | null = null,
): Label {
  const id = twin.ids.number();
  const label = { id, nodeId: twin.ids.node("LA", id), name, color, description, default: false };
  repository.labels.set(name.toLowerCase(), label);
  twin.state.nodes.set(label.nodeId, { type: "label", value: label });
  return label;
}

/** Naming a label that does not exist makes it, as GitHub does. */
export function ensureLabel(twin: Twin, repository: Repository, name: string): Label {
  return findLabel(repository, name) ?? createLabel(twin, repository, name);
}

function labelChanged(
  twin: Twin,
  issue: Issue,
  kind: "labeled" | "unlabeled",
  label: Label,
  writer: Writer,
): void {
  record(twin, issue, kind, writer, { label });
  announce(twin, issue, kind, writer, { label: showLabel(twin, issue.repository, label) });
}

export function setLabels(twin: Twin, issue: Issue, names: string[], writer: Writer): void {
  const wanted = [...new Set(names.map((name) => ensureLabel(twin, issue.repository, name)))];
  const before = issue.labels;
  issue.labels = wanted;
  const added = wanted.filter((label) => !before.includes(label));
  const removed = before.filter((label) => !wanted.includes(label));
  if (added.length + removed.length > 0) touch(twin, issue);
  for (const label of removed) labelChanged(twin, issue, "unlabeled", label, writer);
  for (const label of added) labelChanged(twin, issue, "labeled", label, writer);
}

/** Only people with access can be assigned; GitHub drops the others. */
export function assignable(twin: Twin, repository: Repository, login: string): Account[] {
  const account = findAccount(twin, login);
  if (account === undefined || account.kind !== "User") return [];
  return permissionOf(twin, account, repository) === "none" ? [] : [account];
}

export function setAssignees(twin: Twin, issue: Issue, wanted: Account[], writer: Writer): void {
  const before = issue.assignees;
  const after = [...new Set(wanted)].slice(0, 10);
  issue.assignees = after;
  for (const account of before.filter((one) => !after.includes(one))) {
    record(twin, issue, "unassigned", writer, { assignee: account });
    announce(twin, issue, "unassigned", writer, { assignee: showUser(twin, account) });
  }
  for (const account of after.filter((one) => !before.includes(one))) {
    record(twin, issue, "assigned", writer, { assignee: account });
    announce(twin, issue, "assigned", writer, { assignee: showUser(twin, account) });
  }
}

export function setLock(
  twin: Twin,
  issue: Issue,
  locked: boolean,
  reason: string | null,
  writer: Writer,
): void {
  if (issue.locked === locked) return;
  issue.locked = locked;
  issue.lockReason = locked ? reason : null;
  record(twin, issue, locked ? "locked" : "unlocked", writer, { lockReason: issue.lockReason });
  announce(twin, issue, locked ? "locked" : "unlocked", writer);
}

/** Moves an issue to another repository of the same owner: a new number, the same author, comments and history. */
export function transferIssue(twin: Twin, issue: Issue, target: Repository, writer: Writer): Issue {
  const source = issue.repository;
  if (issue.pull !== undefined || source === target || source.owner !== target.owner) {
    throw refusal(422, "Issue cannot be transferred to this repository");
  }
  const number = target.nextNumber++;
  const payload = { issue: showIssue(twin, issue) };
  const id = twin.ids.number();
  const labels = issue.labels
    .map((label) => findLabel(target, label.name))
    .filter((label) => label !== undefined);
  const moved: Issue = { ...issue, id, nodeId: twin.ids.node("I", id), repository: target, number, labels };
  for (const comment of moved.comments) comment.issue = moved;
  for (const event of moved.timeline) event.issue = moved;
  source.issues.delete(issue.number);
  source.transferred.set(issue.number, moved);
  target.issues.set(number, moved);
  twin.state.nodes.delete(issue.nodeId);
  twin.state.nodes.set(moved.nodeId, { type: "issue", value: moved });
  touch(twin, moved);
  record(twin, moved, "transferred", writer, { fromRepository: source });
  const changes = { new_issue: showIssue(twin, moved), new_repository: showRepository(twin, target) };
  twin.emit({
    name: "issues",
    action: "transferred",
    repository: source,
    sender: writer,
    payload: { ...payload, changes },
  });
  return moved;
}
