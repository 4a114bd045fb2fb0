// The request's records in the ledger, as they lie there now.

import type { LedgerFacts } from "../core/facts.ts";
import { parseActive, parseApproved, parseEnded } from "../core/parse-record.ts";
import { type Parsed, type Problem, unlessProblems } from "../core/problem.ts";
import type { RequestReading } from "./reading.ts";

/**
 * Problems (`record.malformed`) mean *broken*: somebody else than us wrote there. INVARIANT: what is spoilt beside an active record hides it from nobody who ends it.
 */
export function ledgerFacts({ ledger, subject }: RequestReading): Parsed<LedgerFacts> {
  const { number } = subject;
  const problems: Problem[] = [];
  const take = <T>(parsed: Parsed<T> | undefined): T | undefined => {
    if (parsed?.ok === false) problems.push(...parsed.problems);
    return parsed?.ok === true ? parsed.value : undefined;
  };
  const approved = take(
    ledger.approved === undefined ? undefined : parseApproved(ledger.approved, `approved/${number}.yaml`),
  );
  const active = take(
    ledger.active === undefined ? undefined : parseActive(ledger.active, `active/${number}.yaml`),
  );
  const ended = take(
    ledger.ended === undefined ? undefined : parseEnded(ledger.ended.text, ledger.ended.path),
  );
  return unlessProblems(active === undefined ? problems : [], {
    head: ledger.head,
    everActive: ledger.everActive,
    ...(approved === undefined ? {} : { approved }),
    ...(active === undefined ? {} : { active }),
    ...(ended === undefined ? {} : { ended }),
  });
}
