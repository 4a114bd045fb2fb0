// Who decided and by which policy; what is missing and exactly who can give it.

import type { Facts } from "./facts.ts";
import type { Choice } from "./fewest-people.ts";
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

/** A checklist of the levels, and who did not count and why. */
export function decidedByPeople(
  facts: Facts,
  { rules }: ManualOutcome,
  tally: Tally,
  unreachable: readonly OutOfReach[],
): readonly (readonly string[])[] {
  const links = rules.map(({ name, line }) => policyLink(facts, { name, file: rulesPath, line }));
  return [
    [`**Decided by people**, as ${links.join(", ")} asks, each person for one level only:`],
    [
      ...tally.levels.map((each) => levelLine(each, tally)),
      ...unreachable.map(
        ({ level, why }) =>
          `- **Level ${level} is out of reach:** ${inertMessage(why)}. An admin mends \`approvals.yaml\` or the team.`,
      ),
      ...listed([...tally.spare.map(spareLine), ...tally.ignored.map(ignoredLine)], moreReviews),
    ],
  ];
}

/** Who can finish it, in the fewest words that are exact. */
export function whoFinishes(fewest: readonly Choice[] | undefined, where: string): string {
  if (fewest === undefined) return `the people named below review ${where}.`;
  const count = fewest.reduce((sum, { need }) => sum + need, 0);
  const people = count === 1 ? "1 more person approves" : `${count} more people approve`;
  return `${people} ${where}: ${fewest.map(choiceOf).join(", and ")}.`;
}

const mostHandles = 6;

function choiceOf({ need, people, teams }: Choice): string {
  if (teams.length === 0 && people.length === need) return people.map(person).join(" and ");
  const handles = [
    ...people.map(person),
    ...teams.map((team) => (need === 1 ? `somebody in ${person(team)}` : person(team))),
  ];
  const named = handles.slice(0, mostHandles);
  const others = handles.length > mostHandles ? ["another of that level"] : [];
  return need === 1 ? [...named, ...others].join(" or ") : `${need} of ${[...named, ...others].join(" or ")}`;
}

function levelLine({ level, number, filledBy, complete }: LevelTally, { standsFor }: Tally): string {
  const named = (login: string) => {
    const owner = standsFor.get(login);
    return owner === undefined ? person(login) : `${person(login)} for ${person(owner)}`;
  };
  const handles = [...level.people, ...level.teams].map(person).join(" or ");
  const count = complete ? "approved" : `${filledBy.length} of ${level.need}`;
  const by = filledBy.length === 0 ? "" : ` by ${filledBy.map(named).join(", ")}`;
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
