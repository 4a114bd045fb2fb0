// Short ways to write policies and questions in tests.

import { ask } from "../../cedar/ask.ts";
import { loadPolicies } from "../../cedar/load.ts";
import type { PolicySet } from "../../cedar/policy-set.ts";
import type { NodeAnswer, Principal, Question, QuestionContext } from "../../core/answer.ts";
import type { AccountId, Instant, NodeId, Region, Seconds, TeamHandle, UserId } from "../../core/ids.ts";
import type { Node } from "../../core/node.ts";
import { nodeType } from "../../core/node.ts";

export const auto = 'action == AWS::SSM::Action::"getTokenForInstanceAccess"';
export const guardrail = 'action == AWS::SSM::Action::"startAccessRequest"';

/** A permit of automatic approval under this condition. */
export const permitWhen = (condition: string): string =>
  `permit (principal, ${auto}, resource) when { ${condition} };`;

export const forbidWhen = (condition: string): string =>
  `forbid (principal, ${auto}, resource) when { ${condition} };`;

export function load(text: string, path = "test.cedar"): PolicySet {
  const loaded = loadPolicies([{ path, text }]);
  if (!loaded.ok)
    throw new Error(loaded.problems.map((each) => `${each.place?.line}: ${each.message}`).join("\n"));
  return loaded.set;
}

/** `code line:column`, for each problem of a text that must not load. */
export function refusals(text: string, path = "test.cedar"): readonly string[] {
  const loaded = loadPolicies([{ path, text }]);
  return loaded.ok ? [] : loaded.problems.map(({ code, place }) => `${code} ${place?.line}:${place?.column}`);
}

export function messages(text: string): readonly string[] {
  const loaded = loadPolicies([{ path: "test.cedar", text }]);
  return loaded.ok
    ? loaded.set.warnings.map((each) => each.message)
    : loaded.problems.map((each) => each.message);
}

export interface Asking {
  readonly login?: string;
  readonly user?: string;
  readonly teams?: readonly string[];
  readonly groups?: readonly string[];
  readonly attributes?: Principal["attributes"];
  readonly principalTags?: Readonly<Record<string, string>>;
  readonly nodes?: readonly Partial<Record<"id" | "name" | "account" | "region" | "platform", string>>[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly context?: Partial<QuestionContext>;
}

export function question(asking: Asking = {}): Question {
  const login = asking.login ?? "alice";
  return {
    principal: {
      login,
      githubId: 1001 as UserId,
      entityId: asking.user ?? `@${login.toLowerCase()}`,
      teams: (asking.teams ?? []) as readonly TeamHandle[],
      groups: asking.groups ?? [],
      attributes: asking.attributes ?? {},
      principalTags: asking.principalTags ?? {},
    },
    context: {
      now: Date.parse("2026-01-05T12:00:00Z") as Instant,
      start: Date.parse("2026-01-05T12:00:00Z") as Instant,
      weekday: 1,
      timeOfDay: 12 * 3_600_000,
      duration: 3600 as Seconds,
      access: "shell",
      reason: "test",
      ...asking.context,
    },
    nodes: (asking.nodes ?? [{}]).map((node) => nodeOf(node, asking.tags ?? {})),
  };
}

function nodeOf(node: NonNullable<Asking["nodes"]>[number], tags: Readonly<Record<string, string>>): Node {
  const id = node.id ?? "i-0123456789abcdef0";
  return {
    type: nodeType(id),
    id: id as NodeId,
    account: (node.account ?? "111122223333") as AccountId,
    region: (node.region ?? "us-east-1") as Region,
    ...(node.name === undefined ? {} : { name: node.name }),
    ...(node.platform === undefined ? {} : { platform: node.platform }),
    agent: "online",
    tags,
  };
}

/** The answer for the first node. */
export function answer(set: PolicySet, asking: Asking = {}): NodeAnswer {
  const [first] = ask(set, question(asking));
  if (first === undefined) throw new Error("no answer");
  return first;
}

/** What the table of the design makes of Cedar's part: `broken`, `guardrail`, `auto`, or `not auto`, where people or nobody decide. */
export function decided(text: string, asking: Asking = {}): string {
  const { errors, guardrails, permits, denies } = answer(load(text), asking);
  if (errors.length > 0) return "broken";
  if (guardrails.length > 0) return "guardrail";
  return permits.length > 0 && denies.length === 0 ? "auto" : "not auto";
}
