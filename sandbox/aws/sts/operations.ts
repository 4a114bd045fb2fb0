import type * as Sts from "@aws-sdk/client-sts";
import { AwsError } from "../errors.ts";
import { globalKeys } from "../iam/request-keys.ts";
import { requestContext } from "../iam/wildcards.ts";
import { type Call, type Operations, operation } from "../twin.ts";
import { accountOfArn, findRoleByArn, openSession, trusts } from "./assume-role.ts";
import { type VerifiedToken, verifyToken } from "./web-identity.ts";

/** The claims of GitHub's tokens that AWS reads in trust policies; of other issuers only `aud` and `sub`. */
const gitHubClaims = [
  "actor",
  "actor_id",
  "environment",
  "job_workflow_ref",
  "ref",
  "repository",
  "repository_id",
  "repository_owner_id",
  "workflow",
  "enterprise_id",
] as const;

function tokenKeys(token: VerifiedToken): Readonly<Record<string, string | undefined>> {
  const { issuer } = token.provider;
  const claims = issuer === "token.actions.githubusercontent.com" ? gitHubClaims : [];
  return {
    [`${issuer}:sub`]: token.subject,
    [`${issuer}:aud`]: token.audience,
    ...Object.fromEntries(claims.map((claim) => [`${issuer}:${claim}`, text(token.claims[claim])])),
  };
}

function text(claim: unknown): string | undefined {
  return claim === undefined || claim === null ? undefined : String(claim);
}

const withWebIdentity = operation<
  Sts.AssumeRoleWithWebIdentityRequest,
  Sts.AssumeRoleWithWebIdentityResponse
>({
  // its proof is the token, and its permission the role's trust policy: both judged below
  authorize: () => {},
  run: async (input, call) => {
    const token = await verifyToken(
      input.WebIdentityToken ?? "",
      call.account,
      call.twin.fetchKeys,
      call.now,
    );
    const role = findRoleByArn(call.account, input.RoleArn ?? "");
    const keys = requestContext({
      ...tokenKeys(token),
      "sts:RoleSessionName": input.RoleSessionName,
      "aws:FederatedProvider": token.provider.arn,
      "aws:CurrentTime": new Date(call.now).toISOString(),
      "aws:RequestedRegion": call.region.name,
      "aws:SecureTransport": "true",
    });
    const candidate = { type: "Federated", names: [token.provider.arn] } as const;
    if (role === undefined || !trusts(role, "sts:AssumeRoleWithWebIdentity", candidate, keys, call.now)) {
      throw new AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403);
    }
    const issued = openSession(call.twin, call.account, role, input, {
      chained: false,
      federatedProvider: token.provider.arn,
    });
    return {
      ...issued,
      SubjectFromWebIdentityToken: token.subject,
      Audience: token.audience,
      Provider: token.provider.arn,
    };
  },
});

const assumeRole = operation<Sts.AssumeRoleRequest, Sts.AssumeRoleResponse>({
  authorize: (input, call) => {
    const ask = { action: "sts:AssumeRole", resource: input.RoleArn ?? "", keys: sessionKeys(input) };
    const evaluation = call.evaluate(ask);
    const named = trustsAssumer(input, call, namesOf(call));
    const viaAccount = named || trustsAssumer(input, call, accountNames(call));
    // a trust policy that names the caller itself, in its own account, needs no permission of the caller's
    const own = accountOfArn(input.RoleArn ?? "") === call.principal.account;
    const allowed =
      evaluation.decision === "allow" ? viaAccount : evaluation.decision === "implicit-deny" && named && own;
    if (!allowed) throw call.denied(ask, evaluation);
  },
  run: (input, call) => {
    if (input.Tags !== undefined)
      throw new AwsError("ValidationError", "the sandbox's AssumeRole takes no session tags");
    const account = call.twin.world.get(accountOfArn(input.RoleArn ?? ""));
    const role = findRoleByArn(account, input.RoleArn ?? "");
    // authorize has seen it
    if (account === undefined || role === undefined) throw new AwsError("AccessDenied", "no such role", 403);
    return { ...openSession(call.twin, account, role, input, { chained: call.principal.kind === "role" }) };
  },
});

function sessionKeys(input: Sts.AssumeRoleRequest) {
  return { "sts:RoleSessionName": input.RoleSessionName, "sts:ExternalId": input.ExternalId };
}

function namesOf(call: Call): readonly string[] {
  const { principal } = call;
  return principal.kind === "role" ? [principal.arn, principal.role.arn] : [principal.arn];
}

function accountNames(call: Call): readonly string[] {
  return [`arn:aws:iam::${call.principal.account}:root`, call.principal.account];
}

function trustsAssumer(input: Sts.AssumeRoleRequest, call: Call, names: readonly string[]): boolean {
  const role = findRoleByArn(call.twin.world.get(accountOfArn(input.RoleArn ?? "")), input.RoleArn ?? "");
  const keys = requestContext({
    ...globalKeys(call.principal, call.region.name, call.now),
    ...sessionKeys(input),
  });
  return role !== undefined && trusts(role, "sts:AssumeRole", { type: "AWS", names }, keys, call.now);
}

const getCallerIdentity = operation<Sts.GetCallerIdentityRequest, Sts.GetCallerIdentityResponse>({
  // needs no permission, and cannot be denied
  authorize: () => {},
  run: (_, call) => ({
    UserId: call.principal.userId,
    Account: call.principal.account,
    Arn: call.principal.arn,
  }),
});

export const stsOperations: Operations = {
  AssumeRoleWithWebIdentity: withWebIdentity,
  AssumeRole: assumeRole,
  GetCallerIdentity: getCallerIdentity,
};
