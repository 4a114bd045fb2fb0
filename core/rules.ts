// `policies/approvals.yaml`: which people may approve which nodes. As in CODEOWNERS, the last rule that matches a node wins.

import { durationForm, parseDuration } from "./duration.ts";
import type { ApprovalRule, Level } from "./law.ts";
import { parseLevel } from "./level.ts";
import type { Node } from "./node.ts";
import { matchesNode, nodeMatcher } from "./node-matcher.ts";
import type { Parsed } from "./problem.ts";
import {
  checked,
  list,
  object,
  optional,
  orNothing,
  parsedText,
  type Reading,
  readFile,
  report,
  required,
  type Shape,
  text,
  textAsWritten,
  wrongType,
} from "./shape.ts";
import type { FormatCodes, YamlItem, YamlList } from "./yaml-read.ts";

export const rulesPath = "policies/approvals.yaml";

const codes: FormatCodes = {
  tooLarge: "rules.not-yaml",
  notYaml: "rules.not-yaml",
  characters: "rules.not-yaml",
  unknownKey: "rules.unknown-key",
  wrongType: "rules.wrong-type",
};

export const mostLevels = 16;

/** The rules in file order. An empty file has none: then nothing can be approved by people. */
export const parseRules = (content: string, file: string = rulesPath): Parsed<readonly ApprovalRule[]> =>
  readFile(content, { file, codes, maxBytes: 64 * 1024 }, orNothing(rules, []));

/** The last rule that matches. */
export const ruleFor = (rules: readonly ApprovalRule[], node: Node): ApprovalRule | undefined =>
  rules.findLast((rule) => matchesNode(rule.nodes, node));

const level: Shape<Level> = {
  json: { type: "string" },
  read: (value, field, reading) => {
    const written = text.read(value, field, reading);
    if (written === undefined) return undefined;
    const parsed = parseLevel(written);
    if (parsed.ok) return parsed.value;
    for (const { code, message } of parsed.problems)
      report(reading, code, message, { field, place: value.place });
    return undefined;
  },
};

const levels = checked(
  checked(
    list(level, 0, 1_000),
    (all) => (all.length === 0 ? "a rule without a level approves nothing; add a level" : undefined),
    "rules.level-empty",
  ),
  (all) => (all.length > mostLevels ? `${all.length} levels, expected at most ${mostLevels}` : undefined),
  "rules.levels-too-many",
);

const ruleName = parsedText(
  (written) => (/^\S(?:.{0,98}\S)?$/u.test(written) ? written : undefined),
  "a name of 1 to 100 characters on one line",
  { code: "rules.name-malformed" },
);

const ruleShape = object({
  nodes: required(nodeMatcher),
  name: optional(ruleName),
  levels: required(levels),
  max: optional(parsedText(parseDuration, durationForm, { code: "rules.max-malformed", of: textAsWritten })),
});

const rules: Shape<readonly ApprovalRule[]> = {
  json: { type: "array", items: ruleShape.json },
  read: (value, field, reading) => {
    if (value.kind !== "list") return wrongType(value, field, reading, "a list of rules");
    return readRules(value, reading);
  },
};

const readRules = (value: YamlList, reading: Reading): readonly ApprovalRule[] =>
  value.items.flatMap((item, i) => readRule(item, `[${i}]`, reading) ?? []);

function readRule(item: YamlItem, field: string, reading: Reading): ApprovalRule | undefined {
  const read = ruleShape.read(item.value, field, reading);
  if (read === undefined) return undefined;
  const { line } = item.place;
  const { name = `approvals.yaml:${line}`, levels: each, ...rest } = read;
  const [first, ...others] = each as readonly [Level, ...Level[]];
  return { name, line, levels: [first, ...others], ...rest };
}
