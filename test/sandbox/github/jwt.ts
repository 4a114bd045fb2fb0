import { createSign } from "node:crypto";
import type { Clock } from "../../../sandbox/github/clock.ts";

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** An App's JWT, as an App would sign it at the clock's time; claims may be replaced to make a bad one. */
export function signJwt(
  app: { id: number; privateKey: string },
  clock: Clock,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = { alg: "RS256", typ: "JWT" },
): string {
  const now = Math.floor(clock.now() / 1000);
  const text = `${encode(header)}.${encode({ iat: now - 30, exp: now + 540, iss: String(app.id), ...claims })}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(app.privateKey, "base64url")}`;
}
