import type { ActorRef, RepoEvent, RepoRef, RunInfo } from "../actions-port.ts";
import type { DispatchInputs } from "./dispatch-inputs.ts";
import { interpolate } from "./expressions.ts";
import { runContexts } from "./job-contexts.ts";
import { identityOf, type RunIdentity } from "./run-identity.ts";
import type { RunServices, RunState } from "./run-state.ts";
import type { Scheduled } from "./schedules.ts";
import { startsWorkflows, text, triggerNames, wants } from "./triggers.ts";
import { InvalidWorkflow, type Workflow } from "./workflow-file.ts";
import type { WorkflowRegistry } from "./workflow-registry.ts";

// From something that happened to the runs it starts.

/** `workflow_run` can follow `workflow_run` this often. */
const DEEPEST_CHAIN = 3;
/** In a commit message they keep `push` workflows from running. */
const SKIPS = ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]"];

export interface StarterParts {
  services: RunServices;
  registry: WorkflowRegistry;
  runs: RunState[];
  begin(run: RunState, delayMs: number): void;
}

export interface Dispatched {
  repo: RepoRef;
  workflow: Workflow;
  at: { ref: string; sha: string };
  inputs: DispatchInputs;
  actor: ActorRef;
}

export interface EventStarter {
  onEvent(event: RepoEvent): void;
  dispatched(ask: Dispatched): RunInfo;
  scheduled(): Scheduled[];
  fireSchedule(repo: RepoRef, path: string): RunInfo[];
}

export function createEventStarter(parts: StarterParts): EventStarter {
  const { world } = parts.services;
  return {
    onEvent(event) {
      if (!startsWorkflows(event) || skipped(event)) return;
      if (event.name === "workflow_run" && depthOf(parts.runs, event) > DEEPEST_CHAIN) return;
      for (const trigger of triggerNames(event)) startWanting(parts, trigger, event);
    },
    dispatched: (ask) => startDispatched(parts, ask),
    scheduled: () =>
      world.repositories().flatMap((repo) =>
        scheduledIn(parts, repo).map(({ workflow, cron }) => ({
          cron,
          fire: () => void startScheduled(parts, repo, workflow, cron),
        })),
      ),
    fireSchedule: (repo, path) =>
      scheduledIn(parts, repo)
        .filter(({ workflow }) => workflow.path === path)
        .flatMap(({ workflow, cron }) => startScheduled(parts, repo, workflow, cron)),
  };
}

function start(
  parts: StarterParts,
  workflow: Workflow,
  identity: RunIdentity,
  event: RepoEvent,
  inputs: RunState["inputs"] = {},
  delayMs = 0,
): RunInfo {
  const run = newRun(parts, workflow, identity, event, inputs);
  run.info.displayTitle = titleOf(parts.services, run);
  parts.runs.push(run);
  parts.begin(run, delayMs);
  return { ...run.info };
}

function startWanting(parts: StarterParts, trigger: string, event: RepoEvent): void {
  const { services, registry } = parts;
  const repo = event.repository;
  const identity = identityOf(services.world, trigger, event);
  if (!identity) return;
  const facts = { changedPaths: () => pathsChanged(parts, identity, event) };
  for (const { path, workflow } of registry.readAll(repo, identity.sha)) {
    if (workflow instanceof InvalidWorkflow) {
      // GitHub shows it as a failed run of each push.
      if (trigger === "push") start(parts, brokenWorkflow(path, workflow), identity, event);
    } else if (wants(workflow, trigger, event, facts)) {
      const { state } = registry.record(repo, path, workflow.name);
      if (state === "active") start(parts, workflow, identity, event);
    }
  }
}

function startDispatched(parts: StarterParts, { repo, workflow, at, inputs, actor }: Dispatched): RunInfo {
  const payload = {
    inputs: inputs.given,
    ref: at.ref,
    repository: repositoryPayload(repo),
    sender: { login: actor.login, id: actor.id, type: actor.type },
    workflow: workflow.path,
  };
  const name = "workflow_dispatch";
  const event: RepoEvent = { name, payload, repository: repo, ...at, actor, byGitHubToken: false };
  const identity = identityOf(parts.services.world, name, event);
  if (!identity) throw new Error("a dispatch has a ref");
  return start(parts, workflow, identity, event, inputs.typed, parts.services.parameters.dispatchDelayMs);
}

function startScheduled(parts: StarterParts, repo: RepoRef, workflow: Workflow, cron: string): RunInfo[] {
  if (parts.registry.record(repo, workflow.path, workflow.name).state !== "active") return [];
  // GitHub names whoever last edited the schedule; the twin keeps no such record and names the owner.
  const actor: ActorRef = { login: repo.owner, id: repo.ownerId, type: "User" };
  const payload = { schedule: cron, repository: repositoryPayload(repo), workflow: workflow.path };
  const event: RepoEvent = { name: "schedule", payload, repository: repo, actor, byGitHubToken: false };
  const identity = identityOf(parts.services.world, "schedule", event);
  return identity ? [start(parts, workflow, identity, event)] : [];
}

function scheduledIn(parts: StarterParts, repo: RepoRef): { workflow: Workflow; cron: string }[] {
  const { sha } = parts.services.world.defaultBranch(repo);
  return parts.registry.readAll(repo, sha).flatMap(({ workflow }) => {
    if (workflow instanceof InvalidWorkflow) return [];
    return workflow.triggers.crons.map((cron) => ({ workflow, cron }));
  });
}

function newRun(
  parts: StarterParts,
  workflow: Workflow,
  identity: RunIdentity,
  event: RepoEvent,
  inputs: RunState["inputs"],
): RunState {
  const { services, registry, runs } = parts;
  const now = services.world.clock.now();
  const record = registry.record(event.repository, workflow.path, workflow.name);
  return {
    repo: event.repository,
    workflow,
    identity,
    event,
    inputs,
    attempts: [],
    debug: false,
    depth: depthOf(runs, event),
    abort: new AbortController(),
    info: {
      id: services.world.nextId(),
      workflowId: record.id,
      path: workflow.path,
      name: workflow.name,
      displayTitle: workflow.name,
      runNumber: registry.nextRunNumber(record),
      runAttempt: 1,
      event: identity.trigger,
      status: "queued",
      conclusion: null,
      headBranch: identity.headBranch,
      headSha: identity.headSha,
      actor: event.actor,
      triggeringActor: event.actor,
      createdAt: now,
      updatedAt: now,
      runStartedAt: now,
      pullNumbers: identity.pullNumbers,
    },
  };
}

function brokenWorkflow(path: string, problem: InvalidWorkflow): Workflow {
  const triggers = { events: new Map(), crons: [] };
  return { path, name: path, triggers, file: { on: null, jobs: {} }, problem: problem.message };
}

function titleOf(services: RunServices, run: RunState): string {
  const said = run.workflow.file["run-name"];
  const { payload } = run.event;
  if (said !== undefined) {
    try {
      return interpolate(said, { contexts: runContexts(services, run) });
    } catch {
      return run.workflow.name;
    }
  }
  const subject = text(payload, "pull_request", "title") || text(payload, "issue", "title");
  const [firstLine] = text(payload, "head_commit", "message").split("\n");
  return subject || firstLine || text(payload, "workflow_run", "display_title") || run.workflow.name;
}

function depthOf(runs: readonly RunState[], event: RepoEvent): number {
  if (event.name !== "workflow_run") return 0;
  const cause = event.payload["workflow_run"] as { id?: unknown } | undefined;
  return (runs.find((run) => run.info.id === Number(cause?.id))?.depth ?? 0) + 1;
}

function skipped(event: RepoEvent): boolean {
  const message = event.name === "push" ? text(event.payload, "head_commit", "message").toLowerCase() : "";
  return SKIPS.some((skip) => message.includes(skip));
}

/** A push says what it changed; of a pull request the two trees are compared. */
function pathsChanged(parts: StarterParts, identity: RunIdentity, event: RepoEvent): string[] {
  const { world } = parts.services;
  if (event.name === "push") {
    const commits = event.payload["commits"] as Record<string, string[] | undefined>[] | undefined;
    const keys = ["added", "modified", "removed"] as const;
    return (commits ?? []).flatMap((commit) => keys.flatMap((key) => commit[key] ?? []));
  }
  const base = text(event.payload, "pull_request", "base", "sha");
  const merged = event.pull ? world.mergeRef(event.repository, event.pull.number)?.sha : undefined;
  const sides = [base, merged ?? identity.sha] as const;
  const paths = new Set(sides.flatMap((sha) => world.listFiles(event.repository, sha, "")));
  return [...paths].filter((path) => {
    const [before, after] = sides.map((sha) => world.readFile(event.repository, sha, path));
    return !before || !after || Buffer.compare(before, after) !== 0;
  });
}

function repositoryPayload(repo: RepoRef): Record<string, unknown> {
  return {
    id: repo.id,
    name: repo.name,
    full_name: repo.fullName,
    private: repo.visibility !== "public",
    visibility: repo.visibility,
    default_branch: repo.defaultBranch,
    owner: { login: repo.owner, id: repo.ownerId },
  };
}
