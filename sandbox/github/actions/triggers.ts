import type { RepoEvent } from "../actions-port.ts";
import type { TriggerFilter, Workflow } from "./workflow-file.ts";

// Does a workflow want an event? Types, branches, tags, paths and workflow names, as its `on` says.

/** Events that start a workflow at all, with the types meant when `types` is absent; `null`: all of them. */
const DEFAULT_TYPES: Record<string, readonly string[] | null> = {
  issues: null,
  issue_comment: null,
  pull_request: ["opened", "synchronize", "reopened"],
  pull_request_target: ["opened", "synchronize", "reopened"],
  pull_request_review: null,
  push: null,
  repository_dispatch: null,
  workflow_run: null,
};

/** Facts the filters look at and an event's payload lacks. */
export interface EventFacts {
  /** Paths the event changed; asked only when a path filter is there. */
  changedPaths(): readonly string[];
}

/** GITHUB_TOKEN's own events start nothing, or a workflow would start itself for ever. */
export function startsWorkflows(event: RepoEvent): boolean {
  return !event.byGitHubToken || event.name === "workflow_dispatch" || event.name === "repository_dispatch";
}

/** The trigger names an event answers to: a pull request's event is two, with different rights. */
export function triggerNames(event: RepoEvent): readonly string[] {
  if (event.name === "pull_request") return ["pull_request", "pull_request_target"];
  return event.name in DEFAULT_TYPES ? [event.name] : [];
}

export function wants(workflow: Workflow, trigger: string, event: RepoEvent, facts: EventFacts): boolean {
  const filter = workflow.triggers.events.get(trigger);
  if (!filter) return false;
  return (
    typeWanted(filter, trigger, event.action) &&
    refWanted(filter, trigger, event) &&
    workflowWanted(filter, trigger, event) &&
    pathsWanted(filter, facts)
  );
}

function typeWanted(filter: TriggerFilter, trigger: string, action: string | undefined): boolean {
  const types = filter.types ?? DEFAULT_TYPES[trigger];
  return !types || (action !== undefined && types.includes(action));
}

function refWanted(filter: TriggerFilter, trigger: string, event: RepoEvent): boolean {
  const branches = { only: filter.branches, not: filter["branches-ignore"] };
  if (trigger === "push") return pushWanted(filter, String(event.payload["ref"] ?? event.ref ?? ""));
  if (trigger === "workflow_run")
    return allowed(branches, text(event.payload, "workflow_run", "head_branch"));
  if (trigger.startsWith("pull_request")) {
    return allowed(branches, text(event.payload, "pull_request", "base", "ref"));
  }
  return true;
}

// A workflow that names only branches does not run for tags, and the other way round.
function pushWanted(filter: TriggerFilter, ref: string): boolean {
  const branches = { only: filter.branches, not: filter["branches-ignore"] };
  const tags = { only: filter.tags, not: filter["tags-ignore"] };
  const said = (one: Rule) => one.only !== undefined || one.not !== undefined;
  const isTag = ref.startsWith("refs/tags/");
  const [own, other] = isTag ? [tags, branches] : [branches, tags];
  if (!said(own) && said(other)) return false;
  return allowed(own, ref.replace(/^refs\/(heads|tags)\//, ""));
}

function workflowWanted(filter: TriggerFilter, trigger: string, event: RepoEvent): boolean {
  if (trigger !== "workflow_run") return true;
  return (filter.workflows ?? []).includes(text(event.payload, "workflow_run", "name"));
}

function pathsWanted(filter: TriggerFilter, facts: EventFacts): boolean {
  const rule = { only: filter.paths, not: filter["paths-ignore"] };
  if (!rule.only && !rule.not) return true;
  return facts.changedPaths().some((path) => allowed(rule, path));
}

interface Rule {
  only: readonly string[] | undefined;
  not: readonly string[] | undefined;
}

function allowed(rule: Rule, name: string): boolean {
  if (rule.only) return matchesInOrder(rule.only, name);
  return !rule.not || !matchesInOrder(rule.not, name);
}

/** Later patterns win; `!` takes away. */
function matchesInOrder(patterns: readonly string[], name: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const takesAway = pattern.startsWith("!");
    if (patternExpression(takesAway ? pattern.slice(1) : pattern).test(name)) matched = !takesAway;
  }
  return matched;
}

/** GitHub's filter patterns: `*` within a path part, `**` across, `?` and `+` as in regular expressions, `[]`. */
function patternExpression(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/|\*\*|\*|[?+[\]]|[^*?+[\]]/g, (token) => {
    if (token === "**/") return "(?:.*/)?";
    if (token === "**") return ".*";
    if (token === "*") return "[^/]*";
    return /[?+[\]-]/.test(token) ? token : token.replace(/[\\^$.|(){}]/, "\\$&");
  });
  return new RegExp(`^${source}$`);
}

/** A text inside a payload, empty when it is not there. */
export function text(payload: Record<string, unknown>, ...path: string[]): string {
  let value: unknown = payload;
  for (const key of path) value = (value as Record<string, unknown> | null | undefined)?.[key];
  return typeof value === "string" ? value : "";
}
