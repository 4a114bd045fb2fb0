// One AWS with the project's own templates deployed, and the project's own way to it.

import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Aws, createAws } from "../../aws/clients.ts";
import type { AccountId, Instant, NodeId, Region, Seconds } from "../../core/ids.ts";
import type { AccountConfig } from "../../core/law.ts";
import { createAws as createTwin } from "../../sandbox/aws/aws.ts";
import type { Parameters } from "../../sandbox/aws/parameters.ts";
import { requestHandlerFor } from "../../sandbox/aws/request-handler.ts";
import { VirtualClock } from "./virtual-clock.ts";

export const repository = 7001;
export const region = "eu-central-1" as Region;
export const otherRegion = "us-east-1" as Region;
export const session = `hp.${repository}.12`;

export const templateParameters = {
  Organization: "acme",
  OrganizationId: "500",
  Repository: "access",
  RepositoryId: String(repository),
};

export const account: AccountConfig = {
  id: "111122223333" as AccountId,
  name: "production",
  regions: [region, otherRegion],
  roles: {
    inventory: "arn:aws:iam::111122223333:role/HallpassInventory",
    access: "arn:aws:iam::111122223333:role/HallpassAccess",
    revoke: "arn:aws:iam::111122223333:role/HallpassRevoke",
  },
};

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const issuer = "https://token.actions.githubusercontent.com";

export type Claims = Readonly<Record<string, unknown>>;

/** What GitHub puts into the token of the workflow's job, in the form of repositories made after 15 July 2026. */
export const workflowClaims: Claims = {
  iss: issuer,
  aud: "sts.amazonaws.com",
  sub: `repo:acme@500/access@${repository}:environment:hallpass`,
  repository_id: String(repository),
  repository: "acme/access",
  environment: "hallpass",
  ref: "refs/heads/main",
  job_workflow_ref: "acme/access/.github/workflows/access.yml@refs/heads/main",
};

export function jwt(claims: Claims): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "RS256", kid: "1", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("base64url")}`;
}

export const template = (name: "account" | "region"): string =>
  readFileSync(new URL(`../../aws/${name}.yaml`, import.meta.url), "utf8");

export interface Setting {
  readonly clock: VirtualClock;
  readonly twin: ReturnType<typeof createTwin>;
  readonly aws: Aws;
  /** How many tokens were asked for. */
  readonly tokens: () => number;
  /** Each attempt of each call, in order. */
  readonly attempts: string[];
  /** The project's own door with another workflow's token. */
  readonly as: (claims: Claims) => Aws;
  readonly at: { readonly account: AccountConfig; readonly region: Region };
  readonly in: (seconds: number) => Instant;
}

export function createSetting(parameters: Partial<Parameters> = {}): Setting {
  const clock = new VirtualClock("2026-12-01T12:00:00Z");
  const keys = [{ ...publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" }];
  const twin = createTwin({
    clock,
    accounts: [{ id: account.id, regions: account.regions }],
    identityProviders: { fetchKeys: async () => ({ keys }) },
    parameters,
  });
  twin.deploy(account.id, otherRegion, template("account"), templateParameters, "hallpass-account");
  for (const name of account.regions)
    twin.deploy(account.id, name, template("region"), {}, "hallpass-region");
  let tokens = 0;
  const attempts: string[] = [];
  const as = (claims: Claims): Aws =>
    createAws({
      handler: requestHandlerFor(twin.handle),
      clock: { now: () => clock.now(), sleep: (ms) => clock.advance(ms) },
      retry: { jitter: () => 0 },
      onCall: (call) => attempts.push(call),
      oidcToken: async (audience) => {
        tokens += 1;
        // GitHub and AWS have the right time, whatever this machine thinks
        const now = Math.floor((clock.now() + twin.parameters.clockSkew) / 1_000);
        return jwt({ ...claims, aud: audience, iat: now, nbf: now - 5, exp: now + 300 });
      },
    });
  return {
    clock,
    twin,
    aws: as(workflowClaims),
    tokens: () => tokens,
    attempts,
    as,
    at: { account, region },
    in: (seconds) => (clock.now() + seconds * 1_000) as Instant,
  };
}

export const seconds = (count: number): Seconds => count as Seconds;
export const nodeId = (id: string): NodeId => id as NodeId;
