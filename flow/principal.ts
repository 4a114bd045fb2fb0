// The requester as Cedar sees them: GitHub's teams, and what `people.yaml` says of the person and of their teams.

import type { Principal } from "../core/answer.ts";
import type { Account, TeamHandle } from "../core/ids.ts";
import type { IdentityAttributes, People, PersonEntry } from "../core/law.ts";

/** `teams` are those of the person among the ones that policies and `people.yaml` mention. */
export function principalOf(account: Account, teams: readonly TeamHandle[], people: People): Principal {
  const login = account.login.toLowerCase();
  const own = entryOf(account, people);
  const entries = [
    // sorted: where two teams say different things of one attribute, the answer must not depend on who asked first
    ...[...teams].sort().flatMap((team) => people.teams.get(team) ?? []),
    ...(own === undefined ? [] : [own]),
  ];
  return {
    login,
    githubId: account.id,
    // `@` cannot be in an Identity Store id: a bare login could be registered to look like a GUID
    entityId: own?.user ?? `@${login}`,
    teams,
    groups: [...new Set(entries.flatMap((entry) => entry.groups))],
    attributes: Object.assign({}, ...entries.map((entry) => entry.attributes)) as IdentityAttributes,
    principalTags: Object.assign({}, ...entries.map((entry) => entry.principalTags)) as Record<
      string,
      string
    >,
  };
}

// ATTACK: a login that was given up can be registered by somebody else; where `people.yaml` has the numeric id, it decides
function entryOf(account: Account, people: People): PersonEntry | undefined {
  const entry = people.people.get(account.login.toLowerCase());
  return entry?.id === undefined || entry.id === account.id ? entry : undefined;
}
