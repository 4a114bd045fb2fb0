import { describe, expect, test } from "vitest";
import { whyUnbroken } from "../../core/break-glass.ts";
import { decide } from "../../core/decide.ts";
import type { Facts } from "../../core/facts.ts";
import { parseApproved } from "../../core/parse-record.ts";
import { lookAgainAt, plan } from "../../core/plan.ts";
import { accepted } from "../../core/problem.ts";
import type { EndedRecord } from "../../core/record.ts";
import { statusComment } from "../../core/render-status.ts";
import {
  active,
  activeRecord,
  answer,
  approvals,
  approvedRecord,
  asked,
  at,
  breaking,
  brokenGlassRecord,
  command,
  endedGrant,
  facts,
  issue,
  leads,
  node,
  otherNode,
  pull,
  review,
  token,
} from "./some-facts.ts";

const said = command("break-glass", "alice", { why: "nobody answers" });
const glass = (more: Partial<Facts> = {}): Facts =>
  facts({ pulls: [pull()], answers: accepted([breaking]), commands: [said], ...more });
const reminded = { ...facts().shown, reminders: [{ id: 801, key: "review-0" }] };
const stateOf = (given: Facts) => {
  const verdict = decide(given);
  return verdict.state === "approved" ? [verdict.waitingFor, verdict.glass?.why] : [verdict.state];
};

describe("breaking the glass", () => {
  test("opens what people have not approved yet, and is not merged", () => {
    expect(stateOf(glass())).toEqual(["key", "nobody answers"]);
    expect(stateOf(glass({ commands: [said, token()] }))).toEqual(["grant", "nobody answers"]);
    expect(stateOf(glass({ commands: [] }))).toEqual(["pending"]);
  });

  test("names each policy that permits it once", () => {
    const verdict = decide(
      glass({ nodes: accepted([node, otherNode]), answers: accepted([breaking, breaking]) }),
    );
    expect(verdict).toMatchObject({ state: "approved", glass: { policies: [{ name: "on-call" }] } });
  });

  test.each<[string, Partial<Facts>, string | undefined]>([
    [
      "one node of two does not permit it",
      { nodes: accepted([node, otherNode]), answers: accepted([breaking, answer()]) },
      "no policy permits it for every node",
    ],
    ["no reason", { commands: [command("break-glass")] }, "say why"],
    ["somebody else", { commands: [command("break-glass", "bob", { why: "x" })] }, "only the requester"],
    ["the text was edited after it", { subject: issue({ writtenAt: at("10:26:00") }) }, "edited after it"],
    [
      "a request that begins later",
      { asked: accepted({ ...asked, from: at("10:27:00") }), pulls: [] },
      "can wait",
    ],
    ["before its pull request is open", { pulls: [] }, undefined],
  ])("DANGEROUS waits for people: %s", (_, more, because) => {
    const given = glass(more);
    expect(stateOf(given)).toEqual(["pending"]);
    const [last] = given.commands;
    const why = last && whyUnbroken(given, last);
    if (because === undefined) expect(why).toBeUndefined();
    else expect(why).toContain(because);
  });

  test("a pull request that asks is no issue", () => {
    const given = glass({ subject: issue({ kind: "pull" }) });
    expect(whyUnbroken(given, said)).toContain("only an issue");
  });

  test.each<[string, Partial<Facts>, string]>([
    ["somebody has said no", { pulls: [pull({ reviews: [review("bob", "no")] })] }, "ending"],
    [
      "a guardrail",
      { answers: accepted([{ ...breaking, guardrails: [{ name: "g", file: "f", line: 1 }] }]) },
      "ending",
    ],
    [
      "it was approved and then edited",
      { pulls: [pull({ merged: true, open: false, number: 12 }), pull({ number: 14 })] },
      "ending",
    ],
    ["it has lapsed", { now: at("10:00:00") + 8 * 24 * 3_600_000 } as never, "ending"],
  ])("DANGEROUS %s comes first", (_, more, state) => {
    expect(stateOf(glass(more))).toEqual([state]);
  });

  test("what people have approved by then is theirs", () => {
    expect(stateOf(glass({ pulls: [pull({ reviews: approvals })] }))).toEqual(["merge", undefined]);
  });

  test("the review is asked for, told and labelled before anything is granted", () => {
    const given = glass();
    expect(plan(given, decide(given))).toMatchObject([
      { do: "remind", key: "review-0", body: expect.stringContaining("@acme/devops-leads") },
    ]);
    const told = glass({ shown: reminded });
    const steps = plan(told, decide(told));
    expect(steps.map(({ do: each }) => each)).toEqual(["status", "labels"]);
    expect(steps[1]).toMatchObject({ labels: ["access: pending", "break-glass: unanswered"] });
    const unasked = glass({ pulls: [pull({ asked: false })], commands: [said, token()] });
    expect(plan(unasked, decide(unasked)).map(({ do: each }) => each)).toEqual([
      "remind",
      "ask-reviewers",
      "dispatch",
    ]);
  });
});

describe("the review of a broken glass", () => {
  const open = (more: Partial<Facts> = {}): Facts =>
    facts({
      pulls: [pull()],
      ledger: { ...active, active: { ...activeRecord, breakGlass: brokenGlassRecord } },
      ...more,
    });
  const ended: EndedRecord = { ...endedGrant, breakGlass: brokenGlassRecord };
  const over = (record: EndedRecord, more: Partial<Facts> = {}): Facts =>
    facts({ now: at("13:00:00"), pulls: [pull()], ledger: { ...active, ended: record }, ...more });

  test("a no ends access that is open; a yes does not", () => {
    expect(decide(open({ pulls: [pull({ reviews: [review("bob", "no")] })] }))).toMatchObject({
      next: "end",
      endBecause: { by: "bob" },
    });
    expect(decide(open({ pulls: [pull({ reviews: approvals })] }))).toMatchObject({ next: "wait" });
  });

  test("DANGEROUS the requester's own review answers nothing, and nor does one while a team cannot be read", () => {
    const own = decide(over(ended, { pulls: [pull({ reviews: [review("alice")] })] }));
    expect(own).toMatchObject({ followUp: { tally: { approval: "pending" } } });
    const unread = over(ended, {
      pulls: [pull({ reviews: [review("bob", "no")] })],
      unreadableTeams: [leads],
    });
    expect(decide(unread)).toMatchObject({ followUp: { tally: { approval: "pending" } } });
  });

  test.each([
    ["approved", approvals, ["bob", "carol", "erin"]],
    ["rejected", [review("bob", "no")], ["bob"]],
  ] as const)("%s, it is written into the record, once", (how, reviews, by) => {
    const given = over(ended, { pulls: [pull({ reviews })] });
    const steps = plan(given, decide(given));
    expect(steps).toMatchObject([
      { do: "check", conclusion: how === "approved" ? "success" : "failure" },
      { do: "record-end", removes: [], record: { breakGlass: { review: { how } } } },
    ]);
    const [, last] = steps;
    if (last?.do !== "record-end") throw new Error("nothing is recorded");
    expect(new Set(last.record.breakGlass?.review?.by)).toEqual(new Set(by));
    const done = over(last.record, { pulls: [pull({ reviews, check: { id: 1, done: true } })] });
    expect(decide(done)).not.toHaveProperty("followUp");
    expect(plan(done, decide(done))[0]).toMatchObject({ do: "close-pull" });
    expect(statusComment(done, { state: "over", record: last.record })).toContain(`Afterwards`);
    const checked = over(ended, { pulls: [pull({ reviews, check: { id: 1, done: true } })] });
    expect(plan(checked, decide(checked)).map(({ do: each }) => each)).toEqual(["record-end"]);
  });

  const lost = pull({ open: false });
  const another = accepted(approvedRecord({ ...asked, reason: "x" }));
  test.each<[string, Facts, readonly object[]]>([
    ["its pull request is opened again", over(ended, { pulls: [lost] }), [{ do: "reopen-pull" }]],
    ["while access is open too", open({ pulls: [lost] }), [{ do: "reopen-pull" }]],
    [
      "that of somebody who merged it is left",
      over(ended, { pulls: [pull({ open: false, merged: true })] }),
      [],
    ],
    [
      "one that says something else is no answer",
      over(ended, { pulls: [pull({ file: another })] }),
      [{ do: "open-pull" }],
    ],
    [
      "it is opened anew where it is the request's no more",
      over(ended, { pulls: [] }),
      [
        {
          do: "open-pull",
          branch: "request/12",
          path: "approved/12.yaml",
          body: expect.stringContaining("The glass was broken"),
        },
      ],
    ],
    ["and while access is open too", open({ pulls: [] }), [{ do: "open-pull" }]],
  ])("unanswered, the request stays open, people are reminded first, and %s", (_, given, then) => {
    expect(plan(given, decide(given))).toMatchObject([{ do: "remind" }, ...then]);
  });

  test("unanswered, the status says so", () => {
    const given = over(ended);
    const verdict = decide(given);
    if (verdict.state !== "over") throw new Error(verdict.state);
    expect(statusComment(given, verdict)).toContain("Its review is still to be answered");
    expect(lookAgainAt(given, verdict)).toBeGreaterThan(given.now);
  });

  test("what is opened anew is what was granted, and is then the one to review", () => {
    const given = open({ pulls: [] });
    const step = plan(given, decide(given)).find(({ do: each }) => each === "open-pull");
    if (step?.do !== "open-pull") throw new Error("nothing is opened");
    const file = parseApproved(step.content, step.path);
    expect(file).toMatchObject({ ok: true, value: { request: asked, nodes: [{ id: node.id }] } });
    const after = open({ pulls: [{ ...pull(), file }] });
    expect(decide(after)).toMatchObject({ followUp: { pull: { number: pull().number } } });
  });

  test("a no on an earlier pull request is recorded without one", () => {
    const earlier = pull({ file: another, reviews: [review("bob", "no")] });
    const given = over(ended, { pulls: [earlier] });
    expect(plan(given, decide(given))).toMatchObject([
      { do: "record-end", record: { breakGlass: { review: { how: "rejected", by: ["bob"] } } } },
    ]);
  });

  test("where the law does not load, nobody stands in", () => {
    const law = {
      commit: facts().law.commit,
      law: { ok: false, problems: [{ code: "policy.parse", message: "x" }] },
    } as const;
    expect(decide(over(ended, { law }))).toMatchObject({ followUp: { tally: { approval: "pending" } } });
    const unasked = over(ended, { law, pulls: [pull({ asked: false })] });
    expect(plan(unasked, decide(unasked))).toMatchObject([{ do: "remind" }, { do: "ask-reviewers" }]);
  });

  test("nobody has to review what could not be granted", () => {
    const failed = { ...ended, ended: { ...ended.ended, how: "failed" } } as EndedRecord;
    expect(decide(over(failed))).not.toHaveProperty("followUp");
  });
});
