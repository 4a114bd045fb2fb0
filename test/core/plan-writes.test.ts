// What the steps say: pull requests, checks, merges, records. Each name is a rule.

import { describe, expect, test } from "vitest";
import { decide } from "../../core/decide.ts";
import type { Facts } from "../../core/facts.ts";
import type { TeamHandle } from "../../core/ids.ts";
import { parseApproved, parseEnded } from "../../core/parse-record.ts";
import { plan } from "../../core/plan.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import { renderRecord } from "../../core/record.ts";
import { doing } from "./performed.ts";
import { approvedPull, merged, outdated, over, step, wrong } from "./situations.ts";
import {
  active,
  answer,
  approvedRecord,
  asked,
  at,
  command,
  commit,
  endedUngranted,
  facts,
  head,
  later,
  law,
  level,
  policy,
  pull,
  rule,
} from "./some-facts.ts";

const gone = { nodes: refused(problem("request.node-unknown", "gone")) };

const denied = { answers: accepted([answer({ guardrails: [policy] })]) };
const bare = pull({ asked: false });
const { check: _, ...fresh } = pull({ asked: false });

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
    expect(step({ pulls: branches.map((branch) => ({ ...outdated, branch })) }, "open-pull").branch).toBe(
      next,
    );
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
    expect(step({ ...over(endedUngranted("cancelled")), pulls: [pull()] }, "check")).toMatchObject({
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
