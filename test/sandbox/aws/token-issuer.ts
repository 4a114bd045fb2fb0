import { createSign, generateKeyPairSync } from "node:crypto";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

export const gitHubIssuer = "https://token.actions.githubusercontent.com";

/** The keys of GitHub's issuer, as its JWKS has them; any other issuer is out of reach. */
export async function fetchKeys(issuer: string) {
  if (issuer !== gitHubIssuer) throw new Error("unreachable");
  return { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "key-1", alg: "RS256", use: "sig" }] };
}

export type Claims = Readonly<Record<string, unknown>>;

/** The claims of a job of `acme/access` in the environment `hallpass`. */
export function jobClaims(now: number): Claims {
  const seconds = Math.floor(now / 1000);
  return {
    iss: gitHubIssuer,
    aud: "sts.amazonaws.com",
    sub: "repo:acme/access:environment:hallpass",
    repository: "acme/access",
    repository_id: "4242",
    environment: "hallpass",
    job_workflow_ref: "acme/access/.github/workflows/access.yml@refs/heads/main",
    ref: "refs/heads/main",
    iat: seconds,
    nbf: seconds - 5,
    exp: seconds + 300,
  };
}

export function signToken(
  claims: Claims,
  header: Claims = { alg: "RS256", kid: "key-1", typ: "JWT" },
): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey).toString("base64url")}`;
}
