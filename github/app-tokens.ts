// Installation tokens of our App, minted with its key. INVARIANT: nothing goes anywhere but to `baseUrl`; Octokit's own way sends the App's JWT to
// api.github.com on an enterprise server.

import { createSign } from "node:crypto";
import * as z from "zod/mini";
import type { UsFacts } from "../core/facts.ts";
import type { UserId } from "../core/ids.ts";
import { parseUserId } from "../core/parse-ids.ts";
import { createClient, type GitHubClient } from "./client.ts";
import type { Clock } from "./clock.ts";
import { GitHubError } from "./error.ts";
import type { Fetch } from "./exchange.ts";

export interface AppTokenOptions {
  readonly owner: string;
  readonly repo: string;
  readonly appId: number;
  /** PEM, PKCS#1 or PKCS#8; line breaks may be written `\n`, as in an environment variable. */
  readonly privateKey: string;
  readonly baseUrl: string;
  readonly fetch?: Fetch;
  readonly clock: Clock;
  readonly timeout?: number;
  /** The installation's id, where a webhook has named it already; saves a request. */
  readonly installation?: number;
}

/** Renewed this long before it expires, in milliseconds: a pass must not run out of it half-way. */
const margin = 5 * 60_000;

export interface AppIdentity {
  /** For `ClientOptions.token`: an installation token narrowed to the repository. */
  readonly token: (refused?: string) => Promise<string>;
  /** The App's slug and its bot's user id, which authors are compared with. Asked once. */
  readonly us: () => Promise<UsFacts>;
  /** The same where a query has said already whose token this is. Throws when it is not our bot's. */
  readonly usAs: (viewer: { readonly login: string; readonly id: UserId }) => Promise<UsFacts>;
}

export function appIdentity(options: AppTokenOptions): AppIdentity {
  const { owner, repo, appId, clock, baseUrl } = options;
  const asApp = appClient(options);
  const token = renewing(clock, async () => {
    const installation = options.installation ?? (await installed()).id;
    const minted = await asApp.send({
      method: "POST",
      path: "/app/installations/{installation}/access_tokens",
      with: { installation },
      body: { repositories: [repo] },
      as: z.object({ token: z.string(), expires_at: z.string() }),
      repeatable: true,
    });
    return { token: minted.token, expiresAt: Date.parse(minted.expires_at) };
  });
  const installed = () =>
    asApp.remember("installation", () =>
      asApp.get({
        path: "/repos/{owner}/{repo}/installation",
        as: z.object({ id: z.number(), app_slug: z.string() }),
      }),
    );

  async function readUs(): Promise<UsFacts> {
    const { app_slug: slug } = await installed();
    const client = createClient({ ...wireOf(options), owner, repo, clock, baseUrl, token });
    const bot = await client.get({
      path: "/users/{login}",
      with: { login: `${slug}[bot]` },
      as: z.object({ id: z.number(), type: z.literal("Bot") }),
    });
    const botId = parseUserId(bot.id);
    if (botId === undefined) throw new GitHubError("malformed", { call: "GET /users/{login}", said: "id" });
    return { appId, slug, botId };
  }

  return {
    token,
    us: () => asApp.remember("us", readUs),
    usAs: async ({ login, id }) => {
      const { app_slug: slug } = await installed();
      if (login !== `${slug}[bot]`) throw new GitHubError("malformed", { call: "Start", said: "viewer" });
      return { appId, slug, botId: id };
    },
  };
}

interface Minted {
  readonly token: string;
  readonly expiresAt: number;
}

/** Mints when there is none, when it is about to expire, or when GitHub refused the one we have. */
function renewing(clock: Clock, mint: () => Promise<Minted>): (refused?: string) => Promise<string> {
  let held: Minted | undefined;
  let minting: Promise<Minted> | undefined;
  return async (refused) => {
    if (held !== undefined && held.token !== refused && clock.now() < held.expiresAt - margin)
      return held.token;
    minting ??= mint().finally(() => {
      minting = undefined;
    });
    held = await minting;
    return held.token;
  };
}

const wireOf = ({ fetch, timeout }: AppTokenOptions) => ({
  ...(fetch === undefined ? {} : { fetch }),
  ...(timeout === undefined ? {} : { timeout }),
});

function appClient(options: AppTokenOptions): GitHubClient {
  const { owner, repo, appId, clock, baseUrl } = options;
  const privateKey = options.privateKey.replace(/\\n/g, "\n");
  const token = () => appJwt({ appId, privateKey, now: clock.now() });
  return createClient({ ...wireOf(options), owner, repo, clock, baseUrl, token, writeLimits: unpaced });
}

/** Minting a token is not a content write. */
const unpaced = {
  interval: 0,
  minute: { burst: 100, perSecond: 100 },
  hour: { burst: 5000, perSecond: 100 },
};

/** RS256. Good from a minute ago, because clocks differ, and for nine: GitHub allows ten. */
export function appJwt({
  appId,
  privateKey,
  now,
}: {
  readonly appId: number;
  readonly privateKey: string;
  readonly now: number;
}): string {
  const seconds = Math.floor(now / 1000);
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode({ iat: seconds - 60, exp: seconds + 540, iss: String(appId) })}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey, "base64url")}`;
}
