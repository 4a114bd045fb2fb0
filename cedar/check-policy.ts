// What Hallpass asks of a policy beyond Cedar's own checks: that it names its action, and that the people and teams it names can match.

import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { type Place, type Problem, problem } from "../core/problem.ts";
import { accessModes } from "../core/request.ts";
import { actions, actionType } from "./schema.ts";

export interface PolicyCheck {
  readonly actions: readonly string[];
  readonly teams: readonly string[];
  readonly groups: readonly string[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export function checkPolicy(policy: PolicyJson, place: Place): PolicyCheck {
  const named = actionsNamed(policy);
  const nodes = [...everyObject(policy)];
  const entities = nodes.filter(isEntity);
  const teams = idsOf(entities, "GitHub::Team");
  const refuse = (message: string): Problem => problem("policy.validation", message, { place });
  return {
    actions: named,
    teams,
    groups: idsOf(entities, "AWS::IdentityStore::Group"),
    problems: [
      ...(named.length > 0 ? [] : [problem("policy.no-action", noAction, { place })]),
      ...[...teams.flatMap(wrongTeam), ...idsOf(entities, "AWS::IdentityStore::User").flatMap(wrongUser)].map(
        refuse,
      ),
      ...nodes.flatMap((node) => [...wrongLogin(node), ...wrongAccess(node)]).map(refuse),
      ...wrongId(policy.annotations?.["id"]).map(refuse),
    ],
    warnings: [
      ...(policy.effect === "permit" && named.includes(actions.guardrail) ? [permitGuardrail] : []),
      ...keysWithValues(nodes),
      ...(policy.effect === "forbid" ? openGuards(policy) : []),
    ].map(refuse),
  };
}

const noAction = `this policy names no action, so it would decide both automatic approval and the guardrail: write \`action == ${actionType}::"${actions.autoApproval}"\` (automatic approval; a forbid stops only that) or, in a forbid that nobody may override, \`action == ${actionType}::"${actions.guardrail}"\``;

const permitGuardrail = `a permit of \`${actions.guardrail}\` opens nothing, as everybody may ask unless a forbid matches: to grant at once, permit \`${actions.autoApproval}\``;

function actionsNamed({ action }: PolicyJson): readonly string[] {
  if (action.op === "All" || "slot" in action) return [];
  const entities = "entities" in action ? action.entities : [action.entity];
  return entities.map((entity) => ("__entity" in entity ? entity.__entity.id : entity.id));
}

type Json = Readonly<Record<string, unknown>>;

function* everyObject(value: unknown): Generator<Json> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as Json;
  for (const inner of Object.values(value)) yield* everyObject(inner);
}

const isEntity = (value: Json): value is { readonly type: string; readonly id: string } =>
  typeof value["type"] === "string" && typeof value["id"] === "string";

const idsOf = (
  entities: readonly { readonly type: string; readonly id: string }[],
  type: string,
): string[] => [...new Set(entities.filter((entity) => entity.type === type).map((entity) => entity.id))];

function wrongTeam(team: string): readonly string[] {
  if (/^[^@/\s]+\/[^@/\s]+$/.test(team)) return [];
  const handle = team.replace(/^@/, "");
  const fix = handle.includes("/") ? handle : `org/${handle}`;
  return [`\`GitHub::Team::"${team}"\` can match no team: write \`GitHub::Team::"${fix}"\``];
}

function wrongUser(user: string): readonly string[] {
  if (!user.startsWith("@") || user === user.toLowerCase()) return [];
  return [`\`${user}\` can match nobody, as logins are lower case here: write \`${user.toLowerCase()}\``];
}

function wrongLogin(node: Json): readonly string[] {
  return literalsFor(node, "principal", "login")
    .filter((login) => login !== login.toLowerCase())
    .map(
      (login) =>
        `\`principal.login\` is never \`${login}\`, as logins are lower case here: write \`${login.toLowerCase()}\``,
    );
}

function wrongAccess(node: Json): readonly string[] {
  return literalsFor(node, "context", "access")
    .filter((access) => !accessModes.some((mode) => mode === access))
    .map((access) => `\`context.access\` is never \`${access}\`: write one of ${accessModes.join(", ")}`);
}

/** The texts that an attribute is compared with, either way around or in a set. */
function literalsFor(node: Json, variable: string, attribute: string): readonly string[] {
  const { left, right } = (node["=="] ?? node["!="] ?? node["contains"] ?? {}) as {
    left?: Json;
    right?: Json;
  };
  if (left === undefined || right === undefined) return [];
  const isRead = (side: Json): boolean => {
    const read = side["."] as { left?: Json; attr?: string } | undefined;
    return read?.attr === attribute && read.left?.["Var"] === variable;
  };
  const other = isRead(left) ? right : isRead(right) ? left : {};
  const values = Array.isArray(other["Set"]) ? (other["Set"] as readonly Json[]) : [other];
  return values.flatMap((value) => (typeof value["Value"] === "string" ? [value["Value"]] : []));
}

function wrongId(id: string | null | undefined): readonly string[] {
  if (id === undefined) return [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a name is shown in comments, records and commit trailers
  if (id !== null && /^[^\u0000-\u001f\u007f]{1,100}$/.test(id) && id.trim() === id) return [];
  return ["an `@id` has 1 to 100 characters, none of them a control character, and no blank at its ends"];
}

/** `hasTag("Environment:Production")` asks for a key of that name: AWS's pages of 2025 had it, in denies that never matched. */
function keysWithValues(nodes: readonly Json[]): readonly string[] {
  const keys = (method: string): string[] =>
    nodes.flatMap((node) => {
      const key = (node[method] as { right?: Json } | undefined)?.right?.["Value"];
      return typeof key === "string" ? [key] : [];
    });
  const read = new Set(keys("getTag"));
  return [...new Set(keys("hasTag"))]
    .filter((key) => key.includes(":") && !key.startsWith("aws:") && !read.has(key))
    .map((key) => {
      const [name, value] = [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)];
      return `\`hasTag("${key}")\` asks for a tag whose key is \`${key}\`: if \`${value}\` is its value, write \`hasTag("${name}") && resource.getTag("${name}") == "${value}"\``;
    });
}

/** A forbid that reads `has x && x != "…"` does not stop who has no x at all: AWS's own deny example does so. */
function openGuards(policy: PolicyJson): readonly string[] {
  return policy.conditions
    .filter((condition) => condition.kind === "when")
    .flatMap((condition) => {
      const terms = conjuncts(condition.body as Json);
      const guards = new Set(terms.flatMap(guardOf));
      return [...new Set(terms.flatMap(guardNeeded))].filter((guard) => guards.has(guard));
    })
    .map(
      (guard) =>
        `this forbid stops nobody where \`${guard}\` does not hold: if it should, write \`!(${guard} && … == …)\` for \`${guard} && … != …\``,
    );
}

function conjuncts(expression: Json): readonly Json[] {
  const both = expression["&&"] as { left: Json; right: Json } | undefined;
  return both === undefined ? [expression] : [...conjuncts(both.left), ...conjuncts(both.right)];
}

function guardOf(term: Json): readonly string[] {
  const has = term["has"] as { left: Json; attr: string | readonly string[] } | undefined;
  if (has !== undefined && typeof has.attr === "string") return [attributeGuard(has.left, has.attr)];
  const tag = term["hasTag"] as { left: Json; right: Json } | undefined;
  return tag === undefined ? [] : [tagGuard(tag)];
}

/** The guards that an inequality needs. */
function guardNeeded(term: Json): readonly string[] {
  const compared = term["!="] as { left: Json; right: Json } | undefined;
  if (compared === undefined) return [];
  return [compared.left, compared.right].flatMap((side) => {
    const read = side["."] as { left: Json; attr: string } | undefined;
    if (read !== undefined) return [attributeGuard(read.left, read.attr)];
    const tag = side["getTag"] as { left: Json; right: Json } | undefined;
    return tag === undefined ? [] : [tagGuard(tag)];
  });
}

const attributeGuard = (left: Json, attribute: string): string => `${show(left)} has ${attribute}`;

const tagGuard = ({ left, right }: { left: Json; right: Json }): string =>
  `${show(left)}.hasTag(${JSON.stringify(right["Value"] ?? "…")})`;

function show(expression: Json): string {
  if (typeof expression["Var"] === "string") return expression["Var"];
  const read = expression["."] as { left: Json; attr: string } | undefined;
  return read === undefined ? "…" : `${show(read.left)}.${read.attr}`;
}
