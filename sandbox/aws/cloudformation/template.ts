import { type Document, isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import { isStruct, type Struct } from "../wire/shape.ts";

/** A template, or a use of one, that CloudFormation would refuse. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TemplateError";
  }
}

export interface Template {
  readonly parameters: Readonly<Record<string, Struct>>;
  readonly mappings: Struct;
  readonly conditions: Struct;
  readonly resources: Readonly<Record<string, ResourceDeclaration>>;
  readonly outputs: Readonly<Record<string, Struct>>;
}

export interface ResourceDeclaration {
  readonly type: string;
  readonly properties: Struct;
  readonly condition: string | undefined;
  readonly dependsOn: readonly string[];
}

const sections =
  "AWSTemplateFormatVersion Description Metadata Parameters Mappings Conditions Rules Transform Resources Outputs".split(
    " ",
  );
const resourceKeys =
  "Type Properties Condition DependsOn DeletionPolicy UpdateReplacePolicy UpdatePolicy CreationPolicy Metadata".split(
    " ",
  );

/** Reads a template in YAML, short tags and all, or JSON. */
export function readTemplate(text: string): Template {
  const document = parseDocument(text);
  const [first] = document.errors;
  if (first !== undefined) throw new TemplateError(`the template does not parse: ${first.message}`);
  const root = struct(convert(document.contents, document), "template");
  for (const key of Object.keys(root))
    if (!sections.includes(key)) throw new TemplateError(`unknown section \`${key}\``);
  const part = (name: string) => (root[name] === undefined ? {} : struct(root[name], name));
  const each = (name: string) =>
    Object.fromEntries(
      Object.entries(part(name)).map(([key, value]) => [key, struct(value, `${name}.${key}`)]),
    );
  const resources = Object.fromEntries(
    Object.entries(each("Resources")).map(([id, value]) => [id, readResource(id, value)]),
  );
  if (Object.keys(resources).length === 0) throw new TemplateError("at least one Resource is required");
  return {
    parameters: each("Parameters"),
    mappings: part("Mappings"),
    conditions: part("Conditions"),
    resources,
    outputs: each("Outputs"),
  };
}

function readResource(id: string, value: Struct): ResourceDeclaration {
  if (!/^[A-Za-z0-9]{1,255}$/.test(id)) throw new TemplateError(`\`${id}\` is not alphanumeric`);
  for (const key of Object.keys(value))
    if (!resourceKeys.includes(key)) throw new TemplateError(`${id}: unknown attribute \`${key}\``);
  const { Type, Condition, DependsOn } = value;
  if (typeof Type !== "string") throw new TemplateError(`${id} has no Type`);
  return {
    type: Type,
    properties: value["Properties"] === undefined ? {} : struct(value["Properties"], `${id}.Properties`),
    condition: Condition === undefined ? undefined : String(Condition),
    dependsOn:
      DependsOn === undefined ? [] : Array.isArray(DependsOn) ? DependsOn.map(String) : [String(DependsOn)],
  };
}

/** YAML nodes to plain values; `!Sub x` becomes `{"Fn::Sub": x}`. */
function convert(node: unknown, document: Document.Parsed): unknown {
  if (isAlias(node)) return convert(node.resolve(document), document);
  if (isMap(node)) {
    const entries = node.items.map(
      (pair) => [String(convert(pair.key, document)), convert(pair.value, document)] as const,
    );
    return tagged(node.tag, Object.fromEntries(entries));
  }
  if (isSeq(node)) {
    return tagged(
      node.tag,
      node.items.map((item) => convert(item, document)),
    );
  }
  return isScalar(node) ? tagged(node.tag, node.value) : undefined;
}

function tagged(tag: string | undefined, value: unknown): unknown {
  if (tag === undefined || !tag.startsWith("!") || tag === "!") return value;
  const name = tag.slice(1);
  if (name === "Ref" || name === "Condition") return { [name]: value };
  if (name === "GetAtt" && typeof value === "string") {
    const at = value.indexOf(".");
    return { "Fn::GetAtt": [value.slice(0, at), value.slice(at + 1)] };
  }
  return { [`Fn::${name}`]: value };
}

function struct(value: unknown, what: string): Struct {
  if (isStruct(value)) return value;
  throw new TemplateError(`${what} must be a map`);
}
