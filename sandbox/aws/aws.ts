import type { CallRecord } from "./call-log.ts";
import type { Clock } from "./clock.ts";
import { type Deployment, deployTemplate } from "./cloudformation/deploy.ts";
import { type AccessKey, createCredentialStore } from "./credentials.ts";
import { createDispatcher } from "./dispatch.ts";
import { ec2Operations } from "./ec2/operations.ts";
import { AwsError } from "./errors.ts";
import { eventsOperations } from "./events/operations.ts";
import { createFaults, type Faults } from "./faults.ts";
import { iamOperations } from "./iam/operations.ts";
import { createIds } from "./ids.ts";
import { defaultParameters, type Parameters } from "./parameters.ts";
import { type Performer, perform } from "./perform.ts";
import { schedulerOperations } from "./scheduler/operations.ts";
import { automationOperations } from "./ssm/automation-operations.ts";
import { documentOperations } from "./ssm/document-operations.ts";
import { inventoryOperations } from "./ssm/inventory-operations.ts";
import { sessionOperations } from "./ssm/session-operations.ts";
import { tagOperations } from "./ssm/tag-operations.ts";
import { stsOperations } from "./sts/operations.ts";
import type { FetchKeys } from "./sts/web-identity.ts";
import { taggingOperations } from "./tagging/operations.ts";
import type { InternalCall, Twin } from "./twin.ts";
import { fromJson } from "./wire/json.ts";
import { serviceModels } from "./wire/service-models.ts";
import type { Struct } from "./wire/shape.ts";
import { type AccountSpec, createBuilder, type WorldBuilder } from "./world-builder.ts";

export interface AwsOptions {
  readonly clock: Clock;
  readonly accounts?: readonly AccountSpec[];
  /** Where the keys of token issuers are got: no network of the twin's own. */
  readonly identityProviders: { readonly fetchKeys: FetchKeys };
  readonly parameters?: Partial<Parameters>;
}

export interface Aws extends WorldBuilder {
  /** AWS, all services and Regions of it: signed requests in, answers out. Rejects when an answer is lost. */
  handle(request: Request): Promise<Response>;
  readonly parameters: Parameters;
  readonly faults: Faults;
  /** Every call in order, AWS's own to itself included. */
  readonly calls: readonly CallRecord[];
  /** Every secret that must not turn up anywhere: secret keys, session tokens, tokens of shell sessions. */
  issuedSecrets(): readonly string[];
  /** Keys of a user who may do everything in an account. */
  administrator(account: string): AccessKey;
  /** Makes what a CloudFormation template describes. */
  deploy(
    account: string,
    region: string,
    template: string,
    parameters?: Readonly<Record<string, string>>,
    stackName?: string,
  ): Deployment;
  /** Stops everything that still runs. */
  close(): void;
  /** What went wrong in work behind the scenes that nobody waited for. */
  readonly mishaps: readonly unknown[];
}

const operations: Performer["operations"] = {
  ssm: {
    ...inventoryOperations,
    ...sessionOperations,
    ...documentOperations,
    ...tagOperations,
    ...automationOperations,
  },
  sts: stsOperations,
  iam: iamOperations,
  ec2: ec2Operations,
  scheduler: schedulerOperations,
  events: eventsOperations,
  tagging: taggingOperations,
};

/** An AWS in memory. */
export function createAws(options: AwsOptions): Aws {
  const parameters = { ...defaultParameters, ...options.parameters };
  const ids = createIds(parameters.seed);
  const closing = new AbortController();
  const mishaps: unknown[] = [];
  const log: CallRecord[] = [];
  const faults = createFaults();
  const twin: Twin = {
    clock: options.clock,
    now: () => options.clock.now() + parameters.clockSkew,
    world: new Map(),
    ids,
    parameters,
    credentials: createCredentialStore(ids),
    fetchKeys: options.identityProviders.fetchKeys,
    sessionTokens: [],
    services: new Map(),
    background: (work) => {
      work(closing.signal).catch((error: unknown) => {
        if (!closing.signal.aborted) mishaps.push(error);
      });
    },
    invoke: (call) => invoke(performer, call),
  };
  const performer: Performer = { twin, operations, faults, log };
  const builder = createBuilder(twin);
  for (const account of options.accounts ?? []) builder.addAccount(account);
  return {
    ...builder,
    handle: createDispatcher(performer),
    parameters,
    faults,
    calls: log,
    mishaps,
    issuedSecrets: () => [...twin.credentials.secrets(), ...twin.sessionTokens],
    administrator: (account) =>
      twin.credentials.issueLongTerm({
        kind: "administrator",
        account,
        arn: `arn:aws:iam::${account}:user/administrator`,
        userId: `AIDA${ids.base32(17)}`,
      }),
    deploy: (account, region, template, given = {}, stackName = "stack") =>
      deployTemplate(twin, builder.region(account, region), { template, parameters: given, stackName }),
    close: () => closing.abort(),
  };
}

async function invoke(performer: Performer, call: InternalCall): Promise<Struct> {
  const { twin } = performer;
  const service = serviceModels[call.service];
  const operation = service.operations.get(call.operation);
  const account = twin.world.get(call.principal.account);
  const region = account?.regions.get(call.region);
  if (operation === undefined || account === undefined || region === undefined) {
    throw new AwsError("UnknownOperationException", `there is no ${call.service}:${call.operation}`);
  }
  const readInput = () => fromJson(operation.input, call.input) as Struct;
  return perform(performer, { service, operation, readInput, account, region, principal: call.principal });
}
