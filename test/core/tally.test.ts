import { describe, expect, it } from "vitest";
import type { Instant, TeamHandle, UserId } from "../../core/ids.ts";
import type { Delegation, Level } from "../../core/law.ts";
import type { Review } from "../../core/review.ts";
import { tally } from "../../core/tally.ts";

const ids = ["alice", "bob", "carol", "dan", "erin", "mallory", "robot[bot]"];
const teams = {
  "acme/leads": ["bob"],
  "acme/security": ["bob", "carol", "erin", "alice"],
} as Record<string, string[]>;

type Said = [by: string, stance: "yes" | "no", more?: Partial<Review>];

const away = (from: string, to: string, since = 0): Delegation => ({
  from,
  to,
  since: since as Instant,
  until: 9_999 as Instant,
});

function count(levels: Level[], said: Said[], barred: string[] = [], delegations: Delegation[] = []) {
  return tally({
    levels,
    reviews: said.map(([login, stance, more], index) => ({
      by: { login, id: (ids.indexOf(login.toLowerCase()) + 1) as UserId },
      human: !login.endsWith("[bot]"),
      stance: stance === "yes" ? "approved" : "changes-requested",
      onHead: true,
      at: (1000 + index) as Instant,
      ...more,
    })),
    requester: "Alice",
    barred,
    memberships: new Map(
      Object.entries(teams).map(([team, members]) => [team as TeamHandle, new Set(members)]),
    ),
    delegations,
  });
}

const level = (need: number, ...handles: string[]): Level => ({
  text: handles.join(" "),
  need,
  people: handles.filter((handle) => !handle.includes("/")),
  teams: handles.filter((handle) => handle.includes("/")) as TeamHandle[],
});

const two = [level(1, "acme/leads"), level(2, "acme/security", "carol")];

describe("who counts", () => {
  it("approves when every level is filled by different people", () => {
    const result = count(two, [
      ["bob", "yes"],
      ["carol", "yes"],
      ["erin", "yes"],
    ]);
    expect(result).toMatchObject({ approval: "approved", missing: [], lastCounted: 1002, spare: [] });
    expect(result.levels.map(({ filledBy }) => filledBy)).toEqual([["bob"], ["carol", "erin"]]);
  });

  it("onePersonFillsOneLevelOnly", () => {
    expect(
      count(two, [
        ["bob", "yes"],
        ["carol", "yes"],
      ]),
    ).toMatchObject({ approval: "pending", missing: [2] });
  });

  it("does not waste a person on a level that somebody else could fill", () => {
    const levels = [level(1, "bob", "carol"), level(1, "bob")];
    expect(
      count(levels, [
        ["bob", "yes"],
        ["carol", "yes"],
      ]),
    ).toMatchObject({ approval: "approved" });
  });

  it("names those who approved a level that is full already", () => {
    expect(
      count(
        [level(1, "bob", "carol")],
        [
          ["bob", "yes"],
          ["carol", "yes"],
        ],
      ),
    ).toMatchObject({
      approval: "approved",
      spare: ["carol"],
      lastCounted: 1000,
    });
  });

  it.each<[string, Said[], string[], string]>([
    ["requesterCannotApprove", [["alice", "yes"]], [], "is-the-requester"],
    ["whoever pushed cannot approve", [["Carol", "yes"]], ["carol"], "pushed-to-the-branch"],
    ["a bot does not count", [["robot[bot]", "yes"]], [], "is-not-a-person"],
    ["somebody in no level does not count", [["mallory", "yes"]], [], "is-in-no-level"],
    [
      "an approval of another head does not count",
      [["carol", "yes", { onHead: false }]],
      [],
      "is-of-another-head",
    ],
    [
      "a dismissed approval does not count",
      [["carol", "yes", { dismissed: { by: "dan" } }]],
      [],
      "was-dismissed",
    ],
    [
      "a dismissed approval revives nothing",
      [
        ["carol", "yes"],
        ["carol", "yes", { dismissed: { by: undefined } }],
      ],
      [],
      "was-dismissed",
    ],
  ])("%s", (_, said, barred, because) => {
    expect(count(two, said, barred)).toMatchObject({
      approval: "pending",
      missing: [1, 2],
      ignored: [{ login: said[0]?.[0], because }],
    });
  });

  it.each<[string, Said[], string]>([
    [
      "a no rejects",
      [
        ["bob", "yes"],
        ["carol", "no"],
      ],
      "rejected",
    ],
    ["a no on any head rejects", [["carol", "no", { onHead: false }]], "rejected"],
    [
      "a no that its author took back by approving does not",
      [
        ["carol", "no"],
        ["carol", "yes"],
      ],
      "pending",
    ],
    [
      "a no after a yes rejects",
      [
        ["carol", "yes"],
        ["carol", "no"],
      ],
      "rejected",
    ],
    [
      "a no dismissed by another still rejects",
      [["carol", "no", { dismissed: { by: "mallory" } }]],
      "rejected",
    ],
    [
      "a no dismissed by nobody knows whom still rejects",
      [["carol", "no", { dismissed: { by: undefined } }]],
      "rejected",
    ],
    ["a no dismissed by its author does not", [["carol", "no", { dismissed: { by: "Carol" } }]], "pending"],
    [
      "a no dismissed by another, then approved by its author, does not",
      [
        ["carol", "no", { dismissed: { by: "mallory" } }],
        ["carol", "yes"],
      ],
      "pending",
    ],
    [
      "a no followed by an approval that was dismissed still rejects",
      [
        ["carol", "no"],
        ["carol", "yes", { dismissed: { by: "mallory" } }],
      ],
      "rejected",
    ],
    [
      "taking back one no does not take back an earlier one",
      [
        ["carol", "no"],
        ["carol", "no", { dismissed: { by: "carol" } }],
      ],
      "rejected",
    ],
    ["a no by somebody in no level is ignored", [["mallory", "no"]], "pending"],
    ["a no by the requester is ignored", [["alice", "no"]], "pending"],
  ])("%s", (_, said, approval) => {
    expect(count(two, said).approval).toBe(approval);
  });

  it("says who rejected first", () => {
    expect(
      count(two, [
        ["erin", "no"],
        ["carol", "no"],
      ]),
    ).toMatchObject({ approval: "rejected", rejectedBy: "erin" });
  });

  it("never calls a decision without a level fresh: no rule has none, and nothing is granted if one did", () => {
    expect(count([], [["bob", "yes"]])).toMatchObject({ approval: "approved", lastCounted: -Infinity });
  });

  it("measures freshness by the last counted review, whatever the order", () => {
    const said: Said[] = [
      ["bob", "yes", { at: 9000 as Instant }],
      ["carol", "yes"],
      ["erin", "yes"],
    ];
    expect(count(two, said)).toMatchObject({ approval: "approved", lastCounted: 9000 });
  });
});

describe("standing in for somebody who is away", () => {
  const lead = [level(1, "acme/leads")];

  it("whoever stands in counts where the other would, and it says for whom", () => {
    const result = count(lead, [["Dan", "yes"]], [], [away("Bob", "dan")]);
    expect(result).toMatchObject({ approval: "approved", levels: [{ filledBy: ["Dan"] }] });
    expect([...result.standsFor]).toEqual([["Dan", "Bob"]]);
  });

  it("counts for themselves first", () => {
    const result = count([level(1, "dan", "bob")], [["dan", "yes"]], [], [away("bob", "dan")]);
    expect(result.approval).toBe("approved");
    expect([...result.standsFor]).toEqual([]);
  });

  it("DANGEROUS one membership fills one place: not its owner and who stands in for them both", () => {
    const both: Said[] = [
      ["bob", "yes"],
      ["dan", "yes"],
    ];
    expect(count([level(2, "acme/leads")], both, [], [away("bob", "dan")])).toMatchObject({
      approval: "pending",
      levels: [{ filledBy: ["bob"] }],
      spare: ["dan"],
    });
    expect(
      count([level(1, "acme/leads"), level(1, "bob")], both, [], [away("bob", "dan")]).missing,
    ).toHaveLength(1);
  });

  it("DANGEROUS one person fills one place, for however many they stand in", () => {
    const result = count(
      [level(2, "acme/security")],
      [["dan", "yes"]],
      [],
      [away("carol", "dan"), away("erin", "dan")],
    );
    expect(result).toMatchObject({ approval: "pending", levels: [{ filledBy: ["dan"] }] });
  });

  it.each<[why: string, by: string, delegations: Delegation[], barred: string[]]>([
    ["the requester's seat is passed to nobody", "dan", [away("alice", "dan")], []],
    ["the requester stands in for nobody", "alice", [away("carol", "alice")], []],
    ["nor is the seat of whoever pushed", "dan", [away("carol", "dan")], ["Carol"]],
    ["no chain: a seat passes once", "dan", [away("carol", "mallory"), away("mallory", "dan")], []],
    ["a review of before the window is in nobody's stead", "dan", [away("carol", "dan", 1_001)], []],
  ])("DANGEROUS %s", (_, by, delegations, barred) => {
    const result = count([level(1, "acme/security")], [[by, "yes"]], barred, delegations);
    expect(result).toMatchObject({ approval: "pending", levels: [{ filledBy: [] }] });
    expect(result.ignored).toHaveLength(1);
  });

  describe("for some of the levels only", () => {
    const only = (from: string, to: string, ...handles: string[]): Delegation => ({
      ...away(from, to),
      only: level(1, ...handles),
    });
    const [leads, security] = [level(1, "acme/leads"), level(1, "acme/security")];

    it.each<[why: string, delegation: Delegation, level: Level, approval: string]>([
      ["the team it names", only("bob", "dan", "acme/leads"), leads, "approved"],
      ["another team of the same person", only("bob", "dan", "acme/leads"), security, "pending"],
      ["a team that the other is not in", only("carol", "dan", "acme/leads"), leads, "pending"],
      ["the other by name", only("bob", "dan", "BOB"), level(1, "Bob"), "approved"],
      ["the other by name, not by team", only("bob", "dan", "bob"), leads, "pending"],
      ["the other by team, not by name", only("bob", "dan", "acme/leads"), level(1, "bob"), "pending"],
    ])("DANGEROUS %s", (_, delegation, one, approval) => {
      const result = count([one], [["dan", "yes"]], [], [delegation]);
      expect(result.approval).toBe(approval);
      expect(result.ignored).toHaveLength(approval === "approved" ? 0 : 1);
      expect([...result.standsFor]).toEqual(approval === "approved" ? [["dan", delegation.from]] : []);
    });

    it("leaves the seat to its owner, who may fill any level", () => {
      const both: Said[] = [
        ["dan", "yes"],
        ["bob", "yes"],
      ];
      const delegations = [only("bob", "dan", "acme/leads")];
      expect(count([security], both, [], delegations)).toMatchObject({
        approval: "approved",
        levels: [{ filledBy: ["bob"] }],
      });
      expect(count([leads, security], both, [], delegations)).toMatchObject({
        approval: "pending",
        missing: [2],
      });
    });

    it("of two who stand in for one person, whoever fills what nobody else does", () => {
      const said: Said[] = [
        ["carol", "yes"],
        ["dan", "yes"],
        ["mallory", "yes"],
      ];
      const delegations = [only("bob", "dan", "acme/security"), only("bob", "mallory", "acme/leads")];
      const result = count([security, leads], said, [], delegations);
      expect(result).toMatchObject({
        approval: "approved",
        levels: [{ filledBy: ["carol"] }, { filledBy: ["mallory"] }],
        spare: ["dan"],
      });
    });

    it("one seat still fills one place, however it is cut up", () => {
      const delegations = [only("bob", "dan", "acme/security"), only("bob", "mallory", "acme/leads")];
      const said: Said[] = [
        ["dan", "yes"],
        ["mallory", "yes"],
      ];
      expect(count([leads, security], said, [], delegations)).toMatchObject({
        approval: "pending",
        missing: [2],
      });
    });
  });

  it("who stands in may say no, too", () => {
    expect(count(lead, [["dan", "no"]], [], [away("bob", "dan")])).toMatchObject({
      approval: "rejected",
      rejectedBy: "dan",
    });
  });
});
