import { describe, expect, test } from "vitest";
import type { ActionsHost, RepoEvent, RunInfo, WorkflowInfo } from "../../../sandbox/github/actions-port.ts";
import { type Acme, access, createAcme } from "./acme.ts";
import { refused } from "./refused.ts";

/** A host that runs nothing: it notes what it is told. */
function attach(acme: Acme) {
  const { github, clock } = acme;
  const events: RepoEvent[] = [];
  const runs: RunInfo[] = [];
  const now = clock.now();
  const workflow: WorkflowInfo = {
    id: 77,
    path: ".github/workflows/access.yml",
    name: "access",
    state: "active",
    createdAt: now,
    updatedAt: now,
  };
  const host: ActionsHost = {
    onEvent: (event) => {
      events.push(event);
    },
    dispatch: (repo, _workflow, ref, inputs, actor) => {
      if (workflow.state !== "active") return { refused: "Workflow is disabled", status: 403 };
      if (inputs["command"] === undefined)
        return { refused: "Required input 'command' not provided", status: 422 };
      const resolved = github.actionsWorld.resolveRef(repo, ref);
      if (resolved === undefined) return { refused: `No ref found for: ${ref}`, status: 422 };
      const run: RunInfo = {
        id: github.actionsWorld.nextId(),
        workflowId: 77,
        path: workflow.path,
        name: "access",
        displayTitle: `${inputs["command"]} ${inputs["request"]}`,
        runNumber: runs.length + 1,
        runAttempt: 1,
        event: "workflow_dispatch",
        status: "in_progress",
        conclusion: null,
        headBranch: resolved.ref.replace("refs/heads/", ""),
        headSha: resolved.sha,
        actor,
        triggeringActor: actor,
        createdAt: clock.now(),
        updatedAt: clock.now(),
        runStartedAt: clock.now(),
        pullNumbers: [],
      };
      runs.unshift(run);
      github.actionsWorld.runChanged(repo, run, "requested");
      return run;
    },
    answer: () => undefined,
    listWorkflows: () => [workflow],
    setWorkflowState: (_repo, _workflow, state) => {
      workflow.state = state;
      return true;
    },
    listRuns: () => runs,
    getRun: (_repo, id) => runs.find((run) => run.id === id),
    listJobs: (_repo, runId) => [
      {
        id: runId + 1,
        runId,
        runAttempt: 1,
        name: "grant",
        status: "completed",
        conclusion: "success",
        headSha: acme.root,
        startedAt: now,
        completedAt: now,
        steps: [],
      },
    ],
    jobLog: () => "2026-01-05T12:00:00Z hello\n",
    rerun: (_repo, id, actor) => {
      const run = runs.find((one) => one.id === id);
      if (run === undefined) return { refused: "Not Found", status: 404 };
      if (run.status !== "completed") return { refused: "This workflow is already running", status: 403 };
      Object.assign(run, {
        runAttempt: run.runAttempt + 1,
        triggeringActor: actor,
        status: "queued",
        conclusion: null,
      });
      return run;
    },
    cancel: (_repo, id) => {
      const run = runs.find((one) => one.id === id);
      if (run === undefined || run.status === "completed")
        return { refused: "Cannot cancel a workflow run that is completed.", status: 409 };
      Object.assign(run, { status: "completed", conclusion: "cancelled" });
      return run;
    },
  };
  github.attachActions(host);
  return { events, runs, workflow };
}

const dispatch = {
  ...access,
  workflow_id: "access.yml",
  ref: "main",
  inputs: { command: "grant", request: "12" },
};

describe("dispatches", () => {
  test("answer 204, or 200 with the run when asked for its details", async () => {
    const acme = createAcme();
    const { runs } = attach(acme);
    const { rest, request } = await acme.bot();
    expect((await rest.actions.createWorkflowDispatch(dispatch)).status).toBe(204);
    const details = await request("POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", {
      ...dispatch,
      return_run_details: true,
    });
    expect(details.status).toBe(200);
    expect(details.data).toMatchObject({ workflow_run_id: runs[0]?.id });
    const { data } = await rest.actions.getWorkflowRun({ ...access, run_id: runs[0]?.id ?? 0 });
    expect(data).toMatchObject({
      event: "workflow_dispatch",
      display_title: "grant 12",
      run_attempt: 1,
      actor: { login: "hallpass[bot]" },
    });
  });

  test("need actions: write of an App and write of a person; what the host refuses is refused", async () => {
    const acme = createAcme();
    attach(acme);
    const reading = await acme.bot({ permissions: { actions: "read" } });
    expect((await refused(reading.rest.actions.createWorkflowDispatch(dispatch))).status).toBe(403);
    expect((await refused(acme.as("alice").rest.actions.createWorkflowDispatch(dispatch))).status).toBe(403);
    const { rest } = acme.as("carol");
    expect((await refused(rest.actions.createWorkflowDispatch({ ...dispatch, inputs: {} }))).status).toBe(
      422,
    );
    expect(
      (await refused(rest.actions.createWorkflowDispatch({ ...dispatch, workflow_id: "none.yml" }))).status,
    ).toBe(404);
    await rest.actions.disableWorkflow(dispatch);
    expect((await refused(rest.actions.createWorkflowDispatch(dispatch))).status).toBe(403);
    await rest.actions.enableWorkflow(dispatch);
    await rest.actions.createWorkflowDispatch(dispatch);
  });
});

describe("runs", () => {
  test("are listed by workflow, event, branch, status and age", async () => {
    const acme = createAcme();
    const { runs } = attach(acme);
    const { rest } = await acme.bot();
    await rest.actions.createWorkflowDispatch(dispatch);
    acme.clock.advance(60_000);
    await rest.actions.createWorkflowDispatch(dispatch);
    const list = async (more: object) =>
      (
        await rest.actions.listWorkflowRuns({ ...access, workflow_id: "access.yml", ...more })
      ).data.workflow_runs.map(({ id }) => id);
    expect(await list({})).toEqual(runs.map(({ id }) => id));
    expect(await list({ event: "schedule" })).toEqual([]);
    expect(await list({ branch: "main", status: "in_progress", per_page: 1 })).toEqual([runs[0]?.id]);
    expect(await list({ created: ">=2026-01-05T12:01:00Z" })).toEqual([runs[0]?.id]);
    const all = await rest.actions.listWorkflowRunsForRepo({ ...access, actor: "hallpass[bot]" });
    expect(all.data.total_count).toBe(2);
  });

  test("may be run again by any writer for thirty days, under a new attempt", async () => {
    const acme = createAcme();
    const { runs } = attach(acme);
    await (await acme.bot()).rest.actions.createWorkflowDispatch(dispatch);
    const run = { ...access, run_id: runs[0]?.id ?? 0 };
    const { rest } = acme.as("carol");
    await rest.actions.cancelWorkflowRun(run);
    expect((await refused(rest.actions.cancelWorkflowRun(run))).status).toBe(409);
    expect((await refused(acme.as("alice").rest.actions.reRunWorkflow(run))).status).toBe(403);
    await rest.actions.reRunWorkflow(run);
    const { data } = await rest.actions.getWorkflowRun(run);
    expect(data).toMatchObject({
      run_attempt: 2,
      actor: { login: "hallpass[bot]" },
      triggering_actor: { login: "carol" },
    });
    await rest.actions.cancelWorkflowRun(run);
    acme.clock.advance(31 * 86_400_000);
    expect((await refused(rest.actions.reRunWorkflow(run))).status).toBe(403);
  });

  test("have jobs and logs, the log behind a redirect", async () => {
    const acme = createAcme();
    const { runs } = attach(acme);
    const { rest } = acme.as("carol");
    await rest.actions.createWorkflowDispatch(dispatch);
    const run_id = runs[0]?.id ?? 0;
    const { data } = await rest.actions.listJobsForWorkflowRun({ ...access, run_id });
    expect(data.jobs.map(({ name, conclusion }) => [name, conclusion])).toEqual([["grant", "success"]]);
    const log = await rest.actions.downloadJobLogsForWorkflowRun({
      ...access,
      job_id: data.jobs[0]?.id ?? 0,
    });
    expect(log.data).toContain("hello");
  });

  test("of an attached host announce themselves as workflow_run", async () => {
    const acme = createAcme({ deliver: async () => new Response("ok") });
    const { events } = attach(acme);
    await acme.as("carol").rest.actions.createWorkflowDispatch(dispatch);
    expect(events.map(({ name, action }) => `${name}.${action}`)).toContain("workflow_run.requested");
    await acme.github.webhooks.idle();
    expect(acme.github.webhooks.deliveries.at(-1)).toMatchObject({
      event: "workflow_run",
      action: "requested",
      statusCode: 200,
    });
  });
});

describe("what the host is told", () => {
  test("refs of pull requests and pushes, forks, and whose token it was", async () => {
    const acme = createAcme();
    const { github, withToken } = acme;
    const { events } = attach(acme);
    const { number } = await acme.propose("carol", "topic", { a: "1" });
    await acme.as("bob").rest.pulls.createReview({ ...access, pull_number: number, event: "APPROVE" });
    const repo = github.actionsWorld.repository("acme/access");
    if (repo === undefined) throw new Error("no repository");
    const token = github.actionsWorld.mintActionsToken(repo, { contents: "write", issues: "write" }, 1);
    await withToken(token).rest.issues.create({ ...access, title: "x" });
    await withToken(token).rest.repos.createDispatchEvent({ ...access, event_type: "wake" });
    const told = events.map(({ name, action, ref, pull, byGitHubToken, actor }) => [
      name,
      action,
      ref,
      pull?.fromFork,
      byGitHubToken,
      actor.login,
    ]);
    expect(told).toEqual([
      ["create", undefined, undefined, undefined, false, "carol"],
      ["push", undefined, "refs/heads/topic", undefined, false, "carol"],
      ["pull_request", "opened", `refs/pull/${number}/merge`, false, false, "carol"],
      ["pull_request_review", "submitted", `refs/pull/${number}/merge`, false, false, "bob"],
      ["issues", "opened", undefined, undefined, true, "github-actions[bot]"],
      ["repository_dispatch", "wake", undefined, undefined, true, "github-actions[bot]"],
    ]);
    const merge = github.actionsWorld.mergeRef(repo, number);
    const names = github.actionsWorld.listFiles(repo, merge?.sha ?? "", "");
    expect(names).toContain("a");
    expect(github.actionsWorld.readFile(repo, merge?.sha ?? "", "README.md")).toBeDefined();
  });
});

describe("environments, secrets and variables", () => {
  test("an environment by exact name admits that branch, no tag, no merge ref and no other branch", async () => {
    const { github, bot } = createAcme();
    github.setEnvironment("acme/access", "hallpass", { branches: ["main"] });
    const repo = github.actionsWorld.repository("acme/access");
    if (repo === undefined) throw new Error("no repository");
    const admits = (ref: string) => github.actionsWorld.environmentAdmits(repo, "hallpass", ref);
    expect(
      ["refs/heads/main", "refs/tags/main", "refs/heads/main2", "refs/pull/1/merge"].map(admits),
    ).toEqual([true, false, false, false]);
    const { rest } = await bot();
    const { data } = await rest.repos.getEnvironment({ ...access, environment_name: "hallpass" });
    expect(data.deployment_branch_policy).toEqual({
      protected_branches: false,
      custom_branch_policies: true,
    });
    const policies = await rest.repos.listDeploymentBranchPolicies({
      ...access,
      environment_name: "hallpass",
    });
    expect(policies.data.branch_policies.map(({ name }) => name)).toEqual(["main"]);
    expect((await rest.repos.getAllEnvironments(access)).data.total_count).toBe(1);
    expect((await refused(rest.repos.getEnvironment({ ...access, environment_name: "none" }))).status).toBe(
      404,
    );
  });

  test("secrets show by name only, an environment's before the repository's for a job", async () => {
    const { github, as } = createAcme();
    github.setEnvironment("acme/access", "hallpass", { branches: "all" });
    github.setSecret("acme/access", "KEY", "repository's");
    github.setEnvironmentSecret("acme/access", "hallpass", "KEY", "environment's");
    const { rest } = as("olga");
    const { data } = await rest.actions.listEnvironmentSecrets({ ...access, environment_name: "hallpass" });
    expect(JSON.stringify(data)).not.toContain("environment's");
    expect(data.secrets.map(({ name }) => name)).toEqual(["KEY"]);
    await rest.actions.getRepoSecret({ ...access, secret_name: "KEY" });
    await rest.actions.getEnvironmentSecret({ ...access, environment_name: "hallpass", secret_name: "KEY" });
    await rest.actions.getRepoPublicKey(access);
    expect((await refused(as("alice").rest.actions.listRepoSecrets(access))).status).toBe(403);
    const repo = github.actionsWorld.repository("acme/access");
    if (repo === undefined) throw new Error("no repository");
    expect(github.actionsWorld.secrets(repo)).toEqual({ KEY: "repository's" });
    expect(github.actionsWorld.secrets(repo, "hallpass")).toEqual({ KEY: "environment's" });
  });

  test("variables are read and written by writers", async () => {
    const { github, as } = createAcme();
    github.setVariable("acme/access", "HALLPASS_APP_ID", "1");
    const { rest } = as("carol");
    expect((await rest.actions.getRepoVariable({ ...access, name: "HALLPASS_APP_ID" })).data.value).toBe("1");
    await rest.actions.createRepoVariable({ ...access, name: "OTHER", value: "2" });
    await rest.actions.updateRepoVariable({ ...access, name: "OTHER", value: "3" });
    expect(
      (await refused(rest.actions.createRepoVariable({ ...access, name: "OTHER", value: "2" }))).status,
    ).toBe(422);
    expect((await rest.actions.listRepoVariables(access)).data.variables.map(({ value }) => value)).toEqual([
      "1",
      "3",
    ]);
    await rest.actions.deleteRepoVariable({ ...access, name: "OTHER" });
    expect((await refused(rest.actions.getRepoVariable({ ...access, name: "OTHER" }))).status).toBe(404);
  });

  test("a customised OIDC subject is told", async () => {
    const { github, as } = createAcme();
    expect((await as("carol").rest.actions.getCustomOidcSubClaimForRepo(access)).data).toEqual({
      use_default: true,
    });
    github.setOidcSubTemplate("acme/access", ["repository_id", "environment"]);
    const { data } = await as("carol").rest.actions.getCustomOidcSubClaimForRepo(access);
    expect(data).toEqual({ use_default: false, include_claim_keys: ["repository_id", "environment"] });
    github.setOidcSubTemplate("acme", ["repo"]);
    const org = await as("olga").rest.oidc.getOidcCustomSubTemplateForOrg({ org: "acme" });
    expect(org.data.include_claim_keys).toEqual(["repo"]);
  });
});
