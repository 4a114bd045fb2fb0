import { statementApplies } from "./evaluate.ts";
import type { Condition, Policy, Statement } from "./policy-document.ts";
import { MalformedPolicy } from "./policy-document.ts";
import type { RequestContext } from "./wildcards.ts";

/** Who wants to become a role. `names` are all the names that a trust policy may know it by. */
export interface Candidate {
  readonly type: "AWS" | "Service" | "Federated";
  readonly names: readonly string[];
}

/** Whether a trust policy lets a candidate in. */
export function isTrusted(
  trust: Policy | undefined,
  action: string,
  candidate: Candidate,
  context: RequestContext,
): boolean {
  const applying = (trust?.statements ?? []).filter((statement) =>
    applies(statement, action, candidate, context, trust?.version === "2012-10-17"),
  );
  return (
    applying.some((statement) => statement.effect === "Allow") &&
    !applying.some((statement) => statement.effect === "Deny")
  );
}

function applies(
  statement: Statement,
  action: string,
  candidate: Candidate,
  context: RequestContext,
  variables: boolean,
): boolean {
  return (
    principalMatches(statement, candidate) &&
    statementApplies(statement, { action, resource: "", context }, variables)
  );
}

function principalMatches({ principals }: Statement, candidate: Candidate): boolean {
  if (principals === undefined) return false;
  if (principals === "*") return candidate.type === "AWS";
  return (principals[candidate.type] ?? []).some((name) => name === "*" || candidate.names.includes(name));
}

const gitHub = "token.actions.githubusercontent.com";

/** IAM refuses to trust GitHub's issuer without saying whose tokens: a `sub` that is not only wildcards. */
export function checkGitHubTrust(trust: Policy): void {
  for (const statement of trust.statements) {
    if (statement.effect !== "Allow" || !trustsGitHub(statement)) continue;
    const subjects = statement.conditions.filter(
      (condition) => condition.key.toLowerCase() === `${gitHub}:sub` && limitsSubject(condition),
    );
    if (subjects.length === 0) {
      throw new MalformedPolicy(
        `a trust policy for ${gitHub} must evaluate ${gitHub}:sub, not only with wildcards`,
      );
    }
  }
}

function trustsGitHub({ principals }: Statement): boolean {
  const federated = principals === "*" || principals === undefined ? [] : (principals["Federated"] ?? []);
  return federated.some((arn) => arn.endsWith(`oidc-provider/${gitHub}`));
}

function limitsSubject(condition: Condition): boolean {
  const positive = /^(ForAnyValue:)?String(Equals|EqualsIgnoreCase|Like)$/.test(condition.operator);
  return positive && condition.values.length > 0 && condition.values.every((value) => /[^*?]/.test(value));
}
