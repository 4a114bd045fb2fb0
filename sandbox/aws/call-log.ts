import type { Struct } from "./wire/shape.ts";

/** One call, whoever made it. */
export interface CallRecord {
  readonly at: number;
  readonly account: string;
  readonly region: string;
  readonly service: string;
  readonly operation: string;
  /** ARN; empty for the unsigned call. */
  readonly caller: string;
  /** Without the tokens that stand in it. */
  readonly input: Struct;
  /** `ok`, an error code, `timeout` or `after-effect`. */
  readonly outcome: string;
  readonly message?: string;
}

const secretMembers = ["WebIdentityToken", "TokenValue", "TokenCode", "ContextAssertion"];

export function withoutSecrets(input: Struct): Struct {
  const entries = Object.entries(input);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, secretMembers.includes(name) ? "(removed)" : value]),
  );
}
