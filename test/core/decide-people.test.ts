// Whether people have decided, and whether they can. Design, section 3; each name is a rule.

import { describe, expect } from "vitest";
import type { Facts } from "../../core/facts.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import { approvedPull, auto, merged, outdated, table } from "./situations.ts";
import {
  account,
  approvals,
  approvedRecord,
  asked,
  at,
  commit,
  hours,
  issue,
  later,
  law,
  leads,
  level,
  pull,
  review,
  rule,
  security,
  token,
} from "./some-facts.ts";

const lapsed = { state: "ending", how: "lapsed", by: "hallpass" };

describe("people decide", () => {
  const rejected = { state: "ending", how: "rejected" };
  const failed = { state: "ending", how: "failed", by: "hallpass" };
  const earlier = pull({
    number: 13,
    open: false,
    file: accepted(approvedRecord({ ...asked, for: hours(1) })),
  });
  const second = (reviews: Facts["pulls"][number]["reviews"]) =>
    pull({ number: 14, branch: "request/12-2", reviews });
  const seven = later(at("10:00:00"), 7 * 86_400);
  table([
    ["a pull request is needed first", {}, { state: "pending", pull: undefined, tally: { missing: [1, 2] } }],
    ["then reviews", { pulls: [pull()] }, { state: "pending", pull: { number: 13 } }],
    [
      "some are not enough",
      { pulls: [pull({ reviews: [review("bob"), review("erin")] })] },
      { state: "pending", tally: { missing: [2] } },
    ],
    [
      "all levels are",
      { pulls: [approvedPull] },
      { state: "approved", waitingFor: "merge", pull: { number: 13 } },
    ],
    [
      "also on a pull request that somebody closed",
      { pulls: [{ ...approvedPull, open: false }] },
      { waitingFor: "merge" },
    ],
    ["merged, it waits for the key", { pulls: [merged] }, { waitingFor: "key" }],
    [
      "merged and with a key, for the grant",
      { pulls: [merged], commands: [token()] },
      { waitingFor: "grant" },
    ],
    [
      "requesterCannotApprove",
      { pulls: [pull({ reviews: [review("alice"), review("carol"), review("erin")] })] },
      { state: "pending" },
    ],
    [
      "approvals of another head are none",
      { pulls: [pull({ reviews: approvals.map((each) => ({ ...each, onHead: false })) })] },
      { state: "pending", tally: { missing: [1, 2] } },
    ],
    [
      "approvals of a text that is no longer asked are none",
      { pulls: [{ ...outdated, reviews: approvals }] },
      { state: "pending", pull: undefined, tally: { missing: [1, 2] } },
    ],
    [
      "approvals of what another asked are none",
      {
        pulls: [{ ...approvedPull, file: accepted({ ...approvedRecord(), requester: account("mallory") }) }],
      },
      { state: "pending", pull: undefined },
    ],
    [
      "approvals of a file that is no record are none",
      { pulls: [{ ...approvedPull, file: refused(problem("record.malformed", "x")) }] },
      { state: "pending", pull: undefined },
    ],
    [
      "only the last pull request is the request's",
      { pulls: [approvedPull, { ...outdated, number: 14 }] },
      { state: "pending", pull: undefined },
    ],
    [
      "a no rejects, naming who said it",
      { pulls: [pull({ reviews: [review("erin", "no")] })] },
      { ...rejected, by: "erin" },
    ],
    [
      "also on an earlier pull request",
      { pulls: [{ ...earlier, reviews: [review("bob", "no")] }, second([])] },
      { ...rejected, by: "bob" },
    ],
    [
      "also when the same person approved another one before",
      {
        pulls: [
          { ...earlier, reviews: [review("bob", "no", { at: at("10:25:00") })] },
          second([review("bob", "yes", { at: at("10:21:00") })]),
        ],
      },
      { ...rejected, by: "bob" },
    ],
    [
      "unless they have approved since",
      {
        pulls: [
          { ...earlier, reviews: [review("bob", "no")] },
          second([review("bob", "yes", { at: at("10:21:00") })]),
        ],
      },
      { state: "pending", tally: { missing: [2] } },
    ],
    [
      "after the merge too",
      { pulls: [{ ...merged, reviews: [...approvals, review("bob", "no", { at: at("10:26:00") })] }] },
      rejected,
    ],
    [
      "a no of somebody in no level does not",
      { pulls: [pull({ reviews: [review("mallory", "no")] })] },
      { state: "pending" },
    ],
    [
      "nobody decided in time",
      { pulls: [pull()], now: seven },
      { ...lapsed, why: "nobody decided by 2026-12-08T10:00:00Z; ask again" },
    ],
    [
      "a millisecond before there is time",
      { pulls: [pull()], now: later(seven, -0.001) },
      { state: "pending", lapsesAt: seven },
    ],
    [
      "an approval that is dismissed after the merge fails it",
      { pulls: [{ ...merged, reviews: [review("bob"), review("erin")] }] },
      { ...failed, why: "it was approved, but level 2 is not filled any more; ask again" },
    ],
    [
      "an edit after the merge fails it: what is merged cannot be reviewed again",
      { pulls: [{ ...outdated, merged: true, open: false }] },
      { ...failed, why: expect.stringContaining("edited") },
    ],
  ]);
});

describe("a pull request written by hand", () => {
  const own = pull({
    number: 12,
    branch: "alice-1",
    check: { id: 1, done: true },
    barred: ["dave", "alice"],
  });
  const byHand = { subject: issue({ kind: "pull" }) };
  table([
    [
      "is its own pull request under review",
      { ...byHand, pulls: [own] },
      { state: "pending", pull: { number: 12 } },
    ],
    [
      "whoever pushed to it cannot approve it",
      { ...byHand, pulls: [{ ...own, barred: ["BOB"], reviews: approvals }] },
      { state: "pending", tally: { missing: [1] } },
    ],
    [
      "is merged by us when approved",
      { ...byHand, pulls: [{ ...own, reviews: approvals }] },
      { waitingFor: "merge" },
    ],
    [
      "is not merged when policies permit it",
      { ...byHand, ...auto, pulls: [own], commands: [token()] },
      { waitingFor: "grant" },
    ],
    [
      "closed without a merge is over",
      {
        subject: issue({ kind: "pull", open: false, everClosed: { by: "alice", at: at("10:15:00") } }),
        pulls: [{ ...own, open: false }],
      },
      { state: "ending", how: "cancelled" },
    ],
  ]);
});

describe("levels out of reach are named", () => {
  const of = (...levels: [ReturnType<typeof level>, ...ReturnType<typeof level>[]]): Partial<Facts> => ({
    law: { commit, law: accepted({ ...law, rules: [{ ...rule, levels }] }) },
  });
  const out = (...levels: readonly [level: number, why: string][]) => ({
    state: "pending",
    outOfReach: levels.map(([number, why]) => ({ level: number, why })),
  });
  table([
    ["none, as a rule", {}, out()],
    [
      "a team that cannot be read",
      { unreadableTeams: [leads], teamSizes: new Map([[security, 3]]) },
      out([1, "`@acme/devops-leads` cannot be read"]),
    ],
    [
      "not when others of the level suffice",
      { ...of(level(1, leads, "carol")), unreadableTeams: [leads], teamSizes: new Map() },
      out(),
    ],
    ["a team that is too small", of(level(4, security)), out([1, "it needs 4, and at most 3 can approve"])],
    [
      "the requester does not count by name",
      of(level(1, "Alice")),
      out([1, "it needs 1, and at most 0 can approve"]),
    ],
    [
      "nor as a member",
      { ...of(level(3, security)), memberships: new Map([[security, new Set(["alice"])]]) },
      out([1, "it needs 3, and at most 2 can approve"]),
    ],
    [
      "one person for two levels",
      of(level(1, "bob"), level(1, "Bob"), level(1, "carol")),
      out([2, "with the levels before it 2 different people are needed, and at most 1 can approve"]),
    ],
    [
      "whoever pushed to a branch by hand",
      {
        ...of(level(1, "bob")),
        subject: issue({ kind: "pull" }),
        pulls: [pull({ number: 12, barred: ["Bob"] })],
      },
      out([1, "it needs 1, and at most 0 can approve"]),
    ],
  ]);
});
