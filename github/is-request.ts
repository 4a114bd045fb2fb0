// Whether an issue or pull request is an access request at all. A repository has other issues too, and Hallpass says nothing in them.

import type { LedgerReading, RequestReading } from "./reading.ts";
import { shownFacts } from "./shown.ts";

/**
 * A pull request to the ledger by somebody else than us; an issue with the form's first heading, or with anything of ours: a label, a status, a pull request, a
 * record. INVARIANT: what was a request once stays one, whatever its author or others make of its text.
 */
export function isRequest(reading: RequestReading): boolean {
  const { subject, ledger, pulls, us } = reading;
  // ATTACK: a pull request's author points it elsewhere, so that nobody can end what it was granted
  if (hasRecord(ledger)) return true;
  if (subject.kind === "pull") return subject.pull !== undefined;
  return (
    looksLikeForm(subject.body) ||
    subject.labels.some(isStateLabel) ||
    pulls.some(({ author }) => author?.id === us.botId) ||
    shownFacts(reading).statuses.length > 0
  );
}

export const hasRecord = ({ everActive, approved, active, ended }: LedgerReading): boolean =>
  everActive || [approved, active, ended].some((text) => text !== undefined);

export const looksLikeForm = (body: string): boolean => /^### Nodes[ \t\r]*$/m.test(body);

export const isStateLabel = (label: string): boolean => label.startsWith("access: ");
