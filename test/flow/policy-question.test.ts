import { describe, expect, test } from "vitest";
import type { Instant, Seconds, TeamHandle, UserId } from "../../core/ids.ts";
import { parsePeople } from "../../core/people.ts";
import { principalOf, questionContext, teamsWithEntries } from "../../flow/policy-question.ts";

function people(text: string) {
  const parsed = parsePeople(text, "people.yaml");
  if (!parsed.ok) throw new Error(parsed.problems[0].message);
  return parsed.value;
}

const known = people(`
alice: { id: 1001, user: "906b8590", groups: [g1], costCenter: "1001", principalTags: { Role: Admin } }
Bob: { costCenter: "2" }
"@acme/devops": { groups: [g1, g2], costCenter: "team", division: Ops, principalTags: { Role: User, Team: DevOps } }
"@acme/b-side": { division: B }
`);
const requester = (login: string, id: number, ...teams: string[]) => ({
  login,
  id: id as UserId,
  teams: teams as readonly string[] as readonly TeamHandle[],
});

describe("the requester as the policies see them", () => {
  test("what their own entry says comes before what their teams' say", () => {
    expect(principalOf(known, requester("Alice", 1001, "acme/devops"))).toEqual({
      login: "Alice",
      githubId: 1001,
      entityId: "906b8590",
      teams: ["acme/devops"],
      groups: ["g1", "g2"],
      attributes: { costCenter: "1001", division: "Ops" },
      principalTags: { Role: "Admin", Team: "DevOps" },
    });
  });

  test("who is not in the file has nothing, and is called by their login", () => {
    expect(principalOf(known, requester("Mallory", 5))).toMatchObject({
      entityId: "@mallory",
      groups: [],
      attributes: {},
      principalTags: {},
    });
  });

  test("somebody else who took a login does not take what it had", () => {
    expect(principalOf(known, requester("alice", 6666))).toMatchObject({
      entityId: "@alice",
      groups: [],
      attributes: {},
    });
  });

  test("an entry without an id is of whoever has the login, in any letter case", () => {
    expect(principalOf(known, requester("BOB", 7)).attributes).toEqual({ costCenter: "2" });
  });

  test("the order in which teams are told changes nothing", () => {
    const [a, b] = [
      principalOf(known, requester("x", 1, "acme/devops", "acme/b-side")),
      principalOf(known, requester("x", 1, "acme/b-side", "acme/devops")),
    ];
    expect(a.attributes).toEqual(b.attributes);
  });

  test("the teams to look up are those with an entry", () => {
    expect(teamsWithEntries(known)).toEqual(["acme/devops", "acme/b-side"]);
  });
});

describe("the facts of the request", () => {
  const now = Date.parse("2026-01-05T23:30:00Z") as Instant;
  const asking = { now, for: 3600 as Seconds, access: "shell", reason: "r" } as const;

  test("start is now, in the configured time zone", () => {
    expect(questionContext(asking, "Europe/Berlin")).toEqual({
      now,
      start: now,
      weekday: 2,
      timeOfDay: 30 * 60_000,
      duration: 3600,
      access: "shell",
      reason: "r",
    });
  });

  test("start is `from` where given", () => {
    const from = Date.parse("2026-01-10T08:00:00Z") as Instant;
    expect(questionContext({ ...asking, from, ticket: "INC-1" }, "UTC")).toMatchObject({
      now,
      start: from,
      weekday: 6,
      timeOfDay: 8 * 3_600_000,
      ticket: "INC-1",
    });
  });
});
