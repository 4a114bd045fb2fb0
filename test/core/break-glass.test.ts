import { describe, expect, test } from "vitest";
import { whyUnbroken } from "../../core/break-glass.ts";
import { decide } from "../../core/decide.ts";
import type { Facts } from "../../core/facts.ts";
import { plan } from "../../core/plan.ts";
import { accepted } from "../../core/problem.ts";
import type { EndedRecord } from "../../core/record.ts";
import { statusComment } from "../../core/render-status.ts";
import {
  active,
  activeRecord,
  answer,
  approvals,
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
    const steps = plan(given, decide(given));
    expect(steps.map(({ do: each }) => each)).toEqual(["status", "labels", "remind"]);
    expect(steps[1]).toMatchObject({ labels: ["access: pending", "break-glass: unanswered"] });
    expect(steps[2]).toMatchObject({ key: "review-0", body: expect.stringContaining("@acme/devops-leads") });
    const unasked = glass({ pulls: [pull({ asked: false })] });
    expect(plan(unasked, decide(unasked))).toMatchObject([{ do: "ask-reviewers" }]);
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

  test("unanswered, the request stays open, and its pull request is opened again", () => {
    const given = over(ended, { pulls: [pull({ open: false })] });
    expect(plan(given, decide(given))).toMatchObject([{ do: "reopen-pull" }]);
    const shown = over(ended);
    const steps = plan(shown, decide(shown));
    expect(steps.map(({ do: each }) => each)).toEqual(["status", "labels", "remind"]);
    expect(steps[0]).toMatchObject({ body: expect.stringContaining("Its review is still to be answered") });
  });

  test("without a pull request that says what was granted nobody is asked", () => {
    const given = over(ended, { pulls: [] });
    const verdict = decide(given);
    expect(verdict).toMatchObject({ followUp: { tally: { approval: "pending" } } });
    expect(plan(given, verdict).some(({ do: each }) => each === "remind")).toBe(false);
  });

  test("where the law does not load, nobody stands in", () => {
    const law = {
      commit: facts().law.commit,
      law: { ok: false, problems: [{ code: "policy.parse", message: "x" }] },
    } as const;
    expect(decide(over(ended, { law }))).toMatchObject({ followUp: { tally: { approval: "pending" } } });
    const unasked = over(ended, { law, pulls: [pull({ asked: false })] });
    expect(plan(unasked, decide(unasked))).toMatchObject([{ do: "ask-reviewers" }]);
  });

  test("nobody has to review what could not be granted", () => {
    const failed = { ...ended, ended: { ...ended.ended, how: "failed" } } as EndedRecord;
    expect(decide(over(failed))).not.toHaveProperty("followUp");
  });
});
