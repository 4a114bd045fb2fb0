import type { CheckRun, CommitStatus } from "../check-state.ts";
import { type CheckChange, changeCheckRun, createCheckRun } from "../checks.ts";
import { resolveCommit } from "../commits.ts";
import { type Answer, created, type Fields, invalid, type Json, notFound, ok, refusal } from "../http.ts";
import { showCheckRun, showCheckSuite, showStatus, showStatusSimple } from "../render/checks.ts";
import { showCommit } from "../render/git.ts";
import { repositoryUrl, showRepository } from "../render/repositories.ts";
import {
  byWriter,
  counted,
  listed,
  onRepository,
  type RepositoryCall,
  type Route,
  type WriteCall,
} from "../router.ts";
import type { App } from "../state.ts";
import type { Writer } from "../twin.ts";

/** Check runs are written by Apps alone. */
function appWriter(call: WriteCall): Writer & { app: App } {
  const { app } = call.writer;
  if (app === undefined) throw refusal(403, "You must authenticate via a GitHub App.");
  return { ...call.writer, app };
}

function readChange(body: Fields): CheckChange {
  const output = body.object("output");
  return {
    name: body.optionalText("name"),
    status: body.optionalText("status"),
    conclusion: body.optionalText("conclusion"),
    externalId: body.optionalText("external_id"),
    detailsUrl: body.optionalText("details_url"),
    startedAt: body.optionalText("started_at"),
    completedAt: body.optionalText("completed_at"),
    output:
      output === undefined
        ? undefined
        : {
            title: output.optionalText("title"),
            summary: output.optionalText("summary"),
            text: output.optionalText("text"),
            annotations: output.objects("annotations")?.length ?? 0,
          },
  };
}

function theRun(call: RepositoryCall): CheckRun {
  const run = call.repository.checkRuns.find(
    (candidate) => candidate.id === Number(call.params["check_run_id"]),
  );
  if (run === undefined) throw notFound();
  return run;
}

function shaOf(call: RepositoryCall): string {
  const commit = resolveCommit(call.repository, call.params["ref"] ?? "");
  if (commit === undefined) throw refusal(422, `No commit found for SHA: ${call.params["ref"]}`);
  return commit.sha;
}

function listRuns(call: RepositoryCall): Answer {
  const { query, repository, twin } = call;
  const sha = shaOf(call);
  const name = query.get("check_name");
  const app = query.get("app_id");
  const status = query.get("status");
  const all = repository.checkRuns
    .filter((run) => run.headSha === sha)
    .filter((run) => name === null || run.name === name)
    .filter((run) => app === null || String(run.suite.app.id) === app)
    .filter((run) => status === null || run.status === status)
    .toReversed();
  const latest = all.filter(
    (run, i) => all.findIndex((other) => other.name === run.name && other.suite === run.suite) === i,
  );
  return counted(call, "check_runs", query.get("filter") === "all" ? all : latest, (run) =>
    showCheckRun(twin, repository, run),
  );
}

function createStatus(call: WriteCall): Answer {
  const { body, repository, twin, writer } = call;
  const sha = call.params["sha"] ?? "";
  if (!repository.objects.commits.has(sha)) throw refusal(422, `No commit found for SHA: ${sha}`);
  const states: CommitStatus["state"][] = ["error", "failure", "pending", "success"];
  const state = states.find((one) => one === body.text("state"));
  if (state === undefined) throw invalid("Status", "state", "invalid");
  const id = twin.ids.number();
  const status: CommitStatus = {
    id,
    nodeId: twin.ids.node("SC", id),
    sha,
    state,
    context: body.optionalText("context") ?? "default",
    description: body.optionalText("description") ?? null,
    targetUrl: body.optionalText("target_url") ?? null,
    creator: writer.account,
    appId: writer.app?.id,
    createdAt: twin.clock.now(),
  };
  repository.statuses.push(status);
  announceStatus(call, status);
  return created(showStatus(twin, repository, status));
}

function announceStatus(call: WriteCall, status: CommitStatus): void {
  const { repository, twin, writer } = call;
  const commit = repository.objects.commits.get(status.sha);
  if (commit === undefined) return;
  const branches = [...repository.refs].filter(
    ([ref, sha]) => sha === status.sha && ref.startsWith("refs/heads/"),
  );
  const shown = showStatus(twin, repository, status);
  const payload = {
    id: status.id,
    sha: status.sha,
    name: `${repository.owner.login}/${repository.name}`,
    target_url: status.targetUrl,
    avatar_url: shown["avatar_url"],
    context: status.context,
    description: status.description,
    state: status.state,
    commit: showCommit(twin, repository, commit),
    branches: branches.map(([ref, sha]) => ({
      name: ref.slice("refs/heads/".length),
      commit: { sha, url: `${repositoryUrl(twin, repository)}/commits/${sha}` },
      protected: false,
    })),
    created_at: shown["created_at"],
    updated_at: shown["updated_at"],
  };
  twin.emit({ name: "status", repository, sender: writer, payload, sha: status.sha });
}

function combined(call: RepositoryCall): Answer {
  const { repository, twin } = call;
  const sha = shaOf(call);
  const all = repository.statuses.filter((status) => status.sha === sha);
  const latest = all.filter((status) => all.findLast((other) => other.context === status.context) === status);
  const has = (state: string) => latest.some((status) => status.state === state);
  const state =
    has("failure") || has("error")
      ? "failure"
      : latest.length === 0 || has("pending")
        ? "pending"
        : "success";
  const self = repositoryUrl(twin, repository);
  return ok({
    state,
    statuses: latest.map(
      (status): Json => ({ ...showStatusSimple(twin, repository, status), required: null }),
    ),
    sha,
    total_count: latest.length,
    repository: showRepository(twin, repository),
    commit_url: `${self}/commits/${sha}`,
    url: `${self}/commits/${sha}/status`,
  });
}

export const checkRoutes: Route[] = [
  byWriter("POST /check-runs", "checks:write", "write", (call) => {
    const writer = appWriter(call);
    const change = { ...readChange(call.body), name: call.body.text("name") };
    const run = createCheckRun(call.twin, call.repository, call.body.text("head_sha"), change, writer);
    return created(showCheckRun(call.twin, call.repository, run));
  }),
  byWriter("PATCH /check-runs/{check_run_id}", "checks:write", "write", (call) => {
    const run = theRun(call);
    changeCheckRun(call.twin, call.repository, run, readChange(call.body), appWriter(call));
    return ok(showCheckRun(call.twin, call.repository, run));
  }),
  onRepository("GET /check-runs/{check_run_id}", "checks:read", "read", (call) =>
    ok(showCheckRun(call.twin, call.repository, theRun(call))),
  ),
  onRepository("GET /commits/{ref}/check-runs", "checks:read", "read", listRuns),
  onRepository("GET /commits/{ref}/check-suites", "checks:read", "read", (call) => {
    const sha = shaOf(call);
    const suites = call.repository.checkSuites.filter((suite) => suite.headSha === sha);
    return counted(call, "check_suites", suites, (suite) =>
      showCheckSuite(call.twin, call.repository, suite),
    );
  }),
  onRepository("GET /check-suites/{check_suite_id}", "checks:read", "read", (call) => {
    const suite = call.repository.checkSuites.find((one) => one.id === Number(call.params["check_suite_id"]));
    if (suite === undefined) throw notFound();
    return ok(showCheckSuite(call.twin, call.repository, suite));
  }),
  byWriter("POST /statuses/{sha}", "statuses:write", "write", createStatus),
  onRepository("GET /commits/{ref}/status", "statuses:read", "read", combined),
  onRepository("GET /commits/{ref}/statuses", "statuses:read", "read", (call) => {
    const sha = shaOf(call);
    const all = call.repository.statuses.filter((status) => status.sha === sha).toReversed();
    return listed(call, all, (status) => showStatus(call.twin, call.repository, status));
  }),
];
