import { AwsError } from "../errors.ts";
import type { Twin } from "../twin.ts";
import type { Struct } from "../wire/shape.ts";
import type { Region } from "../world.ts";
import { holds, type Lookup, resolve } from "./intrinsics.ts";
import { readParameters } from "./parameters.ts";
import { isKnownType, type MadeResource, makeResource } from "./resource-types.ts";
import { readTemplate, type Template, TemplateError } from "./template.ts";

export interface StackRequest {
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly stackName: string;
}

export interface Deployment {
  readonly outputs: Readonly<Record<string, string>>;
  /** What was made: logical to physical ids. */
  readonly resources: Readonly<Record<string, string>>;
}

/** Makes everything a template describes, each thing after those it refers to. Throws `TemplateError`; nothing is rolled back. */
export function deployTemplate(twin: Twin, region: Region, request: StackRequest): Deployment {
  const template = readTemplate(request.template);
  const stack = createStack(twin, region, request, template);
  for (const id of Object.keys(template.resources)) if (stack.wanted(id)) stack.make(id);
  const resources = Object.fromEntries([...stack.made].map(([id, made]) => [id, made.ref]));
  return { outputs: readOutputs(template, stack.lookup), resources };
}

function readOutputs(template: Template, lookup: Lookup): Readonly<Record<string, string>> {
  const wanted = Object.entries(template.outputs).filter(
    ([, output]) => output["Condition"] === undefined || lookup.condition(String(output["Condition"])),
  );
  return Object.fromEntries(wanted.map(([name, output]) => [name, String(resolve(output["Value"], lookup))]));
}

interface Stack {
  readonly made: ReadonlyMap<string, MadeResource>;
  readonly lookup: Lookup;
  wanted(id: string): boolean;
  make(id: string): MadeResource;
}

function createStack(twin: Twin, region: Region, request: StackRequest, template: Template): Stack {
  const values = new Map([
    ...readParameters(template.parameters, request.parameters),
    ...pseudoParameters(twin, region, request),
  ]);
  const made = new Map<string, MadeResource>();
  const underWay = new Set<string>();
  const wanted = (id: string) => {
    const condition = template.resources[id]?.condition;
    return condition === undefined || lookup.condition(condition);
  };
  const resource = (id: string): MadeResource => {
    if (template.resources[id] === undefined) throw new TemplateError(`unresolved reference \`${id}\``);
    if (!wanted(id)) throw new TemplateError(`\`${id}\` is referred to and its condition does not hold`);
    return made.get(id) ?? make(id);
  };
  const lookup: Lookup = {
    mappings: template.mappings,
    ref: (name) => values.get(name) ?? resource(name).ref,
    attribute: (id, name) => {
      const found = resource(id).attributes[name];
      if (found !== undefined) return found;
      if (isKnownType(template.resources[id]?.type ?? ""))
        throw new TemplateError(`${id} has no attribute \`${name}\``);
      return `${resource(id).ref}/${name}`;
    },
    condition: (name) => {
      if (template.conditions[name] === undefined)
        throw new TemplateError(`there is no condition \`${name}\``);
      return holds(template.conditions[name], lookup);
    },
  };
  function make(id: string): MadeResource {
    const present = made.get(id);
    if (present !== undefined) return present;
    if (underWay.has(id)) throw new TemplateError(`circular dependency at \`${id}\``);
    underWay.add(id);
    const declaration = template.resources[id] ?? { type: "", properties: {}, dependsOn: [] };
    for (const other of declaration.dependsOn) if (wanted(other)) resource(other);
    const properties = resolve(declaration.properties, lookup) as Struct;
    const generatedName = `${request.stackName}-${id}-${twin.ids.base32(12)}`;
    const place = { twin, account: accountOf(twin, region), region, logicalId: id, generatedName };
    const result = attempt(id, () => makeResource(declaration.type, properties, place));
    made.set(id, result);
    return result;
  }
  return { made, lookup, wanted, make };
}

/** What a service refuses, its resource's name added. */
function attempt<T>(id: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AwsError) throw new TemplateError(`${id}: ${error.code}: ${error.message}`);
    throw error;
  }
}

function accountOf(twin: Twin, region: Region) {
  const account = twin.world.get(region.account);
  if (account === undefined) throw new Error(`there is no account ${region.account}`);
  return account;
}

function pseudoParameters(
  twin: Twin,
  region: Region,
  { stackName }: StackRequest,
): readonly (readonly [string, unknown])[] {
  const id = `arn:aws:cloudformation:${region.name}:${region.account}:stack/${stackName}/${twin.ids.uuid()}`;
  return [
    ["AWS::AccountId", region.account],
    ["AWS::Region", region.name],
    ["AWS::Partition", "aws"],
    ["AWS::URLSuffix", "amazonaws.com"],
    ["AWS::StackName", stackName],
    ["AWS::StackId", id],
  ];
}
