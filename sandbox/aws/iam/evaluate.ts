import { conditionHolds } from "./conditions.ts";
import type { Elements, Policy, Statement } from "./policy-document.ts";
import { matches, type RequestContext, readPattern } from "./wildcards.ts";

/** One question to IAM: may this be done to that, seen from here. */
export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

/** The policies that bear on a principal. A list that is absent does not limit; one that is empty allows nothing. */
export interface PolicySet {
  readonly identity: readonly Policy[];
  readonly boundary?: readonly Policy[] | undefined;
  readonly session?: readonly Policy[] | undefined;
}

export interface Evaluation {
  readonly decision: "allow" | "explicit-deny" | "implicit-deny";
  /** The statement that denied or allowed, or which kind of policy lacks one. */
  readonly because: string;
}

/** What IAM decides: an explicit deny anywhere wins; else every kind of policy that is there must allow. Pure. */
export function evaluate(request: AccessRequest, policies: PolicySet): Evaluation {
  const kinds: readonly (readonly [string, readonly Policy[] | undefined])[] = [
    ["identity-based policy", policies.identity],
    ["permissions boundary", policies.boundary],
    ["session policy", policies.session],
  ];
  for (const [kind, list] of kinds) {
    const denying = findStatement(request, list ?? [], "Deny");
    if (denying !== undefined)
      return { decision: "explicit-deny", because: `an explicit deny in a ${kind}${name(denying)}` };
  }
  for (const [kind, list] of kinds) {
    if (list !== undefined && findStatement(request, list, "Allow") === undefined) {
      return { decision: "implicit-deny", because: `no ${kind} allows the ${request.action} action` };
    }
  }
  const allowing = findStatement(request, policies.identity, "Allow");
  return {
    decision: "allow",
    because: `allowed by an identity-based policy${allowing ? name(allowing) : ""}`,
  };
}

function findStatement(
  request: AccessRequest,
  policies: readonly Policy[],
  effect: Statement["effect"],
): Statement | undefined {
  for (const policy of policies) {
    const variables = policy.version === "2012-10-17";
    const found = policy.statements.find(
      (statement) => statement.effect === effect && statementApplies(statement, request, variables),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

export function statementApplies(statement: Statement, request: AccessRequest, variables: boolean): boolean {
  return (
    actionMatches(statement.actions, request.action) &&
    (statement.resources === undefined || resourceMatches(statement.resources, request, variables)) &&
    statement.conditions.every((condition) => conditionHolds(condition, request.context, variables))
  );
}

const noContext: RequestContext = new Map();

function actionMatches(actions: Elements, action: string): boolean {
  const one = actions.values.some((value) => {
    const pattern = readPattern(value, noContext, false);
    return pattern !== undefined && matches(pattern, action, true);
  });
  return one !== actions.not;
}

function resourceMatches(resources: Elements, request: AccessRequest, variables: boolean): boolean {
  const patterns = resources.values.map((value) => readPattern(value, request.context, variables));
  // a variable without a value must not turn NotResource into everything
  if (resources.not && patterns.includes(undefined)) return false;
  const one = patterns.some((pattern) => pattern !== undefined && matches(pattern, request.resource));
  return one !== resources.not;
}

function name(statement: Statement): string {
  return statement.sid === "" ? "" : ` (${statement.sid})`;
}
