import type { NormalizedSchema } from "@smithy/core/schema";
import type { Protocol } from "./service-models.ts";
import { ShapeError, type Struct, scalarType } from "./shape.ts";

type Form = ReadonlyMap<string, string>;

/** Reads `Filter.1.Name=…` forms (AWS query and EC2 query) by the schema; a key that no member explains is refused. */
export function fromForm(schema: NormalizedSchema, form: Form, protocol: Protocol): Struct {
  const used = new Set(["Action", "Version"]);
  const value = readStruct(schema, "", form, protocol, used);
  for (const key of form.keys()) {
    if (!used.has(key))
      throw new ShapeError("unknown", key, `\`${key}\` is not a member of ${schema.getName()}`);
  }
  return value;
}

type Reader = (
  schema: NormalizedSchema,
  key: string,
  form: Form,
  protocol: Protocol,
  used: Set<string>,
) => unknown;

const readStruct = (
  schema: NormalizedSchema,
  prefix: string,
  form: Form,
  protocol: Protocol,
  used: Set<string>,
): Struct => {
  const value: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const read = readValue(member, prefix + wireName(name, member, protocol), form, protocol, used);
    if (read !== undefined) value[name] = read;
  }
  return value;
};

const readValue: Reader = (schema, key, form, protocol, used) => {
  if (schema.isStructSchema()) {
    return present(form, `${key}.`) ? readStruct(schema, `${key}.`, form, protocol, used) : undefined;
  }
  if (schema.isListSchema()) return readList(schema, key, form, protocol, used);
  const text = form.get(key);
  if (text === undefined) return undefined;
  used.add(key);
  return readScalar(schema, key, text);
};

const readList: Reader = (schema, key, form, protocol, used) => {
  if (form.get(key) === "") {
    used.add(key);
    return [];
  }
  const flat = protocol === "ec2" || schema.getMergedTraits().xmlFlattened !== undefined;
  const element = schema.getValueSchema();
  const item = flat ? key : `${key}.${element.getMergedTraits().xmlName ?? "member"}`;
  const items: unknown[] = [];
  for (let index = 1; form.has(`${item}.${index}`) || present(form, `${item}.${index}.`); index++) {
    items.push(readValue(element, `${item}.${index}`, form, protocol, used));
  }
  return items.length === 0 ? undefined : items;
};

function readScalar(schema: NormalizedSchema, key: string, text: string): unknown {
  switch (scalarType(schema)) {
    case "number": {
      if (!/^-?\d+(\.\d+)?$/.test(text)) throw new ShapeError("type", key, `${key} must be a number`);
      return Number(text);
    }
    case "boolean": {
      if (text !== "true" && text !== "false") throw new ShapeError("type", key, `${key} must be a boolean`);
      return text === "true";
    }
    case "timestamp":
      return new Date(text);
    case "string":
    case "any":
      return text;
  }
}

function present(form: Form, prefix: string): boolean {
  for (const key of form.keys()) if (key.startsWith(prefix)) return true;
  return false;
}

function wireName(name: string, member: NormalizedSchema, protocol: Protocol): string {
  const traits = member.getMergedTraits();
  if (protocol !== "ec2") return String(traits.xmlName ?? name);
  const xmlName = String(traits.xmlName ?? name);
  return String(traits.ec2QueryName ?? xmlName.charAt(0).toUpperCase() + xmlName.slice(1));
}
