// YAML that anybody may propose, read into a plain tree in which every value knows its place. Only what JSON has: no anchors, aliases, merge keys, tags or directives.

import {
  Composer,
  CST,
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  Parser,
  Scalar,
  type YAMLSeq,
} from "yaml";
import { type Parsed, type Place, type ProblemCode, problem, refused, unlessProblems } from "./problem.ts";
import { hiddenCharacter, quoted, utf8Bytes } from "./text.ts";

interface Placed {
  readonly place: Place;
}

export interface YamlScalar extends Placed {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As written where it stands without quotes, so that `012345678901` keeps its zero. */
  readonly text: string;
}

export interface YamlItem {
  /** Of the item's `-` where it has one. */
  readonly place: Place;
  readonly value: YamlValue;
}

export interface YamlList extends Placed {
  readonly kind: "list";
  readonly items: readonly YamlItem[];
}

export interface YamlEntry {
  readonly key: string;
  readonly place: Place;
  readonly value: YamlValue;
}

export interface YamlMap extends Placed {
  readonly kind: "map";
  readonly entries: readonly YamlEntry[];
}

export type YamlValue = YamlScalar | YamlList | YamlMap;

/** The codes of the problems that every format can have. */
export interface FormatCodes {
  readonly tooLarge: ProblemCode;
  readonly notYaml: ProblemCode;
  readonly characters: ProblemCode;
  readonly unknownKey: ProblemCode;
  readonly wrongType: ProblemCode;
}

/** For formats that tell no kinds of problem apart. */
export const oneCode = (code: ProblemCode): FormatCodes => ({
  tooLarge: code,
  notYaml: code,
  characters: code,
  unknownKey: code,
  wrongType: code,
});

export interface YamlSource {
  readonly file: string;
  readonly codes: FormatCodes;
  readonly maxBytes: number;
}

/** No format of ours nests deeper than half of this. */
const deepest = 16;
/** Hostile text can be wrong in thousands of places; nobody reads more than these. */
export const mostProblems = 20;

/** Reads one document. An empty one is the scalar null. */
export function readYaml(text: string, source: YamlSource): Parsed<YamlValue> {
  const { file, codes, maxBytes } = source;
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line, column: col };
  };
  const refuse = (code: ProblemCode, message: string, place: Place): Parsed<never> =>
    refused(problem(code, message, { place }));

  const bytes = utf8Bytes(text);
  if (bytes > maxBytes) {
    const message = `${bytes} bytes, expected at most ${maxBytes}; shorten it`;
    return refuse(codes.tooLarge, message, { file, line: 1, column: 1 });
  }
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const hidden = notVisible(text);
  if (hidden !== undefined)
    return refuse(
      codes.characters,
      `character ${hidden.name} cannot be seen; take it out`,
      placeAt(hidden.index),
    );
  const unsafe = notPlain(tokens);
  if (unsafe !== undefined) return refuse(codes.notYaml, unsafe.message, placeAt(unsafe.offset));
  const { findings, value } = compose(tokens, placeAt);
  const problems = findings.slice(0, mostProblems);
  return unlessProblems(
    problems.map(({ place, message }) => problem(codes.notYaml, message, { place })),
    value,
  );
}

interface Finding {
  readonly place: Place;
  readonly message: string;
}

/** A byte order mark at the very beginning and the line ends of Windows are what editors write. */
const notVisible = (text: string) => hiddenCharacter(text.replace(/^\uFEFF/, " ").replaceAll("\r\n", " \n"));

/**
 * A token nested too deeply, or one of a feature that is not used here. INVARIANT: asked before composing. The library's parser of tokens is a loop, its composer is
 * recursive: near the end of the stack V8 may give up the whole process while it compiles a regular expression, and no `catch` helps (16 KB of `{` are enough).
 */
function notPlain(tokens: readonly CST.Token[]): { offset: number; message: string } | undefined {
  const open = tokens.map((token) => ({ token, depth: 0 })).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    const refusal =
      depth > deepest ? `nested deeper than ${deepest} levels; flatten it` : refusals[token.type];
    if (refusal !== undefined) return { offset: token.offset, message: refusal };
    for (const child of partsOf(token).reverse()) open.push({ token: child, depth: depth + 1 });
  }
  return undefined;
}

const refusals: Readonly<Record<string, string | undefined>> = {
  anchor: "an anchor (`&…`) is not allowed; write the value where it is needed",
  alias: "an alias (`*…`) is not allowed; write the value, in quotes if it begins with `*`",
  tag: "a tag (`!…`) is not allowed; put the value in quotes if it begins with `!`",
  directive: "a directive (`%…`) is not allowed; take it out",
};

function partsOf(token: CST.Token): CST.Token[] {
  const parts: (CST.Token | null | undefined)[] = [];
  if (token.type === "document") parts.push(...token.start, token.value);
  else if (CST.isCollection(token))
    for (const { start, key, sep, value } of token.items) parts.push(...start, key, ...(sep ?? []), value);
  return parts.filter((part) => part != null);
}

function compose(
  tokens: readonly CST.Token[],
  placeAt: (offset: number) => Place,
): { readonly findings: readonly Finding[]; readonly value: YamlValue } {
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    uniqueKeys: false,
    keepSourceTokens: true,
  });
  const [first, second] = composer.compose(tokens, true);
  const document = first as Document.Parsed;
  const errors = [...document.errors, ...document.warnings].map((error) => ({
    place: placeAt(error.pos[0]),
    message: explain(error.message),
  }));
  if (second !== undefined)
    errors.push({ place: placeAt(second.range[0]), message: "a second document begins here; keep to one" });
  const findings: Finding[] = [];
  const value = treeOf(document.contents, 0, { placeAt, findings });
  return { findings: errors.length > 0 ? errors : findings, value };
}

/** The commonest slip in rules and people deserves more than the library's words. */
function explain(message: string): string {
  return message.endsWith("reserved character @")
    ? "a value cannot begin with `@`; put handles in quotes"
    : `${message.slice(0, 1).toLowerCase()}${message.slice(1)}`;
}

interface Growing {
  readonly placeAt: (offset: number) => Place;
  readonly findings: Finding[];
}

function treeOf(node: unknown, fallback: number, growing: Growing): YamlValue {
  const offset = isNode(node) && node.range != null ? node.range[0] : fallback;
  const place = growing.placeAt(offset);
  if (isMap(node)) return { kind: "map", place, entries: entriesOf(node.items, offset, growing) };
  if (isSeq(node)) return { kind: "list", place, items: itemsOf(node, offset, growing) };
  // `{a}` and an empty document have no node at all
  const { value, source, type } = isScalar(node) ? node : new Scalar(null);
  const kind = { kind: "scalar", place, value: value as YamlScalar["value"] } as const;
  return { ...kind, text: type === "PLAIN" ? `${source}` : `${value ?? ""}` };
}

function itemsOf(list: YAMLSeq, offset: number, growing: Growing): readonly YamlItem[] {
  const { items } = list.srcToken as CST.BlockSequence | CST.FlowCollection;
  const dashes = items.flatMap(({ start }) => start.filter((token) => token.type === "seq-item-ind"));
  return list.items.map((item, i) => {
    const value = treeOf(item, offset, growing);
    const dash = dashes[i];
    return { value, place: dash === undefined ? value.place : growing.placeAt(dash.offset) };
  });
}

function entriesOf(pairs: readonly Pair[], offset: number, growing: Growing): readonly YamlEntry[] {
  const seen = new Set<string>();
  return pairs.map((pair) => {
    const key = treeOf(pair.key, offset, growing);
    const text = key.kind === "scalar" ? key.text : "";
    const merges = text === "<<" && isScalar(pair.key) && pair.key.type === "PLAIN";
    const wrong = merges
      ? "a merge key (`<<`) is not allowed; write the keys out"
      : wrongKey(key, text, seen);
    if (wrong !== undefined) growing.findings.push({ place: key.place, message: wrong });
    seen.add(text);
    return { key: text, place: key.place, value: treeOf(pair.value, offset, growing) };
  });
}

function wrongKey(key: YamlValue, text: string, seen: ReadonlySet<string>): string | undefined {
  if (key.kind !== "scalar" || text === "") return "a key must be a word";
  return seen.has(text) ? `the key ${quoted(text)} is there twice; keep one` : undefined;
}
