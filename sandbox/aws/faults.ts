import { AwsError } from "./errors.ts";
import type { ServiceModel } from "./wire/service-models.ts";
import type { Struct } from "./wire/shape.ts";

/** A call as a fault sees it. */
export interface FaultTarget {
  readonly service: string;
  readonly operation: string;
  readonly input: Struct;
  /** The caller's ARN; empty for the unsigned call. */
  readonly caller: string;
  readonly account: string;
  readonly region: string;
}

export interface Fault {
  readonly when: (call: FaultTarget) => boolean;
  /** How often it strikes; for ever when absent. */
  readonly times?: number;
  /**
   * An error code of the service's model or a general one (`ThrottlingException`, `ServiceUnavailable`, …);
   * `timeout`: no answer and no effect; `after-effect`: the effect, and no answer.
   */
  readonly error: string;
  /** The HTTP status of a code that no model knows. */
  readonly status?: number;
}

export interface Faults {
  /** Returns a function that takes the fault away again. */
  add(fault: Fault): () => void;
  clear(): void;
}

export type Strike =
  | { readonly kind: "error"; readonly error: AwsError }
  | { readonly kind: "timeout" | "after-effect" };

const generalStatus: Readonly<Record<string, number>> = {
  InternalFailure: 500,
  InternalError: 500,
  InternalServerError: 500,
  InternalServerException: 500,
  ServiceUnavailable: 503,
  ServiceUnavailableException: 503,
  RequestLimitExceeded: 503,
  AccessDenied: 403,
  UnauthorizedOperation: 403,
};

export function createFaults(): Faults & {
  strike(target: FaultTarget, service: ServiceModel): Strike | undefined;
} {
  const active = new Map<Fault, number>();
  return {
    add(fault) {
      active.set(fault, fault.times ?? Number.POSITIVE_INFINITY);
      return () => active.delete(fault);
    },
    clear: () => active.clear(),
    strike(target, service) {
      for (const [fault, left] of active) {
        if (!fault.when(target)) continue;
        if (left <= 1) active.delete(fault);
        else active.set(fault, left - 1);
        if (fault.error === "timeout" || fault.error === "after-effect") return { kind: fault.error };
        return { kind: "error", error: faultError(fault, service) };
      }
      return undefined;
    },
  };
}

function faultError(fault: Fault, service: ServiceModel): AwsError {
  const message = service.errors.has(fault.error) ? "injected" : `injected ${fault.error}`;
  return new AwsError(fault.error, message, fault.status ?? generalStatus[fault.error] ?? 400);
}
