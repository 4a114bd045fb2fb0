import type { ActionsRefusal, ActionsWorld, ActorRef, RepoRef, RunInfo } from "../actions-port.ts";
import { readDispatchInputs } from "./dispatch-inputs.ts";
import type { EventStarter } from "./event-starter.ts";
import type { JobState, RunState } from "./run-state.ts";
import type { WorkflowRegistry } from "./workflow-registry.ts";

// What people and Apps ask of runs: dispatch, re-run, cancel; and when GitHub refuses.

const RERUN_DAYS = 30;
const WRITERS = ["admin", "maintain", "write"];

export interface CommandParts {
  world: ActionsWorld;
  registry: WorkflowRegistry;
  runs: readonly RunState[];
  starter: EventStarter;
  begin(run: RunState, delayMs: number, kept?: readonly JobState[]): void;
}

export function dispatch(
  parts: CommandParts,
  repo: RepoRef,
  name: string | number,
  refName: string,
  sent: Record<string, string>,
  actor: ActorRef,
): RunInfo | ActionsRefusal {
  const { world, registry } = parts;
  const found = registry.find(repo, name);
  if (!found) return { refused: "Not Found", status: 404 };
  const barred = refuseNonWriter(world, repo, actor);
  if (barred) return barred;
  if (found.state !== "active") {
    return { refused: "Cannot trigger a 'workflow_dispatch' on a disabled workflow", status: 422 };
  }
  const at = world.resolveRef(repo, refName);
  if (!at) return { refused: `No ref found for: ${refName}`, status: 422 };
  const workflow = registry.read(repo, at.sha, found.path);
  if (!workflow?.triggers.dispatch) {
    return { refused: "Workflow does not have 'workflow_dispatch' trigger", status: 422 };
  }
  const inputs = readDispatchInputs(workflow.triggers.dispatch, sent);
  if ("refused" in inputs) return inputs;
  return parts.starter.dispatched({ repo, workflow, at, inputs, actor });
}

export function rerun(
  parts: CommandParts,
  repo: RepoRef,
  runId: number,
  actor: ActorRef,
  asked: { debug: boolean; failedOnly: boolean },
): RunInfo | ActionsRefusal {
  const { world } = parts;
  const run = runOf(parts.runs, repo, runId);
  if (!run) return { refused: "Not Found", status: 404 };
  const refusal = refuseNonWriter(world, repo, actor) ?? refuseRerun(world, run);
  if (refusal) return refusal;
  const now = world.clock.now();
  const kept = asked.failedOnly ? standingJobs(run) : [];
  // INVARIANT: a re-run is the old run: its commit, its ref, its event; only who asked is new.
  Object.assign(run.info, {
    runAttempt: run.info.runAttempt + 1,
    triggeringActor: actor,
    status: "queued",
    conclusion: null,
    updatedAt: now,
    runStartedAt: now,
  });
  run.debug = asked.debug;
  run.abort = new AbortController();
  parts.begin(run, 0, kept);
  return { ...run.info };
}

export function cancel(
  parts: CommandParts,
  repo: RepoRef,
  runId: number,
  actor: ActorRef,
): RunInfo | ActionsRefusal {
  const run = runOf(parts.runs, repo, runId);
  if (!run) return { refused: "Not Found", status: 404 };
  const barred = refuseNonWriter(parts.world, repo, actor);
  if (barred) return barred;
  if (run.info.status === "completed") {
    return { refused: "Cannot cancel a workflow run that is completed.", status: 409 };
  }
  run.abort.abort(`cancelled by ${actor.login}`);
  return { ...run.info };
}

export function runOf(runs: readonly RunState[], repo: RepoRef, id: number): RunState | undefined {
  return runs.find((run) => run.info.id === id && run.repo.id === repo.id);
}

// An App's rights are its token's, which the API has judged already.
function refuseNonWriter(world: ActionsWorld, repo: RepoRef, actor: ActorRef): ActionsRefusal | undefined {
  if (actor.type === "Bot" || WRITERS.includes(world.permission(repo, actor.login))) return undefined;
  return { refused: "Must have write access to the repository.", status: 403 };
}

function refuseRerun(world: ActionsWorld, run: RunState): ActionsRefusal | undefined {
  if (run.info.status !== "completed") {
    return { refused: "This workflow is already running", status: 403 };
  }
  if (world.clock.now() - run.info.createdAt > RERUN_DAYS * 24 * 3_600_000) {
    return {
      refused: "Unable to re-run this workflow run because it was created over a month ago",
      status: 403,
    };
  }
  return undefined;
}

/** Jobs that succeeded, and need none that did not. */
function standingJobs(run: RunState): JobState[] {
  const jobs = run.attempts.at(-1) ?? [];
  const stands = (job: JobState): boolean =>
    job.info.conclusion === "success" &&
    (run.workflow.file.jobs[job.key]?.needs ?? []).every((key) => {
      const needed = jobs.find((one) => one.key === key);
      return needed !== undefined && stands(needed);
    });
  return jobs.filter(stands);
}
