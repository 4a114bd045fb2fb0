import { findEnvironment, setEnvironment, setVariable } from "../environments.ts";
import { refusal } from "../http.ts";
import type { Environment } from "../state.ts";
import type { Twin } from "../twin.ts";
import type { World } from "../world.ts";
import type { Lookup } from "./lookup.ts";

type Settings = Pick<
  World,
  | "setEnvironment"
  | "setEnvironmentSecret"
  | "setSecret"
  | "setVariable"
  | "setMergeMethods"
  | "setOidcSubTemplate"
>;

export function createSettings(twin: Twin, lookup: Lookup): Settings {
  const environmentOf = (repository: string, name: string): Environment => {
    const environment = findEnvironment(lookup.repository(repository), name);
    if (environment === undefined) throw refusal(404, `${repository} has no environment ${name}`);
    return environment;
  };
  return {
    setEnvironment: (repository, name, { branches }) => {
      setEnvironment(twin, lookup.repository(repository), name, branches);
    },
    setEnvironmentSecret: (repository, environment, name, value) => {
      environmentOf(repository, environment).secrets.set(name.toUpperCase(), value);
    },
    setSecret: (repository, name, value) => {
      lookup.repository(repository).secrets.set(name.toUpperCase(), value);
    },
    setVariable: (repository, name, value, environment) => {
      const holder =
        environment === undefined ? lookup.repository(repository) : environmentOf(repository, environment);
      setVariable(twin, holder.variables, name, value);
    },
    setMergeMethods: (repository, methods) => {
      lookup.repository(repository).mergeMethods = new Set(methods);
    },
    setOidcSubTemplate: (name, keys) => {
      const holder = name.includes("/") ? lookup.repository(name) : lookup.organization(name);
      if (keys === undefined) delete holder.oidcSubTemplate;
      else holder.oidcSubTemplate = keys;
    },
  };
}
