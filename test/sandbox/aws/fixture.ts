import { EC2Client } from "@aws-sdk/client-ec2";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SSMClient } from "@aws-sdk/client-ssm";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type Aws, createAws } from "../../../sandbox/aws/aws.ts";
import type { Parameters } from "../../../sandbox/aws/parameters.ts";
import { requestHandlerFor } from "../../../sandbox/aws/request-handler.ts";
import { type Claims, fetchKeys, jobClaims, signToken } from "./token-issuer.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

export const account = "111122223333";
export const region = "us-east-1";

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface Fixture {
  readonly aws: Aws;
  readonly clock: VirtualClock;
  /** Keys of a user who may do everything. */
  readonly admin: Keys;
  clients(keys: Keys, in_?: string): Clients;
}

export interface Clients {
  readonly ssm: SSMClient;
  readonly sts: STSClient;
  readonly iam: IAMClient;
  readonly ec2: EC2Client;
  readonly scheduler: SchedulerClient;
  readonly events: EventBridgeClient;
  readonly tagging: ResourceGroupsTaggingAPIClient;
}

/** An AWS with one account, a virtual clock, and clients that call it in process. */
export function createFixture(parameters: Partial<Parameters> = {}): Fixture {
  const clock = virtualClock();
  const aws = createAws({
    clock,
    accounts: [{ id: account, regions: [region, "eu-central-1"] }],
    identityProviders: { fetchKeys },
    // clients sign by the real clock
    parameters: { signatureSkew: Number.POSITIVE_INFINITY, ...parameters },
  });
  const requestHandler = requestHandlerFor(aws.handle);
  const clients = (credentials: Keys, in_ = region): Clients => {
    const { sessionToken, ...keys } = credentials;
    const config = {
      region: in_,
      credentials: sessionToken === undefined ? keys : { ...keys, sessionToken },
      requestHandler,
      maxAttempts: 1,
    };
    return {
      ssm: new SSMClient(config),
      sts: new STSClient(config),
      iam: new IAMClient(config),
      ec2: new EC2Client(config),
      scheduler: new SchedulerClient(config),
      events: new EventBridgeClient(config),
      tagging: new ResourceGroupsTaggingAPIClient(config),
    };
  };
  return { aws, clock, admin: aws.administrator(account), clients };
}

export const policy = (...statements: readonly object[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });
export const allow = (
  Action: string | readonly string[],
  Resource: string | readonly string[] = "*",
  Condition?: object,
) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});
export const deny = (
  Action: string | readonly string[],
  Resource: string | readonly string[] = "*",
  Condition?: object,
) => ({
  ...allow(Action, Resource, Condition),
  Effect: "Deny",
});

export const serviceTrust = (service: string, Condition?: object) =>
  policy({
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    ...(Condition === undefined ? {} : { Condition }),
  });

const issuer = "token.actions.githubusercontent.com";

/** Trusts the jobs of `acme/access` in the environment `hallpass`. */
export const gitHubTrust = (equals: Readonly<Record<string, unknown>> = {}) =>
  policy({
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        [`${issuer}:aud`]: "sts.amazonaws.com",
        [`${issuer}:sub`]: "repo:acme/access:environment:hallpass",
        ...equals,
      },
    },
  });

export const accessRole = "HallpassAccess";

/** The access role as a Hallpass account has it: everything on sessions, narrowed by session policies. */
export function addAccessRole(
  { aws }: Fixture,
  actions: string | readonly string[] = ["ssm:*", "ssmmessages:*"],
) {
  aws.createOidcProvider(account, { url: `https://${issuer}`, clientIds: ["sts.amazonaws.com"] });
  return aws.createRole(account, {
    name: accessRole,
    trust: gitHubTrust(),
    inline: { access: policy(allow(actions)) },
    maxSessionDuration: 43_200,
  });
}

export interface AssumeOptions {
  readonly name?: string;
  readonly policy?: string;
  readonly seconds?: number;
  readonly claims?: Claims;
  readonly role?: string;
}

/** Keys of a session of the access role, got with a job's token. */
export async function assume(fixture: Fixture, options: AssumeOptions = {}): Promise<Keys> {
  const { sts } = fixture.clients(fixture.admin);
  const answer = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: `arn:aws:iam::${account}:role/${options.role ?? accessRole}`,
      RoleSessionName: options.name ?? "hp.4242.7",
      WebIdentityToken: signToken({ ...jobClaims(fixture.clock.now()), ...options.claims }),
      Policy: options.policy,
      DurationSeconds: options.seconds ?? 900,
    }),
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken } = answer.Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** The code of the error that a call ends in; `none` when it ends well. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "none";
  } catch (error) {
    return (error as Error).name;
  }
}
