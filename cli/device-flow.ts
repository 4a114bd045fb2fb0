// Signing in as GitHub lets devices do it: this shows a code, a person enters it on GitHub's page. What comes of it is a token of that person by the organization's own App, which may
// no more than both of them may. Loaded only when somebody signs in.

import { createOAuthDeviceAuth } from "@octokit/auth-oauth-device";
import { Octokit } from "@octokit/rest";
import * as z from "zod/mini";
import { visible } from "../core/text.ts";
import { hostOfApi } from "../flow/set-up-aws.ts";
import type { SignedIn } from "./kept-token.ts";

export interface DeviceFlowDeps {
  readonly clientId: string;
  /** `https://api.github.com` and its like. */
  readonly apiUrl: string;
  readonly err: (text: string) => void;
  readonly fetch?: typeof globalThis.fetch;
}

/** Throws with what to do next; never with anything of an answer. */
export async function signInByCode({ clientId, apiUrl, err, fetch }: DeviceFlowDeps): Promise<SignedIn> {
  const patient = patientFetch(fetch ?? globalThis.fetch);
  const { request } = new Octokit({ baseUrl: apiUrl, request: { fetch: patient }, log: silent });
  const auth = createOAuthDeviceAuth({
    clientType: "github-app",
    clientId,
    request,
    onVerification: ({ verification_uri, user_code, expires_in }) =>
      err(
        `to sign in to GitHub, open ${visible(verification_uri)} and enter ${visible(user_code)}, in the next ${Math.round(expires_in / 60)} minutes\n`,
      ),
  });
  try {
    const given = await auth({ type: "oauth" });
    return {
      clientId,
      token: given.token,
      ...("expiresAt" in given
        ? { expiresAt: Date.parse(given.expiresAt), refreshToken: given.refreshToken }
        : {}),
    };
  } catch (error) {
    throw new Error(whatWentWrong(error, apiUrl));
  }
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const errorShape = z.object({ response: z.object({ data: z.object({ error: z.string() }) }) });

function whatWentWrong(error: unknown, apiUrl: string): string {
  const read = errorShape.safeParse(error);
  const code = read.success ? read.data.response.data.error : "";
  const what = knownErrors[code];
  if (what !== undefined) return `${what} [${code}]`;
  return `signing in at ${hostOfApi(apiUrl)} did not work; check your connection, and HALLPASS_CLIENT_ID, or run \`gh auth login\``;
}

const knownErrors: Readonly<Record<string, string>> = {
  access_denied: "you, or somebody else on GitHub's page, said no; run the command again to be asked again",
  expired_token: "nobody entered the code in time; run the command again for a new one",
  device_flow_disabled:
    "the App does not let devices sign in; its owner ticks `Enable Device Flow` in its settings, or you run `gh auth login`",
  "Not Found":
    "GitHub knows no App with this client id; check HALLPASS_CLIENT_ID, or `clientId` in .github/hallpass.yml",
  incorrect_client_credentials:
    "GitHub knows no App with this client id; check HALLPASS_CLIENT_ID, or `clientId` in .github/hallpass.yml",
};

const pauseShape = z.object({ error: z.literal("slow_down"), interval: z.optional(z.number()) });

/** GitHub adds five seconds for good each time it is asked too soon, and the client goes back to the first pause: without this it might never be let through. */
function patientFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  let pause = 0;
  let asked = 0;
  return async (input, init) => {
    const wait = asked + pause - Date.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const response = await fetch(input, init);
    asked = Date.now();
    const slower = pauseShape.safeParse(
      await response
        .clone()
        .json()
        .catch(() => undefined),
    );
    if (slower.success) pause = Math.max(pause + 5_000, (slower.data.interval ?? 0) * 1_000);
    return response;
  };
}

const renewedShape = z.object({
  access_token: z.string(),
  expires_in: z.optional(z.number()),
  refresh_token: z.optional(z.string()),
});

/** Undefined: it cannot be renewed, so somebody has to sign in again. */
export async function renewSignIn(
  { clientId, refreshToken }: SignedIn,
  apiUrl: string,
): Promise<SignedIn | undefined> {
  if (refreshToken === undefined) return undefined;
  try {
    const { protocol } = new URL(apiUrl);
    const response = await fetch(`${protocol}//${hostOfApi(apiUrl)}/login/oauth/access_token`, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify({
        client_id: clientId,
        grant_type: "refresh_token",
        refresh_token: refreshToken,
      }),
      redirect: "error",
      signal: AbortSignal.timeout(20_000),
    });
    const given = renewedShape.parse(await response.json());
    return {
      clientId,
      token: given.access_token,
      ...(given.expires_in === undefined ? {} : { expiresAt: Date.now() + given.expires_in * 1_000 }),
      ...(given.refresh_token === undefined ? {} : { refreshToken: given.refresh_token }),
    };
  } catch {
    return undefined;
  }
}
