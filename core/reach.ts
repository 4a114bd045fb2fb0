// Whether people can decide at all: what their teams have to tell first, and which levels nobody can fill.

import type { Facts } from "./facts.ts";
import type { TeamHandle } from "./ids.ts";
import type { Level } from "./law.ts";
import { type Problem, problem } from "./problem.ts";

/**
 * Teams that did not answer, where that leaves open whether a review counts. A 404 may mean "no such team" or "no permission": to read
 * it as "not a member" could lose a "no".
 */
export function undecidable(facts: Facts, levels: readonly Level[]): readonly Problem[] {
  const reviewed = facts.pulls.some((pull) => pull.reviews.some((review) => review.human));
  if (!reviewed) return [];
  return teamsOf(levels)
    .filter((team) => facts.unreadableTeams.includes(team))
    .map((team) =>
      problem(
        "team.unreadable",
        `team \`@${team}\` cannot be read: expected it to exist and the App to have \`members: read\`; an admin mends \`approvals.yaml\` or the App's permissions`,
      ),
    );
}

export interface OutOfReach {
  readonly level: number;
  readonly why: string;
}

/** Levels that cannot be filled however people decide. `barred` are those who pushed to a branch written by hand. */
export function outOfReach(
  facts: Facts,
  levels: readonly Level[],
  barred: readonly string[],
): readonly OutOfReach[] {
  const reachable: Level[] = [];
  const found: OutOfReach[] = [];
  for (const [index, level] of levels.entries()) {
    const why = whyNot(facts, level, reachable, barred);
    if (why === undefined) reachable.push(level);
    else found.push({ level: index + 1, why });
  }
  return found;
}

function whyNot(
  facts: Facts,
  level: Level,
  before: readonly Level[],
  barred: readonly string[],
): string | undefined {
  const alone = mostPeople(facts, [level], barred);
  const together = mostPeople(facts, [...before, level], barred);
  const need = level.need + before.reduce((sum, each) => sum + each.need, 0);
  const unread = level.teams.filter((team) => facts.unreadableTeams.includes(team));
  if (alone >= level.need && together >= need) return undefined;
  if (unread.length > 0) return `${unread.map((team) => `\`@${team}\``).join(", ")} cannot be read`;
  return alone < level.need
    ? `it needs ${level.need}, and at most ${alone} can approve`
    : `with the levels before it ${need} different people are needed, and at most ${together} can approve`;
}

/** How many different people could approve at these levels, at most: nobody looks up how teams overlap. */
function mostPeople(facts: Facts, levels: readonly Level[], barred: readonly string[]): number {
  const requester = facts.subject.author.login.toLowerCase();
  const out = new Set([requester, ...barred.map((login) => login.toLowerCase())]);
  const named = new Set(levels.flatMap((level) => level.people.map((login) => login.toLowerCase())));
  const people = [...named].filter((login) => !out.has(login)).length;
  return teamsOf(levels).reduce((sum, team) => {
    const own = facts.memberships.get(team)?.has(requester) === true ? 1 : 0;
    return sum + (facts.teamSizes.get(team) ?? 0) - own;
  }, people);
}

const teamsOf = (levels: readonly Level[]): readonly TeamHandle[] => [
  ...new Set(levels.flatMap((level) => level.teams)),
];
