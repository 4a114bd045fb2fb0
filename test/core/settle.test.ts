// Level-triggered: whatever the facts, planning and performing come to rest, and nothing is ever done that the facts do not allow.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, latestKey, unansweredKey } from "../../core/decide.ts";
import type { Facts } from "../../core/facts.ts";
import { plan } from "../../core/plan.ts";
import { accepted } from "../../core/problem.ts";
import { tally } from "../../core/tally.ts";
import { anyFacts } from "./any-facts.ts";
import { type Settled, settle } from "./performed.ts";
import { asked, breaking, facts, pull } from "./some-facts.ts";

const runs = { numRuns: 500 };

const holds = (rule: (settled: Settled, gathered: Facts) => void): void =>
  fc.assert(
    fc.property(anyFacts, (gathered) => rule(settle(gathered), gathered)),
    runs,
  );

const stepsOf = ({ steps }: Settled, name: string) => steps.filter(({ step }) => step.do === name);

describe("whatever the facts", () => {
  test("it comes to rest within 6 rounds, and then nothing is planned", () =>
    holds(({ facts, rounds }) => {
      expect(rounds).toBeLessThan(6);
      expect(plan(facts, decide(facts))).toEqual([]);
    }));

  test("a second look, which knows of no dispatch, dispatches again at most", () =>
    holds(({ facts }) => {
      const again = { ...facts, shown: { ...facts.shown, dispatched: false } };
      expect(plan(again, decide(again)).filter((step) => step.do !== "dispatch")).toEqual([]);
    }));

  test("there is one pull request, one end and one status at most", () =>
    holds((settled) => {
      expect(stepsOf(settled, "open-pull").length).toBeLessThan(2);
      expect(stepsOf(settled, "merge").length).toBeLessThan(2);
      expect(stepsOf(settled, "record-end").length).toBeLessThan(2);
      expect(stepsOf(settled, "dispatch").length).toBeLessThan(2);
      expect(settled.facts.shown.statuses.length).toBeLessThan(2);
    }));

  test("a grant is dispatched only for an approved request with a key whose time has come, or for a new key to what is open", () =>
    holds((settled) => {
      for (const { step, on } of stepsOf(settled, "dispatch")) {
        const verdict = decide(on);
        if (step.do !== "dispatch" || step.command !== "grant") continue;
        if (verdict.state === "active") {
          expect(unansweredKey(on)).toBeDefined();
          expect(on.now).toBeLessThan(verdict.record.granted.until);
          continue;
        }
        expect(verdict.state).toBe("approved");
        expect(latestKey(on)).toBeDefined();
        expect(on.ledger).toMatchObject({ everActive: false });
        expect(on.subject).toMatchObject({ authorIsPerson: true, authorHasAccess: true, distrust: [] });
        expect(on.subject.everClosed).toBeUndefined();
        expect(on.asked.ok && on.now >= (on.asked.value.from ?? 0)).toBe(true);
      }
    }));

  test("nothing is granted once somebody who may has revoked", () =>
    holds((settled, { commands }) => {
      if (!commands.some(({ command, allowed }) => command === "revoke" && allowed)) return;
      for (const { step } of stepsOf(settled, "dispatch")) expect(step).toMatchObject({ command: "end" });
    }));

  test("an end is dispatched only for what is open", () =>
    holds((settled) => {
      for (const { step, on } of stepsOf(settled, "dispatch"))
        if (step.do === "dispatch" && step.command === "end") expect(on.ledger.active).toBeDefined();
    }));

  test("only a pull request is merged that people approved at exactly that head, and that says what is asked", () =>
    holds((settled) => {
      for (const { step, on } of stepsOf(settled, "merge")) {
        const verdict = decide(on);
        if (step.do !== "merge" || verdict.state !== "approved" || verdict.outcome.outcome !== "manual")
          throw new Error("merged without people");
        const pull = on.pulls.find(({ number }) => number === step.pull);
        expect(pull).toMatchObject({ head: step.head, merged: false, file: { ok: true } });
        expect(on.asked.ok && pull?.file.ok && pull.file.value.request.for).toBe(
          on.asked.ok && on.asked.value.for,
        );
        const counted = tally({
          levels: verdict.outcome.levels,
          reviews: (pull?.reviews ?? []).filter(({ onHead }) => onHead),
          requester: on.subject.author.login,
          barred: pull?.barred ?? [],
          memberships: on.memberships,
          delegations: [],
        });
        expect(counted.approval).toBe("approved");
      }
    }));

  test("what is broken moves nothing", () =>
    holds((_, gathered) => {
      const verdict = decide(gathered);
      if (verdict.state !== "broken") return;
      const moved = plan(gathered, verdict).filter(
        ({ do: each }) => !/^(?:status|remove-status)$/.test(each),
      );
      expect(moved).toEqual([]);
    }));

  test("what is over stays over", () =>
    holds(({ facts }, gathered) => {
      if (gathered.ledger.ended === undefined) return;
      const { breakGlass: _glass, ...ended } = facts.ledger.ended ?? {};
      const { breakGlass: _before, ...before } = gathered.ledger.ended;
      expect(ended).toEqual(before);
      const verdict = decide(facts);
      // a broken glass stays open to its review
      if (verdict.state === "over" && verdict.followUp !== undefined) {
        expect(verdict.followUp.tally.approval === "pending" || verdict.followUp.pull === undefined).toBe(
          true,
        );
        return;
      }
      expect(facts.pulls.every((pull) => !pull.open || facts.subject.kind === "pull")).toBe(true);
      expect(facts.subject.open).toBe(false);
    }));

  test("DANGEROUS the glass is broken only by the requester's own word on the text as it stands, where every node permits it and nobody has said no", () => {
    let broken = 0;
    const nearly = anyFacts.map((each): Facts => {
      const { ledger, law, nodes } = facts();
      const commands = each.commands.map(({ comment, by, at, allowed }) => ({
        ...{ comment, by, at, allowed },
        ...{ command: "break-glass" as const, why: "nobody answers" },
      }));
      const [first] = each.pulls;
      const pulls = [pull({ reviews: first?.reviews ?? [], merged: first?.merged ?? false })];
      const answers = each.shown.dispatched ? accepted([breaking]) : (each.answers ?? accepted([]));
      const likely = { asked: accepted(asked), ledger, law, answers, nodes: nodes ?? accepted([]) };
      return { ...each, ...likely, pulls, commands };
    });
    const rule = (gathered: Facts) => {
      const verdict = decide(gathered);
      if (verdict.state !== "approved" || verdict.glass === undefined) return;
      broken += 1;
      const { commands, answers, subject } = gathered;
      const said = commands.filter(
        (each) => each.command === "break-glass" && each.allowed && each.at >= subject.writtenAt,
      );
      expect(said.map(({ at }) => at)).toContain(verdict.glass.at);
      expect(
        answers?.ok === true && answers.value.every(({ breakGlass = [] }) => breakGlass.length > 0),
      ).toBe(true);
      expect(answers?.ok === true && answers.value.some(({ guardrails }) => guardrails.length > 0)).toBe(
        false,
      );
      expect(verdict.tally.approval).toBe("pending");
      expect(subject.kind).toBe("issue");
    };
    fc.assert(fc.property(nearly, rule), runs);
    expect(broken).toBeGreaterThan(0);
  });

  test("after activation only revocation, leaving and time change anything", () =>
    holds((_, gathered) => {
      if (gathered.ledger.active?.breakGlass !== undefined) return;
      if (gathered.ledger.active === undefined || gathered.ledger.ended !== undefined) return;
      const { asked: _asked, ...rest } = gathered;
      const changed: Facts = {
        ...rest,
        asked: { ok: false, problems: [{ code: "form.too-large", message: "x" }] },
        pulls: [],
        memberships: new Map(),
      };
      expect(decide(changed)).toEqual(decide(gathered));
    }));
});

test("all kinds of verdicts are among them", () => {
  const seen = new Set<string>();
  for (const each of fc.sample(anyFacts, { numRuns: 2_500, seed: 1 })) {
    const verdict = decide(each);
    seen.add(verdict.state === "approved" ? verdict.waitingFor : verdict.state);
    if (verdict.state === "active") seen.add(verdict.next);
    if (verdict.state === "ending") seen.add(verdict.how);
  }
  const all =
    "invalid broken pending merge start key grant active wait issue end sweep ending denied rejected cancelled lapsed failed over";
  expect([...seen].sort()).toEqual(all.split(" ").sort());
});
