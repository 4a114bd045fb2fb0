// What a policy looks at, as `hallpass explain` tells it.

import { expect, test } from "vitest";
import { inputsRead } from "../../cedar/inputs-read.ts";
import { auto, load } from "./policies.ts";

const read = (scope: string, condition: string): readonly string[] =>
  load(`permit (${scope}) ${condition};`)
    .policies.flatMap(inputsRead)
    .map((input) =>
      "key" in input
        ? `${input.of} ${input.key}`
        : "id" in input
          ? `${input.of} ${input.id}`
          : `${input.of}.${input.attribute}`,
    );
const anybody = `principal, ${auto}, resource`;

test.each<[string, string, string, readonly string[]]>([
  ["nothing", anybody, "", []],
  [
    "a team in the scope",
    `principal in GitHub::Team::"acme/devops", ${auto}, resource`,
    "",
    ["team acme/devops"],
  ],
  [
    "a group in a condition, once",
    anybody,
    'when { principal in AWS::IdentityStore::Group::"g" || principal in AWS::IdentityStore::Group::"g" }',
    ["group g"],
  ],
  ["a person", `principal == AWS::IdentityStore::User::"u", ${auto}, resource`, "", ["principal.user"]],
  ["a kind of node", `principal, ${auto}, resource is AWS::EC2::Instance`, "", ["resource.type"]],
  [
    "tags, asked for and read",
    anybody,
    'when { resource.hasTag("Env") && resource.getTag("Env") == "prod" }',
    ["tag Env"],
  ],
  [
    "a tag whose key is another tag's value",
    anybody,
    'when { resource.hasTag("A") && resource.hasTag(resource.getTag("A")) }',
    ["tag A", "tag …"],
  ],
  [
    "the principal's tags, and not the way to them",
    anybody,
    'when { context.iam.principalTags.hasTag("Role") && context.iam.principalTags.getTag("Role") == "Admin" }',
    ["principal tag Role"],
  ],
  [
    "time, attributes and what may not be there",
    anybody,
    'when { [1, 2].contains(context.weekday) && context has ticket && context.ticket like "INC-*" } unless { resource.region == "eu-central-1" || principal.login == "eve" }',
    ["context.weekday", "context.ticket", "resource.region", "principal.login"],
  ],
])("%s", (_, scope, condition, expected) => {
  expect(read(scope, condition)).toEqual(expected);
});
