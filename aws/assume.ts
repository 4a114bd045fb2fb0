// The one place where a role is assumed: a workflow's OIDC token against temporary credentials.

import { AwsError, type CallPlace, toAwsError } from "./errors.ts";
import { type Clock, type RetryPolicy, withRetries } from "./retry.ts";

/** The audience of every token; the trust policies name it. */
export const audience = "sts.amazonaws.com";
/** STS gives nothing shorter. */
export const shortestSession = 900;
/** The roles' `MaxSessionDuration`, and the most that STS gives. */
export const longestSession = 43_200;

export interface AssumeRequest {
  readonly role: string;
  readonly account: string;
  readonly region: string;
  readonly sessionName: string;
  /** Seconds, from `shortestSession` to `longestSession`. */
  readonly duration: number;
  /** A session policy, at most 2,048 characters. */
  readonly policy?: string;
}

export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since the epoch. */
  readonly expiration: number;
  /** `arn:…:sts::<account>:assumed-role/<role>/<session name>` as STS answered it. */
  readonly owner: string;
}

export type OidcToken = (audience: string) => Promise<string>;

/** The unsigned STS call, for one Region. */
export type SendAssume = (input: {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly WebIdentityToken: string;
  readonly DurationSeconds: number;
  readonly Policy?: string;
}) => Promise<{
  readonly Credentials?:
    | {
        readonly AccessKeyId: string | undefined;
        readonly SecretAccessKey: string | undefined;
        readonly SessionToken: string | undefined;
        readonly Expiration: Date | undefined;
      }
    | undefined;
  readonly AssumedRoleUser?: { readonly Arn: string | undefined } | undefined;
}>;

/** One fresh token a role assumption; a retry takes a new one only when STS found the token too old. */
export async function assumeRole(
  request: AssumeRequest,
  deps: {
    readonly oidcToken: OidcToken;
    readonly clock: Clock;
    readonly retry: RetryPolicy;
    readonly send: SendAssume;
  },
): Promise<TemporaryCredentials> {
  const place = {
    call: "sts:AssumeRoleWithWebIdentity",
    account: request.account,
    region: request.region,
    role: request.role,
  };
  let token: string | undefined;
  const toError = (thrown: unknown): AwsError => toAwsError(thrown, place);
  const answer = await withRetries({ clock: deps.clock, policy: deps.retry, toError }, async (previous) => {
    if (token === undefined || previous?.code === "expired" || previous?.code === "identity-rejected")
      token = await freshToken(deps.oidcToken, place);
    return deps.send({
      RoleArn: request.role,
      RoleSessionName: request.sessionName,
      WebIdentityToken: token,
      DurationSeconds: request.duration,
      ...(request.policy === undefined ? {} : { Policy: request.policy }),
    });
  });
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
  const owner = answer.AssumedRoleUser?.Arn;
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || Expiration === undefined || owner === undefined)
    throw toError(undefined);
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration.getTime(),
    owner,
  };
}

/** GitHub's own words stay out: they may quote the request, which carries a bearer token. */
async function freshToken(oidcToken: OidcToken, place: CallPlace): Promise<string> {
  try {
    return await oidcToken(audience);
  } catch {
    const next = "GitHub gave no OIDC token; check that the job has `id-token: write`, and run it again";
    throw new AwsError("network", place, { next });
  }
}
