import type { Struct } from "../../wire/shape.ts";

/** `And`, `Or`, `Not`, or a `Variable` with an operator; as it stands in a runbook. */
export type Logic = Struct;

type Compare = (value: string, wanted: string) => boolean;

/** The operators of `aws:branch` and of loops. */
export const conditionOperators: Readonly<Record<string, Compare>> = {
  StringEquals: (value, wanted) => value === wanted,
  EqualsIgnoreCase: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  StartsWith: (value, wanted) => value.startsWith(wanted),
  EndsWith: (value, wanted) => value.endsWith(wanted),
  Contains: (value, wanted) => value.includes(wanted),
  NumericEquals: (value, wanted) => Number(value) === Number(wanted),
  NumericGreater: (value, wanted) => Number(value) > Number(wanted),
  NumericLesser: (value, wanted) => Number(value) < Number(wanted),
  NumericGreaterOrEquals: (value, wanted) => Number(value) >= Number(wanted),
  NumericLesserOrEquals: (value, wanted) => Number(value) <= Number(wanted),
  BooleanEquals: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
};

/** Whether a condition holds; its values are filled in already. */
export function holds(logic: Logic): boolean {
  const parts = (value: unknown) => (Array.isArray(value) ? (value as Logic[]) : []);
  if (logic["And"] !== undefined) return parts(logic["And"]).every(holds);
  if (logic["Or"] !== undefined) return parts(logic["Or"]).some(holds);
  if (logic["Not"] !== undefined) return !holds(logic["Not"] as Logic);
  const operator = Object.keys(logic).find((key) => key in conditionOperators) ?? "";
  return conditionOperators[operator]?.(asText(logic["Variable"]), asText(logic[operator])) ?? false;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
