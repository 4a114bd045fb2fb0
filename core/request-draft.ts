// A request as its author wrote it: every field is still text. What the texts mean is read in one place (`check-request.ts`), whichever way they came.

import type { Place } from "./problem.ts";

export const requestFields = ["nodes", "access", "forward", "for", "reason", "ticket", "from"] as const;
export type RequestField = (typeof requestFields)[number];

export interface RequestDraft {
  /** Where it was written. A `file` is written by hand and spells node ids; a `record` is ours. */
  readonly origin: "form" | "file" | "record";
  readonly nodes: readonly string[];
  /** Empty where nothing was written; so are the others. */
  readonly access: string;
  readonly forward: string;
  readonly for: string;
  readonly reason: string;
  readonly ticket: string;
  readonly from: string;
  readonly places?: Partial<Readonly<Record<RequestField, Place>>>;
}

/** `For` of the form, `for` of a file. */
export const headingOf = (field: RequestField): string => field.slice(0, 1).toUpperCase() + field.slice(1);

/**
 * A line that is a heading of the form, or could be taken for one. ATTACK: a reason that says `### Nodes` would name other nodes than its author reads, if anything
 * cut the form elsewhere than we do.
 */
export function looksLikeHeading(line: string): boolean {
  const text = line.trim();
  const words = text.replace(/^#+/, "").trim().toLowerCase();
  if (text.startsWith("###")) return true;
  return (
    text.startsWith("#") &&
    requestFields.some((field) => words.startsWith(field) && /^[\s#]*$/.test(words.slice(field.length)))
  );
}
