import { findAccount } from "./access.ts";
import { refusal } from "./http.ts";
import type { Account, App } from "./state.ts";
import type { Twin } from "./twin.ts";

// OAuth's device flow and the renewal of what it gives, on the web's host beside the API: a program shows a code, a person enters it on GitHub's page. What goes wrong is said
// with status 200, as GitHub documents it.

/** Milliseconds that a code, a user's token and its refresh token are good for. */
const codeLife = 15 * 60_000;
const tokenLife = 8 * 3_600_000;
const refreshLife = 184 * 24 * 3_600_000;

/** Seconds: between two questions, and more after each that came too soon. */
const firstInterval = 5;
const slower = 5;

type Fields = Record<string, string>;
type Verdict = { account: Account } | "denied" | undefined;

interface Grant {
  app: App;
  deviceCode: string;
  userCode: string;
  expiresAt: number;
  interval: number;
  askedAt: number;
  verdict: Verdict;
}

interface Refresh {
  app: App;
  account: Account;
  token: string;
  expiresAt: number;
}

export interface DeviceFlow {
  /** Undefined: it is not for these two addresses. */
  answer(request: Request): Promise<Response> | undefined;
  /** The box in the App's settings; a new App has it off. */
  enable(slug: string, on?: boolean): void;
  /** What a person does at `/login/device`. Both throw where the page would say that there is no such code. */
  authorize(login: string, userCode: string): void;
  deny(userCode: string): void;
  /** The person takes back what they gave: every token of theirs by any App. */
  revoke(login: string): void;
}

const said: Fields = {
  authorization_pending: "The authorization request is still pending.",
  slow_down: "Too many requests have been made in the same timeframe.",
  expired_token: "The `device_code` has expired.",
  access_denied: "The authorization request was denied.",
  incorrect_device_code: "The device_code provided is not valid.",
  incorrect_client_credentials: "The client_id and/or client_secret passed are incorrect.",
  unsupported_grant_type: "The grant_type is not supported.",
  device_flow_disabled: "Device Flow must be explicitly enabled for this App",
  bad_refresh_token: "The refresh token passed is incorrect or expired.",
};

const failed = (error: string, more: Record<string, unknown> = {}) => ({
  error,
  error_description: said[error] ?? error,
  error_uri: "https://docs.github.com/developers/apps/authorizing-oauth-apps#error-codes-for-the-device-flow",
  ...more,
});

export function createDeviceFlow(twin: Twin): DeviceFlow {
  const grants: Grant[] = [];
  const refreshes = new Map<string, Refresh>();
  const byPath: Record<string, (given: Fields) => Record<string, unknown>> = {
    "/login/device/code": (given) => begin(twin, grants, given),
    "/login/oauth/access_token": (given) =>
      given["grant_type"] === "refresh_token"
        ? renew(twin, refreshes, given)
        : exchange(twin, { grants, refreshes }, given),
  };
  const decide = (userCode: string, verdict: Verdict): void => {
    const grant = grants.find((each) => each.userCode === userCode);
    if (grant === undefined || grant.expiresAt <= twin.clock.now())
      throw refusal(404, `no device waits with the code ${userCode}`);
    grant.verdict = verdict;
  };
  return {
    answer: (request) => {
      const answered = byPath[new URL(request.url).pathname];
      if (answered === undefined || request.method !== "POST") return undefined;
      return readFields(request).then((given) => toResponse(twin, request, answered(given)));
    },
    enable: (slug, on = true) => {
      const app = twin.state.apps.find((each) => each.slug === slug);
      if (app === undefined) throw refusal(404, `the world has no App ${slug}`);
      app.deviceFlow = on;
    },
    authorize: (login, userCode) => {
      const account = findAccount(twin, login);
      if (account === undefined) throw refusal(404, `the world has no account ${login}`);
      decide(userCode, { account });
    },
    deny: (userCode) => decide(userCode, "denied"),
    revoke: (login) => {
      const { tokens } = twin.state;
      for (const [value, token] of tokens)
        if (token.kind === "user" && token.app !== undefined && token.account.login === login)
          tokens.delete(value);
      for (const [value, { account }] of refreshes) if (account.login === login) refreshes.delete(value);
    },
  };
}

async function readFields(request: Request): Promise<Fields> {
  const text = await request.text();
  if (!(request.headers.get("content-type") ?? "").includes("json"))
    return Object.fromEntries(new URLSearchParams(text));
  const value = JSON.parse(text) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
}

/** A form, unless JSON is asked for. */
function toResponse({ clock }: Twin, request: Request, body: Record<string, unknown>): Response {
  const json = (request.headers.get("accept") ?? "").includes("json");
  const pairs = Object.entries(body).map(([key, value]): [string, string] => [key, String(value)]);
  const status = body["error"] === "Not Found" ? 404 : 200;
  return new Response(json ? JSON.stringify(body) : new URLSearchParams(pairs).toString(), {
    status,
    headers: {
      "content-type": json
        ? "application/json; charset=utf-8"
        : "application/x-www-form-urlencoded; charset=utf-8",
      date: new Date(clock.now()).toUTCString(),
    },
  });
}

const appOf = ({ state }: Twin, given: Fields): App | undefined =>
  state.apps.find(({ clientId }) => clientId === given["client_id"]);

function begin(twin: Twin, grants: Grant[], given: Fields) {
  const { clock, ids, url } = twin;
  const app = appOf(twin, given);
  if (app === undefined) return { error: "Not Found" };
  if (app.deviceFlow !== true) return failed("device_flow_disabled");
  const digits = ids
    .secret("")
    .replace(/[^A-Za-z0-9]/g, "")
    .toUpperCase();
  const grant: Grant = {
    app,
    deviceCode: ids.secret("dc"),
    userCode: `${digits.slice(-8, -4)}-${digits.slice(-4)}`,
    expiresAt: clock.now() + codeLife,
    interval: firstInterval,
    askedAt: Number.NEGATIVE_INFINITY,
    verdict: undefined,
  };
  grants.push(grant);
  return {
    device_code: grant.deviceCode,
    user_code: grant.userCode,
    verification_uri: `${url}/login/device`,
    expires_in: codeLife / 1_000,
    interval: grant.interval,
  };
}

function exchange(
  twin: Twin,
  { grants, refreshes }: { grants: Grant[]; refreshes: Map<string, Refresh> },
  given: Fields,
) {
  const { clock } = twin;
  const app = appOf(twin, given);
  if (app === undefined) return failed("incorrect_client_credentials");
  if (given["grant_type"] !== "urn:ietf:params:oauth:grant-type:device_code")
    return failed("unsupported_grant_type");
  const at = grants.findIndex((each) => each.deviceCode === given["device_code"] && each.app === app);
  const grant = grants[at];
  if (grant === undefined) return failed("incorrect_device_code");
  if (grant.expiresAt <= clock.now()) return failed("expired_token");
  const soon = clock.now() < grant.askedAt + grant.interval * 1_000;
  grant.askedAt = clock.now();
  if (soon) {
    grant.interval += slower;
    return failed("slow_down", { interval: grant.interval });
  }
  if (grant.verdict === undefined) return failed("authorization_pending");
  // a code is good once
  grants.splice(at, 1);
  if (grant.verdict === "denied") return failed("access_denied");
  return give(twin, refreshes, { app, account: grant.verdict.account });
}

/** The first pair is good no more. A secret is not asked for: a device has none. */
function renew(twin: Twin, refreshes: Map<string, Refresh>, given: Fields) {
  const { clock, state } = twin;
  const app = appOf(twin, given);
  if (app === undefined) return failed("incorrect_client_credentials");
  const value = given["refresh_token"] ?? "";
  const known = refreshes.get(value);
  if (known === undefined || known.app !== app || known.expiresAt <= clock.now() || known.account.deleted)
    return failed("bad_refresh_token");
  refreshes.delete(value);
  state.tokens.delete(known.token);
  return give(twin, refreshes, known);
}

function give(
  { state, ids, clock }: Twin,
  refreshes: Map<string, Refresh>,
  { app, account }: Pick<Refresh, "app" | "account">,
) {
  const [token, refresh] = [ids.secret("ghu"), ids.secret("ghr")];
  state.tokens.set(token, { kind: "user", account, value: token, app, expiresAt: clock.now() + tokenLife });
  refreshes.set(refresh, { app, account, token, expiresAt: clock.now() + refreshLife });
  return {
    access_token: token,
    expires_in: tokenLife / 1_000,
    refresh_token: refresh,
    refresh_token_expires_in: refreshLife / 1_000,
    token_type: "bearer",
    scope: "",
  };
}
