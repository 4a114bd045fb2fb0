import { describe, expect, test } from "vitest";
import { decide } from "../../core/decide.ts";
import { parseDelegations, standingIn } from "../../core/delegations.ts";
import type { Facts, PullFacts } from "../../core/facts.ts";
import type { Instant } from "../../core/ids.ts";
import type { Delegation } from "../../core/law.ts";
import { plan } from "../../core/plan.ts";
import { accepted } from "../../core/problem.ts";
import { problemsOf, valueIn } from "./parsed.ts";
import { facts, law, pull, review } from "./some-facts.ts";

const when = (text: string): Instant => Date.parse(text) as Instant;

test("who stands in is asked, and the merge says for whom", () => {
  const [since, until] = [when("2026-12-01"), when("2026-12-02")];
  const away = (from: string, to: string): Delegation => ({ from, to, since, until });
  const delegations = [
    away("bob", "frank"),
    away("alice", "mallory"),
    away("nobody", "mallory"),
    { ...away("bob", "mallory"), only: { people: ["bob"], teams: [] } },
  ];
  const given = (more: Partial<PullFacts>): Facts =>
    facts({
      law: { commit: facts().law.commit, law: accepted({ ...law, delegations }) },
      pulls: [pull(more)],
    });
  const unasked = given({ asked: false });
  expect(plan(unasked, decide(unasked))).toMatchObject([{ do: "ask-reviewers", people: ["carol", "frank"] }]);
  const approved = given({ reviews: [review("frank"), review("erin"), review("carol")] });
  const merge = plan(approved, decide(approved)).find((step) => step.do === "merge");
  expect(merge?.message).toContain("Hallpass-Level: 1 frank for bob\n");
});

describe("delegations.yaml", () => {
  test("reads days in UTC, the last one whole, and moments", () => {
    const text = `- { from: bob, to: Carol, since: 2026-12-01, until: 2026-12-14 }
- { from: dan, to: erin, since: "2026-12-01T08:00:00+01:00", until: 2026-12-02T09:00Z }
`;
    expect(valueIn(parseDelegations(text))).toEqual([
      { from: "bob", to: "Carol", since: when("2026-12-01"), until: when("2026-12-15") },
      { from: "dan", to: "erin", since: when("2026-12-01T07:00Z"), until: when("2026-12-02T09:00Z") },
    ]);
    expect(valueIn(parseDelegations("# nobody is away\n"))).toEqual([]);
  });

  test("may narrow it to handles of the levels", () => {
    const text = `- { from: bob, to: carol, since: 2026-12-01, until: 2026-12-14, only: ["@Acme/Leads", "@BOB"] }\n`;
    expect(valueIn(parseDelegations(text))).toMatchObject([
      { only: { people: ["BOB"], teams: ["acme/leads"] } },
    ]);
  });

  test.each<[string, string, RegExp]>([
    ["nobody", "only: []", /expected a list of 1 to 100/],
    [
      "what is no handle",
      "only: [leads]",
      /expected a handle of a level, `@user` or `@org\/team`, got `leads`/,
    ],
    [
      "another person",
      'only: ["@acme/leads", "@dan"]',
      /expected teams of `bob`, or `@bob`, got another person/,
    ],
    ["by another key", 'olny: ["@acme/leads"]', /unknown key `olny`; did you mean `only`/],
  ])("narrows to no such thing as %s", (_, more, message) => {
    const [problem] = problemsOf(
      parseDelegations(`- { from: bob, to: carol, since: 2026-12-01, until: 2026-12-14, ${more} }\n`),
    );
    expect(problem).toMatchObject({ code: "delegations.malformed", message: expect.stringMatching(message) });
  });

  test("says what is wrong and where", () => {
    const text = `- { from: bob, to: BOB, since: 2026-12-01, until: 2026-12-14 }
- { from: bob, to: carol, since: 2026-12-14, until: 2026-12-01 }
- { from: "@acme/leads", to: "robot[bot]", since: 2026-02-30, until: soon }
- { from: bob, to: carol, since: 2026-12-01, util: 2026-12-14 }
`;
    const parsed = parseDelegations(text);
    expect(new Set(problemsOf(parsed).map(({ code }) => code))).toEqual(new Set(["delegations.malformed"]));
    expect(problemsOf(parsed).map(({ place }) => `${place?.line}:${place?.column}`)).toEqual([
      "1:20",
      "2:53",
      "3:11",
      "3:30",
      "3:51",
      "3:70",
      "4:46",
      "4:3",
    ]);
  });

  test("a window is open from its beginning until before its end", () => {
    const delegations = valueIn(
      parseDelegations("- { from: bob, to: carol, since: 2026-12-01, until: 2026-12-01 }"),
    );
    const open = (at: string) => standingIn(delegations, when(at)).length;
    expect(open("2026-11-30T23:59:59Z")).toBe(0);
    expect(open("2026-12-01T00:00:00Z")).toBe(1);
    expect(open("2026-12-01T23:59:59Z")).toBe(1);
    expect(open("2026-12-02T00:00:00Z")).toBe(0);
  });
});
