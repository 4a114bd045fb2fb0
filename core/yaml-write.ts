// Canonical YAML: the same value is always the same bytes, and what people read is what machines read.

import { escapeHidden } from "./text.ts";

export type Writable =
  | string
  | number
  | readonly Writable[]
  | { readonly [key: string]: Writable | undefined };

/** A map as block YAML with a line feed at its end. Keys that are undefined are left out. */
export const writeYaml = (map: { readonly [key: string]: Writable | undefined }): string =>
  `${block(map, "").join("\n") || "{}"}\n`;

function block(value: Exclude<Writable, string | number>, indent: string): readonly string[] {
  return isList(value)
    ? value.flatMap((item) => entry(`${indent}-`, item, `${indent}  `))
    : Object.entries(value).flatMap(([key, item]) =>
        item === undefined ? [] : entry(`${indent}${scalar(key)}:`, item, `${indent}  `),
      );
}

/** `- a: 1` begins its map on the line of the dash. */
function entry(head: string, value: Writable, indent: string): readonly string[] {
  if (typeof value === "string" || typeof value === "number") return [`${head} ${scalar(value)}`];
  const lines = block(value, indent);
  const [first, ...others] = lines;
  if (first === undefined) return [`${head} ${isList(value) ? "[]" : "{}"}`];
  return head.endsWith("-") && !isList(value)
    ? [`${head} ${first.slice(indent.length)}`, ...others]
    : [head, ...lines];
}

const isList = (value: Writable): value is readonly Writable[] => Array.isArray(value);

// INVARIANT: without quotes stands only what every YAML, old or new, reads as the same text
const plainWords = /^[A-Za-z](?:[A-Za-z0-9 _./-]*[A-Za-z0-9])?$/;
const plainDuration = /^(?:\d+[dhms])+$/;
const plainInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const reserved = /^(?:true|false|null|yes|no|on|off|y|n|e-?\d+)$/i;

function scalar(value: string | number): string {
  if (typeof value === "number") return `${value}`;
  const plain =
    (plainWords.test(value) && !reserved.test(value)) ||
    plainDuration.test(value) ||
    plainInstant.test(value);
  return plain ? value : escapeHidden(JSON.stringify(value));
}
