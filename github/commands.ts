import type { CommandFacts } from "../core/facts.ts";
import type { UserId } from "../core/ids.ts";
import type { Actor, RequestReading } from "./reading.ts";

/** People other than the requester who wrote `/revoke`: whether they may depends on their permission. */
export declare function revokersToCheck(reading: RequestReading): readonly Actor[];
/** `mayRevoke`: ids of those who may write; from `readRevokers`. */
export declare function commandFacts(
  reading: RequestReading,
  mayRevoke: ReadonlySet<UserId>,
): readonly CommandFacts[];
