import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
} from "node:crypto";
import type { Clock } from "../clock.ts";

// The OIDC provider of Actions: an issuer with its keys, and the endpoint where a running job asks for tokens.

const TOKEN_LIFE_SECONDS = 300;
/** GitHub's tokens are valid from a little before they are made. */
const EARLIER_SECONDS = 10;
export const OIDC_PATH = "/_oidc";

export interface OidcOptions {
  clock: Clock;
  /** Where this provider is reached, for the URL that jobs get: `https://…/_oidc`. */
  url: string;
  /** `iss`; absent: `url`. An issuer of another name needs its keys handed over (`jwks`). */
  issuer?: string;
  /** RSA private key; absent: a new one. */
  signingKey?: KeyObject;
}

export interface TokenGrant {
  /** ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN. */
  requestUrl: string;
  requestToken: string;
  /** The job is over: its request token opens nothing any more. */
  close(): void;
}

export interface OidcProvider {
  issuer: string;
  jwks(): { keys: Record<string, unknown>[] };
  /** For a job with `id-token: write`; asked for its claims at each request. */
  open(jobId: number, defaultAudience: string, claims: () => Record<string, string>): TokenGrant;
  /** Undefined for paths that are not below `/_oidc/`. */
  answer(request: Request): Promise<Response> | undefined;
}

interface OpenJob {
  bearer: string;
  defaultAudience: string;
  claims: () => Record<string, string>;
}

export function createOidcProvider(options: OidcOptions): OidcProvider {
  const issuer = options.issuer ?? options.url;
  let made: SigningKey | undefined;
  // An RSA key takes a moment to make: only a twin that is asked for tokens pays for it.
  const key = () => {
    made ??= signingKey(options.signingKey);
    return made;
  };
  const jobs = new Map<string, OpenJob>();

  const jwks = () => ({ keys: [key().jwk] });
  const issue = (job: OpenJob, audience: string): string => {
    const now = Math.floor(options.clock.now() / 1000);
    const claims = {
      jti: randomUUID(),
      aud: audience,
      iss: issuer,
      ...job.claims(),
      nbf: now - EARLIER_SECONDS,
      exp: now + TOKEN_LIFE_SECONDS,
      iat: now,
    };
    return signed(claims, key());
  };
  const tokenResponse = (request: Request, path: string, query: URLSearchParams): Response => {
    const job = jobs.get(path.slice("token/".length));
    const bearer = request.headers.get("authorization") ?? "";
    // INVARIANT: a job gets tokens with its own claims, and only while it runs.
    if (!job || bearer.toLowerCase() !== `bearer ${job.bearer}`) {
      return Response.json(
        { message: "unauthorized: the job is not running or the token is not its own" },
        { status: 401 },
      );
    }
    const value = issue(job, query.get("audience") || job.defaultAudience);
    return Response.json({ count: value.length, value });
  };

  return {
    issuer,
    jwks,
    open(jobId, defaultAudience, claims) {
      const id = String(jobId);
      const requestToken = randomBytes(32).toString("hex");
      jobs.set(id, { bearer: requestToken, defaultAudience, claims });
      return {
        requestUrl: `${options.url}/token/${id}?api-version=2.0`,
        requestToken,
        close: () => void jobs.delete(id),
      };
    },
    answer(request) {
      const url = new URL(request.url);
      const at = url.pathname.indexOf(`${OIDC_PATH}/`);
      if (at < 0) return undefined;
      const path = url.pathname.slice(at + OIDC_PATH.length + 1);
      if (path === ".well-known/openid-configuration")
        return Promise.resolve(Response.json(discovery(issuer)));
      if (path === ".well-known/jwks") return Promise.resolve(Response.json(jwks()));
      if (path.startsWith("token/")) return Promise.resolve(tokenResponse(request, path, url.searchParams));
      return Promise.resolve(Response.json({ message: "Not Found" }, { status: 404 }));
    },
  };
}

function discovery(issuer: string): Record<string, unknown> {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks`,
    subject_types_supported: ["public", "pairwise"],
    response_types_supported: ["id_token"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid"],
  };
}

interface SigningKey {
  privateKey: KeyObject;
  kid: string;
  jwk: Record<string, unknown>;
}

function signingKey(given: KeyObject | undefined): SigningKey {
  const privateKey = given ?? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const publicJwk = createPublicKey(privateKey).export({ format: "jwk" });
  const kid = createHash("sha256").update(JSON.stringify(publicJwk)).digest("hex").slice(0, 40);
  return { privateKey, kid, jwk: { ...publicJwk, kid, alg: "RS256", use: "sig" } };
}

function signed(claims: object, key: SigningKey): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ typ: "JWT", alg: "RS256", kid: key.kid })}.${encode(claims)}`;
  return `${text}.${sign("RSA-SHA256", Buffer.from(text), key.privateKey).toString("base64url")}`;
}
