import { createHash } from "node:crypto";
import type { Twin } from "./twin.ts";
import type { WireRequest } from "./wire/wire-request.ts";

/** Milliseconds in which a sign-in token has to be used. */
const tokenLife = 15 * 60_000;

interface Session {
  readonly sessionId: string;
  readonly sessionKey: string;
  readonly sessionToken: string;
}

/** AWS's pages, of every partition. */
const pages =
  /^https:\/\/(?:[a-z0-9-]+\.)?console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)\//;

/**
 * `/federation` of AWS's sign-in: temporary credentials in (`getSigninToken`), a token out; with it a browser is signed in (`login`) and sent to its destination. AWS
 * documents no error of it but the page with 400.
 */
export function createSignInFederation(twin: Twin): (request: WireRequest) => Response | undefined {
  const tokens = new Map<string, { readonly until: number; readonly credentialsUntil: number }>();
  return (request) => {
    if (request.path !== "/federation") return undefined;
    const asked = new URLSearchParams(request.query.map(([name, value]) => `${name}=${value}`).join("&"));
    for (const [name, value] of new URLSearchParams(request.body)) asked.set(name, value);
    const now = twin.now();
    switch (asked.get("Action")) {
      case "getSigninToken": {
        const until = credentialsUntil(twin, asked.get("Session"));
        // AWS takes a duration only where keys of an IAM user stand behind the credentials; none of the twin's do
        if (until === undefined || asked.has("SessionDuration")) return refused();
        const SigninToken = createHash("sha512").update(twin.ids.uuid()).digest("base64url");
        tokens.set(SigninToken, { until: now + tokenLife, credentialsUntil: until });
        twin.sessionTokens.push(SigninToken);
        return Response.json({ SigninToken });
      }
      case "login": {
        const token = tokens.get(asked.get("SigninToken") ?? "");
        const destination = asked.get("Destination") ?? "";
        if (token === undefined || token.until <= now || token.credentialsUntil <= now) return refused();
        if (!pages.test(destination)) return refused();
        return new Response(null, { status: 302, headers: { location: destination } });
      }
      default:
        return refused();
    }
  };
}

/** Undefined: none of the twin's, ended, or no temporary ones. */
function credentialsUntil(twin: Twin, session: string | null): number | undefined {
  const { sessionId, sessionKey, sessionToken } = readSession(session);
  const key = sessionId === undefined ? undefined : twin.credentials.find(sessionId);
  if (key?.sessionToken === undefined || key.expiresAt === undefined) return undefined;
  if (key.secretAccessKey !== sessionKey || key.sessionToken !== sessionToken) return undefined;
  return key.expiresAt > twin.now() ? key.expiresAt : undefined;
}

function readSession(text: string | null): Partial<Session> {
  try {
    return (JSON.parse(text ?? "") ?? {}) as Partial<Session>;
  } catch {
    return {};
  }
}

const refused = (): Response =>
  new Response("<html><body><h1>Bad Request</h1><p>Invalid credentials parameter</p></body></html>", {
    status: 400,
    headers: { "content-type": "text/html" },
  });
