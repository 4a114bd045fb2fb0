// What is done about a verdict, in which order, and what is left alone. Each name is a rule.

import { describe, expect, test } from "vitest";
import { decide } from "../../core/decide.ts";
import type { Facts } from "../../core/facts.ts";
import type { TeamHandle } from "../../core/ids.ts";
import { parseApproved, parseEnded } from "../../core/parse-record.ts";
import { lookAgainAt, plan } from "../../core/plan.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import { renderRecord } from "../../core/record.ts";
import { statusMarker } from "../../core/render-status.ts";
import type { GitHubStep } from "../../core/step.ts";
import { doing, performed, settle } from "./performed.ts";
import {
  active,
  answer,
  approvals,
  approvedRecord,
  asked,
  at,
  command,
  commit,
  endedGrant,
  endedUngranted,
  facts,
  head,
  hours,
  issue,
  later,
  law,
  level,
  permitted,
  policy,
  pull,
  review,
  rule,
  token,
} from "./some-facts.ts";

const shown = (more: Partial<Facts["shown"]> = {}): Facts["shown"] => ({ ...facts().shown, ...more });
const auto = { answers: accepted([permitted]) };
const denied = { answers: accepted([answer({ guardrails: [policy] })]) };
const approvedPull = pull({ reviews: approvals });
const merged = { ...approvedPull, open: false, merged: true };
const bare = pull({ asked: false });
const { check: _, ...fresh } = bare;
const edited = pull({ file: accepted(approvedRecord({ ...asked, for: hours(1) })) });
const wrong = { asked: refused(problem("request.reason-empty", "say why")) };
const gone = { nodes: refused(problem("request.node-unknown", "gone")) };
const badLaw = { commit, law: refused(problem("policy.parse", "no")) };
const byHand = issue({ kind: "pull" });
const own = pull({ number: 12, branch: "alice-1", check: { id: 1, done: false } });
const ended = (record: Facts["ledger"]["ended"]): Pick<Facts, "ledger"> => ({
  ledger: { head: head("3"), everActive: false, ...(record === undefined ? {} : { ended: record }) },
});

const steps = (given: Partial<Facts>): readonly GitHubStep[] => plan(facts(given), decide(facts(given)));
function step<Do extends GitHubStep["do"]>(given: Partial<Facts>, name: Do): Extract<GitHubStep, { do: Do }> {
  const found = steps(given).find((each): each is Extract<GitHubStep, { do: Do }> => each.do === name);
  if (found === undefined) throw new Error(`no step ${name}`);
  return found;
}

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
      { pulls: [edited] },
      ["close-pull", "open-pull"],
    ],
    ["closes nothing twice", { pulls: [{ ...edited, open: false }] }, ["open-pull"]],
    [
      "closes earlier ones that are open again",
      { pulls: [edited, pull({ number: 14, branch: "request/12-2" })] },
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
    ["ends what is revoked", { ledger: active, commands: [command("revoke")] }, ["dispatch"]],
    ["leaves the end to the sweep", { ledger: active, now: at("13:00:00") }, ["status", "labels"]],
    ["shows what is open", { ledger: active }, ["status", "labels"]],
    ["records an end", denied, ["record-end"]],
    ["then closes", ended(endedUngranted("denied")), ["status", "close"]],
    [
      "closes its pull requests first, their checks before them",
      { ...ended(endedUngranted("lapsed")), pulls: [pull()] },
      ["check", "close-pull"],
    ],
    [
      "leaves a check that is done",
      { ...ended(endedUngranted("lapsed")), pulls: [pull({ check: { id: 1, done: true } })] },
      ["close-pull"],
    ],
    ["leaves a check that never was", { ...ended(endedUngranted("lapsed")), pulls: [fresh] }, ["close-pull"]],
    ["leaves a merged one alone", { ...ended(endedGrant), pulls: [merged] }, ["status", "close"]],
    ["what is wrong closes what says something else", { ...wrong, pulls: [pull()] }, ["close-pull"]],
    ["but not what still says what is asked", { ...gone, pulls: [pull()] }, ["status", "labels"]],
    [
      "what is broken moves nothing",
      { law: badLaw, pulls: [edited, fresh], commands: [command("cancel")] },
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
      { ...ended(endedUngranted("denied")), subject: byHand, pulls: [own] },
      ["check"],
    ],
    [
      "and it is closed as the request",
      { ...ended(endedUngranted("denied")), subject: byHand, pulls: [] },
      ["status", "close"],
    ],
  ])("%s", (_, given, does) => {
    expect(doing(facts(given))).toEqual(does);
  });
});

describe("a pull request", () => {
  test("adds the record that pins the nodes, and nothing else", () => {
    const { branch, path, content, title } = step({}, "open-pull");
    expect([branch, path, title]).toEqual(["request/12", "approved/12.yaml", "Access request #12 by alice"]);
    expect(content).toBe(renderRecord(approvedRecord()));
    expect(parseApproved(content, path)).toMatchObject({
      ok: true,
      value: { nodes: [{ id: "i-0123456789abcdef0" }] },
    });
  });
  test.each<[branches: readonly string[], next: string]>([
    [["request/12"], "request/12-2"],
    [["request/12", "request/12-2"], "request/12-3"],
    [["request/12-9"], "request/12-10"],
  ])("after %j is %s", (branches, next) => {
    expect(step({ pulls: branches.map((branch) => ({ ...edited, branch })) }, "open-pull").branch).toBe(next);
  });
  test("asks everyone who can fill a level, once, and nobody who cannot", () => {
    const levels = [
      level(1, "alice", "acme/devops-leads", "dave"),
      level(2, "Carol", "carol", "acme/devops-leads", "acme/gone", "beta/x"),
    ] as const;
    const given = {
      law: { commit, law: accepted({ ...law, rules: [{ ...rule, levels }] }) },
      unreadableTeams: ["acme/gone" as TeamHandle],
      pulls: [{ ...bare, barred: ["Dave"] }],
    };
    expect(step(given, "ask-reviewers")).toMatchObject({ people: ["carol"], teams: ["devops-leads"] });
  });
  test("asks nobody when nobody can be asked", () => {
    const levels = [level(1, "beta/x")] as const;
    expect(
      doing(
        facts({ law: { commit, law: accepted({ ...law, rules: [{ ...rule, levels }] }) }, pulls: [bare] }),
      ),
    ).toEqual(["status"]);
  });
  test("is checked with a link to its request", () => {
    expect(step({ pulls: [fresh] }, "check")).toEqual({
      do: "check",
      pull: 13,
      head: head("a"),
      title: "needs 2 levels of approval",
      summary: "The request says how far it is: https://github.example/acme/access/issues/12",
    });
    const one = { ...rule, levels: [level(1, "bob")] as const };
    expect(
      step({ law: { commit, law: accepted({ ...law, rules: [one] }) }, pulls: [fresh] }, "check").title,
    ).toBe("needs 1 level of approval");
  });
  test("passes its check only when it is approved", () => {
    expect(step({ pulls: [approvedPull] }, "check")).toMatchObject({ conclusion: "success" });
    expect(step({ ...ended(endedUngranted("cancelled")), pulls: [pull()] }, "check")).toMatchObject({
      conclusion: "failure",
    });
  });
  test("is merged at the head that people saw, with who approved which level", () => {
    expect(step({ pulls: [approvedPull] }, "merge")).toEqual({
      do: "merge",
      pull: 13,
      head: head("a"),
      title: "Approve access request #12",
      message: [
        "Hallpass-Request: 12",
        `Hallpass-Policies: ${commit}`,
        "Hallpass-Level: 1 bob",
        "Hallpass-Level: 2 carol",
        "Hallpass-Level: 2 erin",
      ].join("\n"),
    });
  });
});

describe("the record of an end", () => {
  const recorded = (given: Partial<Facts>) => step(given, "record-end");
  test("says what was asked, by whom, and why it ended", () => {
    const { record, removes } = recorded(denied);
    expect(record).toMatchObject({
      request: asked,
      requester: { login: "alice" },
      policies: commit,
      ended: { how: "denied", by: "policy", sessions: [] },
    });
    expect(parseEnded(renderRecord(record), "ended/2026/12/12.yaml")).toMatchObject({ ok: true });
    expect(removes).toEqual([]);
  });
  test("says only what was known", () => {
    const { record } = recorded({ ...wrong, now: later(at("10:00:00"), 8 * 86_400) });
    expect(record).not.toHaveProperty("request");
    expect(record).toMatchObject({ ended: { how: "lapsed" } });
    const { nodes: _nodes, ...unresolved } = facts({ ...wrong, commands: [command("cancel")] });
    expect(plan(unresolved, decide(unresolved))).toMatchObject([{ do: "record-end" }]);
    expect(recorded({ ...gone, commands: [command("cancel")] }).record).not.toHaveProperty("nodes");
  });
  test("takes the place of the approved one", () => {
    const ledger = { head: head("3"), everActive: false, approved: approvedRecord() };
    expect(recorded({ ledger, pulls: [merged], commands: [command("cancel")] }).removes).toEqual([
      "approved/12.yaml",
    ]);
  });
  test("of a grant that AWS refused half-way is that grant's, failed", () => {
    const given = facts({ ledger: active });
    const verdict = { state: "ending", how: "failed", by: "hallpass", why: "refused" } as const;
    expect(plan(given, verdict)).toMatchObject([
      {
        do: "record-end",
        record: { granted: { run: 900 }, ended: { how: "failed", why: "refused" } },
        removes: ["active/12.yaml"],
      },
    ]);
  });
});

describe("labels show the state, at the cost of few writes", () => {
  const labels = (given: Partial<Facts>, before: readonly string[]): readonly string[] => {
    const { facts: after } = settle(facts({ ...given, shown: shown({ labels: before }) }));
    return after.shown.labels;
  };
  const from = { asked: accepted({ ...asked, from: at("12:00:00") }) };
  test.each<[rule: string, given: Partial<Facts>, before: readonly string[], after: readonly string[]]>([
    ["the form brings `pending` along", { pulls: [pull()] }, ["access: pending"], ["access: pending"]],
    [
      "it is put where it is missing, beside others",
      { pulls: [pull()] },
      ["urgent"],
      ["urgent", "access: pending"],
    ],
    [
      "one state is one label",
      { pulls: [pull()] },
      ["access: invalid", "x", "access: pending"],
      ["x", "access: pending"],
    ],
    ["a wait for the key changes none", auto, ["access: pending"], ["access: pending"]],
    ["unless it is wrong", auto, ["access: invalid"], ["access: approved"]],
    ["or missing", auto, [], ["access: approved"]],
    ["a wait for `from` is shown", { ...auto, ...from }, ["access: pending"], ["access: approved"]],
    ["and stays for the key", auto, ["access: approved"], ["access: approved"]],
    ["what is wrong is invalid", wrong, ["access: pending"], ["access: invalid"]],
    ["what is open is active", { ledger: active }, ["access: pending"], ["access: active"]],
    ["what is broken stays what it was", { law: badLaw }, ["access: pending"], ["access: pending"]],
    ["the end is shown", ended(endedUngranted("rejected")), ["access: pending"], ["access: rejected"]],
    [
      "also on what is closed already",
      { ...ended(endedGrant), subject: issue({ open: false }) },
      ["access: active"],
      ["access: expired"],
    ],
  ])("%s", (_, given, before, after) => {
    expect(labels(given, before)).toEqual(after);
  });
  test.each<[how: string, record: Facts["ledger"]["ended"], reason: string]>([
    ["expired", endedGrant, "completed"],
    ["revoked", { ...endedGrant, ended: { ...endedGrant.ended, how: "revoked" } }, "completed"],
    ["failed", { ...endedGrant, ended: { ...endedGrant.ended, how: "failed" } }, "not_planned"],
    ["lapsed", endedUngranted("lapsed"), "not_planned"],
  ])("closing what is %s and its last label are one write", (how, record, reason) => {
    expect(step(ended(record), "close")).toEqual({ do: "close", labels: [`access: ${how}`], reason });
  });
});

describe("somebody looks again when time alone changes the verdict", () => {
  const from = { asked: accepted({ ...asked, from: at("12:00:00") }) };
  test.each<[rule: string, given: Partial<Facts>, when: number | undefined]>([
    ["pending: when it lapses", {}, later(at("10:00:00"), 7 * 86_400)],
    ["invalid: when it lapses", wrong, later(at("10:00:00"), 7 * 86_400)],
    ["approved: when it starts", { ...auto, ...from }, at("12:00:00")],
    ["approved: when it is stale", auto, later(at("10:00:00"), 86_400)],
    ["open: never, the end is AWS's and the sweep's", { ledger: active }, undefined],
    ["broken: never", { law: badLaw }, undefined],
    ["ending: never", denied, undefined],
    ["over: never", ended(endedGrant), undefined],
  ])("%s", (_, given, when) => {
    expect(lookAgainAt(decide(facts(given)))).toBe(when);
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
    ["edited", { pulls: [edited] }, ["close-pull", "open-pull", "check", "ask-reviewers", "status"]],
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
  test("a second status comment goes, and the first is edited", () => {
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
