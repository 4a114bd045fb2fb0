// What Cedar is asked about a request: who asks, when, how and for what, from facts alone.

import { teamsMentioned } from "../cedar/policy-set.ts";
import type { Question } from "../core/answer.ts";
import { glassAsked } from "../core/break-glass.ts";
import type { Facts } from "../core/facts.ts";
import type { TeamHandle } from "../core/ids.ts";
import type { Node } from "../core/node.ts";
import type { AccessRequest } from "../core/request.ts";
import { localClock } from "../core/time.ts";
import type { LoadedLaw } from "./law.ts";
import { principalOf } from "./principal.ts";

export interface AskedFor {
  readonly request: AccessRequest;
  readonly nodes: readonly Node[];
}

/** Those whose members policies and `people.yaml` have something to say of. */
export const policyTeams = (law: LoadedLaw): readonly TeamHandle[] => [
  ...new Set([...teamsMentioned(law.policies), ...law.people.teams.keys()]),
];

export function questionOf(law: LoadedLaw, facts: Facts, { request, nodes }: AskedFor): Question {
  const login = facts.subject.author.login.toLowerCase();
  const theirs = policyTeams(law).filter((team) => facts.memberships.get(team)?.has(login) === true);
  const start = request.from ?? facts.now;
  return {
    principal: principalOf(facts.subject.author, theirs, law.people),
    context: {
      now: facts.now,
      start,
      ...localClock(start, law.config.timeZone),
      duration: request.for,
      access: request.access,
      reason: request.reason,
      ...(request.ticket === undefined ? {} : { ticket: request.ticket }),
    },
    nodes,
    breakGlass: glassAsked(facts) !== undefined,
  };
}
