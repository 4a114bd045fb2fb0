// Trust policies: whose tokens may become our roles, and which of AWS's services.

import { arnOf, type Json, ref, sub, variable } from "./cloudformation.ts";

export const gitHubIssuer = "token.actions.githubusercontent.com";
export const audience = "sts.amazonaws.com";
const repositoryId = variable("RepositoryId");

const workflow = `${variable("Organization")}/${variable("Repository")}/.github/workflows/access.yml@refs/heads/${variable("DefaultBranch")}`;

/** Only this repository (by id), only its environment `hallpass`, only this workflow file of the default branch. */
const gitHubComClaims: Json = {
  [`${gitHubIssuer}:aud`]: audience,
  // before and after 15 July 2026 GitHub writes it differently
  [`${gitHubIssuer}:sub`]: [
    sub(`repo:${variable("Organization")}/${variable("Repository")}:environment:hallpass`),
    sub(
      `repo:${variable("Organization")}@${variable("OrganizationId")}/${variable("Repository")}@${repositoryId}:environment:hallpass`,
    ),
  ],
  [`${gitHubIssuer}:repository_id`]: ref("RepositoryId"),
  [`${gitHubIssuer}:environment`]: "hallpass",
  [`${gitHubIssuer}:job_workflow_ref`]: sub(workflow),
};

/** A condition on a claim that AWS does not see would deny everything, so all three stand in `sub`. The key holds the issuer, which only text can carry. */
const enterpriseTrust = (sessionNames: string): Json => {
  const issuer = variable("EnterpriseIssuer");
  const claims = {
    [`${issuer}:aud`]: audience,
    [`${issuer}:sub`]: `repository_id:${repositoryId}:environment:hallpass:job_workflow_ref:${workflow}`,
  };
  return sub(JSON.stringify(workflowTrust(variable("OidcProviderArn"), claims, sessionNames)));
};

const workflowTrust = (provider: unknown, claims: Json, sessionNames: unknown): Json => ({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "sts:AssumeRoleWithWebIdentity",
      Principal: { Federated: provider },
      Condition: { StringEquals: claims, StringLike: { "sts:RoleSessionName": sessionNames } },
    },
  ],
});

export const trustOfWorkflow = (sessionNames: string): Json => ({
  "Fn::If": [
    "IsGitHubCom",
    workflowTrust(
      { "Fn::If": ["MakesProvider", arnOf("OidcProvider"), ref("OidcProviderArn")] },
      gitHubComClaims,
      sessionNames.includes("$") ? sub(sessionNames) : sessionNames,
    ),
    enterpriseTrust(sessionNames),
  ],
});

export const trustOfService = (service: string, source: string): Json => ({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: service },
      Condition: {
        StringEquals: { "aws:SourceAccount": ref("AWS::AccountId") },
        ArnLike: { "aws:SourceArn": sub(source) },
      },
    },
  ],
});
