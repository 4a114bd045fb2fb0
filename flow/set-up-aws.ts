// How AWS comes to believe the access repo: names of the roles, parameters of the stacks, and the `sub` and ids that the trust policies expect.

/** Role names are those of `aws/account.yaml`; the partition follows from where the account's Regions are. */
export const roleArn = (
  kind: "Inventory" | "Access" | "Revoke",
  account: string,
  regions: readonly string[],
): string => `arn:${partitionOf(regions[0] ?? "")}:iam::${account}:role/Hallpass${kind}`;

/** Of the OIDC provider that is made for this issuer in an account. */
export const providerArn = (issuer: string, account: string, regions: readonly string[]): string =>
  `arn:${partitionOf(regions[0] ?? "")}:iam::${account}:oidc-provider/${issuer}`;

const partitionOf = (region: string): string =>
  region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";

/** Where a GitHub is, as its own pages, its API and its tokens say. */
export interface GitHubHost {
  readonly kind: "github.com" | "data-residency" | "enterprise-server";
  readonly host: string;
  readonly apiUrl: string;
  /** Without `https://`, as AWS names it. */
  readonly issuer: string;
}

/** As people copy it from the address bar: `https://` before it, a slash after it and capitals do no harm. */
export const parseHost = (written: string): string | undefined =>
  /^(?:https:\/\/)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?)\/?$/
    .exec(written.toLowerCase())?.[1]
    ?.replace(/^www\.(?=github\.com$)/, "");

export const hostForm = "a host such as `ghe.acme.com` or `acme.ghe.com`";

/** `github.com`, `acme.ghe.com` or the host of an Enterprise Server. */
export function gitHubHost(host: string): GitHubHost {
  if (host === "github.com")
    return {
      kind: "github.com",
      host,
      apiUrl: "https://api.github.com",
      issuer: "token.actions.githubusercontent.com",
    };
  const [, tenant] = /^([a-z0-9-]+)\.ghe\.com$/.exec(host) ?? [];
  if (tenant !== undefined)
    return {
      kind: "data-residency",
      host,
      apiUrl: `https://api.${host}`,
      issuer: `token.actions.${host}`,
    };
  return {
    kind: "enterprise-server",
    host,
    apiUrl: `https://${host}/api/v3`,
    issuer: `${host}/_services/token`,
  };
}

/** The host of an API address, as `GITHUB_API_URL` has it. */
export function hostOfApi(apiUrl: string): string {
  const { hostname, host } = new URL(apiUrl);
  return hostname === "api.github.com" ? "github.com" : host.replace(/^api\.(?=.+\.ghe\.com$)/, "");
}
