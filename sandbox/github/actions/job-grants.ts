import { claimsOf } from "./oidc-claims.ts";
import type { TokenGrant } from "./oidc-provider.ts";
import type { JobState, RunServices, RunState } from "./run-state.ts";
import { jobRights } from "./token-permissions.ts";
import type { Job } from "./workflow-file.ts";

// What a job is given: GITHUB_TOKEN, secrets, the right to OIDC tokens. And what its environment refuses it.

export interface GrantAsk {
  services: RunServices;
  run: RunState;
  job: JobState;
}

export interface Given {
  token: string;
  readsContents: boolean;
  secrets: Record<string, string>;
  oidc: TokenGrant | undefined;
}

/** Token, secrets and OIDC, by the table of rights. Only called once the environment has let the job in. */
export function give(ask: GrantAsk, file: Job, environment: string | undefined): Given {
  const { services, run, job } = ask;
  const { world } = services;
  const rights = jobRights(run.repo, run.workflow.file.permissions, file.permissions, run.identity.untrusted);
  const token = world.mintActionsToken(run.repo, rights.token, run.info.id);
  const stored = run.identity.untrusted ? {} : world.secrets(run.repo, environment);
  for (const secret of [token, ...Object.values(stored)]) job.log.addMask(secret);
  job.log.say("##[group]GITHUB_TOKEN Permissions");
  for (const [name, access] of Object.entries(rights.token)) job.log.say(`${name}: ${access}`);
  job.log.say("##[endgroup]");
  const oidc = rights.idToken ? openOidc(ask, environment) : undefined;
  if (oidc) job.log.addMask(oidc.requestToken);
  job.grants = { token: rights.token, idToken: rights.idToken, secrets: Object.keys(stored), environment };
  return {
    token,
    readsContents: rights.token["contents"] !== undefined,
    secrets: { ...stored, GITHUB_TOKEN: token },
    oidc,
  };
}

function openOidc(ask: GrantAsk, environment: string | undefined): TokenGrant {
  const { services, run, job } = ask;
  const { identity, info, repo, workflow } = run;
  const audience = `${services.serverUrl}/${repo.owner}`;
  return services.oidc.open(job.info.id, audience, () =>
    claimsOf(
      {
        repo,
        event: identity.trigger,
        ref: identity.ref,
        sha: identity.sha,
        headRef: identity.headRef,
        baseRef: identity.baseRef,
        workflowName: workflow.name,
        workflowPath: workflow.path,
        environment,
        runId: info.id,
        runNumber: info.runNumber,
        runAttempt: info.runAttempt,
        actor: info.actor,
        checkRunId: job.info.id,
      },
      services.world.oidcSubTemplate(repo),
    ),
  );
}

export function oidcVariables(oidc: TokenGrant | undefined): Record<string, string> {
  if (!oidc) return {};
  return { ACTIONS_ID_TOKEN_REQUEST_URL: oidc.requestUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: oidc.requestToken };
}

// An environment nobody has made yet lets everyone in, and has no secrets: GitHub makes it on first use.
export function refuseEnvironment(
  services: RunServices,
  run: RunState,
  environment: string | undefined,
): void {
  if (environment === undefined || !services.world.environment(run.repo, environment)) return;
  if (services.world.environmentAdmits(run.repo, environment, run.identity.ref)) return;
  const ref = run.identity.ref.replace(/^refs\/(heads|tags)\//, "");
  throw new Error(
    `Branch "${ref}" is not allowed to deploy to ${environment} due to environment protection rules.`,
  );
}
