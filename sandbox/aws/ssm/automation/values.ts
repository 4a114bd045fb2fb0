import { isStruct } from "../../wire/shape.ts";

/** What `{{ name }}` stands for at this point of a run. */
export type Scope = ReadonlyMap<string, unknown>;

export class StepFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StepFailure";
  }
}

/** Fills in references. A text that is one reference takes on the type of what it refers to. */
export function substitute(value: unknown, scope: Scope): unknown {
  if (typeof value === "string") return substituteText(value, scope);
  if (Array.isArray(value)) return value.map((item) => substitute(item, scope));
  if (!isStruct(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, scope)]));
}

function substituteText(text: string, scope: Scope): unknown {
  const whole = /^\{\{\s*([^{}]+?)\s*\}\}$/.exec(text);
  if (whole !== null) return lookUp(whole[1] ?? "", scope);
  return text.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, name: string) => {
    const value = lookUp(name, scope);
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

function lookUp(name: string, scope: Scope): unknown {
  if (!scope.has(name))
    throw new StepFailure(`no value for {{ ${name} }}: its step has not run or has no such output`);
  return scope.get(name);
}

/** A value brought to the type a step's output or a parameter declares, by the conversions that AWS documents. */
export function convert(value: unknown, type: string): unknown {
  const converted = tryConvert(value, type);
  if (converted === undefined) throw new StepFailure(`${JSON.stringify(value)} is not a ${type}`);
  return converted;
}

function tryConvert(value: unknown, type: string): unknown {
  const single = Array.isArray(value) && value.length === 1 && !isStruct(value[0]) ? value[0] : value;
  switch (type) {
    case "StringList":
      if (Array.isArray(value)) return value.every((item) => !isStruct(item)) ? value.map(String) : undefined;
      return isScalar(value) ? [String(value)] : undefined;
    case "Integer":
      return isScalar(single) && /^-?\d+$/.test(String(single)) ? Number(single) : undefined;
    case "Boolean":
      return isScalar(single) && /^(true|false)$/i.test(String(single))
        ? String(single).toLowerCase() === "true"
        : undefined;
    case "StringMap":
      return isStruct(value) ? value : undefined;
    case "MapList":
      return Array.isArray(value) && value.every(isStruct) ? value : undefined;
    default:
      return isScalar(single) ? String(single) : undefined;
  }
}

function isScalar(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}
