import { createVerify } from "node:crypto";
import { refusal } from "./http.ts";
import type { App } from "./state.ts";
import type { Twin, Viewer } from "./twin.ts";

// From an Authorization header to the one who sends.

const anonymous: Viewer = {
  kind: "anonymous",
  account: undefined,
  app: undefined,
  installation: undefined,
  permissions: undefined,
  repositories: undefined,
  token: undefined,
};

export function authenticate(twin: Twin, header: string | null): Viewer {
  if (header === null || header === "") return anonymous;
  const value = tokenIn(header);
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(value))
    return { ...anonymous, kind: "app", app: verifyJwt(twin, value) };
  const token = twin.state.tokens.get(value);
  if (token === undefined) throw refusal(401, "Bad credentials");
  switch (token.kind) {
    case "user":
      if (token.account.deleted || (token.expiresAt ?? Number.POSITIVE_INFINITY) <= twin.clock.now())
        throw refusal(401, "Bad credentials");
      return { ...anonymous, kind: "user", account: token.account, app: token.app, token };
    case "installation": {
      const { installation, permissions, repositories } = token;
      if (token.expiresAt <= twin.clock.now()) throw refusal(401, "Bad credentials");
      if (!twin.state.installations.includes(installation)) throw refusal(401, "Bad credentials");
      if (installation.suspendedAt !== undefined) throw refusal(403, "This installation has been suspended");
      const { app } = installation;
      return { kind: "installation", account: app.bot, app, installation, permissions, repositories, token };
    }
    case "actions": {
      if (token.expiresAt <= twin.clock.now()) throw refusal(401, "Bad credentials");
      const app = twin.actionsApp;
      const repositories = new Set([token.repository.id]);
      return {
        ...anonymous,
        kind: "actions",
        account: app.bot,
        app,
        permissions: token.permissions,
        repositories,
        token,
      };
    }
  }
}

function tokenIn(header: string): string {
  const basic = /^basic\s+(.+)$/i.exec(header);
  if (basic?.[1] !== undefined) {
    const [user = "", password = ""] = Buffer.from(basic[1], "base64").toString("utf8").split(":");
    return password === "" || password === "x-oauth-basic" ? user : password;
  }
  return header.replace(/^(bearer|token)\s+/i, "").trim();
}

/** GitHub's rules: RS256, `iat` not in the future, `exp` at most ten minutes ahead; a minute's drift is forgiven. */
function verifyJwt(twin: Twin, jwt: string): App {
  const [header = "", payload = "", signature = ""] = jwt.split(".");
  const undecodable = refusal(401, "A JSON web token could not be decoded");
  const head = decode(header);
  const claims = decode(payload);
  if (head?.["alg"] !== "RS256" || claims === undefined) throw undecodable;
  const issuer = String(claims["iss"]);
  const app = twin.state.apps.find(
    (candidate) => String(candidate.id) === issuer || candidate.clientId === issuer,
  );
  if (app?.publicKey === undefined) throw refusal(404, "Integration not found");
  const genuine = createVerify("RSA-SHA256")
    .update(`${header}.${payload}`)
    .verify(app.publicKey, Buffer.from(signature, "base64url"));
  if (!genuine) throw undecodable;
  const now = twin.clock.now() / 1000;
  const { iat, exp } = claims;
  if (typeof exp !== "number")
    throw refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  if (typeof iat !== "number" || iat > now + 60) {
    throw refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  if (exp <= now) {
    throw refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > now + 660) throw refusal(401, "'Expiration time' claim ('exp') is too far in the future");
  return app;
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
