// Whatever people write, the status comment stays ours, fits, and does not change with the clock.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../core/decide.ts";
import { plan } from "../../core/plan.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import { statusComment } from "../../core/render-status.ts";
import { anyFacts, hostile } from "./any-facts.ts";
import { expectInertPage } from "./inert-page.ts";
import { over, statusOf } from "./situations.ts";
import { asked, commit, endedGrant, later, node, policy, pull, review } from "./some-facts.ts";

describe("whatever people write", () => {
  test("nothing gets out of the comment, and it fits", () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const verdict = decide(given);
        for (const step of plan(given, verdict)) {
          if (step.do !== "status") continue;
          expectInertPage(step.body);
          expect(step.body.length).toBeLessThan(65_536);
        }
      }),
      { numRuns: 1_500 },
    );
  });
  test("also where only a record could be so", () => {
    fc.assert(
      fc.property(hostile, hostile, (text, other) => {
        const record = {
          ...endedGrant,
          request: { ...asked, reason: text, ticket: other },
          nodes: [{ ...node, name: text }],
          ended: { ...endedGrant.ended, why: `${text} \`${other}\``, by: other },
        };
        expectInertPage(statusOf(over(record)));
      }),
      { numRuns: 300 },
    );
  });
  test("many of the worst problems fit", () => {
    const worst = problem("policy.parse", "@a:b:#1".repeat(200), { field: "@".repeat(200) });
    const body = statusOf({
      law: { commit, law: refused(worst, ...Array.from({ length: 99 }, () => worst)) },
    });
    expect(body.length).toBeLessThan(65_536);
    expect(body).toMatch(/- And \d+ more like these\./);
  });
  test("many of the longest reviews fit", () => {
    const reviews = Array.from({ length: 60 }, (_, i) => ({
      ...review("mallory"),
      by: { login: `m${i}`, id: (9_000 + i) as never },
    }));
    expect(statusOf({ pulls: [pull({ reviews })] })).toContain("- And 35 more reviews that change nothing.");
  });
  test("many policies fit", () => {
    const permits = Array.from({ length: 60 }, (_, i) => ({ ...policy, name: `p${i}` }));
    expect(statusOf({ answers: accepted([{ guardrails: [], permits, denies: [], errors: [] }]) })).toContain(
      ", 35 more: automatic",
    );
  });
});

test("it changes when facts change, and never with the clock alone", () => {
  fc.assert(
    fc.property(anyFacts, fc.integer({ min: 1, max: 100 * 3_600 }), (given, seconds) => {
      const [now, then] = [given, { ...given, now: later(given.now, seconds) }].map(decide);
      if (now?.state !== then?.state || now === undefined || then === undefined) return;
      for (const step of plan(given, now)) {
        if (step.do !== "status" || now.state === "ending") continue;
        if (now.state === "approved" && (then.state !== "approved" || now.waitingFor !== then.waitingFor))
          continue;
        expect(statusComment({ ...given, now: later(given.now, seconds) }, then as never)).toBe(step.body);
      }
    }),
    { numRuns: 500 },
  );
});
