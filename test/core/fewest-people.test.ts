// The fewest people who can still finish a request: exact, and among whom to choose.

import { describe, expect, test } from "vitest";
import { decide } from "../../core/decide.ts";
import type { Facts } from "../../core/facts.ts";
import { type Choice, fewestPeople } from "../../core/fewest-people.ts";
import type { TeamHandle } from "../../core/ids.ts";
import type { Level } from "../../core/law.ts";
import { accepted } from "../../core/problem.ts";
import { commit, facts, type Login, law, leads, level, pull, review, rule, security } from "./some-facts.ts";

interface Given {
  readonly levels: readonly Level[];
  readonly approved?: readonly Login[];
  readonly barred?: readonly string[];
  readonly more?: Partial<Facts>;
}

function fewest({ levels, approved = [], barred = [], more = {} }: Given): readonly Choice[] | undefined {
  const [first, ...others] = levels;
  if (first === undefined) throw new Error("a rule has levels");
  const rules = [{ ...rule, levels: [first, ...others] as const }];
  const pulls = [pull({ reviews: approved.map((login) => review(login)), barred })];
  const given = facts({ law: { commit, law: accepted({ ...law, rules }) }, pulls, ...more });
  const verdict = decide(given);
  return "tally" in verdict && verdict.tally !== undefined
    ? fewestPeople(given, verdict.tally, barred)
    : undefined;
}

const some = (need: number, ...handles: readonly string[]): Choice => {
  const { people, teams } = level(need, ...handles);
  return { need, people, teams };
};

describe("the fewest people who can finish it are", () => {
  test.each<[what: string, given: Given, expected: readonly Choice[] | undefined]>([
    [
      "whoever each level names, before anybody has approved",
      { levels: [level(1, leads), level(2, security, "carol")] },
      [some(1, leads), some(2, "carol", security)],
    ],
    [
      "those of the levels that are open",
      { levels: [level(1, leads), level(2, security, "carol")], approved: ["bob"] },
      [some(2, "carol", security)],
    ],
    [
      "nobody whose approval counts already",
      { levels: [level(1, leads), level(2, security, "carol")], approved: ["bob", "carol"] },
      [some(1, security)],
    ],
    [
      "not one person for two levels",
      { levels: [level(1, "carol", "erin"), level(1, "carol")] },
      [some(1, "erin"), some(1, "carol")],
    ],
    [
      "others than the requester and whoever pushed",
      { levels: [level(1, "alice", "bob", "carol")], barred: ["Bob"] },
      [some(1, "carol")],
    ],
    [
      "whoever takes the place of one who can move to the level that is open",
      // bob fills level 1; nobody else is of level 2, and carol is of level 1
      { levels: [level(1, "bob", "carol"), level(1, "bob")], approved: ["bob"] },
      [some(1, "carol")],
    ],
    [
      "nobody who is of no level that is open",
      { levels: [level(1, "bob", "carol"), level(1, "erin")], approved: ["bob"] },
      [some(1, "erin")],
    ],
    ["not known where too few can", { levels: [level(2, "bob", "alice")] }, undefined],
    [
      "not known where a team cannot be read",
      { levels: [level(1, "acme/gone")], more: { unreadableTeams: ["acme/gone" as TeamHandle] } },
      undefined,
    ],
    [
      "no more of a team than it has members who have not approved",
      // of three, erin has approved and bob has the only place that nobody else can fill
      { levels: [level(1, "bob"), level(3, security)], approved: ["bob", "erin"] },
      undefined,
    ],
    ["nobody, when it is finished", { levels: [level(1, leads)], approved: ["bob"] }, []],
  ])("%s", (_, given, expected) => expect(fewest(given)).toEqual(expected));
});
