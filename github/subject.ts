import type { LedgerFacts, ShownFacts, SubjectFacts } from "../core/facts.ts";
import type { Parsed } from "../core/problem.ts";
import type { RequestReading } from "./reading.ts";

/** `authorHasAccess` comes from `readAccess`. */
export declare function subjectFacts(reading: RequestReading, authorHasAccess: boolean): SubjectFacts;
/** Problems (`record.malformed`) mean *broken*. */
export declare function ledgerFacts(reading: RequestReading): Parsed<LedgerFacts>;
export declare function shownFacts(reading: RequestReading): ShownFacts;
