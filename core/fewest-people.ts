// The fewest people who can still finish a request: how many, and who. Each person fills one place only, so every open place needs one more person; the question is
// whether there are enough, and among whom to choose.

import type { Facts } from "./facts.ts";
import { sameLogin, type TeamHandle } from "./ids.ts";
import type { Level } from "./law.ts";
import type { Handle } from "./level.ts";
import { isNamed, type Tally } from "./tally.ts";

/** So many of these: logins and teams. Whichever are chosen, together with the other choices they finish the request. */
export interface Choice {
  readonly need: number;
  readonly people: readonly string[];
  readonly teams: readonly TeamHandle[];
}

/** A place for one person at a level, by the level's index; `by` is who has it, if anybody has. */
interface Place {
  readonly level: number;
  by: Seatable | undefined;
}

/** Somebody who has approved already, unless there is a handle. */
interface Seatable {
  readonly takes: readonly boolean[];
  readonly handle?: Handle;
}

interface Candidate extends Seatable {
  readonly handle: Handle;
}

/** Undefined when it is not known that people can finish it, as where a team cannot be read. Teams stand for members whom nobody has looked up. */
export function fewestPeople(
  facts: Facts,
  { levels, spare, standsFor }: Tally,
  barred: readonly string[],
): readonly Choice[] | undefined {
  const approvers = [...levels.flatMap(({ filledBy }) => filledBy), ...spare];
  // INVARIANT: a membership that somebody stands in on is used
  const out = [facts.subject.author.login, ...barred, ...approvers, ...standsFor.values()];
  const all = levels.map(({ level }) => level);
  const places = levels.flatMap(({ level, filledBy }, index) =>
    Array.from({ length: level.need }, (_, nth): Place => {
      const login = filledBy[nth];
      return {
        level: index,
        by: login === undefined ? undefined : { takes: takenBy(facts, all, standsFor.get(login) ?? login) },
      };
    }),
  );
  const candidates = [...namedCandidates(all, out), ...teamCandidates(facts, all, out, places.length)];
  const open = places.filter(({ by }) => by === undefined);
  const left = candidates.filter((candidate) => !seat(candidate, open, new Set()));
  // what is shown as filled is filled otherwise only where it has to be. INVARIANT: whoever has a place keeps one, so that no approval is asked for twice
  const free = left.filter((candidate) => !seat(candidate, places, new Set()));
  return places.every(({ by }) => by !== undefined) ? choices(places, free) : undefined;
}

const takenBy = ({ memberships }: Facts, levels: readonly Level[], login: string): readonly boolean[] =>
  levels.map((level) => isNamed(login, level, memberships));

function namedCandidates(levels: readonly Level[], out: readonly string[]): readonly Candidate[] {
  const logins = new Map(
    levels.flatMap(({ people }) => people.map((login) => [login.toLowerCase(), login] as const)),
  );
  return [...logins.values()]
    .filter((login) => !out.some((other) => sameLogin(other, login)))
    .map((login) => ({
      handle: { login },
      takes: levels.map(({ people }) => people.some((other) => sameLogin(other, login))),
    }));
}

/** As many as a team has members who are not known to be out or named themselves, and no more than there are places. */
function teamCandidates(
  { memberships, teamSizes }: Facts,
  levels: readonly Level[],
  out: readonly string[],
  most: number,
): readonly Candidate[] {
  const known = new Set(
    [...out, ...levels.flatMap(({ people }) => people)].map((each) => each.toLowerCase()),
  );
  return [...new Set(levels.flatMap(({ teams }) => teams))].flatMap((team) => {
    const counted = [...(memberships.get(team) ?? [])].filter((login) => known.has(login)).length;
    const length = Math.max(0, Math.min(most, (teamSizes.get(team) ?? 0) - counted));
    const takes = levels.map(({ teams }) => teams.includes(team));
    return Array.from({ length }, (): Candidate => ({ handle: { team }, takes }));
  });
}

/** Gives the candidate a place, where need be by moving others to other places. */
function seat(candidate: Seatable, places: readonly Place[], seen: Set<Place>): boolean {
  const takes = places.filter(({ level }) => candidate.takes[level] === true);
  const room = takes.find(({ by }) => by === undefined) ?? takes.find((place) => moves(place, places, seen));
  if (room === undefined) return false;
  room.by = candidate;
  return true;
}

function moves(place: Place, places: readonly Place[], seen: Set<Place>): boolean {
  if (seen.has(place) || place.by === undefined) return false;
  seen.add(place);
  return seat(place.by, places, seen);
}

/** By level. Whoever has no place can stand in at the first level that takes them: then no two choices have anybody in common, and all of them hold at once. */
function choices(places: readonly Place[], free: readonly Candidate[]): readonly Choice[] {
  const seated = places.flatMap(({ level, by }) =>
    by?.handle === undefined ? [] : [{ level, handle: by.handle }],
  );
  const found = [...new Set(seated.map(({ level }) => level))].map((level) => {
    const handles = seated.filter((each) => each.level === level).map(({ handle }) => handle);
    return { level, need: handles.length, handles };
  });
  for (const { takes, handle } of free)
    found.find(({ level }) => takes[level] === true)?.handles.push(handle);
  return found.map(({ need, handles }) => ({
    need,
    people: handles.flatMap((handle) => ("login" in handle ? [handle.login] : [])),
    teams: [...new Set(handles.flatMap((handle) => ("team" in handle ? [handle.team] : [])))],
  }));
}
