// Two questions a node: may it be approved automatically, and does a guardrail forbid it; a third where the glass is to be broken. Cedar skips a policy that errors, so that a broken
// `forbid` would open the door: every error is part of the answer, and any of them makes it broken.

import {
  type AuthorizationError,
  type EntityJson,
  preparsePolicySet,
  type Response,
  statefulIsAuthorized,
} from "@cedar-policy/cedar-wasm/nodejs";
import type { NodeAnswer, PolicyRef, Question } from "../core/answer.ts";
import type { Node } from "../core/node.ts";
import { problem } from "../core/problem.ts";
import { brokenAnswer } from "./broken-answer.ts";
import { type Asker, askerOf, nodeEntity } from "./entities.ts";
import type { LoadedPolicy, PolicySet } from "./policy-set.ts";
import { actions, actionType } from "./schema.ts";
import { positionsIn } from "./text-position.ts";

/** Everybody may ask, unless a guardrail forbids it: without this permit, Cedar's answer would be deny either way. */
const everybodyMayAsk = "everybody-may-ask";
const everybodyMayAskText = `permit (principal, action == ${actionType}::"${actions.guardrail}", resource);`;

/** The answers for all nodes of one question, in their order. Throws only when the engine itself breaks, which ends its instance. */
export function ask(set: PolicySet, question: Question): NodeAnswer[] {
  const slot = slotOf(set);
  if (slot === undefined)
    return question.nodes.map(() => brokenAnswer("the policy engine refused the policies"));
  try {
    const asker = askerOf(set, question.principal, question.context);
    return question.nodes.map((node) =>
      askNode({ set, slot, asker, breakGlass: question.breakGlass === true }, node),
    );
  } catch (error) {
    // a plain Error is the engine's answer to what it cannot read, such as half a character; any other is its end
    if (!(error instanceof Error) || error.constructor !== Error) throw error;
    return question.nodes.map(() => brokenAnswer(`the policy engine refused the question: ${error.message}`));
  }
}

interface Asking {
  readonly set: PolicySet;
  readonly slot: string;
  readonly asker: Asker;
  readonly breakGlass: boolean;
}

function askNode({ set, slot, asker, breakGlass }: Asking, node: Node): NodeAnswer {
  const resource = nodeEntity(node);
  const approval = authorize(slot, asker, resource, actions.autoApproval);
  const guardrail = authorize(slot, asker, resource, actions.guardrail);
  if (typeof approval === "string") return brokenAnswer(approval);
  if (typeof guardrail === "string") return brokenAnswer(guardrail);
  const glass = breakGlass ? authorize(slot, asker, resource, actions.breakGlass) : undefined;
  if (typeof glass === "string") return brokenAnswer(glass);
  const permits = reasons(set, approval, "permit");
  const denies = reasons(set, approval, "forbid");
  const guardrails = reasons(set, guardrail, "forbid");
  const breaks = glass === undefined ? [] : reasons(set, glass, "permit");
  // INVARIANT: the decision and the policies named for it say the same; if not, neither is believed
  const agreed =
    approval.decision === (permits.length > 0 && denies.length === 0 ? "allow" : "deny") &&
    guardrail.decision === (guardrails.length === 0 ? "allow" : "deny") &&
    (glass?.decision ?? "deny") === (breaks.length > 0 ? "allow" : "deny") &&
    guardrail.diagnostics.reason.includes(everybodyMayAsk) === (guardrails.length === 0);
  if (!agreed) return brokenAnswer("the policy engine's decision and its reasons disagree");
  const errors = [
    ...approval.diagnostics.errors,
    ...guardrail.diagnostics.errors,
    ...(glass?.diagnostics.errors ?? []),
  ];
  return {
    guardrails,
    permits,
    denies,
    ...(breakGlass ? { breakGlass: breaks } : {}),
    errors: errorsOf(set, errors),
  };
}

/** Cedar's response, or why there is none. */
function authorize(slot: string, asker: Asker, resource: EntityJson, action: string): Response | string {
  const answer = statefulIsAuthorized({
    principal: asker.principal,
    action: { type: actionType, id: action },
    resource: resource.uid,
    context: asker.context,
    preparsedPolicySetId: preparedName(slot, action),
    entities: [...asker.entities, resource],
  });
  if (answer.type === "success") return answer.response;
  return `the policy engine refused the question: ${answer.errors.map(({ message }) => message).join("; ")}`;
}

/** Cedar names only what decided: the forbids where one matches, else the permits. */
function reasons(set: PolicySet, { diagnostics }: Response, effect: LoadedPolicy["effect"]): PolicyRef[] {
  return diagnostics.reason
    .map((key) => policyAt(set, key))
    .filter((policy) => policy?.effect === effect)
    .flatMap((policy) => (policy === undefined ? [] : [policy]))
    .sort(inOrderOf(set))
    .map((policy) => policy.ref);
}

const policyAt = (set: PolicySet, key: string): LoadedPolicy | undefined =>
  key === everybodyMayAsk ? undefined : set.policies[Number(key)];

const inOrderOf =
  (set: PolicySet) =>
  (a: LoadedPolicy, b: LoadedPolicy): number =>
    set.policies.indexOf(a) - set.policies.indexOf(b);

function errorsOf(set: PolicySet, errors: readonly AuthorizationError[]): NodeAnswer["errors"] {
  return errors
    .flatMap(({ policyId, error }) => {
      const policy = policyAt(set, policyId);
      if (policy === undefined) return brokenAnswer(`the policy engine failed: ${error.message}`).errors;
      const message = `\`${policy.ref.name}\` cannot be evaluated: ${error.message}`;
      const place = placeOf(set, policy, error.sourceLocations?.[0]?.start ?? 0);
      return [{ ...problem("policy.evaluation", message, { place }), policy: policy.ref }];
    })
    .sort((a, b) => (a.message < b.message ? -1 : 1));
}

/** Spans of an evaluation are bytes into that policy's own text. */
function placeOf(set: PolicySet, policy: LoadedPolicy, byte: number) {
  const text = set.files.find((file) => file.path === policy.ref.file)?.text ?? "";
  const before = Buffer.byteLength(text.slice(0, policy.start));
  return positionsIn(policy.ref.file, text).atByte(before + byte);
}

/** Preparsed sets can never be freed, only replaced: a few slots, the one unused longest is taken. */
const slots: { readonly name: string; set: string | undefined }[] = ["1", "2", "3", "4"].map((name) => ({
  name,
  set: undefined,
}));

function slotOf(set: PolicySet): string | undefined {
  const found = slots.findIndex((slot) => slot.set === set.id);
  const [slot] = slots.splice(found === -1 ? 0 : found, 1);
  if (slot === undefined) return undefined;
  slots.push(slot);
  if (found !== -1) return slot.name;
  slot.set = undefined;
  const prepared =
    prepare(slot.name, set, actions.autoApproval, []) &&
    prepare(slot.name, set, actions.breakGlass, []) &&
    prepare(slot.name, set, actions.guardrail, [[everybodyMayAsk, everybodyMayAskText]]);
  if (!prepared) return undefined;
  slot.set = set.id;
  return slot.name;
}

/** A question is put to the policies that name its action: the others could neither match nor err. */
function prepare(slot: string, set: PolicySet, action: string, more: readonly [string, string][]): boolean {
  const named = set.policies.flatMap((policy, index): [string, string][] =>
    policy.actions.includes(action) ? [[String(index), policy.text]] : [],
  );
  const staticPolicies = Object.fromEntries([...named, ...more]);
  return preparsePolicySet(preparedName(slot, action), { staticPolicies }).type === "success";
}

const preparedName = (slot: string, action: string): string => `${slot} ${action}`;
