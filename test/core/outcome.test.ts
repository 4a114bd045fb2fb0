import { describe, expect, it } from "vitest";
import type { NodeAnswer, PolicyRef } from "../../core/answer.ts";
import type { AccountId, NodeId, Region, Seconds } from "../../core/ids.ts";
import type { ApprovalRule } from "../../core/law.ts";
import type { Node } from "../../core/node.ts";
import { type NodeQuestion, outcomeOf } from "../../core/outcome.ts";
import { problem } from "../../core/problem.ts";

const policy = (name: string): PolicyRef => ({ name, file: "a.cedar", line: 1 });
const nothing: NodeAnswer = { guardrails: [], permits: [], denies: [], errors: [] };
const broken = { ...problem("policy.evaluation", "overflow"), policy: policy("p") };
const node: Node = {
  type: "AWS::EC2::Instance",
  account: "111122223333" as AccountId,
  region: "us-east-1" as Region,
  id: "i-1" as NodeId,
  agent: "online",
  tags: {},
};
const rule = (name: string, line: number, max?: number): ApprovalRule => ({
  name,
  line,
  nodes: { tags: {} },
  levels: [{ text: `@${name}`, need: 1, people: [name], teams: [] }],
  ...(max === undefined ? {} : { max: max as Seconds }),
});
const ask = (answer: Partial<NodeAnswer>, matched?: ApprovalRule): NodeQuestion => ({
  node,
  answer: { ...nothing, ...answer },
  rule: matched,
});
const hour = 3600 as Seconds;

describe("the decision table", () => {
  it.each<[string, NodeQuestion, object]>([
    [
      "1: a broken forbid denies, whatever else holds",
      ask({ errors: [broken], permits: [policy("x")], guardrails: [policy("g")] }),
      { outcome: "broken", problems: [broken], policies: [policy("p")] },
    ],
    [
      "2: a guardrail denies, and no rule can override it",
      ask({ guardrails: [policy("g")], permits: [policy("x")] }, rule("r", 1)),
      { outcome: "denied", because: [{ why: "guardrail", policies: [policy("g")] }] },
    ],
    [
      "3: a permit is automatic",
      ask({ permits: [policy("x")] }, rule("r", 1)),
      { outcome: "auto", policies: [policy("x")] },
    ],
    [
      "a deny-access policy stops only the automatic approval",
      ask({ permits: [policy("x")], denies: [policy("d")] }, rule("r", 1)),
      { outcome: "manual" },
    ],
    [
      "max does not touch automatic grants",
      ask({ permits: [policy("x")] }, rule("r", 1, 60)),
      { outcome: "auto" },
    ],
    ["4: a rule without max", ask({}, rule("r", 1)), { outcome: "manual", rules: [{ name: "r" }] }],
    ["4: exactly max", ask({}, rule("r", 1, 3600)), { outcome: "manual" }],
    [
      "5: over max",
      ask({}, rule("r", 1, 3599)),
      { outcome: "denied", because: [{ why: "over-max", rule: "r", max: 3599 }] },
    ],
    ["6: nothing covers the node", ask({}), { outcome: "denied", because: [{ why: "not-covered" }] }],
    ["6: a deny without a permit and without a rule", ask({ denies: [policy("d")] }), { outcome: "denied" }],
  ])("%s", (_, question, expected) => {
    expect(outcomeOf([question], hour)).toMatchObject(expected);
  });

  const auto = ask({ permits: [policy("x")] });
  it.each<[string, [NodeQuestion, ...NodeQuestion[]], string]>([
    ["broken beats denied", [ask({}), ask({ errors: [broken] })], "broken"],
    ["denied beats manual", [ask({}, rule("r", 1)), ask({})], "denied"],
    ["manual beats auto", [auto, ask({}, rule("r", 1))], "manual"],
    ["all automatic", [auto, auto], "auto"],
  ])("the worst node decides: %s", (_, questions, expected) => {
    expect(outcomeOf(questions, hour).outcome).toBe(expected);
  });

  it("adds up each distinct rule once, in file order", () => {
    const first = rule("first", 1);
    const second = rule("second", 9);
    const result = outcomeOf([ask({}, second), ask({}, first), ask({}, second)], hour);
    expect(result).toMatchObject({
      rules: [{ name: "first" }, { name: "second" }],
      levels: [{ text: "@first" }, { text: "@second" }],
    });
  });

  it("names each policy once", () => {
    expect(outcomeOf([auto, auto], hour)).toMatchObject({ policies: [policy("x")] });
    const both = ask({ errors: [broken, broken] });
    expect(outcomeOf([both, both], hour)).toMatchObject({ policies: [policy("p")] });
  });
});
