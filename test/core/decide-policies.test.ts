// What policies decide, how long a decision is good for, and what holds the grant. Design, section 3; each name is a rule.

import { describe } from "vitest";
import { accepted, problem } from "../../core/problem.ts";
import { approvedPull, auto, merged, table } from "./situations.ts";
import {
  account,
  answer,
  approvals,
  approvedRecord,
  asked,
  at,
  commit,
  hours,
  issue,
  later,
  law,
  node,
  otherNode,
  policy,
  pull,
  review,
  rule,
  token,
} from "./some-facts.ts";

const lapsed = { state: "ending", how: "lapsed", by: "hallpass" };
const atStart = later(at("10:00:00"), 3 * 86_400);
const from = { asked: accepted({ ...asked, from: atStart }) };

describe("policies decide", () => {
  const deniedBy = (why: string) => ({ state: "ending", how: "denied", by: "policy", why });
  const key = "`111122223333/eu-central-1/i-0123456789abcdef0`";
  const strict = { commit, law: accepted({ ...law, rules: [{ ...rule, max: hours(1) }] }) };
  table([
    [
      "a guardrail denies, naming it",
      { answers: accepted([answer({ guardrails: [policy, { ...policy, name: "dev.cedar:3" }] })]) },
      deniedBy(
        `forbidden by the guardrail \`dev-nodes\` at \`policies/dev.cedar:3\`, \`policies/dev.cedar:3\` (${key})`,
      ),
    ],
    [
      "over a rule's max is denied, naming the rule and the limit",
      { law: strict },
      deniedBy(`over the 1h that the rule \`application01\` allows (${key})`),
    ],
    [
      "what nothing covers is denied, all such nodes together",
      {
        law: { commit, law: accepted({ ...law, rules: [] }) },
        nodes: accepted([node, otherNode]),
        answers: accepted([answer(), answer()]),
      },
      deniedBy(
        `no policy and no approval rule covers this (${key}, \`111122223333/eu-central-1/i-0123456789abcdef1\`)`,
      ),
    ],
    [
      "a denial beats approvals",
      { answers: accepted([answer({ guardrails: [policy] })]), pulls: [approvedPull] },
      { how: "denied" },
    ],
    ["a permit approves, and waits for the key", auto, { state: "approved", waitingFor: "key" }],
    ["then for the grant", { ...auto, commands: [token()] }, { waitingFor: "grant" }],
    ["somebody else's key is no key", { ...auto, commands: [token({}, "mallory")] }, { waitingFor: "key" }],
    [
      "a key that cannot be read is no key",
      {
        ...auto,
        commands: [
          {
            comment: 1,
            by: account("alice"),
            at: at("10:01:00"),
            allowed: true,
            command: "token",
            problem: problem("command.token-malformed", "x"),
          },
        ],
      },
      { waitingFor: "key" },
    ],
  ]);
});

describe("a decision is fresh", () => {
  const day = later(at("10:00:00"), 86_400);
  table([
    [
      "an automatic one for `decisionGoodFor` after the opening",
      { ...auto, now: later(day, -1) },
      { state: "approved", goodUntil: day },
    ],
    ["and no longer", { ...auto, now: day }, lapsed],
    [
      "an edit does not make it younger",
      { ...auto, now: day, subject: issue({ writtenAt: later(day, -60) }) },
      lapsed,
    ],
    [
      "one of people from the last review that counts",
      { pulls: [pull({ reviews: [...approvals, review("frank", "yes", { at: at("10:29:00") })] })] },
      { state: "approved", goodUntil: later(at("10:20:00"), 86_400) },
    ],
    ["and no longer, though it is merged", { pulls: [merged], now: later(at("10:20:00"), 86_400) }, lapsed],
    [
      "counted from `from` where that is later",
      { ...auto, ...from, commands: [token()], now: later(atStart, 86_399) },
      { waitingFor: "grant", goodUntil: later(atStart, 86_400) },
    ],
    ["and no longer than that", { ...auto, ...from, now: later(atStart, 86_400) }, lapsed],
    [
      "counted from the review where `from` is earlier",
      {
        asked: accepted({ ...asked, from: at("10:00:00") }),
        pulls: [
          pull({ file: accepted(approvedRecord({ ...asked, from: at("10:00:00") })), reviews: approvals }),
        ],
      },
      { goodUntil: later(at("10:20:00"), 86_400) },
    ],
  ]);
});

describe("`from` holds the grant", () => {
  table([
    [
      "until it has come",
      { ...auto, ...from, commands: [token()] },
      { waitingFor: "start", opensAt: atStart },
    ],
    [
      "to the millisecond",
      { ...auto, ...from, commands: [token()], now: later(atStart, -0.001) },
      { waitingFor: "start" },
    ],
    ["and not longer", { ...auto, ...from, commands: [token()], now: atStart }, { waitingFor: "grant" }],
    [
      "but not the merge",
      { ...from, pulls: [{ ...approvedPull, file: accepted(approvedRecord({ ...asked, from: atStart })) }] },
      { waitingFor: "merge" },
    ],
  ]);
});
