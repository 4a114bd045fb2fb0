// The stacks of AWS as commands that run as they are printed: account by account, or for an organization at once.

import type { SetUp, SetUpAccount } from "./set-up.ts";
import { type GitHubHost, providerArn } from "./set-up-aws.ts";
import type { SetUpStep } from "./set-up-steps.ts";

export interface StacksOf {
  readonly setUp: SetUp;
  readonly host: GitHubHost;
  /** How `gh` is called there. */
  readonly gh: string;
}

export function stackSteps(given: StacksOf): readonly SetUpStep[] {
  const { setUp, host } = given;
  const parameters = parametersOf(given);
  const byHand: SetUpStep = {
    title: "Deploy the stacks in AWS, signed in to each account",
    why: "an account that has an OIDC provider for GitHub already would get a second one: there add `OidcProviderArn=` with its ARN to the parameters",
    commands: setUp.accounts.flatMap((account) => deployed(account, host, parameters)),
  };
  // each account of an Enterprise Server names a provider of its own, so there it is one after the other
  return setUp.accounts.length > 1 && host.kind === "github.com"
    ? [byHand, stackSets(setUp.accounts, parameters)]
    : [byHand];
}

type Parameters = Readonly<Record<string, string>>;

/** Of `aws/account.yaml`, as a shell takes them. */
const parametersOf = ({ setUp: { owner, repo, defaultBranch }, gh }: StacksOf): Parameters => ({
  Organization: owner,
  OrganizationId: `"$(${gh} api users/${owner} --jq .id)"`,
  Repository: repo,
  RepositoryId: `"$(${gh} api repos/${owner}/${repo} --jq .id)"`,
  DefaultBranch: defaultBranch,
});

function deployed(
  { id, regions }: SetUpAccount,
  { kind, issuer }: GitHubHost,
  parameters: Parameters,
): readonly string[] {
  const isOurs = kind === "github.com";
  const all = isOurs
    ? parameters
    : { ...parameters, EnterpriseIssuer: issuer, OidcProviderArn: providerArn(issuer, id, regions) };
  const given = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  return [
    ...(isOurs
      ? []
      : [
          `aws iam create-open-id-connect-provider --url https://${issuer} --client-id-list sts.amazonaws.com # account ${id}`,
        ]),
    `aws cloudformation deploy --stack-name hallpass-account --template-file aws/account.yaml --capabilities CAPABILITY_NAMED_IAM --region ${regions[0]} --parameter-overrides ${given.join(" ")} # account ${id}`,
    ...regions.map(
      (region) =>
        `aws cloudformation deploy --stack-name hallpass-region --template-file aws/region.yaml --region ${region} # account ${id}`,
    ),
  ];
}

function stackSets(accounts: readonly SetUpAccount[], parameters: Parameters): SetUpStep {
  const home = accounts[0]?.regions[0];
  const at = (command: string) => `aws cloudformation ${command} --region ${home}`;
  const make = (name: string, more: string) =>
    at(
      // operations that would be in each other's way wait for each other
      `create-stack-set --stack-set-name hallpass-${name} --template-body file://aws/${name}.yaml --permission-model SERVICE_MANAGED --auto-deployment Enabled=false --managed-execution Active=true ${more}`.trimEnd(),
    );
  const put = (name: string, into: readonly SetUpAccount[], regions: string) =>
    at(
      `create-stack-instances --stack-set-name hallpass-${name} --deployment-targets "OrganizationalUnitIds=[$(${root})],Accounts=[${into.map(({ id }) => id).join(",")}],AccountFilterType=INTERSECTION" --regions ${regions}`,
    );
  const given = Object.entries(parameters).map(
    ([name, value]) => `ParameterKey=${name},ParameterValue=${value}`,
  );
  const places = [...new Set(accounts.map(({ regions }) => regions.toSorted().join(" ")))];
  return {
    title:
      "Or, in place of that, deploy them by StackSets, signed in to the organization's management account",
    why: "where the accounts are of one organization; the management account itself is skipped and wants the commands above, and what an account lacks afterwards `hallpass doctor --aws` says there",
    commands: [
      at("activate-organizations-access"),
      make("account", `--capabilities CAPABILITY_NAMED_IAM --parameters ${given.join(" ")}`),
      // roles and the provider are global: a second Region would fail on their names
      put("account", accounts, `${home}`),
      make("region", ""),
      ...places.map((place) =>
        put(
          "region",
          accounts.filter(({ regions }) => regions.toSorted().join(" ") === place),
          place,
        ),
      ),
    ],
  };
}

const root = "aws organizations list-roots --query Roots[0].Id --output text";
