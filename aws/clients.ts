// The one door to AWS. Every call goes through `send`, which knows the role that makes it, assumes it with a fresh OIDC token, retries, and turns every
// failure into an `AwsError`. Endpoints come from the SDK's own AWS_ENDPOINT_URL and nowhere else.

import type { STSClientConfig } from "@aws-sdk/client-sts";
import type { Region } from "../core/ids.ts";
import type { AccountConfig } from "../core/law.ts";
import {
  type AssumeRequest,
  assumeRole,
  type OidcToken,
  type SendAssume,
  shortestSession,
  type TemporaryCredentials,
} from "./assume.ts";
import {
  type CallInput,
  type CallName,
  type CallOutput,
  calls,
  type RoleName,
  type ServiceName,
} from "./calls.ts";
import { toAwsError } from "./errors.ts";
import { type Clock, defaultRetry, type RetryPolicy, withRetries } from "./retry.ts";

export type RequestHandler = NonNullable<STSClientConfig["requestHandler"]>;

export interface AwsOptions {
  /** A workflow's OIDC token for an audience. Called once a role assumption. */
  readonly oidcToken: OidcToken;
  readonly clock: Clock;
  /** Takes the place of the network, in tests. */
  readonly handler?: RequestHandler;
  readonly retry?: Partial<RetryPolicy>;
  /** The role session name of the Action's own roles, as CloudTrail shows it: `hallpass-<run id>`. */
  readonly actor?: string;
  /** Sees each attempt of each call, for tests and counting. */
  readonly onCall?: (call: CallName | "sts:AssumeRoleWithWebIdentity", at: CallTarget) => void;
}

/** Where a call goes. */
export interface CallTarget {
  readonly account: AccountConfig;
  readonly region: Region;
}

export interface Aws {
  readonly clock: Clock;
  /** Makes a call as the role that `calls` names for it. Throws `AwsError` and nothing else. */
  readonly send: <C extends CallName>(at: CallTarget, call: C, input: CallInput<C>) => Promise<CallOutput<C>>;
  /** Sees to it that calls can be made as one of the Action's own roles. Throws `AwsError`. */
  readonly ready: (at: CallTarget, role: RoleName) => Promise<void>;
  /** New credentials of a role, not cached. Throws `AwsError`. */
  readonly assume: (
    at: CallTarget,
    request: Omit<AssumeRequest, "account" | "region">,
  ) => Promise<TemporaryCredentials>;
}

/** Credentials are renewed when less than this is left, in milliseconds. */
const renewBefore = 120_000;

export function createAws(options: AwsOptions): Aws {
  const { clock, oidcToken, actor = "hallpass", onCall } = options;
  const retry = { ...defaultRetry, ...options.retry };
  const clients = new Clients(options);
  const held = new Map<string, Promise<TemporaryCredentials>>();

  const assume: Aws["assume"] = ({ account, region }, request) => {
    const send: SendAssume = async (input) => {
      onCall?.("sts:AssumeRoleWithWebIdentity", { account, region });
      return clients.assume(region, input);
    };
    return assumeRole({ ...request, account: account.id, region }, { oidcToken, clock, retry, send });
  };

  /** The credentials of a role in a Region, kept for the run. Calls at the same time share one assumption. */
  const credentialsOf = async (
    at: CallTarget,
    role: string,
    renew: boolean,
  ): Promise<TemporaryCredentials> => {
    const key = `${role} ${at.region}`;
    const kept = held.get(key);
    if (kept !== undefined && !renew) {
      const credentials = await kept;
      if (credentials.expiration - clock.now() > renewBefore) return credentials;
      // somebody else may have renewed them meanwhile
      if (held.get(key) !== kept) return credentialsOf(at, role, false);
    }
    const fresh = assume(at, { role, sessionName: actor, duration: shortestSession });
    held.set(key, fresh);
    // a failure is not kept: the next call tries anew
    fresh.catch(() => held.get(key) === fresh && held.delete(key));
    return fresh;
  };

  const send: Aws["send"] = (at, call, input) => {
    const role = at.account.roles[calls[call].role];
    const place = { call, account: at.account.id, region: at.region, role };
    const toError = (thrown: unknown) => toAwsError(thrown, place);
    return withRetries({ clock, policy: retry, toError }, async (previous) => {
      const credentials = await credentialsOf(at, role, previous?.code === "expired");
      onCall?.(call, at);
      return clients.send(at.region, call, input, credentials);
    });
  };

  const ready: Aws["ready"] = async (at, role) => {
    await credentialsOf(at, at.account.roles[role], false);
  };

  return { clock, send, ready, assume };
}

/** What the service modules have in common, as far as the dispatch needs it. */
interface ServiceModule {
  readonly Client: new (
    config: object,
  ) => {
    send(command: unknown): Promise<unknown>;
    readonly config: object;
  };
  readonly commands: Readonly<Record<string, new (input: never) => unknown>>;
}

const services: Record<ServiceName | "sts", () => Promise<ServiceModule>> = {
  sts: () => import("./services/sts.ts"),
  ec2: () => import("./services/ec2.ts"),
  ssm: () => import("./services/ssm.ts"),
  tag: () => import("./services/tag.ts"),
  scheduler: () => import("./services/scheduler.ts"),
  iam: () => import("./services/iam.ts"),
  events: () => import("./services/events.ts"),
};

/** SDK clients, made when first needed, one for each service, Region and set of credentials. */
class Clients {
  readonly #handler: RequestHandler;
  readonly #clock: Clock;
  readonly #ahead = new WeakMap<object, number>();
  readonly #made = new Map<string, InstanceType<ServiceModule["Client"]>>();

  constructor({ handler, clock }: Pick<AwsOptions, "handler" | "clock">) {
    this.#handler = handler ?? { connectionTimeout: 5_000, requestTimeout: 20_000 };
    this.#clock = clock;
  }

  async send<C extends CallName>(
    region: string,
    call: C,
    input: CallInput<C>,
    credentials: TemporaryCredentials,
  ): Promise<CallOutput<C>> {
    const [service, operation] = call.split(":") as [ServiceName, string];
    return (await this.#send(service, operation, region, input, credentials)) as CallOutput<C>;
  }

  async assume(region: string, input: Parameters<SendAssume>[0]): ReturnType<SendAssume> {
    const answer = await this.#send("sts", "AssumeRoleWithWebIdentity", region, input, undefined);
    return answer as Awaited<ReturnType<SendAssume>>;
  }

  async #send(
    service: ServiceName | "sts",
    operation: string,
    region: string,
    input: object,
    credentials: TemporaryCredentials | undefined,
  ): Promise<unknown> {
    const { Client, commands } = await services[service]();
    const key = `${service} ${region} ${credentials?.accessKeyId ?? ""}`;
    const client = this.#made.get(key) ?? new Client(this.#config(region, credentials));
    this.#made.set(key, client);
    this.#setClock(client);
    const Command = commands[operation];
    if (Command === undefined) throw new Error(`${service} has no command ${operation}`);
    return client.send(new Command(input as never));
  }

  #config(region: string, credentials: TemporaryCredentials | undefined): object {
    const identity = credentials && {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      sessionToken: credentials.sessionToken,
    };
    return {
      region,
      // INVARIANT: never the SDK's default chain, which would pick up whatever credentials lie about on the machine
      credentials: identity ?? (() => Promise.reject(new Error("unsigned calls need no credentials"))),
      requestHandler: this.#handler,
      // retries are ours: one place, one total limit, one clock
      maxAttempts: 1,
    };
  }

  /** SDK clients sign with the machine's time and what they learn of AWS's; under another clock they are told how that one moves. */
  #setClock(client: { readonly config: { systemClockOffset?: number } }): void {
    const ahead = this.#clock.now() - Date.now();
    const { config } = client;
    config.systemClockOffset = (config.systemClockOffset ?? 0) + ahead - (this.#ahead.get(client) ?? 0);
    this.#ahead.set(client, ahead);
  }
}
