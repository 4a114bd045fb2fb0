// What can go wrong with an AWS call, as a closed union of codes. The sentence names the call, the account, the Region, the role and what to do
// next. It never carries AWS's own text: that may quote a policy, a token or an encoded authorization message.

export type AwsErrorCode =
  /** IAM said no. */
  | "not-authorized"
  /** STS refused the workflow's OIDC token, or the trust policy did not match it. */
  | "identity-rejected"
  /** Credentials or a token past their time. */
  | "expired"
  | "throttled"
  | "not-found"
  /** Something of that name exists and says something else. */
  | "conflict"
  /** The node's agent does not answer. */
  | "target-not-connected"
  | "malformed-policy"
  | "policy-too-large"
  /** A quota of the account. */
  | "limit-reached"
  /** AWS does not take the input. */
  | "invalid"
  /** The Region is not enabled in the account. */
  | "region-disabled"
  /** This machine's clock is wrong. */
  | "clock"
  /** No answer at all. */
  | "network"
  /** AWS answered with a fault of its own. */
  | "unavailable"
  | "unknown";

/** Where a call went and as whom. */
export interface CallPlace {
  /** As IAM names it: `ssm:DescribeSessions`. */
  readonly call: string;
  readonly account: string;
  readonly region: string;
  /** A role's ARN. */
  readonly role: string;
}

export class AwsError extends Error {
  readonly code: AwsErrorCode;
  readonly place: CallPlace;
  /** AWS's name of the error, such as `AccessDeniedException`; absent when there was no answer. */
  readonly awsName: string | undefined;
  /** For AWS's support and CloudTrail. */
  readonly requestId: string | undefined;
  /** The message without what differs each time: for places that people read again and again. */
  readonly said: string;

  constructor(
    code: AwsErrorCode,
    place: CallPlace,
    details: { readonly awsName?: string; readonly requestId?: string; readonly next?: string } = {},
  ) {
    super(sentence(code, place, details));
    this.name = "AwsError";
    this.code = code;
    this.place = place;
    this.awsName = details.awsName;
    this.requestId = details.requestId;
    const { requestId: _, ...same } = details;
    this.said = sentence(code, place, same);
  }
}

/** What AWS refuses now it will refuse in a minute; what it could not answer is worth another try. */
export const mayPass = ({ code }: AwsError): boolean =>
  code === "throttled" || code === "network" || code === "unavailable" || code === "clock";

const what: Record<AwsErrorCode, string> = {
  "not-authorized": "was not allowed",
  "identity-rejected": "did not accept this workflow's identity",
  expired: "found the credentials expired",
  throttled: "was throttled until the time for retries was over",
  "not-found": "found nothing of that name",
  conflict: "found something else under the same name",
  "target-not-connected": "could not reach the node's agent",
  "malformed-policy": "did not accept the policy",
  "policy-too-large": "found the session policy too large",
  "limit-reached": "met a quota of the account",
  invalid: "did not accept the input",
  "region-disabled": "found the Region not enabled in the account",
  clock: "found this machine's clock wrong",
  network: "got no answer",
  unavailable: "failed on AWS's side",
  unknown: "failed in an unexpected way",
};

const next: Record<AwsErrorCode, string> = {
  "not-authorized": "compare the role with aws/account.yaml and update its stack",
  "identity-rejected":
    "check that the role's trust policy names this repository's id, the environment `hallpass` and this workflow, and that the OIDC provider exists",
  expired: "run it again",
  throttled: "run it again later",
  "not-found": "check that the stacks of aws/account.yaml and aws/region.yaml are deployed there",
  conflict: "look at what is there; Hallpass does not overwrite what it did not write",
  "target-not-connected": "check that the SSM agent runs and can reach Systems Manager",
  "malformed-policy": "report this as a defect of Hallpass",
  "policy-too-large": "ask for fewer nodes in one request",
  "limit-reached": "raise the quota or remove what is no longer used",
  invalid: "check that the stacks of aws/account.yaml and aws/region.yaml are up to date",
  "region-disabled": "enable the Region or take it out of .github/hallpass.yml",
  clock: "set the clock of the runner",
  network: "check that the runner can reach AWS, and run it again",
  unavailable: "run it again later",
  unknown: "look the request id up in CloudTrail",
};

function sentence(
  code: AwsErrorCode,
  { call, account, region, role }: CallPlace,
  details: { readonly awsName?: string; readonly requestId?: string; readonly next?: string },
): string {
  const named = [details.awsName, details.requestId && `request ${details.requestId}`]
    .filter(Boolean)
    .join(", ");
  return `\`${call}\` in account ${account}, ${region}, as ${role} ${what[code]}${named && ` (${named})`}: ${details.next ?? next[code]}`;
}

/** What an SDK client, a request handler or the OIDC endpoint threw, as far as it says something. */
interface Thrown {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown; readonly requestId?: unknown };
  readonly $fault?: unknown;
}

const codes: readonly (readonly [AwsErrorCode, RegExp])[] = [
  [
    "throttled",
    /^(Throttl|TooManyRequests|TooManyUpdates|RequestLimitExceeded|RequestThrottled|SlowDown|BandwidthLimit|PriorRequestNotComplete)/,
  ],
  [
    "clock",
    /^(RequestTimeTooSkewed|RequestExpired|RequestInTheFuture|InvalidSignatureException|SignatureDoesNotMatch)/,
  ],
  ["expired", /^ExpiredToken/],
  ["identity-rejected", /^(InvalidIdentityToken|IDPRejectedClaim)/],
  [
    "unavailable",
    /^(IDPCommunicationError|ConcurrentModification|InternalServerError|InternalFailure|InternalError|ServiceUnavailable|ServiceFailure)/,
  ],
  [
    "not-authorized",
    /^(AccessDenied|UnauthorizedOperation|InvalidClientTokenId|UnrecognizedClient|AuthFailure|NotAuthorized)/,
  ],
  ["policy-too-large", /^PackedPolicyTooLarge/],
  ["malformed-policy", /^MalformedPolicyDocument/],
  ["region-disabled", /^(RegionDisabled|OptInRequired)/],
  ["target-not-connected", /^TargetNotConnected/],
  ["conflict", /^(Conflict|EntityAlreadyExists)/],
  ["limit-reached", /^(LimitExceeded|ServiceQuotaExceeded)/],
  ["not-found", /^(NoSuchEntity|ResourceNotFound|DoesNotExist|InvalidDocument|InvalidResourceId|.*NotFound)/],
  ["invalid", /^(Validation|Invalid|Malformed|Missing|Unsupported|UnmodifiableEntity)/],
  ["network", /^(TimeoutError|NetworkingError|AbortError|RequestTimeout)/],
];

const socketCodes = /^(E[A-Z]{3,}|EAI_AGAIN|ERR_SOCKET|UND_ERR)/;

/** Any failure of a call as a coded error. */
export function toAwsError(thrown: unknown, place: CallPlace): AwsError {
  if (thrown instanceof AwsError) return thrown;
  const { name, code, $metadata } = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Thrown;
  const awsName =
    typeof name === "string" && /^[A-Za-z][\w.]{2,80}$/.test(name) && name !== "Error" ? name : undefined;
  const requestId = $metadata?.requestId;
  const details = {
    ...(awsName === undefined ? {} : { awsName }),
    ...(typeof requestId === "string" && /^[\w-]{8,64}$/.test(requestId) ? { requestId } : {}),
  };
  return new AwsError(codeOf(awsName, code, $metadata?.httpStatusCode), place, details);
}

function codeOf(awsName: string | undefined, socketCode: unknown, status: unknown): AwsErrorCode {
  const named = awsName === undefined ? undefined : codes.find(([, names]) => names.test(awsName));
  if (named !== undefined) return named[0];
  if (status === 429) return "throttled";
  if (typeof status === "number" && status >= 500) return "unavailable";
  if (typeof socketCode === "string" && socketCodes.test(socketCode)) return "network";
  return "unknown";
}
