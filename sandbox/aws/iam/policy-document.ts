/** One statement of a policy, read: every element a list, every condition spelled out. */
export interface Statement {
  readonly sid: string;
  readonly effect: "Allow" | "Deny";
  readonly principals?: Principals;
  readonly actions: Elements;
  /** Not in trust policies. */
  readonly resources?: Elements;
  readonly conditions: readonly Condition[];
}

/** `Action` or `NotAction`, `Resource` or `NotResource`. */
export interface Elements {
  readonly not: boolean;
  readonly values: readonly string[];
}

export type Principals = "*" | Readonly<Record<string, readonly string[]>>;

export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export interface Policy {
  readonly version: "2008-10-17" | "2012-10-17";
  readonly statements: readonly Statement[];
}

export class MalformedPolicy extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MalformedPolicy";
  }
}

export type PolicyKind = "identity" | "trust";

/** Reads a policy document, from text or already parsed; what IAM would refuse is refused with `MalformedPolicy`. */
export function parsePolicy(document: unknown, kind: PolicyKind = "identity"): Policy {
  const root = typeof document === "string" ? parseText(document) : document;
  const fields = object(root, "policy");
  onlyKeys(fields, ["Version", "Id", "Statement"], "policy");
  const version = fields["Version"] ?? "2008-10-17";
  if (version !== "2012-10-17" && version !== "2008-10-17")
    return refuse(`unknown Version \`${String(version)}\``);
  const statements = list(fields["Statement"]).map((statement) => parseStatement(statement, kind));
  if (statements.length === 0) refuse("a policy needs a Statement");
  const sids = statements.map((statement) => statement.sid).filter((sid) => sid !== "");
  if (new Set(sids).size !== sids.length) refuse("Statement IDs (SID) in a single policy must be unique");
  return { version, statements };
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse("This policy contains invalid Json");
  }
}

const statementKeys = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

function parseStatement(value: unknown, kind: PolicyKind): Statement {
  const fields = object(value, "statement");
  onlyKeys(fields, kind === "trust" ? [...statementKeys, "Principal"] : statementKeys, "statement");
  const effect = fields["Effect"];
  if (effect !== "Allow" && effect !== "Deny") return refuse("Effect must be Allow or Deny");
  const sid = fields["Sid"] ?? "";
  if (typeof sid !== "string" || !/^[A-Za-z0-9]*$/.test(sid)) return refuse("Sid must be letters and digits");
  const actions = elements(fields, "Action");
  if (actions === undefined) return refuse("Policy statement must contain actions.");
  for (const action of actions.values) checkAction(action);
  const statement: Statement = { sid, effect, actions, conditions: parseConditions(fields["Condition"]) };
  return kind === "trust"
    ? { ...statement, ...trustScope(fields) }
    : { ...statement, resources: parseResources(fields) };
}

function trustScope(fields: Fields): { principals: Principals } {
  if (fields["Resource"] !== undefined || fields["NotResource"] !== undefined)
    refuse("Has prohibited field Resource");
  return { principals: parsePrincipals(fields["Principal"]) };
}

function parsePrincipals(value: unknown): Principals {
  if (value === "*") return "*";
  if (value === undefined) refuse("a trust policy needs a Principal");
  const entries = Object.entries(object(value, "Principal"));
  for (const [type] of entries) {
    if (!["AWS", "Service", "Federated"].includes(type)) refuse(`unknown principal type \`${type}\``);
  }
  return Object.fromEntries(entries.map(([type, names]) => [type, strings(names, "Principal")]));
}

function parseResources(fields: Fields): Elements {
  const resources = elements(fields, "Resource");
  if (resources === undefined) return refuse("Policy statement must contain resources.");
  for (const resource of resources.values) {
    if (resource === "*" || /^arn:[^:]*:[^:*?]+:.+$/s.test(resource)) continue;
    refuse(`Resource ${resource} must be in ARN format or "*".`);
  }
  return resources;
}

function checkAction(action: string): void {
  if (action !== "*" && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/i.test(action)) {
    refuse(`Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: \`${action}\``);
  }
}

function elements(fields: Fields, name: "Action" | "Resource"): Elements | undefined {
  const plain = fields[name];
  const negated = fields[`Not${name}`];
  if (plain !== undefined && negated !== undefined) refuse(`both ${name} and Not${name}`);
  if (plain === undefined && negated === undefined) return undefined;
  const values = strings(plain ?? negated, name);
  if (values.length === 0) refuse(`${name} is empty`);
  return { not: negated !== undefined, values };
}

function parseConditions(value: unknown): readonly Condition[] {
  if (value === undefined) return [];
  return Object.entries(object(value, "Condition")).flatMap(([operator, keys]) => {
    if (!operatorForm.test(operator)) refuse(`Invalid Condition type : ${operator}.`);
    return Object.entries(object(keys, operator)).map(([key, values]) => {
      if (!key.includes(":")) refuse(`condition key \`${key}\` has no vendor`);
      return { operator, key, values: list(values).map(conditionValue) };
    });
  });
}

const operatorForm = new RegExp(
  "^(ForAnyValue:|ForAllValues:)?(" +
    "String(Not)?(Equals|EqualsIgnoreCase|Like)|Arn(Not)?(Equals|Like)|Bool|Null|" +
    "(Date|Numeric)((Not)?Equals|(Less|Greater)Than(Equals)?))(IfExists)?$",
);

function conditionValue(value: unknown): string {
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number")
    return String(value);
  return refuse("a condition value must be a string");
}

type Fields = Readonly<Record<string, unknown>>;

function object(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse(`${what} must be an object`);
  return value as Fields;
}

function onlyKeys(fields: Fields, known: readonly string[], what: string): void {
  for (const key of Object.keys(fields))
    if (!known.includes(key)) refuse(`unknown ${what} element \`${key}\``);
}

function list(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function strings(value: unknown, what: string): readonly string[] {
  return list(value).map((item) => (typeof item === "string" ? item : refuse(`${what} must be text`)));
}

function refuse(message: string): never {
  throw new MalformedPolicy(message);
}
