// What is decided before anybody judges: design, sections 2 to 4. Each name is a rule.

import { describe, expect, test } from "vitest";
import { currentPull, decide, latestKey, unansweredKey } from "../../core/decide.ts";
import type { TeamHandle } from "../../core/ids.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import { approvedPull, auto, badLaw, table } from "./situations.ts";
import {
  answer,
  approvedRecord,
  asked,
  at,
  command,
  facts,
  issue,
  later,
  leads,
  node,
  otherNode,
  policy,
  pull,
  review,
  token,
} from "./some-facts.ts";

const from = { asked: accepted({ ...asked, from: later(at("10:00:00"), 3 * 86_400) }) };

const lapsed = { state: "ending", how: "lapsed", by: "hallpass" };

describe("people end a request before it is open", () => {
  const cancelled = { state: "ending", how: "cancelled" };
  table([
    [
      "the requester cancels",
      { commands: [command("cancel", "alice", { why: "not needed" })] },
      { ...cancelled, by: "alice", why: "not needed" },
    ],
    [
      "without saying why",
      { commands: [command("cancel")] },
      { ...cancelled, why: "`/cancel` before it was open" },
    ],
    ["nobody else cancels", { commands: [command("cancel", "bob")] }, { state: "pending" }],
    [
      "a revoke counts whenever it was said, by whoever may",
      { commands: [command("revoke", "frank", { allowed: true })] },
      { ...cancelled, by: "frank" },
    ],
    ["and by nobody else", { commands: [command("revoke", "mallory")] }, { state: "pending" }],
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
      "a pull request that pins other nodes",
      { nodes: refused(problem("trust.pinned-nodes", "x")) },
      code("trust.pinned-nodes"),
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
    [
      "a pull request whose file says something else by now",
      { subject: byHand, pulls: [pull({ file: accepted(approvedRecord({ ...asked, reason: "other" })) })] },
      codes("request.files"),
    ],
    ["a pull request that asks for nothing", { subject: byHand, pulls: [] }, codes("request.files")],
    [
      "what is wrong with its nodes is said first: then nobody has looked at its branch",
      { subject: byHand, pulls: [], nodes: refused(problem("request.node-unknown", "x")) },
      codes("request.node-unknown"),
    ],
    ["even if policies would permit it", { ...auto, subject: byHand, pulls: [] }, codes("request.files")],
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
