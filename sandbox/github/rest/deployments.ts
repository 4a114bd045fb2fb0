import type { Deployment, DeploymentStatus } from "../check-state.ts";
import { timestamp } from "../clock.ts";
import { resolveCommit } from "../commits.ts";
import { setEnvironment } from "../environments.ts";
import { type Answer, created, invalid, type Json, notFound, ok, refusal } from "../http.ts";
import { showUser } from "../render/accounts.ts";
import { showOptionalApp } from "../render/issues.ts";
import { repositoryUrl } from "../render/repositories.ts";
import {
  byWriter,
  listed,
  onRepository,
  type RepositoryCall,
  type Route,
  type WriteCall,
} from "../router.ts";
import type { Repository } from "../state.ts";
import { viaApp } from "../timeline.ts";
import type { Twin } from "../twin.ts";

function showDeployment(twin: Twin, repository: Repository, deployment: Deployment): Json {
  const self = `${repositoryUrl(twin, repository)}/deployments/${deployment.id}`;
  return {
    url: self,
    id: deployment.id,
    node_id: deployment.nodeId,
    task: deployment.task,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    created_at: timestamp(deployment.createdAt),
    updated_at: timestamp(deployment.updatedAt),
    statuses_url: `${self}/statuses`,
    repository_url: repositoryUrl(twin, repository),
    creator: showUser(twin, deployment.creator),
    sha: deployment.sha,
    ref: deployment.ref,
    payload: deployment.payload,
    transient_environment: false,
    production_environment: deployment.environment === "production",
    performed_via_github_app: showOptionalApp(twin, deployment.app),
  };
}

function showStatus(
  twin: Twin,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
): Json {
  const deploymentUrl = `${repositoryUrl(twin, repository)}/deployments/${deployment.id}`;
  return {
    url: `${deploymentUrl}/statuses/${status.id}`,
    id: status.id,
    node_id: status.nodeId,
    state: status.state,
    creator: showUser(twin, status.creator),
    description: status.description,
    environment: deployment.environment,
    target_url: status.logUrl,
    created_at: timestamp(status.createdAt),
    updated_at: timestamp(status.createdAt),
    deployment_url: deploymentUrl,
    repository_url: repositoryUrl(twin, repository),
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    performed_via_github_app: showOptionalApp(twin, status.app),
  };
}

function theDeployment(call: RepositoryCall): Deployment {
  const found = call.repository.deployments.find((one) => one.id === Number(call.params["deployment_id"]));
  if (found === undefined) throw notFound();
  return found;
}

function create(call: WriteCall): Answer {
  const { body, repository, twin, writer } = call;
  const ref = body.text("ref");
  const commit = resolveCommit(repository, ref);
  if (commit === undefined) throw refusal(422, `No ref found for: ${ref}`);
  const id = twin.ids.number();
  const now = twin.clock.now();
  const payload = body.raw["payload"];
  const deployment: Deployment = {
    id,
    nodeId: twin.ids.node("DE", id),
    sha: commit.sha,
    ref,
    task: body.optionalText("task") ?? "deploy",
    payload: typeof payload === "string" ? payload : (body.object("payload")?.raw ?? {}),
    environment: body.optionalText("environment") ?? "production",
    description: body.optionalText("description") ?? null,
    creator: writer.account,
    app: viaApp(writer),
    createdAt: now,
    updatedAt: now,
    statuses: [],
  };
  repository.deployments.push(deployment);
  // naming an environment that does not exist makes it
  if (!repository.environments.has(deployment.environment.toLowerCase())) {
    setEnvironment(twin, repository, deployment.environment, "all");
  }
  const shown = showDeployment(twin, repository, deployment);
  const workflow = { workflow: null, workflow_run: null };
  twin.emit({
    name: "deployment",
    action: "created",
    repository,
    sender: writer,
    payload: { deployment: shown, ...workflow },
  });
  return created(shown);
}

const states: DeploymentStatus["state"][] = [
  "error",
  "failure",
  "inactive",
  "in_progress",
  "queued",
  "pending",
  "success",
];

function createStatus(call: WriteCall): Answer {
  const { body, repository, twin, writer } = call;
  const deployment = theDeployment(call);
  const state = states.find((one) => one === body.text("state"));
  if (state === undefined) throw invalid("DeploymentStatus", "state", "invalid");
  const id = twin.ids.number();
  const status: DeploymentStatus = {
    id,
    nodeId: twin.ids.node("DES", id),
    state,
    description: body.optionalText("description") ?? "",
    creator: writer.account,
    app: viaApp(writer),
    logUrl: body.optionalText("log_url") ?? body.optionalText("target_url") ?? "",
    environmentUrl: body.optionalText("environment_url") ?? "",
    createdAt: twin.clock.now(),
  };
  deployment.statuses.push(status);
  deployment.updatedAt = status.createdAt;
  const shown = showStatus(twin, repository, deployment, status);
  const payload = {
    deployment_status: shown,
    deployment: showDeployment(twin, repository, deployment),
    check_run: null,
    workflow: null,
    workflow_run: null,
  };
  twin.emit({ name: "deployment_status", action: "created", repository, sender: writer, payload });
  return created(shown);
}

export const deploymentRoutes: Route[] = [
  onRepository("GET /deployments", "deployments:read", "read", (call) => {
    const { query, repository, twin } = call;
    const is = (name: string, value: string) => query.get(name) === null || query.get(name) === value;
    const found = repository.deployments.filter(
      (one) => is("environment", one.environment) && is("sha", one.sha) && is("ref", one.ref),
    );
    return listed(call, found.toReversed(), (one) => showDeployment(twin, repository, one));
  }),
  byWriter("POST /deployments", "deployments:write", "write", create),
  onRepository("GET /deployments/{deployment_id}", "deployments:read", "read", (call) =>
    ok(showDeployment(call.twin, call.repository, theDeployment(call))),
  ),
  onRepository("GET /deployments/{deployment_id}/statuses", "deployments:read", "read", (call) => {
    const deployment = theDeployment(call);
    return listed(call, deployment.statuses.toReversed(), (one) =>
      showStatus(call.twin, call.repository, deployment, one),
    );
  }),
  byWriter("POST /deployments/{deployment_id}/statuses", "deployments:write", "write", createStatus),
];
