// What an admin has set up on GitHub, as `hallpass doctor` reads it with a person's token. Nothing here is a fact of a decision.

import * as z from "zod/mini";
import type { GitHubClient } from "./client.ts";
import { isGitHubError } from "./error.ts";

const repositoryShape = z.object({
  id: z.int(),
  name: z.string(),
  visibility: z.optional(z.string()),
  private: z.boolean(),
  archived: z.optional(z.boolean()),
  has_issues: z.optional(z.boolean()),
  /** Shows to those who may change it. */
  allow_squash_merge: z.optional(z.boolean()),
  default_branch: z.string(),
  owner: z.object({ id: z.int(), login: z.string() }),
  permissions: z.optional(z.object({ admin: z.boolean(), push: z.boolean(), pull: z.boolean() })),
});
export type RepositorySettings = z.output<typeof repositoryShape>;

export const readRepository = (client: GitHubClient): Promise<RepositorySettings> =>
  client.get({ path: "/repos/{owner}/{repo}", as: repositoryShape });

/** A ruleset as GitHub has it; who may bypass it shows only to those who may change it. */
export interface FoundRuleset {
  readonly name: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export async function readRulesets(client: GitHubClient): Promise<readonly FoundRuleset[]> {
  const all = await client.get({
    path: "/repos/{owner}/{repo}/rulesets",
    query: { per_page: 100, includes_parents: "false" },
    as: z.array(z.object({ id: z.int(), name: z.string() })),
    whole: true,
  });
  return Promise.all(
    all.map(async ({ id, name }) => ({
      name,
      content: await client.get({
        path: "/repos/{owner}/{repo}/rulesets/{id}",
        with: { id },
        as: z.record(z.string(), z.unknown()),
      }),
    })),
  );
}

/** Rules that hold for a branch and come from other rulesets than those of these ids: the organization's, or the repository's own. */
export async function readOtherRules(
  client: GitHubClient,
  branch: string,
  ours: ReadonlySet<number>,
): Promise<readonly { readonly type: string; readonly ruleset: number | undefined }[]> {
  const rules = await client.get({
    path: "/repos/{owner}/{repo}/rules/branches/{branch}",
    with: { branch },
    query: { per_page: 100 },
    as: z.array(z.object({ type: z.string(), ruleset_id: z.optional(z.int()) })),
    whole: true,
  });
  return rules.flatMap(({ type, ruleset_id: ruleset }) =>
    ruleset !== undefined && ours.has(ruleset) ? [] : [{ type, ruleset }],
  );
}

const bypassShape = z.object({
  bypass_actors: z.optional(
    z.array(z.object({ actor_id: z.nullish(z.int()), actor_type: z.string(), bypass_mode: z.string() })),
  ),
});

/** Whether the App stands outside of a ruleset, the organization's or the repository's, as far as the person may see. */
export async function isBypassedBy(client: GitHubClient, ruleset: number, appId: number): Promise<boolean> {
  const found = await unlessMissing(
    client.get({ path: "/repos/{owner}/{repo}/rulesets/{id}", with: { id: ruleset }, as: bypassShape }),
  );
  return (found?.bypass_actors ?? []).some(
    ({ actor_id: id, actor_type: type, bypass_mode: mode }) =>
      type === "Integration" && id === appId && mode === "always",
  );
}

export interface FoundEnvironment {
  readonly custom: boolean;
  readonly policies: readonly { readonly name: string; readonly type: string }[];
}

/** Undefined: there is none, or nobody lets us see it. */
export async function readEnvironment(client: GitHubClient): Promise<FoundEnvironment | undefined> {
  const path = "/repos/{owner}/{repo}/environments/hallpass";
  const found = await unlessMissing(
    client.get({
      path,
      as: z.object({
        deployment_branch_policy: z.nullish(z.object({ custom_branch_policies: z.boolean() })),
      }),
    }),
  );
  if (found === undefined) return undefined;
  const custom = found.deployment_branch_policy?.custom_branch_policies === true;
  const policies = custom
    ? await client.get({
        path: `${path}/deployment-branch-policies`,
        query: { per_page: 100 },
        as: z.object({
          branch_policies: z.array(z.object({ name: z.string(), type: z._default(z.string(), "branch") })),
        }),
      })
    : { branch_policies: [] };
  return { custom, policies: policies.branch_policies };
}

const secretNames = z.object({ secrets: z.array(z.object({ name: z.string() })) });

/** Names only; GitHub never gives a secret's value. */
export async function readSecretNames(
  client: GitHubClient,
  of: "environment" | "repository",
): Promise<readonly string[]> {
  const path =
    of === "environment"
      ? "/repos/{owner}/{repo}/environments/hallpass/secrets"
      : "/repos/{owner}/{repo}/actions/secrets";
  const { secrets } = await client.get({ path, query: { per_page: 100 }, as: secretNames });
  return secrets.map(({ name }) => name);
}

export const readVariable = (client: GitHubClient, name: string): Promise<string | undefined> =>
  unlessMissing(
    client
      .get({
        path: "/repos/{owner}/{repo}/actions/variables/{name}",
        with: { name },
        as: z.object({ value: z.string() }),
      })
      .then(({ value }) => value),
  );

/** `active`, `disabled_manually`, `disabled_inactivity`, …; undefined: GitHub knows no such workflow. */
export const readWorkflowState = (client: GitHubClient, file: string): Promise<string | undefined> =>
  unlessMissing(
    client
      .get({
        path: "/repos/{owner}/{repo}/actions/workflows/{file}",
        with: { file },
        as: z.object({ state: z.string() }),
      })
      .then(({ state }) => state),
  );

const runsShape = z.object({
  workflow_runs: z.array(
    z.object({
      display_title: z.string(),
      status: z.nullable(z.string()),
      conclusion: z.nullish(z.string()),
      updated_at: z.string(),
      html_url: z.string(),
    }),
  ),
});
export type WorkflowRun = z.output<typeof runsShape>["workflow_runs"][number];

/** The latest hundred of `access.yml`, newest first. */
export async function readRuns(client: GitHubClient): Promise<readonly WorkflowRun[]> {
  const { workflow_runs: runs } = await client.get({
    path: "/repos/{owner}/{repo}/actions/workflows/access.yml/runs",
    query: { per_page: 100 },
    as: runsShape,
  });
  return runs;
}

/** The claims that tokens' `sub` is made of where it was customised; undefined: GitHub's default. */
export async function readSubjectClaims(client: GitHubClient): Promise<readonly string[] | undefined> {
  const { use_default: isDefault, include_claim_keys: keys } = await client.get({
    path: "/repos/{owner}/{repo}/actions/oidc/customization/sub",
    as: z.object({ use_default: z.boolean(), include_claim_keys: z.optional(z.array(z.string())) }),
  });
  return isDefault ? undefined : (keys ?? []);
}

/** Slugs in lower case. */
export async function readTeamsWithAccess(client: GitHubClient): Promise<ReadonlySet<string>> {
  const teams = await client.get({
    path: "/repos/{owner}/{repo}/teams",
    query: { per_page: 100 },
    as: z.array(z.object({ slug: z.string() })),
    whole: true,
  });
  return new Set(teams.map(({ slug }) => slug.toLowerCase()));
}

const installation = z.object({
  app_id: z.int(),
  repository_selection: z.string(),
  permissions: z.record(z.string(), z.string()),
  events: z.array(z.string()),
  suspended_at: z.nullish(z.string()),
});
export type Installation = z.output<typeof installation>;

/** As an owner of the organization sees it; undefined: it is not installed there. */
export async function readInstallation(
  client: GitHubClient,
  appId: number,
): Promise<Installation | undefined> {
  const { installations } = await client.get({
    path: "/orgs/{org}/installations",
    with: { org: client.owner },
    query: { per_page: 100 },
    as: z.object({ installations: z.array(installation) }),
  });
  return installations.find(({ app_id }) => app_id === appId);
}

/** As the App itself sees it: `asApp` signs in with the App's key. */
export const readOwnInstallation = (asApp: GitHubClient): Promise<Installation | undefined> =>
  unlessMissing(asApp.get({ path: "/repos/{owner}/{repo}/installation", as: installation }));

const delivery = z.object({
  guid: z.string(),
  delivered_at: z.string(),
  status_code: z.int(),
  status: z.string(),
});
export type Delivery = z.output<typeof delivery>;

/** The latest hundred, newest first. */
export const readDeliveries = (asApp: GitHubClient): Promise<readonly Delivery[]> =>
  asApp.get({ path: "/app/hook/deliveries", query: { per_page: 100 }, as: z.array(delivery) });

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isGitHubError(error, "not-found")) return undefined;
    throw error;
  }
}
