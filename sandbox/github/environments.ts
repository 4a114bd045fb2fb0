import { fnmatch, rulesetsFor } from "./rulesets.ts";
import type { Environment, Repository, Variable } from "./state.ts";
import type { Twin } from "./twin.ts";

export function findEnvironment(repository: Repository, name: string): Environment | undefined {
  return [...repository.environments.values()].find((one) => one.name.toLowerCase() === name.toLowerCase());
}

/** Makes or changes an environment: the branches that may deploy to it, by name or pattern. */
export function setEnvironment(
  twin: Twin,
  repository: Repository,
  name: string,
  branches: string[] | "all" | "protected",
): Environment {
  const now = twin.clock.now();
  const known = findEnvironment(repository, name);
  const id = known?.id ?? twin.ids.number();
  const policies =
    typeof branches === "string"
      ? branches
      : branches.map((branch) => {
          const policy = twin.ids.number();
          return { id: policy, nodeId: twin.ids.node("GBP", policy), name: branch };
        });
  const environment: Environment = {
    id,
    nodeId: known?.nodeId ?? twin.ids.node("EN", id),
    name,
    branches: policies,
    secrets: known?.secrets ?? new Map(),
    variables: known?.variables ?? new Map(),
    createdAt: known?.createdAt ?? now,
    updatedAt: now,
  };
  repository.environments.set(name.toLowerCase(), environment);
  return environment;
}

/**
 * Whether a ref may deploy to the environment. Patterns are of branches: a tag or a pull request's merge ref does not
 * pass by having a branch's name.
 */
export function environmentAdmits(
  twin: Twin,
  repository: Repository,
  environment: Environment,
  ref: string,
): boolean {
  const { branches } = environment;
  if (branches === "all") return true;
  if (!ref.startsWith("refs/heads/")) return false;
  if (branches === "protected") return rulesetsFor(twin, repository, ref).length > 0;
  const name = ref.slice("refs/heads/".length);
  return branches.some((policy) => fnmatch(policy.name, name));
}

export function setVariable(
  twin: Twin,
  variables: Map<string, Variable>,
  name: string,
  value: string,
): Variable {
  const now = twin.clock.now();
  const upper = name.toUpperCase();
  const variable = { name: upper, value, createdAt: variables.get(upper)?.createdAt ?? now, updatedAt: now };
  variables.set(upper, variable);
  return variable;
}
