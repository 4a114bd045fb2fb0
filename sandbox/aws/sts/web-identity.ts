import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { AwsError } from "../errors.ts";
import type { Account, OidcProvider } from "../world.ts";

/** The keys an issuer publishes, got anew for each token: they rotate. Rejects when the issuer cannot be reached. */
export type FetchKeys = (
  issuer: string,
) => Promise<{ readonly keys: readonly (JsonWebKey & { kid?: string })[] }>;

export interface VerifiedToken {
  readonly provider: OidcProvider;
  readonly subject: string;
  readonly audience: string;
  /** Every claim, by name. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Verifies a web identity token for an account: issuer known there, audience allowed, signature and times right. */
export async function verifyToken(
  token: string,
  account: Account,
  fetchKeys: FetchKeys,
  now: number,
): Promise<VerifiedToken> {
  const { header, claims, signed, signature } = readToken(token);
  const issuer = text(claims["iss"]) ?? invalid("The ID Token provided has no issuer");
  const provider = account.oidcProviders.get(issuer.replace(/^https:\/\//, ""));
  if (provider === undefined || !issuer.startsWith("https://")) {
    return invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
  }
  await checkSignature(header, signed, signature, await keysOf(issuer, fetchKeys));
  checkTimes(claims, now);
  const audience = audiences(claims["aud"]).find((name) => provider.clientIds.includes(name));
  if (audience === undefined) return invalid("Incorrect token audience");
  const subject = text(claims["sub"]) ?? invalid("Missing a required claim: sub");
  return { provider, subject, audience, claims };
}

interface Parts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Buffer;
}

function readToken(token: string): Parts {
  const [header = "", claims = "", signature = "", ...rest] = token.split(".");
  if (rest.length > 0 || signature === "")
    return invalid(
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    );
  return {
    header: readJson(header),
    claims: readJson(claims),
    signed: `${header}.${claims}`,
    signature: Buffer.from(signature, "base64url"),
  };
}

function readJson(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // said below
  }
  return invalid(
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
  );
}

async function keysOf(issuer: string, fetchKeys: FetchKeys): ReturnType<FetchKeys> {
  try {
    return await fetchKeys(issuer);
  } catch {
    throw new AwsError("IDPCommunicationErrorException", `could not reach ${issuer} for its keys`);
  }
}

async function checkSignature(
  header: Parts["header"],
  signed: string,
  signature: Buffer,
  published: Awaited<ReturnType<FetchKeys>>,
): Promise<void> {
  if (header["alg"] !== "RS256") invalid("Unsupported signature algorithm");
  const key = published.keys.find((candidate) => candidate.kid === header["kid"]);
  if (key === undefined) return invalid("Couldn't retrieve verification key from your identity provider");
  const publicKey = createPublicKey({ key, format: "jwk" });
  if (!verify("RSA-SHA256", Buffer.from(signed), publicKey, signature))
    invalid("The ID Token signature is not valid");
}

function checkTimes(claims: Parts["claims"], now: number): void {
  const { exp, nbf, iat } = claims;
  if (typeof exp !== "number" || typeof iat !== "number") {
    throw invalidToken("Missing a required claim: exp or iat");
  }
  const seconds = Math.floor(now / 1000);
  if (exp <= seconds) {
    const message = `Token expired: current date/time ${seconds} must be before the expiration date/time ${exp}`;
    throw new AwsError("ExpiredTokenException", message);
  }
  if (typeof nbf === "number" && nbf > seconds) invalid("The ID Token is not valid yet");
}

function audiences(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === "string");
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function invalid(message: string): never {
  throw invalidToken(message);
}

function invalidToken(message: string): AwsError {
  return new AwsError("InvalidIdentityTokenException", message);
}
