import type { NormalizedSchema } from "@smithy/core/schema";
import { isStruct, membersOf, type Struct } from "./shape.ts";

/**
 * Reads a JSON value into what handlers work with: timestamps become dates, nulls are dropped.
 * Types are left as they are, for `checkShape` to judge.
 */
export function fromJson(schema: NormalizedSchema | undefined, value: unknown): unknown {
  if (schema === undefined) return value;
  if (schema.isTimestampSchema()) return readMoment(value);
  if (schema.isStructSchema() && isStruct(value)) {
    const members = membersOf(schema);
    return mapEntries(value, (name, item) => fromJson(members.get(name), item));
  }
  if (schema.isListSchema() && Array.isArray(value)) {
    return value.map((item) => fromJson(schema.getValueSchema(), item));
  }
  if (schema.isMapSchema() && isStruct(value)) {
    return mapEntries(value, (_, item) => fromJson(schema.getValueSchema(), item));
  }
  return value;
}

/** The other way: dates become seconds since the epoch. */
export function toJson(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(toJson);
  if (isStruct(value)) return mapEntries(value, (_, item) => toJson(item));
  return value;
}

function readMoment(value: unknown): unknown {
  if (typeof value === "number") return new Date(value * 1000);
  if (typeof value === "string") return new Date(value);
  return value;
}

function mapEntries(value: Struct, change: (name: string, item: unknown) => unknown): Struct {
  const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [name, change(name, item)]));
}
