// `hallpass explain`: what would happen if somebody asked now, and exactly why: by which policy and rule, where they stand, and on what facts.

import type { QuestionContext } from "../core/answer.ts";
import { formatDuration } from "../core/duration.ts";
import { formatInstant } from "../core/ids.ts";
import { decidedByPeople } from "../core/render-decision.ts";
import { describeNode } from "../core/selectors.ts";
import { shown } from "../core/text.ts";
import {
  askedOfCedar,
  clockTime,
  type Explained,
  explainNodes,
  type NodeExplained,
  type PolicyExplained,
  type RuleExplained,
} from "../flow/explain.ts";
import type { Foreseen } from "../flow/foresee.ts";
import { type Ahead, aheadJson, type CanOptions, headline, isPossible, lookAhead, namesOf } from "./can.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { plainText } from "./show-markdown.ts";
import { type Paint, painter, type Terminal } from "./terminal.ts";

export async function explain(terminal: Terminal, options: CanOptions): Promise<ExitCode> {
  const ahead = await lookAhead(terminal, options);
  terminal.out(options.json ? `${JSON.stringify(explainJson(ahead))}\n` : explainText(terminal, ahead));
  return isPossible(ahead) ? exitCode.ok : exitCode.notOk;
}

function explainText(terminal: Terminal, ahead: Ahead): string {
  const paint = painter(terminal.outColours);
  const { foreseen } = ahead;
  const blocks = [
    headline(terminal, ahead),
    decision(ahead),
    ...explainNodes(foreseen).map((node) => nodeLines(paint, foreseen, node)),
    [...knownLines(foreseen), ...lawLines(foreseen)],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** As the status comment would begin, with everybody who could fill a place. */
function decision({ foreseen: { facts, verdict, unseen }, approval }: Ahead): readonly string[] {
  if (verdict.state !== "pending") return [];
  const { outcome, tally, outOfReach } = verdict;
  // an admin has nothing to mend where it is we who may not see a team
  const missing = outOfReach.filter(
    ({ level }) => outcome.levels[level - 1]?.teams.some((team) => unseen.teams.includes(team)) !== true,
  );
  const [title = [], checklist = []] = decidedByPeople(facts, outcome, tally, missing);
  return [
    ...title.map(plainText),
    ...checklist.flatMap((line, index) => {
      const level = approval?.levels[index];
      return level === undefined ? [plainText(line)] : [plainText(line), `    ${namesOf(level)}`];
    }),
  ];
}

const outcomes: Readonly<Record<NodeExplained["outcome"], string>> = {
  auto: "at once",
  manual: "people decide",
  denied: "denied",
  broken: "nothing is granted",
};

function nodeLines(paint: Paint, { law }: Foreseen, explained: NodeExplained): readonly string[] {
  const { node, outcome, guardrails, permits, denies, unmatched, rule } = explained;
  const name = shown(describeNode(node, law?.config.accounts ?? []));
  return [
    `${paint("strong", name)}: ${outcomes[outcome]}`,
    ...guardrails.flatMap((each) =>
      policyLines(paint, "a guardrail forbids it, and nobody can approve it", each),
    ),
    ...permits.flatMap((each) => policyLines(paint, "permitted at once", each)),
    ...denies.flatMap((each) => policyLines(paint, "forbidden at once, so that people are asked", each)),
    ...unmatched.flatMap((each) => policyLines(paint, "would permit it at once, and does not match", each)),
    // where policies alone have decided, no rule was asked
    ...(outcome === "auto" || guardrails.length > 0 ? [] : ruleLines(paint, rule)),
  ];
}

const ruleLines = (paint: Paint, rule: RuleExplained | undefined): readonly string[] =>
  rule === undefined
    ? ["  no approval rule matches"]
    : [
        ...placeLines(paint, "the last approval rule that matches", rule),
        ...(rule.max === undefined ? [] : [`    at most ${formatDuration(rule.max)}`]),
      ];

const policyLines = (paint: Paint, what: string, policy: PolicyExplained): readonly string[] => [
  ...placeLines(paint, what, policy),
  ...(policy.advice === undefined ? [] : [`    advice: ${shown(policy.advice)}`]),
];

function placeLines(
  paint: Paint,
  what: string,
  { name, file, line, url, inputs }: Explained,
): readonly string[] {
  const place = `${file}:${line}`;
  return [
    `  ${what}: ${shown(name)}${place.endsWith(name) ? "" : ` (${shown(place)})`}`,
    `    ${paint("faint", url)}`,
    ...inputs.map(({ input, value }) => `    ${shown(input)}: ${value === null ? "none" : shown(value)}`),
  ];
}

function knownLines(foreseen: Foreseen): readonly string[] {
  const { facts, law } = foreseen;
  const question = askedOfCedar(foreseen);
  if (law === undefined || question === undefined) return [];
  const { principal, context } = question;
  const teams = principal.teams.map((team) => `@${team}`);
  return [
    `@${facts.subject.author.login}: in ${teams.join(", ") || "no team that policies name"}${
      principal.groups.length === 0 ? "" : `; in the groups ${principal.groups.map(shown).join(", ")}`
    }`,
    `access would begin at ${formatInstant(context.start)}: ${clockTime(context.timeOfDay)} on weekday ${context.weekday} in ${law.config.timeZone} (Monday is 1)`,
  ];
}

const lawLines = ({ facts: { repository, law } }: Foreseen): readonly string[] => [
  `policies at ${law.commit}: ${repository.htmlUrl}/tree/${law.commit}/policies`,
];

/** All of `hallpass can --json`, and why. */
function explainJson(ahead: Ahead) {
  const { foreseen } = ahead;
  const { nodes: _, ...rest } = aheadJson(ahead);
  const explained = explainNodes(foreseen);
  const question = askedOfCedar(foreseen);
  return {
    ...rest,
    nodes: explained.map(({ node: { account, region, id, name }, outcome, ...why }) => ({
      ...{ account, region, id, name, verdict: outcome, ...why },
    })),
    ...(question === undefined
      ? {}
      : { principal: question.principal, context: contextJson(question.context) }),
  };
}

const contextJson = ({ now, start, timeOfDay, duration, ...rest }: QuestionContext) => ({
  ...rest,
  now: formatInstant(now),
  start: formatInstant(start),
  timeOfDay: clockTime(timeOfDay),
  duration: formatDuration(duration),
});
