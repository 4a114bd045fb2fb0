import type { Struct } from "../wire/shape.ts";
import { TemplateError } from "./template.ts";

type Given = Readonly<Record<string, string>>;

const keys =
  "Type Default AllowedPattern AllowedValues ConstraintDescription Description MaxLength MaxValue MinLength MinValue NoEcho".split(
    " ",
  );

/** The values of a template's parameters: given or default, each as its declaration allows. */
export function readParameters(
  declared: Readonly<Record<string, Struct>>,
  given: Given,
): ReadonlyMap<string, unknown> {
  for (const name of Object.keys(given)) {
    if (declared[name] === undefined) throw new TemplateError(`the template has no parameter \`${name}\``);
  }
  return new Map(
    Object.entries(declared).map(([name, declaration]) => [
      name,
      readParameter(name, declaration, given[name]),
    ]),
  );
}

function readParameter(name: string, declaration: Struct, given: string | undefined): unknown {
  for (const key of Object.keys(declaration))
    if (!keys.includes(key)) throw new TemplateError(`${name}: unknown field \`${key}\``);
  const raw = given ?? declaration["Default"];
  if (raw === undefined) throw new TemplateError(`parameter ${name} must have a value`);
  const isList = /^(CommaDelimitedList|List<.*>)$/.test(String(declaration["Type"]));
  const items = isList
    ? String(raw)
        .split(",")
        .map((item) => item.trim())
    : [String(raw)];
  for (const item of items) checkItem(name, declaration, item);
  return isList ? items : String(raw);
}

function checkItem(name: string, declaration: Struct, item: string): void {
  const { AllowedPattern, AllowedValues, MinLength, MaxLength, Type } = declaration;
  const refuse = (what: string): never => {
    throw new TemplateError(`parameter ${name} ${what}: \`${item}\``);
  };
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${String(AllowedPattern)})$`).test(item))
    refuse(`must match pattern ${String(AllowedPattern)}`);
  if (Array.isArray(AllowedValues) && !AllowedValues.map(String).includes(item))
    refuse(`must be one of ${AllowedValues.join(", ")}`);
  if (MinLength !== undefined && item.length < Number(MinLength))
    refuse(`is shorter than ${String(MinLength)}`);
  if (MaxLength !== undefined && item.length > Number(MaxLength))
    refuse(`is longer than ${String(MaxLength)}`);
  if (Type === "Number" && Number.isNaN(Number(item))) refuse("must be a number");
}
