// Whether an issue or pull request is an access request at all. A repository has other issues too, and Hallpass says nothing in them.

import type { RequestReading } from "./reading.ts";
import { shownFacts } from "./shown.ts";

/**
 * A pull request to the ledger by somebody else than us; an issue with the form's first heading, or with anything of ours: a label, a status, a pull request, a
 * record. INVARIANT: what was a request once stays one, whatever its author or others make of its text.
 */
export function isRequest(reading: RequestReading): boolean {
  const { subject, ledger, pulls, us } = reading;
  if (subject.kind === "pull") return subject.pull !== undefined;
  return (
    looksLikeForm(subject.body) ||
    subject.labels.some(isStateLabel) ||
    ledger.everActive ||
    ledger.approved !== undefined ||
    ledger.ended !== undefined ||
    pulls.some(({ author }) => author?.id === us.botId) ||
    shownFacts(reading).statuses.length > 0
  );
}

export const looksLikeForm = (body: string): boolean => /^### Nodes[ \t\r]*$/m.test(body);

export const isStateLabel = (label: string): boolean => label.startsWith("access: ");
