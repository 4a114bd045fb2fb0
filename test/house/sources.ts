// Every TypeScript file of the project with what it imports, as a parser sees it: static, type, dynamic, `require`, and files named by URL.

import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Of ours: its path from the root. Of a package: its name, `node:` modules with their prefix. */
  readonly target: { readonly file: string } | { readonly package: string };
  /** Whether it is gone once types are: nothing is loaded for it. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly program: SyntaxNode;
  readonly imports: readonly Import[];
}

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Built, installed or measured, not written. */
const notOurs = new Set(["node_modules", "coverage", "action/dist", "cli/dist"]);

/** All files below a folder, dot folders left out. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(`${root}${folder}`, { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isFile()) return [path];
    return entry.name.startsWith(".") || notOurs.has(path) ? [] : filesBelow(path);
  });
}

export const readSource = (path: string): SourceFile =>
  parseSource(path, readFileSync(`${root}${path}`, "utf8"));

/** Throws where the parser finds an error: a file that cannot be read proves nothing. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const syntax = program as unknown as SyntaxNode;
  const imports = nodesOf(syntax).flatMap((node) => importsOf(path, node));
  return { path, text, program: syntax, imports };
}

/** The node and all below it, parents first. */
export function nodesOf(node: SyntaxNode): readonly SyntaxNode[] {
  return [node, ...childrenOf(node).flatMap(nodesOf)];
}

export const childrenOf = (node: SyntaxNode): readonly SyntaxNode[] =>
  Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]).filter(isNode));

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";

export const lineOf = ({ text }: Pick<SourceFile, "text">, node: SyntaxNode): number =>
  text.slice(0, node.start).split("\n").length;

function importsOf(path: string, node: SyntaxNode): readonly Import[] {
  const found = sourceOf(node);
  if (found === undefined) return [];
  if (!isNode(found.source) || typeof found.source["value"] !== "string")
    throw new Error(
      `${path}: an import whose name is worked out at run time; write it as text, so that it can be checked`,
    );
  const specifier = found.source["value"];
  return [{ specifier, target: targetOf(path, specifier), typeOnly: found.typeOnly }];
}

function sourceOf(node: SyntaxNode): { readonly source: unknown; readonly typeOnly: boolean } | undefined {
  switch (node.type) {
    case "ImportDeclaration":
      return { source: node["source"], typeOnly: node["importKind"] === "type" };
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
      return isNode(node["source"])
        ? { source: node["source"], typeOnly: node["exportKind"] === "type" }
        : undefined;
    case "ImportExpression":
      return { source: node["source"], typeOnly: false };
    case "TSImportType":
      return { source: node["source"], typeOnly: true };
    case "TSExternalModuleReference":
      return { source: node["expression"], typeOnly: false };
    case "CallExpression":
      return isRequire(node["callee"]) ? { source: argumentsOf(node)[0], typeOnly: false } : undefined;
    case "NewExpression":
      return namesModule(node) ? { source: argumentsOf(node)[0], typeOnly: false } : undefined;
    default:
      return undefined;
  }
}

const argumentsOf = (node: SyntaxNode): readonly unknown[] => node["arguments"] as readonly unknown[];

/** `require(…)` and `require.resolve(…)`. */
function isRequire(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === "Identifier") return callee["name"] === "require";
  return callee.type === "MemberExpression" && isRequire(callee["object"]);
}

/** `new URL("./worker.ts", import.meta.url)`: how a worker thread is named. */
function namesModule(node: SyntaxNode): boolean {
  const [path, base] = argumentsOf(node);
  return (
    isNode(node["callee"]) &&
    node["callee"]["name"] === "URL" &&
    isNode(path) &&
    typeof path["value"] === "string" &&
    /\.[cm]?[jt]s$/.test(path["value"]) &&
    isNode(base) &&
    base.type === "MemberExpression"
  );
}

function targetOf(path: string, specifier: string): Import["target"] {
  if (specifier.startsWith(".")) return { file: posix.join(posix.dirname(path), specifier) };
  if (specifier.startsWith("node:")) return { package: specifier };
  const [first = "", second = ""] = specifier.split("/");
  return { package: first.startsWith("@") ? `${first}/${second}` : first };
}
