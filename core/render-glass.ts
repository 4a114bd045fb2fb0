// What a broken glass is shown as: why, by which policy, and whether people have said afterwards what they think of it.

import type { Facts } from "./facts.ts";
import type { FollowUp } from "./follow-up.ts";
import type { ActiveRecord, BrokenGlassRecord, EndedRecord } from "./record.ts";
import { code, person, sentence } from "./render-markdown.ts";

interface Glass extends Pick<BrokenGlassRecord, "why" | "review"> {
  readonly policies: readonly (string | { readonly name: string })[];
  /** To be reviewed; undefined when it is not known any more. */
  readonly pull?: number;
}

/** Of a record; undefined where no glass was broken. */
export function reviewed(
  record: ActiveRecord | EndedRecord,
  followUp: FollowUp | undefined,
): Glass | undefined {
  const { breakGlass } = record;
  const pull = followUp?.pull?.number;
  return breakGlass && { ...breakGlass, ...(pull === undefined ? {} : { pull }) };
}

/** Empty where no glass was broken. */
export function glassBlock({ subject }: Facts, glass: Glass | undefined): readonly string[] {
  if (glass === undefined) return [];
  const names = glass.policies.slice(0, 5).map((each) => code(typeof each === "string" ? each : each.name));
  return [
    `**The glass was broken** by ${person(subject.author.login)}, as ${names.join(", ")} permits, before anybody had approved: ${sentence(glass.why)}`,
    ...after(glass),
  ];
}

function after({ review, pull }: Glass): readonly string[] {
  if (review !== undefined) return [`Afterwards ${review.by.map(person).join(", ")} ${review.how} it.`];
  return pull === undefined
    ? []
    : [
        `**Its review is still to be answered:** whoever could approve reviews #${pull}. This stays open until then.`,
      ];
}
