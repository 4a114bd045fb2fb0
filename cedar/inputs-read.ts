// What a policy looks at: which facts could have made it say otherwise.

import { type PolicyJson, policyToJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { LoadedPolicy } from "./policy-set.ts";

export type InputRead =
  | { readonly of: "tag" | "principal tag"; readonly key: string }
  | { readonly of: "principal" | "resource" | "context"; readonly attribute: string }
  | { readonly of: "team" | "group"; readonly id: string };

/** Each once, in the order of the policy's text; none where Cedar cannot read it, which the loader has ruled out. */
export function inputsRead(policy: LoadedPolicy): readonly InputRead[] {
  const read = policyToJson(policy.text);
  if (read.type === "failure") return [];
  const { principal, resource, conditions } = read.json as PolicyJson;
  const inputs = [
    ...scopeInput("principal", principal),
    ...scopeInput("resource", resource),
    ...inside([principal, resource, conditions]),
  ];
  return [...new Map(inputs.map((input) => [JSON.stringify(input), input])).values()];
}

type Json = Readonly<Record<string, unknown>>;

function scopeInput(of: "principal" | "resource", { op }: { readonly op: string }): readonly InputRead[] {
  if (op === "is" && of === "resource") return [{ of, attribute: "type" }];
  return op === "==" ? [{ of, attribute: of === "principal" ? "user" : "id" }] : [];
}

function inside(value: unknown): readonly InputRead[] {
  if (typeof value !== "object" || value === null) return [];
  const here = Array.isArray(value) ? [] : inputHere(value as Json);
  return [...here, ...Object.values(value).flatMap(inside)];
}

const entityKinds: Readonly<Record<string, "team" | "group">> = {
  "GitHub::Team": "team",
  "AWS::IdentityStore::Group": "group",
};

function inputHere(node: Json): readonly InputRead[] {
  const { type, id } = node;
  const kind = typeof type === "string" ? entityKinds[type] : undefined;
  if (kind !== undefined && typeof id === "string") return [{ of: kind, id }];
  const tag = (node["getTag"] ?? node["hasTag"]) as { left: Json; right: Json } | undefined;
  if (tag !== undefined) {
    const key = tag.right["Value"];
    return [
      {
        of: tag.left["Var"] === "resource" ? "tag" : "principal tag",
        key: typeof key === "string" ? key : "…",
      },
    ];
  }
  const read = (node["."] ?? node["has"]) as { left: Json; attr: string | readonly string[] } | undefined;
  const variable = read?.left["Var"];
  if (read === undefined || !isVariable(variable)) return [];
  const attribute = typeof read.attr === "string" ? read.attr : read.attr.join(".");
  // the way to the principal's tags, which are named themselves
  return variable === "context" && attribute.startsWith("iam") ? [] : [{ of: variable, attribute }];
}

const isVariable = (name: unknown): name is "principal" | "resource" | "context" =>
  name === "principal" || name === "resource" || name === "context";
