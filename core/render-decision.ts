// Who decided and by which policy; what is missing and exactly who can give it.

import type { Facts } from "./facts.ts";
import type { AutoOutcome, ManualOutcome } from "./outcome.ts";
import type { OutOfReach } from "./reach.ts";
import { inertMessage, listed, person, policyLink } from "./render-markdown.ts";
import { rulesPath } from "./rules.ts";
import type { IgnoredBecause, LevelTally, Tally } from "./tally.ts";

export function decidedByPolicy(facts: Facts, { policies }: AutoOutcome): string {
  const links = listed(
    policies.map((policy) => policyLink(facts, policy)),
    (count) => `${count} more`,
  );
  return `**Decided by** ${links.join(", ")}: automatic, nobody has to approve.`;
}

export function decidedByPeople(
  facts: Facts,
  { rules }: ManualOutcome,
  tally: Tally,
  unreachable: readonly OutOfReach[],
): readonly string[] {
  const links = rules.map(({ name, line }) => policyLink(facts, { name, file: rulesPath, line }));
  return [
    `**Decided by people**, as ${links.join(", ")} asks, each person for one level only:`,
    "",
    ...tally.levels.map(levelLine),
    ...unreachable.map(
      ({ level, why }) =>
        `- **Level ${level} is out of reach:** ${inertMessage(why)}. An admin mends \`approvals.yaml\` or the team.`,
    ),
    ...listed([...tally.spare.map(spareLine), ...tally.ignored.map(ignoredLine)], moreReviews),
  ];
}

function levelLine({ level, number, filledBy, complete }: LevelTally): string {
  const handles = [...level.people, ...level.teams].map(person).join(" or ");
  const count = complete ? "approved" : `${filledBy.length} of ${level.need}`;
  const by = filledBy.length === 0 ? "" : ` by ${filledBy.map(person).join(", ")}`;
  return `- [${complete ? "x" : " "}] **Level ${number}**, ${level.need} of ${handles}: ${count}${by}`;
}

const spareLine = (login: string): string =>
  `- ${person(login)} approved too; the places they could fill are taken.`;

const ignoredLine = ({ login, because }: Tally["ignored"][number]): string =>
  `- The review by ${person(login)} does not count: ${whyIgnored(because)}.`;

function whyIgnored(because: IgnoredBecause): string {
  switch (because) {
    case "is-the-requester":
      return "nobody approves their own request";
    case "pushed-to-the-branch":
      return "they wrote or pushed what is to be approved";
    case "is-not-a-person":
      return "only people count";
    case "is-in-no-level":
      return "they are in no level of this request";
    case "is-of-another-head":
      return "it was given for another version of the request; review again";
    case "was-dismissed":
      return "it was dismissed; review again";
  }
}

const moreReviews = (count: number): string => `- And ${count} more reviews that change nothing.`;
