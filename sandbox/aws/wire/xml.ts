import type { NormalizedSchema } from "@smithy/core/schema";
import { isStruct, membersOf } from "./shape.ts";

/** Writes the members of a structure as XML elements, named as the schema's traits say. */
export function membersToXml(schema: NormalizedSchema, value: unknown): string {
  if (!isStruct(value)) return "";
  let xml = "";
  const members = membersOf(schema);
  for (const [name, item] of Object.entries(value)) {
    const member = members.get(name);
    if (item !== undefined && member !== undefined)
      xml += elementToXml(member.getMergedTraits().xmlName ?? name, member, item);
  }
  return xml;
}

function elementToXml(tag: string, schema: NormalizedSchema, value: unknown): string {
  if (schema.isStructSchema()) return wrap(tag, membersToXml(schema, value));
  if (schema.isListSchema() && Array.isArray(value)) {
    const element = schema.getValueSchema();
    const flat = schema.getMergedTraits().xmlFlattened !== undefined;
    const itemTag = flat ? tag : (element.getMergedTraits().xmlName ?? "member");
    const items = value.map((item) => elementToXml(itemTag, element, item)).join("");
    return flat ? items : wrap(tag, items);
  }
  if (value instanceof Date) return wrap(tag, value.toISOString());
  return wrap(tag, escapeXml(String(value)));
}

export function wrap(tag: string, inside: string): string {
  return `<${tag}>${inside}</${tag}>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
