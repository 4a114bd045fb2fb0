import { describe, expect, test } from "vitest";
import { decide } from "../../core/decide.ts";
import type { Facts } from "../../core/facts.ts";
import { lookAgainAt, plan } from "../../core/plan.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import { reminder } from "../../core/reminders.ts";
import { reminderKey } from "../../core/render-reminder.ts";
import {
  active,
  activeRecord,
  at,
  brokenGlassRecord,
  config,
  endedGrant,
  facts,
  issue,
  later,
  law,
  pull,
  review,
  rule,
} from "./some-facts.ts";

const asked = at("10:00:00");
const waited = (minutes: number, more: Partial<Facts> = {}): Facts =>
  facts({
    now: later(asked, minutes * 60),
    pulls: [pull()],
    subject: issue({ writtenAt: asked }),
    ...more,
  });
const due = (given: Facts) => reminder(given, decide(given));

describe("reminders of a request that waits", () => {
  test.each([
    [0, undefined, 15],
    [14, undefined, 15],
    [15, "1", 60],
    [59, "1", 60],
    [60, "2", 240],
    [240, "3", 1_440],
    [1_440, "4", 2_880],
    [2_879, "4", 2_880],
    [2_880, "5", 4_320],
  ])("after %i minutes", (minutes, key, next) => {
    const given = waited(minutes);
    expect(due(given)?.key).toBe(key);
    expect(lookAgainAt(given, decide(given))).toBe(later(asked, next * 60));
    if (key !== undefined) expect(reminderKey(due(given)?.body ?? "")).toBe(key);
  });

  test("name who is missing, and each time another to ask next", () => {
    const given = waited(15, { pulls: [pull({ reviews: [review("bob")] })] });
    expect(due(given)?.body).toContain("2 of @carol, @acme/security");
    expect(due(given)?.body).toContain("Next to ask: @carol.");
    const next = waited(60, { pulls: [pull({ reviews: [review("bob")] })] });
    expect(due(next)?.body).toContain("Next to ask: @acme/security.");
  });

  test("name whoever is in a level where nobody knows who finishes it", () => {
    const given = waited(15, { unreadableTeams: ["acme/devops-leads" as never], teamSizes: new Map() });
    expect(due(given)?.body).toContain("1 of @acme/devops-leads, and 2 of @carol, @acme/security");
  });

  test("one stands there: the last one goes when the next comes, and when nobody is waited for", () => {
    const reminders = [
      { id: 801, key: "1" },
      { id: 802, key: "1" },
    ];
    const shown = { ...facts().shown, reminders };
    const steps = (given: Facts) => plan(given, decide(given)).filter(({ do: each }) => /remind/.test(each));
    expect(steps(waited(16, { shown }))).toEqual([{ do: "remove-reminder", comment: 802 }]);
    expect(steps(waited(61, { shown }))).toMatchObject([
      { do: "remind", key: "2" },
      { do: "remove-reminder", comment: 801 },
      { do: "remove-reminder", comment: 802 },
    ]);
    expect(steps(waited(16, { shown, ledger: { ...active, ended: endedGrant }, pulls: [] }))).toHaveLength(2);
  });

  test("nobody is reminded before the pull request is open, or of what is broken", () => {
    expect(due(waited(60, { pulls: [] }))).toBeUndefined();
    const broken = waited(60, {
      law: { commit: facts().law.commit, law: refused(problem("policy.parse", "x")) },
      shown: { ...facts().shown, reminders: [{ id: 801, key: "1" }] },
    });
    expect(plan(broken, decide(broken)).map(({ do: each }) => each)).not.toContain("remove-reminder");
  });

  test("of a broken glass they go on until it is answered, and after a day they tell those whom the config names", () => {
    const loaded = accepted({
      ...law,
      rules: [rule],
      config: { ...config, notify: ["@acme/security-desk"] },
    });
    const ledger = { ...active, active: { ...activeRecord, breakGlass: brokenGlassRecord } };
    const at0 = waited(6, { ledger, law: { commit: facts().law.commit, law: loaded } });
    expect(due(at0)?.key).toBe("review-0");
    expect(due(at0)?.body).not.toContain("cc @acme/security-desk");
    const day = waited(5 + 1_440, { ledger, law: { commit: facts().law.commit, law: loaded } });
    expect(due(day)?.key).toBe("review-4");
    expect(due(day)?.body).toContain("cc @acme/security-desk");
    const unread = waited(6, {
      ledger,
      law: { commit: facts().law.commit, law: refused(problem("policy.parse", "x")) },
    });
    expect(due(unread)?.key).toBe("review-0");
  });
});
