import type { CheckConclusion, CheckRun, CheckSuite } from "./check-state.ts";
import { invalid, refusal } from "./http.ts";
import { showCheckRunInEvent } from "./render/checks.ts";
import type { App, Repository } from "./state.ts";
import type { Twin, Writer } from "./twin.ts";

/** One suite for each App and commit. */
export function suiteFor(twin: Twin, repository: Repository, app: App, headSha: string): CheckSuite {
  const known = repository.checkSuites.find((suite) => suite.app === app && suite.headSha === headSha);
  if (known !== undefined) return known;
  const id = twin.ids.number();
  const branch = [...repository.refs].find(
    ([ref, sha]) => sha === headSha && ref.startsWith("refs/heads/"),
  )?.[0];
  const now = twin.clock.now();
  const suite: CheckSuite = {
    id,
    nodeId: twin.ids.node("CS", id),
    app,
    headSha,
    headBranch: branch?.slice("refs/heads/".length) ?? null,
    createdAt: now,
    updatedAt: now,
  };
  repository.checkSuites.push(suite);
  return suite;
}

export interface CheckChange {
  name?: string | undefined;
  status?: string | undefined;
  conclusion?: string | undefined;
  externalId?: string | undefined;
  detailsUrl?: string | undefined;
  startedAt?: string | undefined;
  completedAt?: string | undefined;
  output?:
    | {
        title?: string | undefined;
        summary?: string | undefined;
        text?: string | undefined;
        annotations: number;
      }
    | undefined;
}

const conclusions: CheckConclusion[] = [
  "success",
  "failure",
  "neutral",
  "cancelled",
  "skipped",
  "timed_out",
  "action_required",
];
const statuses: CheckRun["status"][] = [
  "queued",
  "in_progress",
  "completed",
  "waiting",
  "requested",
  "pending",
];

export function createCheckRun(
  twin: Twin,
  repository: Repository,
  headSha: string,
  change: CheckChange & { name: string },
  writer: Writer & { app: App },
): CheckRun {
  if (!repository.objects.commits.has(headSha)) throw refusal(422, `No commit found for SHA: ${headSha}`);
  const suite = suiteFor(twin, repository, writer.app, headSha);
  const id = twin.ids.number();
  const run: CheckRun = {
    id,
    nodeId: twin.ids.node("CR", id),
    suite,
    name: change.name,
    headSha,
    status: "queued",
    conclusion: null,
    externalId: "",
    detailsUrl: null,
    startedAt: twin.clock.now(),
    completedAt: null,
    output: { title: null, summary: null, text: null },
    annotations: 0,
  };
  applyChange(twin, run, change);
  repository.checkRuns.push(run);
  announceCheck(twin, repository, run, "created", writer);
  if (run.status === "completed") announceCheck(twin, repository, run, "completed", writer);
  return run;
}

export function changeCheckRun(
  twin: Twin,
  repository: Repository,
  run: CheckRun,
  change: CheckChange,
  writer: Writer,
): void {
  // only the App that made a check run changes it
  if (run.suite.app !== writer.app)
    throw refusal(
      403,
      `Invalid app_id \`${writer.app?.id}\` - check run can only be modified by the GitHub App that created it.`,
    );
  const wasCompleted = run.status === "completed";
  applyChange(twin, run, change);
  if (!wasCompleted && run.status === "completed") announceCheck(twin, repository, run, "completed", writer);
}

function applyChange(twin: Twin, run: CheckRun, change: CheckChange): void {
  run.name = change.name ?? run.name;
  run.externalId = change.externalId ?? run.externalId;
  run.detailsUrl = change.detailsUrl ?? run.detailsUrl;
  if (change.startedAt !== undefined) run.startedAt = Date.parse(change.startedAt);
  if (change.output !== undefined) {
    const { title, summary, text, annotations } = change.output;
    run.output = {
      title: title ?? run.output.title,
      summary: summary ?? run.output.summary,
      text: text ?? run.output.text,
    };
    for (const part of [summary, text]) {
      if ((part?.length ?? 0) > 65_535) throw invalid("CheckRun", "output", "invalid");
    }
    run.annotations += annotations;
  }
  applyState(twin, run, change);
  run.suite.updatedAt = twin.clock.now();
}

function applyState(twin: Twin, run: CheckRun, change: CheckChange): void {
  const status = statuses.find((one) => one === change.status);
  const conclusion = conclusions.find((one) => one === change.conclusion);
  if (change.status !== undefined && status === undefined) throw invalid("CheckRun", "status", "invalid");
  if (change.conclusion !== undefined && conclusion === undefined)
    throw invalid("CheckRun", "conclusion", "invalid");
  if (status === "completed" && conclusion === undefined && run.conclusion === null) {
    throw invalid("CheckRun", "conclusion", "missing_field");
  }
  if (conclusion !== undefined) {
    run.conclusion = conclusion;
    run.status = "completed";
    run.completedAt = change.completedAt === undefined ? twin.clock.now() : Date.parse(change.completedAt);
  } else if (status !== undefined) {
    run.status = status;
    if (status !== "completed") {
      run.conclusion = null;
      run.completedAt = null;
    }
  }
}

function announceCheck(
  twin: Twin,
  repository: Repository,
  run: CheckRun,
  action: string,
  sender: Writer,
): void {
  twin.emit({
    name: "check_run",
    action,
    repository,
    sender,
    payload: { check_run: showCheckRunInEvent(twin, repository, run) },
    sha: run.headSha,
  });
}
