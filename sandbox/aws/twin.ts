import type { Duplex } from "node:stream";
import type { Clock } from "./clock.ts";
import type { CredentialStore } from "./credentials.ts";
import type { Evaluation } from "./iam/evaluate.ts";
import type { Principal } from "./iam/principal.ts";
import type { Ids } from "./ids.ts";
import type { Parameters } from "./parameters.ts";
import type { FetchKeys } from "./sts/web-identity.ts";
import type { ServiceId, ServiceModel } from "./wire/service-models.ts";
import type { Struct } from "./wire/shape.ts";
import type { Account, Region, World } from "./world.ts";

/** What every part of the twin shares. */
export interface Twin {
  readonly clock: Clock;
  /** AWS's own time: the clock's, and the skew on top. */
  now(): number;
  readonly world: World;
  readonly ids: Ids;
  readonly parameters: Parameters;
  readonly credentials: CredentialStore;
  readonly fetchKeys: FetchKeys;
  /** Secrets that are no credentials: the tokens of sessions. */
  readonly sessionTokens: string[];
  /** What answers at a port, by `NODE HOST:PORT`. */
  readonly services: Map<string, (stream: Duplex) => void>;
  /** Work that goes on after an answer; it ends when the twin is closed. */
  background(work: (signal: AbortSignal) => Promise<void>): void;
  /** A call that AWS makes itself, as some principal: judged and logged like any other. */
  invoke(call: InternalCall): Promise<Struct>;
}

export interface InternalCall {
  readonly principal: Principal;
  readonly service: ServiceId;
  readonly region: string;
  readonly operation: string;
  /** As JSON would carry it. */
  readonly input: unknown;
}

/** A question to IAM about the caller. */
export interface Ask {
  readonly action: string;
  readonly resource: string;
  readonly keys?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** One call, while it is handled. */
export interface Call {
  readonly twin: Twin;
  readonly service: ServiceModel;
  readonly account: Account;
  readonly region: Region;
  readonly principal: Principal;
  readonly now: number;
  evaluate(ask: Ask): Evaluation;
  /** Throws the service's own "access denied" unless IAM allows it. */
  require(ask: Ask): void;
  /** The error for something that `evaluate` did not allow. */
  denied(ask: Ask, evaluation: Evaluation): Error;
}

/** One operation of a service. INVARIANT: nothing runs before `authorize` returned. */
export interface Operation<Input, Output> {
  authorize(input: Input, call: Call): void;
  run(input: Input, call: Call): Output | Promise<Output>;
}

export type AnyOperation = Operation<Struct, Struct>;
export type Operations = Readonly<Record<string, AnyOperation>>;

/** Inputs reach an operation only after its schema allowed them, and answers leave the same way, so the types hold. */
export function operation<Input, Output>(definition: Operation<Input, Output>): AnyOperation {
  return definition as unknown as AnyOperation;
}
