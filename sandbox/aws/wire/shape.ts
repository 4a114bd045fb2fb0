import type { NormalizedSchema } from "@smithy/core/schema";

/** A value that its schema does not allow. `path` is written as AWS writes it: `filters.1.member.key`. */
export class ShapeError extends Error {
  readonly problem: "unknown" | "missing" | "type";
  readonly path: string;

  constructor(problem: "unknown" | "missing" | "type", path: string, message: string) {
    super(message);
    this.name = "ShapeError";
    this.problem = problem;
    this.path = path;
  }
}

export type Struct = Readonly<Record<string, unknown>>;

export function isStruct(value: unknown): value is Struct {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

const membersBySchema = new WeakMap<object, ReadonlyMap<string, NormalizedSchema>>();

/** A structure's members by name, walked once for each structure there is. */
export function membersOf(schema: NormalizedSchema): ReadonlyMap<string, NormalizedSchema> {
  const key = schema.getSchema() as object;
  const known = membersBySchema.get(key);
  if (known !== undefined) return known;
  const members = new Map(schema.structIterator());
  if (typeof key === "object") membersBySchema.set(key, members);
  return members;
}

/** The members that must be there: the first N names of a structure's schema. */
export function requiredMembers(schema: NormalizedSchema): readonly string[] {
  const raw = schema.getSchema() as unknown as readonly unknown[];
  if (raw[0] !== 3) return [];
  return (raw[4] as string[]).slice(0, (raw[6] as number | undefined) ?? 0);
}

/** Checks a decoded value against its schema: no unknown member, none missing, every type right. */
export function checkShape(schema: NormalizedSchema, value: unknown, path = ""): void {
  if (schema.isStructSchema()) checkStruct(schema, value, path);
  else if (schema.isListSchema()) checkList(schema, value, path);
  else if (schema.isMapSchema()) checkMap(schema, value, path);
  else checkScalar(schema, value, path);
}

function checkScalar(schema: NormalizedSchema, value: unknown, path: string): void {
  const expected = scalarType(schema);
  const fits = expected === "any" || (expected === "timestamp" ? isMoment(value) : typeof value === expected);
  if (!fits) throw new ShapeError("type", path, `${path || "value"} must be a ${expected}`);
}

function checkStruct(schema: NormalizedSchema, value: unknown, path: string): void {
  if (!isStruct(value)) throw new ShapeError("type", path, `${path || "value"} must be a structure`);
  const members = membersOf(schema);
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const memberSchema = members.get(name);
    const at = join(path, name);
    if (memberSchema === undefined) {
      throw new ShapeError(
        "unknown",
        at,
        `\`${name}\` is not a member of ${schema.getName() ?? "this shape"}`,
      );
    }
    checkShape(memberSchema, member, at);
  }
  for (const name of requiredMembers(schema)) {
    if (value[name] === undefined)
      throw new ShapeError("missing", join(path, name), `\`${name}\` is required`);
  }
}

function checkList(schema: NormalizedSchema, value: unknown, path: string): void {
  if (!Array.isArray(value)) throw new ShapeError("type", path, `${path || "value"} must be a list`);
  const element = schema.getValueSchema();
  value.forEach((item, index) => {
    checkShape(element, item, `${path}.${index + 1}.member`);
  });
}

function checkMap(schema: NormalizedSchema, value: unknown, path: string): void {
  if (!isStruct(value)) throw new ShapeError("type", path, `${path || "value"} must be a map`);
  const element = schema.getValueSchema();
  for (const [key, item] of Object.entries(value)) checkShape(element, item, `${path}.${key}`);
}

export type ScalarType = "string" | "number" | "boolean" | "timestamp" | "any";

export function scalarType(schema: NormalizedSchema): ScalarType {
  if (schema.isTimestampSchema()) return "timestamp";
  if (schema.isBooleanSchema()) return "boolean";
  if (schema.isNumericSchema()) return "number";
  if (schema.isStringSchema()) return "string";
  return "any";
}

function isMoment(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

/** AWS writes members in messages with a small first letter. */
function join(path: string, name: string): string {
  const small = name.charAt(0).toLowerCase() + name.slice(1);
  return path === "" ? small : `${path}.${small}`;
}
