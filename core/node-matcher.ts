// What a rule's `nodes` says, and which nodes that is.

import { matchesGlob } from "./glob.ts";
import type { NodeMatcher } from "./law.ts";
import { suggestion } from "./nearest.ts";
import type { Node } from "./node.ts";
import type { ProblemCode } from "./problem.ts";
import { converted, described, list, mapOf, report, type Shape, textAsWritten } from "./shape.ts";
import { quoted } from "./text.ts";

const attributes = ["id", "name", "account", "region", "platform", "type"] as const;
const tagPrefix = "tag:";

/** Every entry must match; an entry matches when any of its globs does. What a node lacks never matches. */
export function matchesNode(matcher: NodeMatcher, node: Node): boolean {
  const matches = (globs: readonly string[] | undefined, value: string | undefined): boolean =>
    globs === undefined || (value !== undefined && globs.some((glob) => matchesGlob(glob, value)));
  return (
    attributes.every((key) => matches(matcher[key], node[key])) &&
    Object.entries(matcher.tags).every(([key, globs]) =>
      // a tag key is anybody's text: `constructor` must not find what every object has
      matches(globs, Object.hasOwn(node.tags, key) ? node.tags[key] : undefined),
    )
  );
}

const malformed: ProblemCode = "rules.nodes-malformed";

// AWS has tags with empty values
const glob = textAsWritten;
const globs = list(glob, 1, 100);

const oneOrMore: Shape<readonly string[]> = {
  json: { anyOf: [glob.json, globs.json] },
  read: (value, field, reading) =>
    value.kind === "scalar"
      ? converted(glob, (one) => [one]).read(value, field, reading)
      : globs.read(value, field, reading),
};

const isKnown = (key: string): boolean =>
  attributes.some((each) => each === key) || (key.startsWith(tagPrefix) && key !== tagPrefix);

const entries = mapOf(
  (key) =>
    isKnown(key)
      ? oneOrMore
      : `unknown key ${quoted(key)}${suggestion(key, attributes) || `; expected one of ${attributes.join(", ")}, ${tagPrefix}KEY`}`,
  {
    type: "object",
    minProperties: 1,
    additionalProperties: false,
    properties: Object.fromEntries(attributes.map((key) => [key, oneOrMore.json])),
    patternProperties: { [`^${tagPrefix}.`]: oneOrMore.json },
  },
);

/** `"*"` (all nodes) or a map. */
export const nodeMatcher: Shape<NodeMatcher> = {
  json: { anyOf: [{ const: "*" }, entries.json] },
  read: (value, field, reading) => {
    if (value.kind === "scalar" && value.value === "*") return { tags: {} };
    if (value.kind !== "map" || value.entries.length === 0) {
      const got = value.kind === "map" ? "an empty map" : described(value);
      const message = `expected "*" or a map of ${attributes.join(", ")}, ${tagPrefix}KEY, got ${got}`;
      return report(reading, malformed, message, { field, place: value.place });
    }
    const codes = { ...reading.codes, unknownKey: malformed, wrongType: malformed };
    const read = entries.read(value, field, { ...reading, codes });
    return read === undefined ? undefined : matcherOf([...read]);
  },
};

function matcherOf(read: readonly (readonly [string, readonly string[]])[]): NodeMatcher {
  const isTag = ([key]: readonly [string, unknown]): boolean => key.startsWith(tagPrefix);
  const tags = read.filter(isTag).map(([key, value]) => [key.slice(tagPrefix.length), value] as const);
  return {
    ...Object.fromEntries(read.filter((entry) => !isTag(entry))),
    tags: Object.fromEntries(tags),
  };
}
