import type { Principal } from "./principal.ts";

type Keys = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The global condition keys of a call: those of its time and place, and those of who calls. */
export function globalKeys(principal: Principal, region: string, now: number): Keys {
  return {
    "aws:CurrentTime": new Date(now).toISOString(),
    "aws:EpochTime": String(Math.floor(now / 1000)),
    "aws:RequestedRegion": region,
    "aws:SecureTransport": "true",
    "aws:ViaAWSService": "false",
    ...principalKeys(principal),
  };
}

function principalKeys(principal: Principal): Keys {
  const base = { "aws:userid": principal.userId, "aws:PrincipalAccount": principal.account };
  if (principal.kind === "administrator") {
    return {
      ...base,
      "aws:PrincipalType": "User",
      "aws:PrincipalArn": principal.arn,
      "aws:username": principal.arn.split("/").at(-1),
    };
  }
  return {
    ...base,
    "aws:PrincipalType": "AssumedRole",
    // a role's session is seen by the ARN of the role
    "aws:PrincipalArn": principal.role.arn,
    "aws:TokenIssueTime": new Date(principal.issuedAt).toISOString(),
    "aws:FederatedProvider": principal.federatedProvider,
    ...Object.fromEntries([...principal.role.tags].map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
  };
}

/** The keys that a resource's tags give, under the names that the action at hand knows. */
export function tagKeys(
  tags: ReadonlyMap<string, string> | undefined,
  ...names: readonly ("aws:ResourceTag" | "ssm:resourceTag" | "ec2:ResourceTag" | "iam:ResourceTag")[]
): Keys {
  return Object.fromEntries(
    [...(tags ?? [])].flatMap(([key, value]) => names.map((prefix) => [`${prefix}/${key}`, value])),
  );
}

/** The keys that tags in a request give. */
export function requestTagKeys(tags: Iterable<readonly [string, string]>): Keys {
  const pairs = [...tags];
  if (pairs.length === 0) return {};
  return {
    "aws:TagKeys": pairs.map(([key]) => key),
    ...Object.fromEntries(pairs.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  };
}
