import { timestamp } from "../clock.ts";
import { findEnvironment, setVariable } from "../environments.ts";
import { type Answer, invalid, type Json, noContent, notFound, ok } from "../http.ts";
import { repositoryPage, repositoryUrl } from "../render/repositories.ts";
import { byWriter, counted, onRepository, type RepositoryCall, type Route } from "../router.ts";
import type { Environment, Variable } from "../state.ts";

function theEnvironment(call: RepositoryCall): Environment {
  const environment = findEnvironment(call.repository, call.params["environment_name"] ?? "");
  if (environment === undefined) throw notFound();
  return environment;
}

function showEnvironment(call: RepositoryCall, environment: Environment): Json {
  const { branches, name } = environment;
  const ruled = branches !== "all";
  return {
    id: environment.id,
    node_id: environment.nodeId,
    name,
    url: `${repositoryUrl(call.twin, call.repository)}/environments/${encodeURIComponent(name)}`,
    html_url: `${repositoryPage(call.twin, call.repository)}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    created_at: timestamp(environment.createdAt),
    updated_at: timestamp(environment.updatedAt),
    protection_rules: ruled
      ? [{ id: environment.id, node_id: call.twin.ids.node("GA", environment.id), type: "branch_policy" }]
      : [],
    deployment_branch_policy: ruled
      ? { protected_branches: branches === "protected", custom_branch_policies: branches !== "protected" }
      : null,
  };
}

function policies(call: RepositoryCall): Answer {
  const { branches } = theEnvironment(call);
  const list = typeof branches === "string" ? [] : branches;
  return counted(call, "branch_policies", list, ({ id, nodeId, name }) => ({
    id,
    node_id: nodeId,
    name,
    type: "branch",
  }));
}

/** Names only: a secret's value never comes out again. */
function showSecret(call: RepositoryCall, name: string): Json {
  const at = timestamp(call.repository.createdAt);
  return { name, created_at: at, updated_at: at };
}

function secretOf(call: RepositoryCall, secrets: Map<string, string>): Answer {
  const name = (call.params["secret_name"] ?? "").toUpperCase();
  if (!secrets.has(name)) throw notFound();
  return ok(showSecret(call, name));
}

function showVariable(variable: Variable): Json {
  const { name, value, createdAt, updatedAt } = variable;
  return { name, value, created_at: timestamp(createdAt), updated_at: timestamp(updatedAt) };
}

function variableOf(call: RepositoryCall, variables: Map<string, Variable>): Variable {
  const variable = variables.get((call.params["name"] ?? "").toUpperCase());
  if (variable === undefined) throw notFound();
  return variable;
}

/** For sealing; the twin takes secrets from its world only, so the key is never used. */
const publicKey = { key_id: "568250167242549743", key: Buffer.alloc(32, 7).toString("base64") };

const environmentRoutesProper: Route[] = [
  onRepository("GET /environments", "actions:read", "read", (call) =>
    counted(call, "environments", [...call.repository.environments.values()], (one) =>
      showEnvironment(call, one),
    ),
  ),
  onRepository("GET /environments/{environment_name}", "actions:read", "read", (call) =>
    ok(showEnvironment(call, theEnvironment(call))),
  ),
  onRepository(
    "GET /environments/{environment_name}/deployment-branch-policies",
    "actions:read",
    "read",
    policies,
  ),
];

const secretRoutes: Route[] = [
  onRepository("GET /environments/{environment_name}/secrets", "environments:read", "write", (call) =>
    counted(call, "secrets", [...theEnvironment(call).secrets.keys()], (name) => showSecret(call, name)),
  ),
  onRepository(
    "GET /environments/{environment_name}/secrets/public-key",
    "environments:read",
    "write",
    (call) => {
      theEnvironment(call);
      return ok(publicKey);
    },
  ),
  onRepository(
    "GET /environments/{environment_name}/secrets/{secret_name}",
    "environments:read",
    "write",
    (call) => secretOf(call, theEnvironment(call).secrets),
  ),
  onRepository("GET /actions/secrets", "secrets:read", "write", (call) =>
    counted(call, "secrets", [...call.repository.secrets.keys()], (name) => showSecret(call, name)),
  ),
  onRepository("GET /actions/secrets/public-key", "secrets:read", "write", () => ok(publicKey)),
  onRepository("GET /actions/secrets/{secret_name}", "secrets:read", "write", (call) =>
    secretOf(call, call.repository.secrets),
  ),
];

const variableRoutes: Route[] = [
  onRepository("GET /environments/{environment_name}/variables", "environments:read", "write", (call) =>
    counted(call, "variables", [...theEnvironment(call).variables.values()], showVariable),
  ),
  onRepository(
    "GET /environments/{environment_name}/variables/{name}",
    "environments:read",
    "write",
    (call) => ok(showVariable(variableOf(call, theEnvironment(call).variables))),
  ),
  onRepository("GET /actions/variables", "actions_variables:read", "write", (call) =>
    counted(call, "variables", [...call.repository.variables.values()], showVariable),
  ),
  onRepository("GET /actions/variables/{name}", "actions_variables:read", "write", (call) =>
    ok(showVariable(variableOf(call, call.repository.variables))),
  ),
  byWriter("POST /actions/variables", "actions_variables:write", "write", (call) => {
    const name = call.body.text("name");
    if (call.repository.variables.has(name.toUpperCase()))
      throw invalid("Variable", "name", "already_exists");
    setVariable(call.twin, call.repository.variables, name, call.body.text("value"));
    return { status: 201, body: {} };
  }),
  byWriter("PATCH /actions/variables/{name}", "actions_variables:write", "write", (call) => {
    const { name, value } = variableOf(call, call.repository.variables);
    setVariable(call.twin, call.repository.variables, name, call.body.optionalText("value") ?? value);
    return noContent;
  }),
  byWriter("DELETE /actions/variables/{name}", "actions_variables:write", "write", (call) => {
    call.repository.variables.delete(variableOf(call, call.repository.variables).name);
    return noContent;
  }),
];

export const environmentRoutes: Route[] = [...environmentRoutesProper, ...secretRoutes, ...variableRoutes];
