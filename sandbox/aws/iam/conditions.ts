import type { Condition } from "./policy-document.ts";
import { arnMatches, asText, matches, type RequestContext, readPattern } from "./wildcards.ts";

/** Whether one condition holds. Several values of a condition are an "or", for negated operators a "nor". */
export function conditionHolds(condition: Condition, context: RequestContext, variables: boolean): boolean {
  const operator = readOperator(condition.operator);
  const given = context.get(condition.key.toLowerCase());
  if (operator.base === "Null") {
    return condition.values.some((value) => (value.toLowerCase() === "true") === (given === undefined));
  }
  if (given === undefined || given.length === 0) return absentHolds(operator);
  const compare = comparison(operator.base);
  const agrees = (value: string) => {
    const results = condition.values.map((wanted) => compare(wanted, value, context, variables));
    // a variable without a value makes no condition hold, a negated one neither
    return operator.negated ? results.every((result) => result === false) : results.includes(true);
  };
  if (operator.set === "ForAllValues") return given.every(agrees);
  // without a set operator a negated operator wants none of the values to match
  return operator.set === undefined && operator.negated ? given.every(agrees) : given.some(agrees);
}

interface Operator {
  readonly set: "ForAnyValue" | "ForAllValues" | undefined;
  readonly base: string;
  readonly negated: boolean;
  readonly ifExists: boolean;
}

function readOperator(text: string): Operator {
  const [, set, middle = "", exists] = /^(?:(ForAnyValue|ForAllValues):)?(.*?)(IfExists)?$/.exec(text) ?? [];
  return {
    set: set as Operator["set"],
    base: middle.replace("Not", ""),
    negated: middle.includes("Not"),
    ifExists: exists !== undefined,
  };
}

/** A key that the request lacks: positive operators fail, negated ones hold, IfExists and ForAllValues hold. */
function absentHolds(operator: Operator): boolean {
  if (operator.ifExists || operator.set === "ForAllValues") return true;
  return operator.set === undefined && operator.negated;
}

type Comparison = (
  wanted: string,
  given: string,
  context: RequestContext,
  variables: boolean,
) => boolean | undefined;

function comparison(base: string): Comparison {
  if (base.startsWith("String")) return stringComparison(base);
  if (base.startsWith("Arn"))
    return (wanted, given, context, variables) => arnMatches(wanted, given, context, variables);
  if (base === "Bool") return (wanted, given) => wanted.toLowerCase() === given.toLowerCase();
  if (base.startsWith("Numeric")) return ordered(base.slice("Numeric".length), Number);
  return ordered(base.slice("Date".length), readDate);
}

function stringComparison(base: string): Comparison {
  return (wanted, given, context, variables) => {
    const pattern = readPattern(wanted, context, variables);
    if (pattern === undefined) return undefined;
    if (base === "StringLike") return matches(pattern, given);
    if (base === "StringEquals") return asText(pattern) === given;
    return asText(pattern).toLowerCase() === given.toLowerCase();
  };
}

/** Dates and numbers: no wildcards, no policy variables. */
function ordered(relation: string, read: (text: string) => number): Comparison {
  return (wanted, given) => {
    const [left, right] = [read(given), read(wanted)];
    if (Number.isNaN(left) || Number.isNaN(right)) return false;
    if (relation.endsWith("Equals") && left === right) return true;
    if (relation.startsWith("LessThan")) return left < right;
    return relation.startsWith("GreaterThan") && left > right;
  };
}

/** ISO 8601, or seconds since the epoch. */
function readDate(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text)) return Number.NaN;
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes("T") ? text : `${text}Z`);
}
