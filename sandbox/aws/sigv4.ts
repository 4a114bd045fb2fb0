import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { AwsError } from "./errors.ts";
import type { Protocol, ServiceModel } from "./wire/service-models.ts";
import { decodeComponent, type WireRequest } from "./wire/wire-request.ts";

/** What an Authorization header says about itself, before anything of it is believed. */
export interface Scope {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

export function readScope(request: WireRequest): Scope | undefined {
  const header = request.headers.get("authorization");
  if (header === undefined) return undefined;
  const match = form.exec(header);
  if (match === null)
    throw new AwsError("IncompleteSignature", "Authorization header is not a SigV4 one", 403);
  const [, accessKeyId = "", date = "", region = "", service = "", headers = "", signature = ""] = match;
  return { accessKeyId, date, region, service, signedHeaders: headers.split(";"), signature };
}

/** Whether the request was signed by the holder of `secret`, over exactly what arrived. */
export function signatureMatches(request: WireRequest, scope: Scope, secret: string): boolean {
  const stamp = request.headers.get("x-amz-date") ?? "";
  const canonical = canonicalRequest(request, scope);
  const scopeText = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", stamp, scopeText, sha256(canonical)].join("\n");
  const key = [scope.date, scope.region, scope.service, "aws4_request"].reduce(
    hmac,
    Buffer.from(`AWS4${secret}`),
  );
  return timingSafeEqual(Buffer.from(hmac(key, text).toString("hex")), Buffer.from(scope.signature));
}

function canonicalRequest(request: WireRequest, scope: Scope): string {
  const headers = scope.signedHeaders.map(
    (name) => `${name}:${(request.headers.get(name) ?? "").trim().replace(/ +/g, " ")}\n`,
  );
  return [
    request.method,
    request.path.split("/").map(encode).join("/"),
    canonicalQuery(request),
    headers.join(""),
    scope.signedHeaders.join(";"),
    sha256(request.body),
  ].join("\n");
}

function canonicalQuery(request: WireRequest): string {
  return request.query
    .map(([key, value]) => `${encode(decodeComponent(key))}=${encode(decodeComponent(value))}`)
    .sort()
    .join("&");
}

/** The instant a request says it was signed at, in milliseconds; undefined when it says none that agrees with its scope. */
export function signedAt(request: WireRequest, scope: Scope): number | undefined {
  const stamp = request.headers.get("x-amz-date") ?? "";
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp);
  if (match === null || !stamp.startsWith(scope.date)) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Headers that must be under the signature, or anybody on the way could change them. */
export function unsignedHeaders(request: WireRequest, scope: Scope): readonly string[] {
  const must = [...request.headers.keys()].filter((name) => name === "host" || name.startsWith("x-amz-"));
  return must.filter((name) => !scope.signedHeaders.includes(name));
}

/** The words for a bad signature and for unknown or expired keys differ by protocol. */
export function signatureErrors(service: ServiceModel) {
  const { mismatch, unknown, expired } = errorWords[service.protocol];
  return {
    mismatch: (message: string) => new AwsError(mismatch[0], message, mismatch[1]),
    unknownKey: () =>
      new AwsError(unknown[0], "The security token included in the request is invalid.", unknown[1]),
    expired: () =>
      new AwsError(expired[0], "The security token included in the request is expired", expired[1]),
  };
}

type Words = Readonly<Record<"mismatch" | "unknown" | "expired", readonly [code: string, status: number]>>;

const errorWords: Readonly<Record<Protocol, Words>> = {
  json: {
    mismatch: ["InvalidSignatureException", 400],
    unknown: ["UnrecognizedClientException", 400],
    expired: ["ExpiredTokenException", 400],
  },
  rest: {
    mismatch: ["InvalidSignatureException", 403],
    unknown: ["UnrecognizedClientException", 403],
    expired: ["ExpiredTokenException", 403],
  },
  query: {
    mismatch: ["SignatureDoesNotMatch", 403],
    unknown: ["InvalidClientTokenId", 403],
    expired: ["ExpiredToken", 403],
  },
  ec2: {
    mismatch: ["SignatureDoesNotMatch", 403],
    unknown: ["AuthFailure", 401],
    expired: ["RequestExpired", 400],
  },
};

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
