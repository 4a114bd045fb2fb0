import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AwsError, toAwsError } from "../../aws/errors.ts";

const place = {
  call: "ssm:DescribeSessions",
  account: "111122223333",
  region: "eu-central-1",
  role: "arn:aws:iam::111122223333:role/HallpassRevoke",
};
const thrown = (name: string, more: object = {}): Error =>
  Object.assign(new Error("raw text of AWS"), { name, ...more });

describe("errors of AWS", () => {
  it.each([
    ["AccessDeniedException", "not-authorized"],
    ["AccessDenied", "not-authorized"],
    ["UnauthorizedOperation", "not-authorized"],
    ["InvalidClientTokenId", "not-authorized"],
    ["UnrecognizedClientException", "not-authorized"],
    ["InvalidIdentityTokenException", "identity-rejected"],
    ["IDPRejectedClaimException", "identity-rejected"],
    ["IDPCommunicationErrorException", "unavailable"],
    ["ExpiredTokenException", "expired"],
    ["ExpiredToken", "expired"],
    ["ThrottlingException", "throttled"],
    ["Throttling", "throttled"],
    ["RequestLimitExceeded", "throttled"],
    ["TooManyRequestsException", "throttled"],
    ["TooManyUpdates", "throttled"],
    ["ConflictException", "conflict"],
    ["ConcurrentModificationException", "unavailable"],
    ["ResourceNotFoundException", "not-found"],
    ["NoSuchEntityException", "not-found"],
    ["InvalidDocument", "not-found"],
    ["InvalidInstanceID.NotFound", "not-found"],
    ["TargetNotConnected", "target-not-connected"],
    ["MalformedPolicyDocumentException", "malformed-policy"],
    ["PackedPolicyTooLargeException", "policy-too-large"],
    ["LimitExceededException", "limit-reached"],
    ["ServiceQuotaExceededException", "limit-reached"],
    ["ValidationException", "invalid"],
    ["ValidationError", "invalid"],
    ["InvalidFilterKey", "invalid"],
    ["RegionDisabledException", "region-disabled"],
    ["RequestTimeTooSkewed", "clock"],
    ["InvalidSignatureException", "clock"],
    ["InternalServerError", "unavailable"],
    ["ServiceUnavailable", "unavailable"],
    ["TimeoutError", "network"],
    ["SomethingNew", "unknown"],
  ])("%s is %s", (name, code) => {
    expect(toAwsError(thrown(name), place).code).toBe(code);
  });

  it.each([
    [thrown("Error", { code: "ECONNRESET" }), "network"],
    [thrown("Error", { code: "ENOTFOUND" }), "network"],
    [thrown("Unheard", { $metadata: { httpStatusCode: 503 } }), "unavailable"],
    [thrown("Unheard", { $metadata: { httpStatusCode: 429 } }), "throttled"],
    ["a string", "unknown"],
    [undefined, "unknown"],
    [null, "unknown"],
  ])("without a known name: %s", (error, code) => {
    expect(toAwsError(error, place).code).toBe(code);
  });

  it("the message names call, account, Region, role, AWS's name, the request and what to do", () => {
    const error = toAwsError(
      thrown("AccessDeniedException", { $metadata: { requestId: "6cfc3d6d-fd93-29e2-e96c-909a080ce519" } }),
      place,
    );
    expect(error.message).toBe(
      "`ssm:DescribeSessions` in account 111122223333, eu-central-1, as arn:aws:iam::111122223333:role/HallpassRevoke was not allowed (AccessDeniedException, request 6cfc3d6d-fd93-29e2-e96c-909a080ce519): compare the role with aws/account.yaml and update its stack",
    );
  });

  it("never carries AWS's own text, wherever the error holds it", () => {
    const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 16, maxLength: 40 });
    fc.assert(
      fc.property(hex, (secret) => {
        const raw = { message: secret, name: `AKIA ${secret}`, Policy: secret, $response: { body: secret } };
        const error = toAwsError({ ...raw, $metadata: { requestId: `<b>${secret}</b>` } }, place);
        expect(JSON.stringify([error.message, error.stack, { ...error }])).not.toContain(secret);
      }),
    );
  });

  it("a name that is no name is left out", () => {
    expect(toAwsError(thrown("AKIA secret\nvalue"), place).message).not.toContain("AKIA");
  });

  it("stays what it is when it passes twice", () => {
    const error = new AwsError("throttled", place);
    expect(toAwsError(error, { ...place, call: "other" })).toBe(error);
  });
});
