// A decision by us against the same Cedar questions asked bare, in one process and in turns, so that a busy machine slows both.

import {
  type Context,
  type EntityJson,
  preparsePolicySet,
  statefulIsAuthorized,
} from "@cedar-policy/cedar-wasm/nodejs";
import { inlineEngine, type PolicyEngine } from "../../cedar/engine.ts";
import { askerOf, nodeEntity } from "../../cedar/entities.ts";
import { loadPolicies } from "../../cedar/load.ts";
import type { PolicySet } from "../../cedar/policy-set.ts";
import { openEngine } from "../../cedar/worker.ts";
import type { NodeAnswer, Question } from "../../core/answer.ts";
import type { AccountId, Instant, NodeId, Region, Seconds, TeamHandle, UserId } from "../../core/ids.ts";
import type { ApprovalRule } from "../../core/law.ts";
import type { Node } from "../../core/node.ts";
import { outcomeOf } from "../../core/outcome.ts";
import { parseRules, ruleFor } from "../../core/rules.ts";

export interface Row {
  readonly what: string;
  readonly policies: number;
  readonly nodes: number;
  /** Medians of one run, in microseconds a decision. */
  readonly ours: number;
  readonly bare: number;
  readonly ratio: number;
}

/** Ours: from the gathered facts to the outcome. Bare: two authorizations a node with everything prepared. */
export async function benchDecide(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const policies of [10, 100, 1_000]) {
    const set = policySet(policies);
    for (const nodes of [1, 20]) {
      const asked = question(nodes);
      const bare = bareDecision(set, asked);
      for (const [what, engine] of [
        ["in this thread (Action, CLI)", inlineEngine()],
        ["in the worker (App)", openEngine()],
      ] as const) {
        rows.push(await measured({ what, policies, nodes }, () => decision(engine, set, asked), bare));
        await engine.close();
      }
    }
  }
  return rows;
}

async function measured(
  row: Pick<Row, "what" | "policies" | "nodes">,
  ours: () => Promise<unknown>,
  bare: () => unknown,
): Promise<Row> {
  const times: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
  const rounds = Math.min(300, Math.max(9, Math.round(20_000 / (row.policies * row.nodes))));
  for (let round = -Math.ceil(rounds / 10); round < rounds; round++) {
    const start = performance.now();
    await ours();
    const between = performance.now();
    bare();
    // the first rounds warm both up
    if (round < 0) continue;
    times.ours.push(between - start);
    times.bare.push(performance.now() - between);
  }
  const [a, b] = [median(times.ours), median(times.bare)];
  return { ...row, ours: Math.round(a * 1_000), bare: Math.round(b * 1_000), ratio: a / b };
}

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

async function decision(engine: PolicyEngine, set: PolicySet, asked: Question) {
  const answers = await engine.ask(set, asked);
  const [first, ...others] = asked.nodes.map((node, i) => ({
    node,
    answer: answers[i] as NodeAnswer,
    rule: ruleFor(rules, node),
  }));
  return first === undefined ? undefined : outcomeOf([first, ...others], asked.context.duration);
}

function bareDecision(set: PolicySet, asked: Question): () => unknown {
  const text = [...set.policies.map((policy) => policy.text), everybodyMayAsk].join("\n");
  preparsePolicySet("bare", { staticPolicies: text });
  const { principal, context, entities } = askerOf(set, asked.principal, asked.context);
  const calls = asked.nodes.map(nodeEntity).flatMap((node) =>
    ["getTokenForInstanceAccess", "startAccessRequest"].map((id) => ({
      principal,
      action: { type: "AWS::SSM::Action", id },
      resource: node.uid,
      context: context as Context,
      preparsedPolicySetId: "bare",
      entities: [...entities, node] as EntityJson[],
    })),
  );
  return () => calls.map((call) => statefulIsAuthorized(call));
}

const everybodyMayAsk = `permit (principal, action == AWS::SSM::Action::"startAccessRequest", resource);`;

/** Half auto-approval, a quarter each deny-access and guardrail, none of which matches but one. */
function policySet(count: number): PolicySet {
  const policies = Array.from({ length: count }, (_, i) => {
    const [effect, action] =
      i % 4 === 3
        ? ["forbid", "startAccessRequest"]
        : [i % 4 === 2 ? "forbid" : "permit", "getTokenForInstanceAccess"];
    const value = i === 0 ? "Development" : `Environment${i}`;
    return `@id("p${i}")
${effect} (principal in GitHub::Team::"acme/team-${i % 50}", action == AWS::SSM::Action::"${action}", resource)
when { resource.hasTag("Environment") && resource.getTag("Environment") == "${value}" && context.duration <= duration("8h") };`;
  });
  const loaded = loadPolicies([{ path: "bench.cedar", text: policies.join("\n") }]);
  if (!loaded.ok) throw new Error(loaded.problems[0]?.message);
  return loaded.set;
}

const rules: readonly ApprovalRule[] = (() => {
  const parsed = parseRules('- nodes: "*"\n  levels: ["@acme/platform"]\n');
  if (!parsed.ok) throw new Error(parsed.problems[0].message);
  return parsed.value;
})();

function question(nodes: number): Question {
  const at = Date.parse("2026-01-05T12:00:00Z") as Instant;
  return {
    principal: {
      login: "alice",
      githubId: 1001 as UserId,
      entityId: "@alice",
      teams: Array.from({ length: 5 }, (_, i) => `acme/team-${i}` as TeamHandle),
      groups: ["911b8590-7041-70fa-d20b-12345EXAMPLE"],
      attributes: { costCenter: "1001" },
      principalTags: { Role: "Admin" },
    },
    context: {
      now: at,
      start: at,
      weekday: 1,
      timeOfDay: 43_200_000,
      duration: 3_600 as Seconds,
      access: "shell",
      reason: "INC-1234 checkout is down",
    },
    nodes: Array.from({ length: nodes }, (_, i): Node => {
      const id = `i-${i.toString(16).padStart(17, "0")}` as NodeId;
      const [account, region] = ["111122223333" as AccountId, "eu-central-1" as Region];
      const tags = { Environment: "Development", Name: `web-${i}`, Workload: "Shop" };
      return { type: "AWS::EC2::Instance", id, account, region, name: `web-${i}`, agent: "online", tags };
    }),
  };
}
