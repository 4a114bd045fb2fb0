import type { AutomationExecutionStatus } from "@aws-sdk/client-ssm";
import type { Principal } from "../../iam/principal.ts";
import type { Tags } from "../../world.ts";
import type { AutomationDocument, Step } from "./document.ts";

export interface AutomationExecution {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly documentName: string;
  readonly document: AutomationDocument;
  /** The ARN of who started it. */
  readonly executedBy: string;
  readonly assumeRole: string | undefined;
  /** Whose permissions its steps have. */
  readonly principal: Principal;
  /** As given, before defaults. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly clientToken: string | undefined;
  readonly startedAt: number;
  readonly tags: Tags;
  readonly steps: StepExecution[];
  readonly stop: AbortController;
  outputs: Readonly<Record<string, readonly string[]>>;
  status: AutomationExecutionStatus;
  failure: string | undefined;
  endedAt: number | undefined;
}

export interface StepExecution {
  readonly id: string;
  readonly step: Step;
  readonly startedAt: number;
  /** Of a step in a loop: which time round, from 1. */
  readonly iteration: number | undefined;
  outputs: Readonly<Record<string, unknown>>;
  status: AutomationExecutionStatus;
  failure: string | undefined;
  endedAt: number | undefined;
}
