// Where a request stands: design, sections 2 to 4. Each name is a rule.

import { describe, expect, test } from "vitest";
import { currentPull, decide, latestKey, unansweredKey } from "../../core/decide.ts";
import type { Facts } from "../../core/facts.ts";
import type { TeamHandle } from "../../core/ids.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import {
  account,
  active,
  activeRecord,
  answer,
  approvals,
  approvedRecord,
  asked,
  at,
  command,
  commit,
  endedGrant,
  facts,
  head,
  hours,
  issue,
  later,
  law,
  leads,
  level,
  node,
  otherNode,
  permitted,
  policy,
  pull,
  review,
  rule,
  security,
  token,
} from "./some-facts.ts";

type Row = [rule: string, given: Partial<Facts>, stands: object];

const table = (rows: readonly Row[]): void => {
  test.each(rows)("%s", (_, given, stands) => {
    expect({ pull: undefined, ...decide(facts(given)) }).toMatchObject(stands);
  });
};

const approvedPull = pull({ reviews: approvals });
const merged = { ...approvedPull, open: false, merged: true };
const auto = { answers: accepted([permitted]) };
const lapsed = { state: "ending", how: "lapsed", by: "hallpass" };
const badLaw = { commit, law: refused(problem("policy.parse", "no")) };
const outdated = { ...pull(), file: accepted(approvedRecord({ ...asked, for: hours(1) })) };
const atStart = later(at("10:00:00"), 3 * 86_400);
const from = { asked: accepted({ ...asked, from: atStart }) };

describe("a request that is over or open", () => {
  table([
    ["is over once its end is recorded", { ledger: { ...active, ended: endedGrant } }, { state: "over" }],
    ["waits while it is open", { ledger: active }, { state: "active", record: activeRecord, next: "wait" }],
    ["does not need the law to be open", { ledger: active, law: badLaw }, { next: "wait" }],
    ["waits for the sweep from its end on", { ledger: active, now: at("12:10:00") }, { next: "sweep" }],
    [
      "is not over a millisecond before",
      { ledger: active, now: later(at("12:10:00"), -0.001) },
      { next: "wait" },
    ],
    ["issues credentials for a new key", { ledger: active, commands: [token()] }, { next: "issue" }],
    [
      "issues no credentials twice for one key",
      {
        ledger: active,
        commands: [token()],
        shown: { labels: [], statuses: [], answered: [501], dispatched: false },
      },
      { next: "wait" },
    ],
    [
      "is left to the sweep after its end, revoked or not",
      { ledger: active, commands: [command("revoke")], now: at("12:10:00") },
      { next: "sweep", endBecause: { by: "alice" } },
    ],
    [
      "issues none after its end",
      { ledger: active, commands: [token()], now: at("12:10:00") },
      { next: "sweep" },
    ],
    [
      "is revoked by the requester, with their reason",
      { ledger: active, commands: [command("revoke", "alice", { why: "done" })] },
      { next: "end", endBecause: { by: "alice", why: "done" } },
    ],
    [
      "is revoked by whoever may write",
      { ledger: active, commands: [command("revoke", "frank", { allowed: true })] },
      { next: "end", endBecause: { by: "frank", why: "revoked by command" } },
    ],
    [
      "is not revoked by others",
      { ledger: active, commands: [command("revoke", "mallory")] },
      { next: "wait" },
    ],
    [
      "is not revoked by what was said before it was open",
      { ledger: active, commands: [command("revoke", "alice", { at: at("10:09:59") })] },
      { next: "wait" },
    ],
    [
      "is revoked by what was said in the second it opened",
      { ledger: active, commands: [command("revoke", "alice", { at: at("10:10:00") })] },
      { next: "end" },
    ],
    ["is not ended by a cancel", { ledger: active, commands: [command("cancel")] }, { next: "wait" }],
    [
      "ends when somebody closes it",
      { ledger: active, subject: issue({ everClosed: { by: "bob", at: at("10:15:00") } }) },
      { next: "end", endBecause: { by: "bob" } },
    ],
    [
      "ends when the requester leaves",
      { ledger: active, subject: issue({ authorHasAccess: false }) },
      { next: "end", endBecause: { by: "hallpass" } },
    ],
    [
      "is not changed by edits, rejections, policies",
      {
        ledger: active,
        subject: issue({ distrust: [problem("issue.edited-by-another", "x")] }),
        pulls: [pull({ reviews: [review("bob", "no")] })],
        answers: accepted([answer({ guardrails: [policy] })]),
      },
      { next: "wait" },
    ],
    [
      "is never started again: a record that was active once and is gone",
      { ledger: { head: head("3"), everActive: true, approved: approvedRecord() }, pulls: [merged] },
      { state: "broken", problems: [{ code: "trust.replay" }] },
    ],
    [
      "is not judged by a ledger that cannot be read",
      { ledger: { head: head("3"), everActive: true }, law: badLaw },
      { state: "broken", problems: [{ code: "policy.parse" }] },
    ],
  ]);
});

describe("people end a request before it is open", () => {
  const cancelled = { state: "ending", how: "cancelled" };
  table([
    [
      "the requester cancels",
      { commands: [command("cancel", "alice", { why: "not needed" })] },
      { ...cancelled, by: "alice", why: "not needed" },
    ],
    ["without saying why", { commands: [command("cancel")] }, { ...cancelled, why: "cancelled by command" }],
    ["nobody else cancels", { commands: [command("cancel", "bob")] }, { state: "pending" }],
    ["a revoke ends nothing that is not open", { commands: [command("revoke")] }, { state: "pending" }],
    [
      "whoever closes it, cancels it",
      { subject: issue({ open: false, everClosed: { by: "bob", at: at("10:15:00") } }) },
      { ...cancelled, by: "bob" },
    ],
    [
      "reopening does nothing",
      { subject: issue({ open: true, everClosed: { by: "bob", at: at("10:15:00") } }) },
      cancelled,
    ],
    ["even when it is approved", { ...auto, commands: [token(), command("cancel")] }, cancelled],
    [
      "but not while the law is broken: nothing moves",
      { law: badLaw, commands: [command("cancel")] },
      { state: "broken" },
    ],
  ]);
});

describe("what cannot be had is broken, and moves nothing", () => {
  const code = (is: string) => ({ state: "broken", problems: [{ code: is }] });
  const { nodes: _nodes, ...noNodes } = facts();
  const { answers: _answers, ...noAnswers } = facts(from);
  table([
    ["a law that does not load", { law: badLaw }, code("policy.parse")],
    [
      "an evaluation error",
      { answers: accepted([answer({ errors: [{ ...problem("policy.evaluation", "x"), policy }] })]) },
      code("policy.evaluation"),
    ],
    ["no answer of the engine", { answers: refused(problem("policy.engine", "x")) }, code("policy.engine")],
    ["an answer too few", { nodes: accepted([node, otherNode]) }, code("fact.unavailable")],
    ["no answer at all", { answers: accepted([]) }, code("fact.unavailable")],
    ["no node", { nodes: accepted([]), answers: accepted([]) }, code("fact.unavailable")],
    ["no inventory", { nodes: refused(problem("fact.unavailable", "x")) }, code("fact.unavailable")],
    [
      "a malformed inventory",
      { nodes: refused(problem("inventory.malformed", "x")) },
      code("inventory.malformed"),
    ],
    [
      "even long after",
      { nodes: refused(problem("fact.unavailable", "x")), now: later(at("10:00:00"), 30 * 86_400) },
      code("fact.unavailable"),
    ],
    [
      "a level's team, once somebody has reviewed",
      { unreadableTeams: [leads], pulls: [pull({ reviews: [review("mallory", "no")] })] },
      code("team.unreadable"),
    ],
  ]);
  test("nodes that were not gathered", () => expect(decide(noNodes)).toMatchObject(code("fact.unavailable")));
  test("answers that were not gathered", () =>
    expect(decide(noAnswers)).toMatchObject(code("fact.unavailable")));
  test("a team that no level names is not needed", () => {
    const given = facts({ unreadableTeams: ["acme/other" as TeamHandle], pulls: [approvedPull] });
    expect(decide(given)).toMatchObject({ state: "approved" });
  });
  test("a bot's review needs no team", () => {
    const given = facts({
      unreadableTeams: [leads],
      pulls: [pull({ reviews: [review("bob", "no", { human: false })] })],
    });
    expect(decide(given)).toMatchObject({ state: "pending" });
  });
});

describe("what its author has to mend is invalid, and lapses", () => {
  const codes = (...all: readonly string[]) => ({
    state: "invalid",
    problems: all.map((code) => ({ code })),
  });
  const wrong = refused(problem("request.reason-empty", "say why"));
  const lapsesAt = later(at("10:00:00"), 7 * 86_400);
  const byHand = issue({ kind: "pull" });
  table([
    ["a wrong form", { asked: wrong }, { ...codes("request.reason-empty"), lapsesAt }],
    ["a millisecond before it lapses", { asked: wrong, now: later(lapsesAt, -0.001) }, { state: "invalid" }],
    ["lapses after `openFor`, counted from its opening", { asked: wrong, now: lapsesAt }, lapsed],
    [
      "an unknown node",
      { nodes: refused(problem("request.node-unknown", "x")) },
      codes("request.node-unknown"),
    ],
    ["a bot cannot ask", { subject: issue({ authorIsPerson: false }) }, codes("requester.not-a-person")],
    [
      "nor somebody without access",
      { subject: issue({ authorHasAccess: false }) },
      codes("requester.no-access"),
    ],
    [
      "nor with a text that may be another's",
      { subject: issue({ distrust: [problem("issue.transferred", "x")] }) },
      codes("issue.transferred"),
    ],
    [
      "all reasons together",
      {
        subject: issue({
          authorIsPerson: false,
          authorHasAccess: false,
          distrust: [problem("issue.transferred", "x")],
        }),
      },
      codes("requester.not-a-person", "issue.transferred"),
    ],
    [
      "also without access",
      { subject: issue({ authorHasAccess: false, distrust: [problem("issue.transferred", "x")] }) },
      codes("issue.transferred", "requester.no-access"),
    ],
    [
      "a pull request by hand that others may push to",
      { subject: byHand, pulls: [pull({ file: refused(problem("trust.pull-lookalike", "x")) })] },
      codes("trust.pull-lookalike"),
    ],
    ["a pull request that asks for nothing", { subject: byHand, pulls: [] }, codes("request.files")],
    ["even if policies would permit it", { ...auto, subject: byHand, pulls: [] }, codes("request.files")],
  ]);
});

describe("policies decide", () => {
  const deniedBy = (why: string) => ({ state: "ending", how: "denied", by: "policy", why });
  const key = "`111122223333/eu-central-1/i-0123456789abcdef0`";
  const strict = { commit, law: accepted({ ...law, rules: [{ ...rule, max: hours(1) }] }) };
  table([
    [
      "a guardrail denies, naming it",
      { answers: accepted([answer({ guardrails: [policy, { ...policy, name: "dev.cedar:3" }] })]) },
      deniedBy(
        `forbidden by the guardrail \`dev-nodes\` at \`policies/dev.cedar:3\`, \`policies/dev.cedar:3\` (${key})`,
      ),
    ],
    [
      "over a rule's max is denied, naming the rule and the limit",
      { law: strict },
      deniedBy(`over the 1h that the rule \`application01\` allows (${key})`),
    ],
    [
      "what nothing covers is denied, all such nodes together",
      {
        law: { commit, law: accepted({ ...law, rules: [] }) },
        nodes: accepted([node, otherNode]),
        answers: accepted([answer(), answer()]),
      },
      deniedBy(
        `no policy and no approval rule covers this (${key}, \`111122223333/eu-central-1/i-0123456789abcdef1\`)`,
      ),
    ],
    [
      "a denial beats approvals",
      { answers: accepted([answer({ guardrails: [policy] })]), pulls: [approvedPull] },
      { how: "denied" },
    ],
    ["a permit approves, and waits for the key", auto, { state: "approved", waitingFor: "key" }],
    ["then for the grant", { ...auto, commands: [token()] }, { waitingFor: "grant" }],
    ["somebody else's key is no key", { ...auto, commands: [token({}, "mallory")] }, { waitingFor: "key" }],
    [
      "a key that cannot be read is no key",
      {
        ...auto,
        commands: [
          {
            comment: 1,
            by: account("alice"),
            at: at("10:01:00"),
            allowed: true,
            command: "token",
            problem: problem("command.token-malformed", "x"),
          },
        ],
      },
      { waitingFor: "key" },
    ],
  ]);
});

describe("a decision is fresh", () => {
  const day = later(at("10:00:00"), 86_400);
  table([
    [
      "an automatic one for `decisionGoodFor` after the opening",
      { ...auto, now: later(day, -1) },
      { state: "approved", goodUntil: day },
    ],
    ["and no longer", { ...auto, now: day }, lapsed],
    [
      "an edit asks anew",
      { ...auto, now: day, subject: issue({ writtenAt: later(day, -60) }) },
      { state: "approved", goodUntil: later(day, 86_340) },
    ],
    [
      "one of people from the last review that counts",
      { pulls: [pull({ reviews: [...approvals, review("frank", "yes", { at: at("10:29:00") })] })] },
      { state: "approved", goodUntil: later(at("10:20:00"), 86_400) },
    ],
    ["and no longer, though it is merged", { pulls: [merged], now: later(at("10:20:00"), 86_400) }, lapsed],
    [
      "counted from `from` where that is later",
      { ...auto, ...from, commands: [token()], now: later(atStart, 86_399) },
      { waitingFor: "grant", goodUntil: later(atStart, 86_400) },
    ],
    ["and no longer than that", { ...auto, ...from, now: later(atStart, 86_400) }, lapsed],
    [
      "counted from the review where `from` is earlier",
      {
        asked: accepted({ ...asked, from: at("10:00:00") }),
        pulls: [
          pull({ file: accepted(approvedRecord({ ...asked, from: at("10:00:00") })), reviews: approvals }),
        ],
      },
      { goodUntil: later(at("10:20:00"), 86_400) },
    ],
  ]);
});

describe("`from` holds the grant", () => {
  table([
    [
      "until it has come",
      { ...auto, ...from, commands: [token()] },
      { waitingFor: "start", opensAt: atStart },
    ],
    [
      "to the millisecond",
      { ...auto, ...from, commands: [token()], now: later(atStart, -0.001) },
      { waitingFor: "start" },
    ],
    ["and not longer", { ...auto, ...from, commands: [token()], now: atStart }, { waitingFor: "grant" }],
    [
      "but not the merge",
      { ...from, pulls: [{ ...approvedPull, file: accepted(approvedRecord({ ...asked, from: atStart })) }] },
      { waitingFor: "merge" },
    ],
  ]);
});

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

describe("keys", () => {
  test("the latest key of the requester is used", () => {
    const given = facts({ commands: [token(), token({ comment: 502 }), token({ comment: 503 }, "bob")] });
    expect(latestKey(given)).toMatchObject({ comment: 502 });
    expect(unansweredKey(given)).toMatchObject({ comment: 502 });
  });
  test("without one there is none to answer", () => {
    expect(latestKey(facts())).toBeUndefined();
    expect(unansweredKey(facts())).toBeUndefined();
  });
});

test("the current pull request says what is asked, as its requester", () => {
  expect(currentPull(facts(), asked)).toBeUndefined();
  expect(currentPull(facts({ pulls: [pull()] }), asked)).toMatchObject({ number: 13 });
  expect(currentPull(facts({ pulls: [pull()] }), { ...asked, reason: "other" })).toBeUndefined();
});
