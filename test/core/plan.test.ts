// What is done about a verdict and in which order, until nothing is left to do. Each name is a rule.

import { describe, expect, test } from "vitest";
import type { Facts } from "../../core/facts.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import { statusMarker } from "../../core/render-status.ts";
import { doing, performed, settle } from "./performed.ts";
import { approvedPull, auto, badLaw, merged, outdated, over, wrong } from "./situations.ts";
import {
  active,
  answer,
  approvals,
  asked,
  at,
  command,
  endedGrant,
  endedUngranted,
  facts,
  issue,
  policy,
  pull,
  review,
  token,
} from "./some-facts.ts";

const gone = { nodes: refused(problem("request.node-unknown", "gone")) };
const bare = pull({ asked: false });
const shown = (more: Partial<Facts["shown"]> = {}): Facts["shown"] => ({ ...facts().shown, ...more });
const denied = { answers: accepted([answer({ guardrails: [policy] })]) };
const { check: _, ...fresh } = pull({ asked: false });
const byHand = issue({ kind: "pull" });
const own = pull({ number: 12, branch: "alice-1", check: { id: 1, done: false } });

describe("the next steps", () => {
  test.each<[rule: string, given: Partial<Facts>, does: readonly string[]]>([
    ["a request for people opens its pull request", {}, ["open-pull"]],
    ["checks it and asks for reviews", { pulls: [fresh] }, ["check", "ask-reviewers"]],
    ["asks once", { pulls: [{ ...fresh, asked: true }] }, ["check"]],
    [
      "asks nobody when somebody has reviewed",
      { pulls: [{ ...bare, reviews: [review("bob")] }] },
      ["status"],
    ],
    ["then tells people", { pulls: [pull()] }, ["status"]],
    ["opens again what somebody closed", { pulls: [pull({ open: false })] }, ["reopen-pull"]],
    [
      "closes what an edit has outdated, and opens the next",
      { pulls: [outdated] },
      ["close-pull", "open-pull"],
    ],
    ["closes nothing twice", { pulls: [{ ...outdated, open: false }] }, ["open-pull"]],
    [
      "closes earlier ones that are open again",
      { pulls: [outdated, pull({ number: 14, branch: "request/12-2" })] },
      ["close-pull"],
    ],
    ["merges what is approved, its check first", { pulls: [approvedPull] }, ["check", "merge"]],
    ["checks nothing twice", { pulls: [{ ...approvedPull, check: { id: 1, done: true } }] }, ["merge"]],
    [
      "opens what is approved again to merge it",
      { pulls: [{ ...approvedPull, open: false, check: { id: 1, done: true } }] },
      ["reopen-pull", "merge"],
    ],
    ["waits for a key, and says so", { pulls: [merged] }, ["status"]],
    ["dispatches the grant with one", { pulls: [merged], commands: [token()] }, ["dispatch"]],
    ["dispatches what policies permit", { ...auto, commands: [token()] }, ["dispatch"]],
    [
      "closes what needs no review any more",
      { ...auto, pulls: [pull()], commands: [token()] },
      ["close-pull", "dispatch"],
    ],
    ["and waits for a key then", { ...auto, pulls: [pull()] }, ["close-pull"]],
    [
      "dispatches once a pass, and shows where it stands",
      { ...auto, commands: [token()], shown: shown({ dispatched: true }) },
      ["status"],
    ],
    [
      "leaves the status to the run that is on its way",
      {
        ...auto,
        commands: [token()],
        shown: shown({ dispatched: true, statuses: [{ id: 1, body: "old" }] }),
      },
      [],
    ],
    ["issues credentials for a new key", { ledger: active, commands: [token()] }, ["dispatch"]],
    [
      "leaves in sight what holds credentials back",
      {
        ledger: active,
        commands: [token()],
        shown: shown({
          labels: ["access: active"],
          dispatched: true,
          statuses: [{ id: 1, body: "held back" }],
        }),
      },
      [],
    ],
    ["ends what is revoked", { ledger: active, commands: [command("revoke")] }, ["dispatch"]],
    ["leaves the end to the sweep", { ledger: active, now: at("13:00:00") }, ["status", "labels"]],
    ["shows what is open", { ledger: active }, ["status", "labels"]],
    ["records an end", denied, ["record-end"]],
    ["then closes", over(endedUngranted("denied")), ["status", "close"]],
    [
      "closes its pull requests first, their checks before them",
      { ...over(endedUngranted("lapsed")), pulls: [pull()] },
      ["check", "close-pull"],
    ],
    [
      "leaves a check that is done",
      { ...over(endedUngranted("lapsed")), pulls: [pull({ check: { id: 1, done: true } })] },
      ["close-pull"],
    ],
    ["leaves a check that never was", { ...over(endedUngranted("lapsed")), pulls: [fresh] }, ["close-pull"]],
    ["leaves a merged one alone", { ...over(endedGrant), pulls: [merged] }, ["status", "close"]],
    ["what is wrong closes what says something else", { ...wrong, pulls: [pull()] }, ["close-pull"]],
    ["but not what still says what is asked", { ...gone, pulls: [pull()] }, ["status", "labels"]],
    [
      "what is broken moves nothing",
      { law: badLaw, pulls: [outdated, fresh], commands: [command("cancel")] },
      ["status"],
    ],
    [
      "of two status comments the lowest id stays",
      {
        law: badLaw,
        shown: shown({
          statuses: [
            { id: 1, body: "a" },
            { id: 2, body: "b" },
          ],
        }),
      },
      ["remove-status", "status"],
    ],
    [
      "a pull request by hand is checked, and people are asked",
      { subject: byHand, pulls: [{ ...fresh, number: 12 }] },
      ["check", "ask-reviewers"],
    ],
    [
      "is merged in the same way",
      { subject: byHand, pulls: [{ ...own, reviews: approvals }] },
      ["check", "merge"],
    ],
    [
      "is not merged when policies permit it",
      { ...auto, subject: byHand, pulls: [own], commands: [token()] },
      ["dispatch"],
    ],
    [
      "its check is done at its end",
      { ...over(endedUngranted("denied")), subject: byHand, pulls: [own] },
      ["check"],
    ],
    [
      "and it is closed as the request",
      { ...over(endedUngranted("denied")), subject: byHand, pulls: [] },
      ["status", "close"],
    ],
  ])("%s", (_, given, does) => {
    expect(doing(facts(given))).toEqual(does);
  });
});

describe("stories come to rest", () => {
  const story = (given: Partial<Facts>) => settle(facts(given)).steps.map(({ step: each }) => each.do);
  test.each<[rule: string, given: Partial<Facts>, does: readonly string[]]>([
    ["asked", {}, ["open-pull", "check", "ask-reviewers", "status"]],
    [
      "approved, with a key",
      { pulls: [approvedPull], commands: [token()] },
      ["check", "merge", "dispatch", "status"],
    ],
    [
      "rejected",
      { pulls: [pull({ reviews: [review("bob", "no")] })] },
      ["record-end", "check", "close-pull", "status", "close"],
    ],
    ["denied", denied, ["record-end", "status", "close"]],
    [
      "by hand, approved",
      { subject: byHand, pulls: [{ ...own, reviews: approvals }] },
      ["check", "merge", "status"],
    ],
    [
      "by hand, rejected",
      { subject: byHand, pulls: [{ ...own, reviews: [review("bob", "no")] }] },
      ["record-end", "check", "status", "close"],
    ],
    ["outdated", { pulls: [outdated] }, ["close-pull", "open-pull", "check", "ask-reviewers", "status"]],
  ])("%s", (_, given, does) => {
    expect(story(given)).toEqual(does);
  });
  test("an edit and its undoing bring the same pull request back", () => {
    const first = settle(facts({ pulls: [fresh] })).facts;
    const mistaken = settle({ ...first, ...wrong }).facts;
    expect(mistaken.pulls).toMatchObject([{ open: false }]);
    const { facts: mended } = settle({ ...mistaken, asked: accepted(asked) });
    expect(mended.pulls).toMatchObject([{ number: 13, open: true }]);
  });
  test("a second status comment goes, and the first is outdated", () => {
    const given = facts({
      pulls: [pull()],
      shown: shown({
        statuses: [
          { id: 1, body: "a" },
          { id: 2, body: "b" },
        ],
      }),
    });
    expect(settle(given).facts.shown.statuses).toMatchObject([
      { id: 1, body: expect.stringMatching(`^${statusMarker}`) },
    ]);
  });
  test("a step on what is not there changes nothing", () => {
    expect(performed(facts({ pulls: [pull()] }), { do: "close-pull", pull: 99 }).pulls).toMatchObject([
      { open: true },
    ]);
  });
});
