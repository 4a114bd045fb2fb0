import type { Delayed } from "./iam/delayed.ts";
import type { Policy } from "./iam/policy-document.ts";
import type { ScheduleGroup } from "./scheduler/schedules.ts";
import type { AutomationExecution } from "./ssm/automation/execution.ts";
import type { SsmDocument } from "./ssm/documents.ts";
import type { Session } from "./ssm/sessions.ts";

/** Everything there is, by account. */
export type World = Map<string, Account>;

export type Tags = Map<string, string>;

export interface Account {
  readonly id: string;
  readonly regions: Map<string, Region>;
  readonly roles: Map<string, Role>;
  /** By ARN. */
  readonly managedPolicies: Map<string, ManagedPolicy>;
  /** By the issuer without `https://`. */
  readonly oidcProviders: Map<string, OidcProvider>;
}

export interface Region {
  readonly name: string;
  readonly account: string;
  readonly nodes: Map<string, Node>;
  readonly documents: Map<string, SsmDocument>;
  readonly sessions: Map<string, Session>;
  readonly executions: Map<string, AutomationExecution>;
  readonly scheduleGroups: Map<string, ScheduleGroup>;
  readonly events: PutEvent[];
  /** What a template made that the twin only keeps a note of. */
  readonly recorded: RecordedResource[];
}

export interface Node {
  readonly id: string;
  readonly type: "ec2" | "hybrid";
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly platform: "Linux" | "Windows" | "MacOS";
  readonly tags: Tags;
  /** `none`: an instance without an agent, which Systems Manager does not know. */
  agent: "Online" | "ConnectionLost" | "Inactive" | "none";
  lastPing: number;
  readonly registeredAt: number;
}

export interface Role {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly id: string;
  readonly createdAt: number;
  readonly description: string;
  readonly maxSessionDuration: number;
  readonly tags: Tags;
  readonly trust: Delayed<WrittenPolicy | undefined>;
  readonly inline: Delayed<ReadonlyMap<string, WrittenPolicy>>;
  readonly attached: Delayed<readonly string[]>;
  readonly boundary: Delayed<string | undefined>;
}

/** A policy as it was written and as it was read. */
export interface WrittenPolicy {
  readonly text: string;
  readonly policy: Policy;
}

export interface ManagedPolicy extends WrittenPolicy {
  readonly arn: string;
  readonly name: string;
  readonly id: string;
  readonly createdAt: number;
}

export interface OidcProvider {
  readonly arn: string;
  readonly issuer: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  readonly createdAt: number;
}

export interface PutEvent {
  readonly id: string;
  readonly at: number;
  readonly caller: string;
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface RecordedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
}
