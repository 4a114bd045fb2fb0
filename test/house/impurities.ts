// What a file does that depends on more than its arguments: a clock, chance, the environment, a network, a disk, or something that comes later.

import { childrenOf, isNode, lineOf, nodesOf, type SourceFile, type SyntaxNode } from "./sources.ts";

/** Names that lead out of a file without an import. */
const worldly = new Set([
  ...["process", "globalThis", "global", "window", "self", "console", "performance", "crypto", "require"],
  ...["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "Worker", "Atomics", "eval", "Function"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "Promise", "navigator", "Date", "Math"],
]);

/** Members whose answer is the clock's, chance's or the reader's language. */
const fickle = new Set(["Date.now", "Math.random"]);
const localized = /^(?:localeCompare|toLocale\w+)$/;

const later = new Set(["AwaitExpression", "ImportExpression", "MetaProperty"]);

/** One line each: file, line, and the text that is not pure. */
export function impurities(source: SourceFile): readonly string[] {
  const found = [...nodesOf(source.program).filter(isImpure), ...namesUsed(source.program)];
  const outside = source.imports.filter(
    ({ target }) => "package" in target && target.package.startsWith("node:"),
  );
  return [
    ...found.map((node) => `${source.path}:${lineOf(source, node)}: ${textOf(source, node)}`),
    ...outside.map(({ specifier }) => `${source.path}: imports ${specifier}`),
  ];
}

const textOf = ({ text }: SourceFile, { start, end }: SyntaxNode): string =>
  text.slice(start, end).slice(0, 60);

function isImpure(node: SyntaxNode): boolean {
  if (later.has(node.type) || node["async"] === true || node["await"] === true) return true;
  if (node.type === "MemberExpression") return isFickle(node);
  const isDate = isNode(node["callee"]) && node["callee"]["name"] === "Date";
  if (node.type === "NewExpression") return isDate && (node["arguments"] as readonly unknown[]).length === 0;
  return node.type === "CallExpression" && isDate;
}

function isFickle({ object, property }: SyntaxNode): boolean {
  if (!isNode(property)) return false;
  const name = String(property["name"] ?? property["value"]);
  return localized.test(name) || (isNode(object) && fickle.has(`${String(object["name"])}.${name}`));
}

/** Identifiers that stand for a value or a type, not for the name of a field. */
function namesUsed(node: SyntaxNode): readonly SyntaxNode[] {
  if (node.type === "Identifier") return worldly.has(String(node["name"])) ? [node] : [];
  return childrenOf(node)
    .filter((child) => !namesField(node, child) && !isWhole(node, child))
    .flatMap(namesUsed);
}

/** `Date` and `Math` are judged by what is asked of them, above; handed on (`const { now } = Date`) they are not pure. */
const isWhole = (parent: SyntaxNode, child: SyntaxNode): boolean =>
  (child["name"] === "Date" || child["name"] === "Math") &&
  (parent["object"] === child || parent["callee"] === child || parent.type === "TSTypeReference");

const withFields = new Set([
  ...["Property", "PropertyDefinition", "MethodDefinition", "TSPropertySignature", "TSMethodSignature"],
]);

const namesField = (parent: SyntaxNode, child: SyntaxNode): boolean =>
  parent["computed"] !== true &&
  ((parent.type === "MemberExpression" && parent["property"] === child) ||
    (withFields.has(parent.type) && parent["key"] === child && parent["shorthand"] !== true));
