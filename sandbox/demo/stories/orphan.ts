// A session that bears our name and that no record explains: somebody had credentials which no grant gave.

import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { startSession } from "../../../aws/as-operator.ts";
import type { AccountId, Region } from "../../../core/ids.ts";
import type { GrantedCredentials } from "../../../flow/seal.ts";
import type { Sandbox } from "../../start.ts";
import { until } from "../cast.ts";
import { node } from "../inside.ts";
import { expect, type Story } from "../story.ts";

export const orphan: Story = {
  letter: "f",
  title: "an orphan: mallory has got hold of the workflow's identity, and asks nobody",
  play: async ({ sandbox, tell }) => {
    const { stage } = sandbox;
    const started = await startSession(await stolen(sandbox), {
      node: node("r2d2-app-02"),
      document: "Hallpass-Shell-60",
    });
    const shell = stage.aws.openShell(started);
    const began = Date.now();
    tell.say(
      "mallory",
      `is in a shell on r2d2-app-02: session ${shell.sessionId}, of no request that there is`,
    );
    const ended = await until("the orphan to be ended", async () => shell.ended);
    expect(ended.how === "terminated", "the orphan to be terminated");
    const seconds = Math.round((ended.at - began) / 100) / 10;
    tell.say("sweep", `no record explains it: ended after ${seconds} s`);
    const run = await until("the run that reports it", () => reportedBy(sandbox, shell.sessionId));
    tell.say("GitHub", `the run ${run.name} has failed, so that somebody looks: ${run.says}`);
    return { requests: [], found: { shell: seconds, session: shell.sessionId, reported: run.says } };
  },
};

const someRequest = 4_711;

/** Credentials of the access role by a token of the workflow, with no request, no record and no session policy. */
async function stolen({ stage, awsUrl }: Sandbox): Promise<GrantedCredentials> {
  const { repository, account, region } = stage;
  const { requestUrl, requestToken } = stage.actions.oidc.open(1_000_000, "sts.amazonaws.com", () => ({
    sub: `repo:${repository.fullName}:environment:hallpass`,
    repository: repository.fullName,
    repository_id: String(repository.id),
    environment: "hallpass",
    job_workflow_ref: `${repository.fullName}/.github/workflows/access.yml@refs/heads/main`,
  }));
  const answer = await fetch(`${requestUrl}&audience=sts.amazonaws.com`, {
    headers: { authorization: `Bearer ${requestToken}` },
  });
  const { value } = (await answer.json()) as { readonly value: string };
  const { Credentials } = await new STSClient({ region, endpoint: awsUrl }).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: `arn:aws:iam::${account}:role/HallpassAccess`,
      RoleSessionName: `hp.${repository.id}.${someRequest}`,
      WebIdentityToken: value,
    }),
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "", Expiration } = Credentials ?? {};
  return {
    account: account as AccountId,
    region: region as Region,
    AccessKeyId,
    SecretAccessKey,
    SessionToken,
    Expiration: Expiration?.toISOString() ?? "",
  };
}

/** The failed run whose annotations name the session. */
async function reportedBy({ stage }: Sandbox, session: string) {
  const { data } = await stage
    .as("pat")
    .rest.actions.listWorkflowRunsForRepo({ owner: "acme", repo: "access", per_page: 50 });
  for (const run of data.workflow_runs) {
    if (run.conclusion !== "failure") continue;
    const annotations = stage.actions.jobs(run.id).flatMap(({ log }) => log.annotations());
    const found = annotations.find(({ message }) => message.includes(session));
    if (found !== undefined) return { name: `#${run.run_number}`, says: found.message };
  }
  return undefined;
}
