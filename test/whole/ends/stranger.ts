// Credentials that no grant gave: of somebody who got hold of the workflow's identity, or of another access repo that serves the same account.

import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { requestHandlerFor } from "../../../sandbox/aws/request-handler.ts";
import type { World } from "../world.ts";
import { type Holder, hold } from "./holder.ts";

/** A repository whose workflow asks for the token. */
export interface Workflow {
  readonly repository: string;
  readonly repositoryId: number;
}

export const ours = ({ stage }: World): Workflow => ({
  repository: stage.repository.fullName,
  repositoryId: stage.repository.id,
});

let jobs = 1_000_000;

export async function tokenOf(
  { stage }: World,
  { repository, repositoryId }: Workflow,
  audience = "sts.amazonaws.com",
): Promise<string> {
  const open = stage.actions.oidc.open(jobs++, audience, () => ({
    sub: `repo:${repository}:environment:hallpass`,
    repository,
    repository_id: String(repositoryId),
    environment: "hallpass",
    job_workflow_ref: `${repository}/.github/workflows/access.yml@refs/heads/main`,
  }));
  const answer = await stage.github.fetch(`${open.requestUrl}&audience=${audience}`, {
    headers: { authorization: `Bearer ${open.requestToken}` },
  });
  return ((await answer.json()) as { readonly value: string }).value;
}

/** Whoever holds credentials of an access role under a session name of their choice, with no session policy. */
export async function stranger(
  world: World,
  {
    session,
    role = "HallpassAccess",
    from = ours(world),
  }: { session: string; role?: string; from?: Workflow },
): Promise<Holder> {
  const { stage } = world;
  const sts = new STSClient({
    region: stage.region,
    requestHandler: requestHandlerFor(stage.aws.handle),
    maxAttempts: 1,
  });
  const { Credentials } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: `arn:aws:iam::${stage.account}:role/${role}`,
      RoleSessionName: session,
      WebIdentityToken: await tokenOf(world, from),
      DurationSeconds: 43_200,
    }),
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
  return hold(
    world,
    { region: stage.region, AccessKeyId, SecretAccessKey, SessionToken },
    "Hallpass-Shell-720",
  );
}
