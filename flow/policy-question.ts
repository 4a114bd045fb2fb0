// A request as a question to the policies: the same for a real request and for a policy case.

import type { Principal, QuestionContext } from "../core/answer.ts";
import type { Instant, Seconds, TeamHandle, UserId } from "../core/ids.ts";
import type { IdentityAttributes, People, PersonEntry } from "../core/law.ts";
import type { AccessMode } from "../core/request.ts";
import { localClock } from "../core/time.ts";

export interface Requester {
  readonly login: string;
  readonly id: UserId;
  /** Every team of theirs that the policies or `people.yaml` mention, parents of child teams included. */
  readonly teams: readonly TeamHandle[];
}

/** What GitHub says of the requester and what `people.yaml` adds: their own entry, before those of their teams. */
export function principalOf(people: People, requester: Requester): Principal {
  const own = entryOf(people, requester);
  const ofTeams = [...requester.teams].sort().flatMap((team) => people.teams.get(team) ?? []);
  const entries = [...ofTeams, ...(own === undefined ? [] : [own])];
  return {
    login: requester.login,
    githubId: requester.id,
    entityId: own?.user ?? `@${requester.login.toLowerCase()}`,
    teams: requester.teams,
    groups: [...new Set(entries.flatMap((entry) => entry.groups))],
    attributes: merged(entries.map((entry) => entry.attributes)) as IdentityAttributes,
    principalTags: merged(entries.map((entry) => entry.principalTags)),
  };
}

/** Later ones win. */
const merged = (maps: readonly object[]): Readonly<Record<string, string>> =>
  Object.fromEntries(maps.flatMap((map) => Object.entries(map)));

/** ATTACK: a login can be given up and taken by somebody else, so an entry with an id is only of the person with that id. */
function entryOf(people: People, { login, id }: Requester): PersonEntry | undefined {
  const entry = people.people.get(login.toLowerCase());
  return entry?.id === undefined || entry.id === id ? entry : undefined;
}

/** The teams that `people.yaml` speaks of: whether the requester is in them has to be known, too. */
export const teamsWithEntries = (people: People): readonly TeamHandle[] => [...people.teams.keys()];

export interface Asking {
  readonly now: Instant;
  readonly from?: Instant;
  readonly for: Seconds;
  readonly access: AccessMode;
  readonly reason: string;
  readonly ticket?: string;
}

export function questionContext(asking: Asking, timeZone: string): QuestionContext {
  const { now, from: start = now, access, reason, ticket } = asking;
  return {
    now,
    start,
    ...localClock(start, timeZone),
    duration: asking.for,
    access,
    reason,
    ...(ticket === undefined ? {} : { ticket }),
  };
}
