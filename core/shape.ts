// What a file of ours may hold, said once: a shape reads a YAML value into a new value with every problem at its place, and knows its JSON Schema.

import { suggestion } from "./nearest.ts";
import {
  type Parsed,
  type Place,
  type Problem,
  type ProblemCode,
  problem,
  unlessProblems,
} from "./problem.ts";
import { quoted, shown } from "./text.ts";
import {
  type FormatCodes,
  mostProblems,
  readYaml,
  type YamlEntry,
  type YamlSource,
  type YamlValue,
} from "./yaml-read.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Where a shape reports. */
export interface Reading {
  readonly codes: FormatCodes;
  readonly problems: Problem[];
}

export interface Shape<T> {
  /** Undefined when a problem was reported. `field` is the way to the value as people see it, `accounts[0].id`. */
  readonly read: (value: YamlValue, field: string, reading: Reading) => T | undefined;
  readonly json: JsonSchema;
}

/** Reads a whole file. */
export function readFile<T>(text: string, source: YamlSource, shape: Shape<T>): Parsed<T> {
  const tree = readYaml(text, source);
  if (!tree.ok) return tree;
  const reading: Reading = { codes: source.codes, problems: [] };
  const value = shape.read(tree.value, "", reading);
  return unlessProblems(reading.problems.slice(0, mostProblems), value);
}

export function report(
  reading: Reading,
  code: ProblemCode,
  message: string,
  at: { readonly field: string; readonly place: Place },
): undefined {
  const { field, place } = at;
  reading.problems.push(problem(code, message, field === "" ? { place } : { field, place }));
}

/** `a map`, `nothing`, or the text itself. */
export function described(value: YamlValue): string {
  if (value.kind !== "scalar") return `a ${value.kind}`;
  return value.value === null ? "nothing" : quoted(value.text);
}

export const wrongType = (value: YamlValue, field: string, reading: Reading, expected: string): undefined =>
  report(reading, reading.codes.wrongType, `expected ${expected}, got ${described(value)}`, {
    field,
    place: value.place,
  });

/** Text. What YAML takes for a number or a truth value must be in quotes. */
export const text: Shape<string> = {
  json: { type: "string" },
  read: (value, field, reading) => {
    if (value.kind === "scalar" && typeof value.value === "string") return value.value;
    const hint = value.kind === "scalar" && value.value !== null ? " (put it in quotes)" : "";
    return wrongType(value, field, reading, `text${hint}`);
  },
};

/** Text; of a number or truth value what stands there, digit for digit, for values that AWS compares as text. */
export const textAsWritten: Shape<string> = {
  json: { type: ["string", "number", "boolean"] },
  read: (value, field, reading) =>
    value.kind === "scalar" && value.value !== null ? value.text : wrongType(value, field, reading, "text"),
};

export const integer = (least: number, most: number): Shape<number> => ({
  json: { type: "integer", minimum: least, maximum: most },
  read: (value, field, reading) => {
    const number = value.kind === "scalar" && /^\d{1,15}$/.test(value.text) ? value.value : undefined;
    return typeof number === "number" && number >= least && number <= most
      ? number
      : wrongType(value, field, reading, `a whole number from ${least} to ${most}`);
  },
});

export const boolean: Shape<boolean> = {
  json: { type: "boolean" },
  read: (value, field, reading) =>
    value.kind === "scalar" && typeof value.value === "boolean"
      ? value.value
      : wrongType(value, field, reading, "`true` or `false`"),
};

/** Text that a parser of ours turns into something. */
export const parsedText = <T>(
  parse: (text: string) => T | undefined,
  expected: string,
  more: { readonly code?: ProblemCode; readonly of?: Shape<string>; readonly json?: JsonSchema } = {},
): Shape<T> => {
  const { code, of = text, json } = more;
  return {
    json: { ...of.json, ...json },
    read: (value, field, reading) => {
      const written = of.read(value, field, reading);
      if (written === undefined) return undefined;
      const message = `expected ${expected}, got ${quoted(written)}`;
      const at = { field, place: value.place };
      return parse(written) ?? report(reading, code ?? reading.codes.wrongType, message, at);
    },
  };
};

export const oneOf = <const T extends string>(words: readonly T[]): Shape<T> =>
  parsedText<T>((written) => words.find((word) => word === written), `one of ${words.join(", ")}`, {
    json: { enum: words },
  });

/** What a value of the right shape may still get wrong, and where in it. */
export interface Complaint {
  readonly at: readonly (string | number)[];
  readonly message: string;
}

export const audited = <T>(
  shape: Shape<T>,
  complaints: (value: T) => readonly Complaint[],
  code?: ProblemCode,
): Shape<T> => ({
  json: shape.json,
  read: (value, field, reading) => {
    const read = shape.read(value, field, reading);
    const found = read === undefined ? [] : complaints(read);
    for (const { at, message } of found)
      report(reading, code ?? reading.codes.wrongType, message, whereIn(value, field, at));
    return found.length === 0 ? read : undefined;
  },
});

/** With one complaint, about the whole value. */
export const checked = <T>(
  shape: Shape<T>,
  complaint: (value: T) => string | undefined,
  code?: ProblemCode,
): Shape<T> =>
  audited(
    shape,
    (value) => {
      const message = complaint(value);
      return message === undefined ? [] : [{ at: [], message }];
    },
    code,
  );

/** The place of a part, or of the nearest whole that was written: defaults are nowhere. */
function whereIn(value: YamlValue, field: string, path: readonly (string | number)[]) {
  let at = { field, place: value.place };
  let inner: YamlValue | undefined = value;
  for (const step of path) {
    inner = inner && partOf(inner, step);
    const name = typeof step === "number" ? `${at.field}[${step}]` : under(at.field, step);
    at = { field: name, place: inner?.place ?? at.place };
  }
  return at;
}

function partOf(value: YamlValue, step: string | number): YamlValue | undefined {
  switch (value.kind) {
    case "map":
      return value.entries.find(({ key }) => key === step)?.value;
    case "list":
      return value.items[Number(step)]?.value;
    case "scalar":
      return undefined;
  }
}

/** With a sentence for editors. */
export const documented = <T>(shape: Shape<T>, description: string): Shape<T> => ({
  ...shape,
  json: { ...shape.json, description },
});

export const converted = <A, B>(shape: Shape<A>, convert: (value: A) => B): Shape<B> => ({
  json: shape.json,
  read: (value, field, reading) => {
    const read = shape.read(value, field, reading);
    return read === undefined ? undefined : convert(read);
  },
});

/** A value that may also be written as nothing (an empty file, `shell:`). */
export const orNothing = <T>(shape: Shape<T>, fallback: T): Shape<T> => ({
  json: { ...shape.json, type: [shape.json.type, "null"] },
  read: (value, field, reading) =>
    value.kind === "scalar" && value.value === null ? fallback : shape.read(value, field, reading),
});

export const list = <T>(item: Shape<T>, least: number, most: number): Shape<readonly T[]> => ({
  json: { type: "array", items: item.json, minItems: least, maxItems: most },
  read: (value, field, reading) => {
    const count = value.kind === "list" ? value.items.length : -1;
    if (value.kind !== "list" || count < least || count > most) {
      const got = value.kind === "list" ? `a list of ${count}` : described(value);
      const message = `expected a list of ${least} to ${most}, got ${got}`;
      return report(reading, reading.codes.wrongType, message, { field, place: value.place });
    }
    return whole(value.items.map((each, i) => item.read(each.value, `${field}[${i}]`, reading)));
  },
});

/** A map whose keys people choose. */
export const mapOf = <T>(
  shapeOf: (key: string) => Shape<T> | string,
  json: JsonSchema,
): Shape<ReadonlyMap<string, T>> => ({
  json,
  read: (value, field, reading) => {
    if (value.kind !== "map") return wrongType(value, field, reading, "a map");
    const read = value.entries.map((entry): readonly [string, T] | undefined => {
      const at = { field: under(field, entry.key), place: entry.place };
      const shape = shapeOf(entry.key);
      if (typeof shape === "string") return report(reading, reading.codes.unknownKey, shape, at);
      const inner = shape.read(entry.value, at.field, reading);
      return inner === undefined ? undefined : [entry.key, inner];
    });
    const entries = whole(read);
    return entries === undefined ? undefined : new Map(entries);
  },
});

const under = (field: string, key: string): string => (field === "" ? shown(key) : `${field}.${shown(key)}`);

function whole<T>(values: readonly (T | undefined)[]): readonly T[] | undefined {
  const found = values.filter((value) => value !== undefined);
  return found.length === values.length ? found : undefined;
}

export interface Required<T> {
  readonly need: "required";
  readonly shape: Shape<T>;
}
export interface Optional<T> {
  readonly need: "optional";
  readonly shape: Shape<T>;
}
export interface Defaulted<T> {
  readonly need: "default";
  readonly shape: Shape<T>;
  readonly fallback: T;
}

export const required = <T>(shape: Shape<T>): Required<T> => ({ need: "required", shape });
export const optional = <T>(shape: Shape<T>): Optional<T> => ({ need: "optional", shape });
export const withDefault = <T>(shape: Shape<T>, fallback: T): Defaulted<T> => ({
  need: "default",
  shape,
  fallback,
});

type Field = Required<unknown> | Optional<unknown> | Defaulted<unknown>;
type Fields = Readonly<Record<string, Field>>;
type ValueOf<F> = F extends { readonly shape: Shape<infer T> } ? T : never;
type ObjectOf<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Optional<unknown> ? never : K]: ValueOf<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends Optional<unknown> ? K : never]?: ValueOf<F[K]>;
};

/** A map with the keys we know and no others. Optional keys that are not there are not in the value either. */
export const object = <const F extends Fields>(fields: F): Shape<ObjectOf<F>> => ({
  json: objectSchema(fields),
  read: (value, field, reading) => {
    if (value.kind !== "map") return wrongType(value, field, reading, "a map");
    for (const entry of value.entries) refuseUnknown(entry, fields, field, reading);
    const before = reading.problems.length;
    const read = Object.entries(fields).flatMap(([key, each]) => {
      const entry = value.entries.find((candidate) => candidate.key === key);
      if (entry !== undefined)
        return [[key, each.shape.read(entry.value, under(field, key), reading)] as const];
      if (each.need === "default") return [[key, each.fallback] as const];
      if (each.need === "required")
        report(reading, reading.codes.wrongType, `\`${key}\` is missing; add it`, {
          field: under(field, key),
          place: value.place,
        });
      return [];
    });
    return reading.problems.length > before ? undefined : (Object.fromEntries(read) as ObjectOf<F>);
  },
});

function refuseUnknown(entry: YamlEntry, fields: Fields, field: string, reading: Reading): void {
  const keys = Object.keys(fields);
  if (keys.includes(entry.key)) return;
  const known = suggestion(entry.key, keys) || `; expected one of ${keys.join(", ")}`;
  report(reading, reading.codes.unknownKey, `unknown key ${quoted(entry.key)}${known}`, {
    field: under(field, entry.key),
    place: entry.place,
  });
}

const objectSchema = (fields: Fields): JsonSchema => ({
  type: "object",
  additionalProperties: false,
  required: Object.entries(fields).flatMap(([key, { need }]) => (need === "required" ? [key] : [])),
  properties: Object.fromEntries(Object.entries(fields).map(([key, { shape }]) => [key, shape.json])),
});
