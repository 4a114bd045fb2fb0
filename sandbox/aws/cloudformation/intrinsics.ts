import { isStruct, type Struct } from "../wire/shape.ts";
import { TemplateError } from "./template.ts";

/** What a template's functions look things up in. */
export interface Lookup {
  /** A parameter, a pseudo parameter or a resource; undefined when there is none of that name. */
  ref(name: string): unknown;
  attribute(resource: string, name: string): unknown;
  /** Whether a named condition holds; throws when there is none of that name. */
  condition(name: string): boolean;
  readonly mappings: Struct;
}

/** Stands for `AWS::NoValue`: a property that is not there. */
export const noValue = Symbol("AWS::NoValue");

/** Resolves every function in a value; what cannot be resolved is refused. */
export function resolve(value: unknown, lookup: Lookup): unknown {
  if (Array.isArray(value))
    return value.map((item) => resolve(item, lookup)).filter((item) => item !== noValue);
  if (!isStruct(value)) return value;
  const [name, ...more] = Object.keys(value);
  if (name !== undefined && more.length === 0 && (name === "Ref" || name.startsWith("Fn::"))) {
    return callFunction(name, value[name], lookup);
  }
  const entries = Object.entries(value).map(([key, item]) => [key, resolve(item, lookup)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== noValue));
}

function callFunction(name: string, argument: unknown, lookup: Lookup): unknown {
  const list = () => asList(name, resolve(argument, lookup));
  switch (name) {
    case "Ref":
      return reference(String(argument), lookup);
    case "Fn::GetAtt": {
      const [resource, ...attribute] = Array.isArray(argument)
        ? argument.map(String)
        : String(argument).split(".");
      return lookup.attribute(resource ?? "", attribute.join("."));
    }
    case "Fn::Sub":
      return substitute(argument, lookup);
    case "Fn::Join": {
      const [separator, parts] = list();
      return asList(name, parts).map(String).join(String(separator));
    }
    case "Fn::Split": {
      const [separator, text] = list();
      return String(text).split(String(separator));
    }
    case "Fn::Select": {
      const [index, items] = list();
      const found = asList(name, items)[Number(index)];
      return found ?? refuse(`Fn::Select has nothing at ${String(index)}`);
    }
    case "Fn::FindInMap": {
      const [map, top, second] = list().map(String);
      const found = path(lookup.mappings, [map ?? "", top ?? "", second ?? ""]);
      return found ?? refuse(`Fn::FindInMap finds nothing at ${[map, top, second].join(", ")}`);
    }
    case "Fn::If": {
      const [condition, yes, no] = asList(name, argument);
      return resolve(lookup.condition(String(condition)) ? yes : no, lookup);
    }
    case "Fn::ToJsonString":
      return JSON.stringify(resolve(argument, lookup));
    default:
      return refuse(`the sandbox has no function ${name}`);
  }
}

function reference(name: string, lookup: Lookup): unknown {
  if (name === "AWS::NoValue") return noValue;
  return lookup.ref(name) ?? refuse(`unresolved reference \`${name}\``);
}

function substitute(argument: unknown, lookup: Lookup): string {
  const [text, names] = Array.isArray(argument) ? argument : [argument, {}];
  const own = isStruct(names) ? names : {};
  return String(text).replace(/\$\{([^}]*)\}/g, (_, inside: string) => {
    if (inside.startsWith("!")) return `\${${inside.slice(1)}}`;
    const name = inside.trim();
    if (own[name] !== undefined) return String(resolve(own[name], lookup));
    const at = name.indexOf(".");
    return String(at < 0 ? reference(name, lookup) : lookup.attribute(name.slice(0, at), name.slice(at + 1)));
  });
}

/** Evaluates the body of a condition. */
export function holds(body: unknown, lookup: Lookup): boolean {
  if (!isStruct(body)) return refuse("a condition must be a function");
  const [name = ""] = Object.keys(body);
  const parts = () => asList(name, body[name]);
  switch (name) {
    case "Condition":
      return lookup.condition(String(body[name]));
    case "Fn::Equals": {
      const [left, right] = parts().map((part) => resolve(part, lookup));
      return JSON.stringify(left) === JSON.stringify(right);
    }
    case "Fn::Not":
      return !parts().every((part) => holds(part, lookup));
    case "Fn::And":
      return parts().every((part) => holds(part, lookup));
    case "Fn::Or":
      return parts().some((part) => holds(part, lookup));
    default:
      return refuse(`a condition cannot use ${name}`);
  }
}

function asList(name: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(`${name} needs a list`);
}

function path(value: Struct, keys: readonly string[]): unknown {
  let found: unknown = value;
  for (const key of keys) found = isStruct(found) ? found[key] : undefined;
  return found;
}

function refuse(message: string): never {
  throw new TemplateError(message);
}
