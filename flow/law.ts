// The law at one commit of the default branch: config, rules, people, delegations and a checked policy set, read through the API and never from a checkout.

import type { PolicyEngine } from "../cedar/engine.ts";
import type { PolicySet } from "../cedar/policy-set.ts";
import { configPath, parseConfig } from "../core/config.ts";
import { parseDelegations } from "../core/delegations.ts";
import type { Law } from "../core/facts.ts";
import type { Sha } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import { noPeople, parsePeople } from "../core/people.ts";
import { accepted, type Parsed, type Problem, problem, refused, unlessProblems } from "../core/problem.ts";
import { parseRules } from "../core/rules.ts";
import type { GitHubClient } from "../github/client.ts";
import { type LawFiles, readLaw } from "../github/read-law.ts";
import { misplacedPolicies } from "./policy-folder.ts";

/** A law that has been read, with the policy set that the engine knows it by. */
export interface LoadedLaw extends Law {
  readonly policies: PolicySet;
}

/** Loads the law of a commit once, and keeps the last ones: a decision a second apart is of the same law. */
export function createLawStore(deps: { readonly client: GitHubClient; readonly engine: PolicyEngine }) {
  const kept = new Map<Sha, Promise<Parsed<LoadedLaw>>>();
  return {
    /** The config alone: what ends access must not wait until somebody mends a policy. */
    config: async (commit: Sha): Promise<Parsed<Config>> => readConfig(await readLaw(deps.client, commit)),
    at: (commit: Sha): Promise<Parsed<LoadedLaw>> => {
      const known = kept.get(commit);
      if (known !== undefined) return known;
      const loading = readLaw(deps.client, commit).then((files) => loadLaw(deps.engine, files));
      kept.set(commit, loading);
      // INVARIANT: a law that could not be read is asked for again; one that was read and is wrong stays wrong at its commit
      loading.catch(() => kept.delete(commit));
      for (const old of [...kept.keys()].slice(0, -mostKept)) kept.delete(old);
      return loading;
    },
  };
}

const mostKept = 4;

export type LawStore = ReturnType<typeof createLawStore>;

/** All problems of all files together. */
export async function loadLaw(engine: PolicyEngine, files: LawFiles): Promise<Parsed<LoadedLaw>> {
  const config = readConfig(files);
  const rules = files.approvals === undefined ? accepted([]) : parseRules(files.approvals);
  const people = files.people === undefined ? accepted(noPeople) : parsePeople(files.people);
  const delegations = files.delegations === undefined ? accepted([]) : parseDelegations(files.delegations);
  // the engine checks the editor's copy of the schema too: it is anybody's text, and belongs behind the same limits
  const schema = files.schema === undefined ? [] : [{ path: "schema.cedarschema", text: files.schema }];
  const policies = await engine.load([...files.policies, ...schema]);
  const problems: Problem[] = [
    ...problemsOf(config),
    ...misplacedPolicies(files.misplaced),
    ...(policies.ok ? [] : policies.problems),
    ...problemsOf(rules),
    ...problemsOf(people),
    ...problemsOf(delegations),
  ];
  return unlessProblems(
    problems,
    config.ok && rules.ok && people.ok && delegations.ok && policies.ok
      ? {
          config: config.value,
          rules: rules.value,
          people: people.value,
          delegations: delegations.value,
          policies: policies.set,
        }
      : undefined,
  );
}

const readConfig = ({ config }: LawFiles): Parsed<Config> =>
  config === undefined
    ? refused(
        problem(
          "config.missing",
          `\`${configPath}\` is missing on the default branch; write it, as the README says`,
        ),
      )
    : parseConfig(config);

const problemsOf = (parsed: Parsed<unknown>): readonly Problem[] => (parsed.ok ? [] : parsed.problems);
