import { findAccount, grants } from "../access.ts";
import type { ActionsHost, ActionsRefusal, RunInfo, WorkflowInfo } from "../actions-port.ts";
import { toActor, toRef } from "../actions-world.ts";
import { type Answer, accepted, created, invalid, noContent, notFound, ok, refusal } from "../http.ts";
import { runPage, runUrl, showJob, showWorkflow, showWorkflowRun } from "../render/actions.ts";
import {
  byWriter,
  type Call,
  counted,
  onRepository,
  type RepositoryCall,
  type Route,
  route,
  type WriteCall,
} from "../router.ts";

// Actions as the REST API shows it; what runs, and how, is the attached host's.

function host(call: RepositoryCall): ActionsHost {
  const attached = call.twin.host();
  if (attached === undefined) throw refusal(501, "this twin was made without Actions");
  return attached;
}

function isRefusal(answer: RunInfo | ActionsRefusal): answer is ActionsRefusal {
  return "refused" in answer;
}

function unless(answer: RunInfo | ActionsRefusal): RunInfo {
  if (isRefusal(answer)) throw refusal(answer.status, answer.refused);
  return answer;
}

/** By id or by file name. */
function theWorkflow(call: RepositoryCall): WorkflowInfo {
  const name = call.params["workflow_id"] ?? "";
  const found = host(call)
    .listWorkflows(toRef(call.repository))
    .find((one) => String(one.id) === name || one.path === name || one.path === `.github/workflows/${name}`);
  if (found === undefined) throw notFound();
  return found;
}

function dispatch(call: WriteCall): Answer {
  const { body, repository, twin, writer } = call;
  const workflow = theWorkflow(call);
  const inputs = Object.fromEntries(
    Object.entries(body.object("inputs")?.raw ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const answer = host(call).dispatch(
    toRef(repository),
    workflow.id,
    body.text("ref"),
    inputs,
    toActor(writer.account),
  );
  const run = unless(answer);
  if (body.flag("return_run_details") !== true) return noContent;
  return ok({
    workflow_run_id: run.id,
    run_url: runUrl(twin, repository, run.id),
    html_url: runPage(twin, repository, run.id),
  });
}

function setState(state: WorkflowInfo["state"]) {
  return (call: WriteCall): Answer => {
    host(call).setWorkflowState(toRef(call.repository), theWorkflow(call).id, state);
    return noContent;
  };
}

function runsPage(call: RepositoryCall, workflow: WorkflowInfo | undefined): Answer {
  const { query, twin, repository } = call;
  const is = (name: string, value: string | null) => query.get(name) === null || query.get(name) === value;
  const [from, to] = (query.get("created") ?? "").split("..");
  const status = query.get("status");
  const runs = host(call)
    .listRuns(toRef(repository))
    .filter((run) => workflow === undefined || run.workflowId === workflow.id)
    .filter((run) => is("event", run.event) && is("branch", run.headBranch) && is("head_sha", run.headSha))
    .filter((run) => is("actor", run.triggeringActor.login))
    .filter((run) => status === null || run.status === status || run.conclusion === status)
    .filter((run) => inRange(run.createdAt, from ?? "", to));
  return counted(call, "workflow_runs", runs, (run) => showWorkflowRun(twin, repository, run));
}

/** GitHub's search syntax for dates: `>=2026-01-01T00:00:00Z`, `2026-01-01..2026-02-01`. */
function inRange(at: number, from: string, to: string | undefined): boolean {
  if (from === "" && to === undefined) return true;
  const [, sign = "", date = ""] = /^(>=|<=|>|<)?(.*)$/.exec(from) ?? [];
  const limit = date === "*" ? Number.NEGATIVE_INFINITY : Date.parse(date);
  if (Number.isNaN(limit)) throw invalid("Search", "created", "invalid");
  if (to !== undefined) return at >= limit && (to === "*" || at <= Date.parse(to));
  const whole = Math.floor(at / 1000) * 1000;
  switch (sign) {
    case ">=":
      return whole >= limit;
    case "<=":
      return whole <= limit;
    case ">":
      return whole > limit;
    case "<":
      return whole < limit;
    default:
      return new Date(whole).toISOString().startsWith(date.replace(/Z$/, ""));
  }
}

function theRun(call: RepositoryCall): RunInfo {
  const run = host(call).getRun(toRef(call.repository), Number(call.params["run_id"]));
  if (run === undefined) throw notFound();
  return run;
}

/** Whoever can write may run an old run again, for thirty days. */
function rerun(failedOnly: boolean) {
  return (call: WriteCall): Answer => {
    const { twin, repository, writer } = call;
    const run = theRun(call);
    if (twin.clock.now() - run.createdAt > 30 * 86_400_000) {
      throw refusal(403, "Unable to re-run this workflow run because it was created over a month ago");
    }
    const debug = call.body.flag("enable_debug_logging") ?? false;
    unless(host(call).rerun(toRef(repository), run.id, toActor(writer.account), { debug, failedOnly }));
    return created({});
  };
}

function jobs(call: RepositoryCall, attempt: number | undefined): Answer {
  const run = theRun(call);
  const all = host(call).listJobs(toRef(call.repository), run.id, attempt);
  return counted(call, "jobs", all, (job) => showJob(call.twin, call.repository, job, run));
}

function theJob(call: RepositoryCall) {
  const repo = toRef(call.repository);
  for (const run of host(call).listRuns(repo)) {
    const job = host(call)
      .listJobs(repo, run.id)
      .find((one) => one.id === Number(call.params["job_id"]));
    if (job !== undefined) return { run, job };
  }
  throw notFound();
}

/** The log itself lies elsewhere, at an address that is its own key. */
function jobLog(call: RepositoryCall): Answer {
  const { job } = theJob(call);
  const log = host(call).jobLog(toRef(call.repository), job.id);
  if (log === undefined) throw notFound();
  return {
    status: 302,
    headers: { location: `${call.twin.url}/_twin/logs/${call.repository.id}/${job.id}` },
  };
}

function storedLog(call: Call): Answer {
  const repository = call.twin.state.repositories.find(
    (one) => one.id === Number(call.params["repository_id"]),
  );
  const log =
    repository === undefined
      ? undefined
      : call.twin.host()?.jobLog(toRef(repository), Number(call.params["job_id"]));
  if (log === undefined) throw notFound();
  return { status: 200, body: Buffer.from(log), headers: { "content-type": "text/plain; charset=utf-8" } };
}

function repositoryDispatch(call: WriteCall): Answer {
  const { body, repository, twin, writer } = call;
  const type = body.text("event_type");
  if (type.length > 100) throw invalid("RepositoryDispatch", "event_type", "invalid");
  const payload = {
    branch: repository.defaultBranch,
    client_payload: body.object("client_payload")?.raw ?? {},
  };
  twin.emit({ name: "repository_dispatch", action: type, repository, sender: writer, payload });
  return noContent;
}

function subTemplate(call: RepositoryCall): Answer {
  const keys = call.repository.oidcSubTemplate;
  return ok(keys === undefined ? { use_default: true } : { use_default: false, include_claim_keys: keys });
}

function organizationSubTemplate(call: Call): Answer {
  const account = findAccount(call.twin, call.params["org"] ?? "");
  const organization = account === undefined ? undefined : call.twin.state.organizations.get(account.id);
  if (organization === undefined) throw notFound();
  const { viewer } = call;
  const owner = viewer.kind === "user" && organization.members.get(viewer.account?.id ?? 0)?.role === "admin";
  const app =
    viewer.installation?.account === account &&
    grants(viewer.permissions ?? {}, [{ organization_administration: "read" }]);
  if (!owner && !app) throw refusal(403, "Resource not accessible by integration");
  return ok({ include_claim_keys: organization.oidcSubTemplate ?? ["repo", "context"] });
}

const read = "actions:read";
const write = "actions:write";

export const actionRoutes: Route[] = [
  onRepository("GET /actions/workflows", read, "read", (call) =>
    counted(call, "workflows", host(call).listWorkflows(toRef(call.repository)), (one) =>
      showWorkflow(call.twin, call.repository, one),
    ),
  ),
  onRepository("GET /actions/workflows/{workflow_id}", read, "read", (call) =>
    ok(showWorkflow(call.twin, call.repository, theWorkflow(call))),
  ),
  byWriter("POST /actions/workflows/{workflow_id}/dispatches", write, "write", dispatch),
  byWriter("PUT /actions/workflows/{workflow_id}/enable", write, "write", setState("active")),
  byWriter("PUT /actions/workflows/{workflow_id}/disable", write, "write", setState("disabled_manually")),
  onRepository("GET /actions/workflows/{workflow_id}/runs", read, "read", (call) =>
    runsPage(call, theWorkflow(call)),
  ),
  onRepository("GET /actions/runs", read, "read", (call) => runsPage(call, undefined)),
  onRepository("GET /actions/runs/{run_id}", read, "read", (call) =>
    ok(showWorkflowRun(call.twin, call.repository, theRun(call))),
  ),
  onRepository("GET /actions/runs/{run_id}/attempts/{attempt_number}", read, "read", (call) => {
    const run = theRun(call);
    if (run.runAttempt !== Number(call.params["attempt_number"]))
      throw refusal(501, "the twin shows a run's newest attempt only");
    return ok(showWorkflowRun(call.twin, call.repository, run));
  }),
  byWriter("POST /actions/runs/{run_id}/rerun", write, "write", rerun(false)),
  byWriter("POST /actions/runs/{run_id}/rerun-failed-jobs", write, "write", rerun(true)),
  byWriter("POST /actions/runs/{run_id}/cancel", write, "write", (call) => {
    const run = theRun(call);
    unless(host(call).cancel(toRef(call.repository), run.id, toActor(call.writer.account)));
    return accepted({});
  }),
  onRepository("GET /actions/runs/{run_id}/jobs", read, "read", (call) => jobs(call, undefined)),
  onRepository("GET /actions/runs/{run_id}/attempts/{attempt_number}/jobs", read, "read", (call) =>
    jobs(call, Number(call.params["attempt_number"])),
  ),
  onRepository("GET /actions/jobs/{job_id}", read, "read", (call) => {
    const { job, run } = theJob(call);
    return ok(showJob(call.twin, call.repository, job, run));
  }),
  onRepository("GET /actions/jobs/{job_id}/logs", read, "read", jobLog),
  route("GET /_twin/logs/{repository_id}/{job_id}", storedLog),
  onRepository("GET /actions/oidc/customization/sub", read, "read", subTemplate),
  route("GET /orgs/{org}/actions/oidc/customization/sub", organizationSubTemplate),
  byWriter("POST /dispatches", "contents:write", "write", repositoryDispatch),
];
