import type { RunServices, RunState } from "./run-state.ts";

// What expressions (`github.…`) and processes (`GITHUB_…`) get to know of a run. `github.workspace` is not among
// them: the workspace has no path until a process needs one, which then gets GITHUB_WORKSPACE.

const NOT_IN_ENVIRONMENT = new Set(["event", "token", "repositoryurl"]);

export function githubContext(
  services: RunServices,
  run: RunState,
  jobKey?: string,
): Record<string, unknown> {
  const { identity, repo, info, workflow } = run;
  const isTag = identity.ref.startsWith("refs/tags/");
  return {
    actor: info.actor.login,
    actor_id: String(info.actor.id),
    api_url: services.world.url,
    base_ref: identity.baseRef,
    event: run.event.payload,
    event_name: identity.trigger,
    graphql_url: `${services.world.url}/graphql`,
    head_ref: identity.headRef,
    job: jobKey ?? "",
    ref: identity.ref,
    ref_name: identity.ref.replace(/^refs\/(heads|tags|pull)\//, ""),
    ref_protected: false,
    ref_type: isTag ? "tag" : "branch",
    repository: repo.fullName,
    repository_id: String(repo.id),
    repository_owner: repo.owner,
    repository_owner_id: String(repo.ownerId),
    run_id: String(info.id),
    run_number: String(info.runNumber),
    run_attempt: String(info.runAttempt),
    server_url: services.serverUrl,
    sha: identity.sha,
    triggering_actor: info.triggeringActor.login,
    workflow: workflow.name,
    workflow_ref: `${repo.fullName}/${workflow.path}@${identity.ref}`,
    workflow_sha: identity.sha,
  };
}

/** What `run-name`, `concurrency` and a job's `if` may look at. */
export function runContexts(services: RunServices, run: RunState): Record<string, unknown> {
  return {
    github: githubContext(services, run),
    inputs: run.inputs,
    vars: services.world.variables(run.repo),
  };
}

/** GITHUB_*, RUNNER_* and CI as every step has them; nothing a workflow says can change them. */
export function runnerVariables(github: Record<string, unknown>, debug: boolean): Record<string, string> {
  const variables: Record<string, string> = {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_RETENTION_DAYS: "90",
    RUNNER_OS: "Linux",
    RUNNER_ARCH: "X64",
    RUNNER_NAME: "GitHub Actions 1",
    RUNNER_ENVIRONMENT: "github-hosted",
  };
  for (const [name, value] of Object.entries(github)) {
    if (!NOT_IN_ENVIRONMENT.has(name)) variables[`GITHUB_${name.toUpperCase()}`] = String(value);
  }
  if (debug) variables["RUNNER_DEBUG"] = "1";
  return variables;
}

export function inputVariable(name: string): string {
  return `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`;
}
