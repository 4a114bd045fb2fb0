// A request that is open, or over. Design, sections 2 to 4; each name is a rule.

import { describe } from "vitest";
import { accepted, problem } from "../../core/problem.ts";
import { badLaw, merged, table } from "./situations.ts";
import {
  active,
  activeRecord,
  answer,
  approvedRecord,
  at,
  command,
  endedGrant,
  head,
  issue,
  later,
  policy,
  pull,
  review,
  token,
} from "./some-facts.ts";

describe("a request that is over or open", () => {
  table([
    ["is over once its end is recorded", { ledger: { ...active, ended: endedGrant } }, { state: "over" }],
    ["waits while it is open", { ledger: active }, { state: "active", record: activeRecord, next: "wait" }],
    ["does not need the law to be open", { ledger: active, law: badLaw }, { next: "wait" }],
    ["waits for the sweep from its end on", { ledger: active, now: at("12:10:00") }, { next: "sweep" }],
    [
      "is not over a millisecond before",
      { ledger: active, now: later(at("12:10:00"), -0.001) },
      { next: "wait" },
    ],
    ["issues credentials for a new key", { ledger: active, commands: [token()] }, { next: "issue" }],
    [
      "issues no credentials twice for one key",
      {
        ledger: active,
        commands: [token()],
        shown: { labels: [], statuses: [], reminders: [], answered: [501], dispatched: false },
      },
      { next: "wait" },
    ],
    [
      "is left to the sweep after its end, revoked or not",
      { ledger: active, commands: [command("revoke")], now: at("12:10:00") },
      { next: "sweep", endBecause: { by: "alice" } },
    ],
    [
      "issues none after its end",
      { ledger: active, commands: [token()], now: at("12:10:00") },
      { next: "sweep" },
    ],
    [
      "is revoked by the requester, with their reason",
      { ledger: active, commands: [command("revoke", "alice", { why: "done" })] },
      { next: "end", endBecause: { by: "alice", why: "done" } },
    ],
    [
      "is revoked by whoever may write",
      { ledger: active, commands: [command("revoke", "frank", { allowed: true })] },
      { next: "end", endBecause: { by: "frank", why: "revoked by command" } },
    ],
    [
      "is not revoked by others",
      { ledger: active, commands: [command("revoke", "mallory")] },
      { next: "wait" },
    ],
    [
      "is revoked by what was said before it was open: it may have crossed with the opening",
      { ledger: active, commands: [command("revoke", "alice", { at: at("10:09:59") })] },
      { next: "end" },
    ],
    ["is not ended by a cancel", { ledger: active, commands: [command("cancel")] }, { next: "wait" }],
    [
      "ends when somebody closes it",
      { ledger: active, subject: issue({ everClosed: { by: "bob", at: at("10:15:00") } }) },
      { next: "end", endBecause: { by: "bob" } },
    ],
    [
      "ends when the requester leaves",
      { ledger: active, subject: issue({ authorHasAccess: false }) },
      { next: "end", endBecause: { by: "hallpass" } },
    ],
    [
      "is not changed by edits, rejections, policies",
      {
        ledger: active,
        subject: issue({ distrust: [problem("issue.edited-by-another", "x")] }),
        pulls: [pull({ reviews: [review("bob", "no")] })],
        answers: accepted([answer({ guardrails: [policy] })]),
      },
      { next: "wait" },
    ],
    [
      "is never started again: a record that was active once and is gone",
      { ledger: { head: head("3"), everActive: true, approved: approvedRecord() }, pulls: [merged] },
      { state: "broken", problems: [{ code: "trust.replay" }] },
    ],
    [
      "is not judged by a ledger that cannot be read",
      { ledger: { head: head("3"), everActive: true }, law: badLaw },
      { state: "broken", problems: [{ code: "policy.parse" }] },
    ],
  ]);
});
