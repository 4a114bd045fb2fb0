// Whether an issue or pull request is an access request at all. A repository has other issues too, and Hallpass says nothing in them.

import { headingOf, requestFields } from "../core/request-draft.ts";
import type { LedgerReading, RequestReading } from "./reading.ts";
import { shownFacts } from "./shown.ts";

/**
 * A pull request to the ledger by somebody else than us; an issue with the form's headings, or with anything that only we can write: a status, a pull
 * request, a record. INVARIANT: what was a request once stays one, whatever its author or others make of its text. Labels make nothing a request: anybody with triage sets them.
 */
export function isRequest(reading: RequestReading): boolean {
  const { subject, ledger, pulls, us } = reading;
  // ATTACK: a pull request's author points it elsewhere, so that nobody can end what it was granted
  if (hasRecord(ledger)) return true;
  if (subject.kind === "pull") return subject.pull !== undefined;
  return (
    looksLikeForm(subject.body) ||
    pulls.some(({ author }) => author?.id === us.botId) ||
    shownFacts(reading).statuses.length > 0
  );
}

export const hasRecord = ({ everActive, approved, active, ended }: LedgerReading): boolean =>
  everActive || [approved, active, ended].some((text) => text !== undefined);

const heading = new RegExp(`^### (?:${requestFields.map(headingOf).join("|")})[ \\t\\r]*$`, "gm");

/** The first heading, or most of the others: a form that lost one is answered with what it lacks. */
export function looksLikeForm(body: string): boolean {
  const headings = new Set((body.match(heading) ?? []).map((line) => line.trim()));
  return headings.has(`### ${headingOf("nodes")}`) || headings.size > requestFields.length / 2;
}

/** Where to look, and never what is found there. */
export const isStateLabel = (label: string): boolean => label.startsWith("access: ");
