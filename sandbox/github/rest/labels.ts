import { type Answer, created, invalid, noContent, notFound, ok, refusal } from "../http.ts";
import type { Issue } from "../issue-state.ts";
import { createLabel, findLabel, setLabels } from "../issues.ts";
import { showLabel } from "../render/repositories.ts";
import {
  byWriter,
  listed,
  onRepository,
  type RepositoryCall,
  type Route,
  type WriteCall,
} from "../router.ts";
import { labelNames, read, theIssue, write } from "./issues.ts";

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

export const labelRoutes: Route[] = [
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
