// What the person who looks may see of the roles, with AWS credentials of their own. Hallpass itself has none that could: only `--aws` asks for it.

import type { RequestHandler } from "../aws/clients.ts";
import type { RolesInAws } from "../flow/doctor-aws.ts";

/** In tests. */
export interface AwsOverrides {
  readonly requestHandler?: RequestHandler;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly systemClockOffset?: number;
}

/** Credentials, Region and endpoint are the SDK's own: profiles, environment, `AWS_ENDPOINT_URL`. */
export function rolesInAws(given: AwsOverrides = {}): RolesInAws {
  // IAM is not of a Region, and any answers for it; the environment's names the partition
  const config = {
    region: process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"] ?? "us-east-1",
    ...given,
  };
  return {
    account: async () => {
      const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
      const { Account = "" } = await new STSClient(config).send(new GetCallerIdentityCommand({}));
      return Account;
    },
    trustPolicy: async (role) => {
      const { GetRoleCommand, IAMClient } = await import("@aws-sdk/client-iam");
      const { Role } = await new IAMClient(config).send(new GetRoleCommand({ RoleName: role }));
      return Role?.AssumeRolePolicyDocument ?? "";
    },
  };
}
