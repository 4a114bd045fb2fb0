// Labels, and when to look again. Each name is a rule.

import { describe, expect, test } from "vitest";
import { decide } from "../../core/decide.ts";
import type { Facts } from "../../core/facts.ts";
import { lookAgainAt } from "../../core/plan.ts";
import { accepted } from "../../core/problem.ts";
import { settle } from "./performed.ts";
import { auto, badLaw, over, step, wrong } from "./situations.ts";
import {
  active,
  answer,
  asked,
  at,
  endedGrant,
  endedUngranted,
  facts,
  issue,
  later,
  policy,
  pull,
} from "./some-facts.ts";

const shown = (more: Partial<Facts["shown"]> = {}): Facts["shown"] => ({ ...facts().shown, ...more });
const denied = { answers: accepted([answer({ guardrails: [policy] })]) };

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
    ["the end is shown", over(endedUngranted("rejected")), ["access: pending"], ["access: rejected"]],
    [
      "also on what is closed already",
      { ...over(endedGrant), subject: issue({ open: false }) },
      ["access: active"],
      ["access: expired"],
    ],
  ])("%s", (_, given, before, after) => {
    expect(labels(given, before)).toEqual(after);
  });
  test.each<[how: string, record: NonNullable<Facts["ledger"]["ended"]>, reason: string]>([
    ["expired", endedGrant, "completed"],
    ["revoked", { ...endedGrant, ended: { ...endedGrant.ended, how: "revoked" } }, "completed"],
    ["failed", { ...endedGrant, ended: { ...endedGrant.ended, how: "failed" } }, "not_planned"],
    ["lapsed", endedUngranted("lapsed"), "not_planned"],
  ])("closing what is %s and its last label are one write", (how, record, reason) => {
    expect(step(over(record), "close")).toEqual({ do: "close", labels: [`access: ${how}`], reason });
  });
});

describe("somebody looks again when time alone changes the verdict", () => {
  const from = { asked: accepted({ ...asked, from: at("12:00:00") }) };
  const held = { shown: { ...facts().shown, heldUntil: at("11:00:15") } };
  test.each<[rule: string, given: Partial<Facts>, when: number | undefined]>([
    ["pending: when it lapses", {}, later(at("10:00:00"), 7 * 86_400)],
    ["invalid: when it lapses", wrong, later(at("10:00:00"), 7 * 86_400)],
    ["approved: when it starts", { ...auto, ...from }, at("12:00:00")],
    ["approved: when it is stale", auto, later(at("10:00:00"), 86_400)],
    ["open: never, the end is AWS's and the sweep's", { ledger: active }, undefined],
    ["broken: never", { law: badLaw }, undefined],
    ["ending: never", denied, undefined],
    ["over: never", over(endedGrant), undefined],
    ["open, and a run held back: then", { ledger: active, ...held }, at("11:00:15")],
    ["approved, and a run held back: then, not when it is stale", { ...auto, ...held }, at("11:00:15")],
  ])("%s", (_, given, when) => {
    expect(lookAgainAt(facts(given), decide(facts(given)))).toBe(when);
  });
});
