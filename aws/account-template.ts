// The CloudFormation of an account, deployed in one Region: how GitHub is believed, three roles for the Action, two for AWS's own services, and the boundary that makes
// the access role harmless to whoever may write its policies. `account.yaml` is made from this; a test compares them.

import { accountId, arnOf, type Json, partition, ref, sub, variable } from "./cloudformation.ts";
import { audience, gitHubIssuer, trustOfService, trustOfWorkflow } from "./trust.ts";

const suffix = variable("Suffix");
const repositoryId = variable("RepositoryId");
/** Made once in an account, whatever the number of access repos: the Region's runbook names it. */
const runbookRole = `arn:${partition}:iam::${accountId}:role/HallpassEndAccess`;
const sessionsOfThisRepository = sub(`arn:${partition}:ssm:*:${accountId}:session/hp.${repositoryId}.*`);

export function accountTemplate(): Json {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description:
      "Hallpass, once in each account: trust in one access repo's workflow, the roles, the permissions boundary",
    Parameters: parameters,
    Rules: rules,
    Conditions: conditions,
    Resources: {
      OidcProvider: oidcProvider,
      InventoryRole: inventoryRole,
      AccessBoundary: accessBoundary,
      AccessRole: accessRole,
      RevokeRole: revokeRole,
      SchedulerRole: schedulerRole,
      EndAccessRole: endAccessRole,
    },
    Outputs: outputs,
  };
}

const text = (description: string, more: Json = {}): Json => ({
  Type: "String",
  Description: description,
  ...more,
});
const word = "^[A-Za-z0-9_.-]+$";

const parameters: Json = {
  Organization: text("Owner of the access repo", { AllowedPattern: word }),
  OrganizationId: text("Its numeric id: gh api users/OWNER --jq .id", { AllowedPattern: "^[0-9]+$" }),
  Repository: text("Name of the access repo, without its owner", { AllowedPattern: word }),
  RepositoryId: text("Its numeric id: gh api repos/OWNER/REPO --jq .id", { AllowedPattern: "^[0-9]+$" }),
  DefaultBranch: text("Its default branch", { Default: "main", AllowedPattern: "^[A-Za-z0-9_./-]+$" }),
  OidcProviderArn: text("The account's OIDC provider for GitHub's tokens where it has one; empty makes it", {
    Default: "",
    AllowedPattern: "^$|^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/.+$",
  }),
  EnterpriseIssuer: text(
    "On GitHub Enterprise Server its issuer without https:// (HOST/_services/token); empty on github.com. There AWS sees no claim but sub, so the repository needs a customised sub of repository_id, environment and job_workflow_ref",
    { Default: "", AllowedPattern: "^$|^[A-Za-z0-9.-]+(/[A-Za-z0-9_./-]+)?$" },
  ),
  Suffix: text(
    "For the second access repo that serves this account, such as -b; it is part of all names but HallpassEndAccess",
    { Default: "", AllowedPattern: "^$|^-[A-Za-z0-9-]{1,20}$" },
  ),
};

const rules: Json = {
  EnterpriseNamesItsProvider: {
    RuleCondition: { "Fn::Not": [{ "Fn::Equals": [ref("EnterpriseIssuer"), ""] }] },
    Assertions: [
      {
        Assert: { "Fn::Not": [{ "Fn::Equals": [ref("OidcProviderArn"), ""] }] },
        AssertDescription: "With EnterpriseIssuer, make the OIDC provider first and give its OidcProviderArn",
      },
    ],
  },
};

const conditions: Json = {
  MakesProvider: { "Fn::Equals": [ref("OidcProviderArn"), ""] },
  IsGitHubCom: { "Fn::Equals": [ref("EnterpriseIssuer"), ""] },
  IsFirst: { "Fn::Equals": [ref("Suffix"), ""] },
};

const oidcProvider: Json = {
  Type: "AWS::IAM::OIDCProvider",
  Condition: "MakesProvider",
  Properties: { Url: `https://${gitHubIssuer}`, ClientIdList: [audience] },
};

const role = (name: Json | string, description: string, trust: Json, more: Json): Json => ({
  Type: "AWS::IAM::Role",
  Properties: { RoleName: name, Description: description, AssumeRolePolicyDocument: trust, ...more },
});

const policy = (...statements: readonly Json[]): Json => ({ Version: "2012-10-17", Statement: statements });
const inline = (...statements: readonly Json[]): Json => ({
  Policies: [{ PolicyName: "Hallpass", PolicyDocument: policy(...statements) }],
});

function allow(sid: string, actions: readonly string[], resources: unknown, condition?: Json): Json {
  return {
    Sid: sid,
    Effect: "Allow",
    Action: actions,
    Resource: resources,
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}

const inventoryRole = role(
  sub(`HallpassInventory${suffix}`),
  "Hallpass: reads nodes, their tags and agents",
  trustOfWorkflow("hallpass*"),
  inline(
    // none of these can be narrowed to a resource
    allow("Read", ["ec2:DescribeInstances", "ssm:DescribeInstanceInformation", "tag:GetResources"], "*"),
    allow(
      "ReadTags",
      ["ssm:ListTagsForResource"],
      sub(`arn:${partition}:ssm:*:${accountId}:managed-instance/*`),
    ),
    allow(
      "ReadDocuments",
      ["ssm:DescribeDocument"],
      sub(`arn:${partition}:ssm:*:${accountId}:document/Hallpass-*`),
    ),
  ),
);

const documentKinds = ["Shell", "SSH", "RDP", "Forward"];
/** Without it AWS starts the default shell when no document is named, whatever documents the policy lists. */
const checksDocument: Json = { BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } };

/** Both the access role's only policy and its boundary, so that no inline policy can add to it. A session policy narrows it to nodes, a document, an instant. */
const accessBoundary: Json = {
  Type: "AWS::IAM::ManagedPolicy",
  Properties: {
    ManagedPolicyName: sub(`HallpassBoundary${suffix}`),
    Description: "Hallpass: the most that the access role can ever do",
    PolicyDocument: policy(
      allow(
        "StartOnNodes",
        ["ssm:StartSession"],
        [
          sub(`arn:${partition}:ec2:*:${accountId}:instance/*`),
          sub(`arn:${partition}:ssm:*:${accountId}:managed-instance/*`),
        ],
        checksDocument,
      ),
      allow(
        "StartWithOurDocuments",
        ["ssm:StartSession"],
        documentKinds.map((kind) => sub(`arn:${partition}:ssm:*:${accountId}:document/Hallpass-${kind}-*`)),
        checksDocument,
      ),
      allow(
        "OwnSessions",
        ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"],
        sessionsOfThisRepository,
      ),
    ),
  },
};

const accessRole = role(
  sub(`HallpassAccess${suffix}`),
  "Hallpass: what operators hold, always narrowed by a session policy",
  // INVARIANT: session names of another access repo are out of reach, so owners and denies are too
  trustOfWorkflow(`hp.${repositoryId}.*`),
  {
    MaxSessionDuration: 43_200,
    PermissionsBoundary: ref("AccessBoundary"),
    // a managed policy: the 10,240 characters of inline policies are for the deny alone
    ManagedPolicyArns: [ref("AccessBoundary")],
  },
);

const revokeRole = role(
  sub(`HallpassRevoke${suffix}`),
  "Hallpass: schedules and ends; cannot open anything",
  trustOfWorkflow("hallpass*"),
  inline(
    allow(
      "Schedules",
      ["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:GetSchedule"],
      sub(`arn:${partition}:scheduler:*:${accountId}:schedule/hallpass/hp.${repositoryId}.*`),
    ),
    allow("PassSchedulerRole", ["iam:PassRole"], arnOf("SchedulerRole"), {
      StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" },
    }),
    allow("ListSessions", ["ssm:DescribeSessions"], "*"),
    allow("EndSessions", ["ssm:TerminateSession"], sessionsOfThisRepository),
    // without the boundary this would be the power to write any policy and so an account administrator's
    allow("Deny", ["iam:DeleteRolePolicy", "iam:PutRolePolicy"], arnOf("AccessRole"), {
      ArnEquals: { "iam:PermissionsBoundary": ref("AccessBoundary") },
    }),
    allow("ReadDeny", ["iam:GetRolePolicy"], arnOf("AccessRole")),
    allow("Events", ["events:PutEvents"], sub(`arn:${partition}:events:*:${accountId}:event-bus/default`), {
      StringEquals: { "events:source": "hallpass" },
    }),
  ),
);

const schedulerRole = role(
  sub(`HallpassScheduler${suffix}`),
  "Hallpass: what EventBridge Scheduler starts the runbook with",
  trustOfService(
    "scheduler.amazonaws.com",
    `arn:${partition}:scheduler:*:${accountId}:schedule-group/hallpass`,
  ),
  inline(
    allow(
      "StartRunbook",
      ["ssm:StartAutomationExecution"],
      // AWS checks the document and the execution now, and checked the definition before
      [
        sub(`arn:${partition}:ssm:*:${accountId}:document/Hallpass-EndAccess`),
        sub(`arn:${partition}:ssm:*:${accountId}:automation-execution/*`),
        sub(`arn:${partition}:ssm:*:${accountId}:automation-definition/Hallpass-EndAccess:*`),
      ],
    ),
    allow("PassRunbookRole", ["iam:PassRole"], sub(runbookRole), {
      StringEquals: { "iam:PassedToService": "ssm.amazonaws.com" },
    }),
  ),
);

const endAccessRole: Json = {
  Condition: "IsFirst",
  ...role(
    "HallpassEndAccess",
    "Hallpass: what the runbook ends sessions with",
    trustOfService("ssm.amazonaws.com", `arn:${partition}:ssm:*:${accountId}:automation-execution/*`),
    inline(
      allow("ListSessions", ["ssm:DescribeSessions"], "*"),
      allow("EndSessions", ["ssm:TerminateSession"], sub(`arn:${partition}:ssm:*:${accountId}:session/hp.*`)),
    ),
  ),
};

const output = (description: string, value: Json): Json => ({ Description: description, Value: value });

const outputs: Json = {
  InventoryRoleArn: output("accounts[].roles.inventory in .github/hallpass.yml", arnOf("InventoryRole")),
  AccessRoleArn: output("accounts[].roles.access in .github/hallpass.yml", arnOf("AccessRole")),
  RevokeRoleArn: output("accounts[].roles.revoke in .github/hallpass.yml", arnOf("RevokeRole")),
};
