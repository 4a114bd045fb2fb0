import { deflateRawSync } from "node:zlib";
import type * as Sts from "@aws-sdk/client-sts";
import { AwsError } from "../errors.ts";
import { MalformedPolicy, type Policy, parsePolicy } from "../iam/policy-document.ts";
import { type RoleSession, roleSession } from "../iam/principal.ts";
import { findManagedPolicy } from "../iam/roles.ts";
import { type Candidate, isTrusted } from "../iam/trust.ts";
import { type RequestContext, requestContext } from "../iam/wildcards.ts";
import type { Twin } from "../twin.ts";
import type { Account, Role } from "../world.ts";

/** Seconds that a role taken on by another role may last. */
const chainedLimit = 3_600;

export interface SessionRequest {
  readonly RoleSessionName: string | undefined;
  readonly DurationSeconds?: number | undefined;
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly Sts.PolicyDescriptorType[] | undefined;
}

export interface IssuedSession {
  readonly Credentials: Sts.Credentials;
  readonly AssumedRoleUser: Sts.AssumedRoleUser;
  readonly PackedPolicySize?: number;
}

/** The role an ARN names; who asks for one that does not exist learns no more than who may not. */
export function findRoleByArn(account: Account | undefined, arn: string): Role | undefined {
  return [...(account?.roles.values() ?? [])].find((role) => role.arn === arn);
}

export function accountOfArn(arn: string): string {
  return arn.split(":")[4] ?? "";
}

/** Whether a role's trust policy, as it is in force now, lets a candidate in. */
export function trusts(
  role: Role,
  action: string,
  candidate: Candidate,
  keys: RequestContext,
  now: number,
): boolean {
  return isTrusted(role.trust.at(now)?.policy, action, candidate, keys);
}

/** Opens a session of a role that trusts who asks: checks duration and session policy, issues keys. */
export function openSession(
  twin: Twin,
  account: Account,
  role: Role,
  request: SessionRequest,
  origin: { readonly chained: boolean; readonly federatedProvider?: string },
): IssuedSession {
  const duration = checkDuration(role, request.DurationSeconds, origin.chained);
  const narrowing = readSessionPolicies(account, request);
  const packed = packedSize(narrowing.texts, twin.parameters.packedPolicyBytes);
  const now = twin.now();
  const session: RoleSession = roleSession(
    role,
    request.RoleSessionName ?? "",
    { issuedAt: now, expiresAt: now + duration * 1000 },
    {
      ...(narrowing.policies.length > 0 ? { sessionPolicies: narrowing.policies } : {}),
      ...(origin.federatedProvider === undefined ? {} : { federatedProvider: origin.federatedProvider }),
    },
  );
  const key = twin.credentials.issueTemporary(session);
  return {
    Credentials: {
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      SessionToken: key.sessionToken,
      // whole seconds, as AWS answers
      Expiration: new Date(Math.floor(session.expiresAt / 1000) * 1000),
    },
    AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
    ...(packed === undefined ? {} : { PackedPolicySize: packed }),
  };
}

function checkDuration(role: Role, asked: number | undefined, chained: boolean): number {
  const duration = asked ?? 3_600;
  if (chained && duration > chainedLimit) {
    const message =
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
    throw new AwsError("ValidationError", message);
  }
  if (duration > role.maxSessionDuration) {
    const message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    throw new AwsError("ValidationError", message);
  }
  return duration;
}

interface Narrowing {
  readonly policies: readonly Policy[];
  readonly texts: readonly string[];
}

function readSessionPolicies(account: Account, request: SessionRequest): Narrowing {
  const inline = request.Policy === undefined ? [] : [request.Policy];
  const arns = (request.PolicyArns ?? []).map((descriptor) => descriptor.arn ?? "");
  const plain = [...inline, ...arns].join("").length;
  if (plain > 2_048) {
    throw new AwsError(
      "ValidationError",
      "Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048",
    );
  }
  const managed = arns.map((arn) => findManagedPolicy(account, arn).policy);
  return { policies: [...inline.map(readInlinePolicy), ...managed], texts: [...inline, ...arns] };
}

function readInlinePolicy(text: string): Policy {
  try {
    return parsePolicy(text);
  } catch (error) {
    if (error instanceof MalformedPolicy)
      throw new AwsError("MalformedPolicyDocumentException", error.message);
    throw error;
  }
}

/** STS keeps policies in a binary form with a limit of its own; the form is not published, so this is a likeness. */
function packedSize(texts: readonly string[], limit: number): number | undefined {
  if (texts.length === 0) return undefined;
  const percent = Math.ceil((deflateRawSync(texts.join("\n")).length / limit) * 100);
  if (percent > 100) {
    const message = `PackedPolicySize: ${percent}% of the allowed size, over by ${percent - 100}%`;
    throw new AwsError("PackedPolicyTooLargeException", message);
  }
  return percent;
}

/** A role that a service of AWS takes on to do something for an account. */
export function assumeForService(
  twin: Twin,
  roleArn: string,
  service: string,
  sessionName: string,
  keys: Readonly<Record<string, string>>,
): RoleSession | undefined {
  const now = twin.now();
  const role = findRoleByArn(twin.world.get(accountOfArn(roleArn)), roleArn);
  const context = requestContext({ ...keys, "aws:CurrentTime": new Date(now).toISOString() });
  if (
    role === undefined ||
    !trusts(role, "sts:AssumeRole", { type: "Service", names: [service] }, context, now)
  ) {
    return undefined;
  }
  return roleSession(role, sessionName, { issuedAt: now, expiresAt: now + 12 * 3_600_000 });
}
