// `hallpass can`: what would happen if somebody asked now. Nothing is asked.

import { inlineEngine } from "../cedar/engine.ts";
import { formatDuration } from "../core/duration.ts";
import { formatInstant, type Instant } from "../core/ids.ts";
import { decidedByPolicy, whoFinishes } from "../core/render-decision.ts";
import { person, when } from "../core/render-markdown.ts";
import { oldInventory } from "../core/render-old-inventory.ts";
import type { AccessRequest } from "../core/request.ts";
import type { RequestDraft } from "../core/request-draft.ts";
import { shown, visible } from "../core/text.ts";
import { explainNodes } from "../flow/explain.ts";
import { type Approval, approvalOf, type Foreseen, foresee, type LevelAhead } from "../flow/foresee.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import type { AskOptions } from "./request.ts";
import { plainText } from "./show-markdown.ts";
import { signInHere } from "./sign-in.ts";
import { type Paint, painter, type Terminal } from "./terminal.ts";

export interface CanOptions extends AskOptions {
  readonly nodes: readonly string[];
  /** Somebody else's login. */
  readonly as?: string;
  readonly repo?: string;
  readonly json: boolean;
}

/** What is foreseen, and who could approve it where people decide. */
export interface Ahead {
  readonly foreseen: Foreseen;
  readonly approval: Approval | undefined;
}

export async function can(terminal: Terminal, options: CanOptions): Promise<ExitCode> {
  const ahead = await lookAhead(terminal, options);
  if (options.json) terminal.out(`${JSON.stringify(aheadJson(ahead))}\n`);
  else terminal.out(`${[...headline(terminal, ahead), ...levelLines(ahead)].join("\n")}\n`);
  return isPossible(ahead) ? exitCode.ok : exitCode.notOk;
}

export async function lookAhead(terminal: Terminal, options: CanOptions): Promise<Ahead> {
  const client = await signInHere(terminal, options.repo);
  const as = options.as?.replace(/^@/, "");
  const foreseen = await foresee(
    { client, engine: inlineEngine() },
    { draft: draftOf(options), ...(as === undefined ? {} : { as }) },
  );
  const approval = await approvalOf(client, foreseen);
  for (const line of [...asFarAsSeen(foreseen), ...oldInventory(foreseen.facts)])
    terminal.err(`${plainText(line)}\n`);
  return { foreseen, approval };
}

const draftOf = (options: CanOptions): RequestDraft => ({
  origin: "form",
  nodes: options.nodes,
  access: options.access,
  forward: options.forward ?? "",
  for: options.for,
  reason: options.reason ?? "nobody asks; this is what would be decided",
  ticket: options.ticket ?? "",
  from: options.from ?? "",
});

function asFarAsSeen({ facts, unseen }: Foreseen): readonly string[] {
  const asker = person(facts.subject.author.login);
  return [
    ...unseen.teams.map(
      (team) =>
        `as far as you may see: ${person(team)} does not show itself to you, so nobody is counted in it. Hallpass may see who is, and decide otherwise; a team that is not there stops every decision.`,
    ),
    ...(unseen.access
      ? [
          `as far as you may see: GitHub does not tell you whether ${asker} may read the repository, without which nobody can ask.`,
        ]
      : []),
  ];
}

export const isPossible = ({ foreseen: { verdict }, approval }: Ahead): boolean =>
  verdict.state === "approved" || approval?.possible === true;

/** In the words of policy cases, and `invalid`. */
export function verdictOf({
  foreseen: { verdict },
}: Ahead): "auto" | "manual" | "denied" | "invalid" | "broken" {
  switch (verdict.state) {
    case "approved":
      return "auto";
    case "pending":
      return "manual";
    case "invalid":
    case "broken":
      return verdict.state;
    case "ending":
      return "denied";
    // INVARIANT: what is foreseen was never granted
    case "active":
    case "over":
      throw new Error(`expected a request that nobody has made, got one that is ${verdict.state}`);
  }
}

/** When access would end that is opened as soon as it can be. */
const endOf = (now: Instant, { from, for: length }: AccessRequest): Instant =>
  (Math.max(now, from ?? now) + length * 1_000) as Instant;

/** Whether, and what stands in the way. */
export function headline(terminal: Terminal, ahead: Ahead): readonly string[] {
  const paint = painter(terminal.outColours);
  const { facts, verdict } = ahead.foreseen;
  switch (verdict.state) {
    case "approved": {
      const end = `asked now and opened at once, it would end at ${when(endOf(facts.now, verdict.request))}`;
      const by = verdict.tally === undefined ? [decidedByPolicy(facts, verdict.outcome)] : [];
      return [`${paint("good", "yes, at once")}: ${end}`, ...by.map(plainText)];
    }
    case "pending":
      return manualLines(paint, ahead);
    case "ending":
      return [`${paint("bad", "no, denied")}: ${shownWhole(verdict.why)}`, ...adviceLines(ahead.foreseen)];
    case "invalid":
      return [`${paint("bad", "no, it cannot be asked like this")}:`, ...verdict.problems.map(problemLine)];
    case "broken":
      return [
        `${paint("bad", "no, nothing is granted while this stands")}:`,
        ...verdict.problems.map(problemLine),
      ];
    case "active":
    case "over":
      return [];
  }
}

/** What the guardrails say to those whom they stop. */
const adviceLines = (foreseen: Foreseen): readonly string[] => [
  ...new Set(
    explainNodes(foreseen)
      .flatMap(({ guardrails }) => guardrails)
      .flatMap(({ advice }) => (advice === undefined ? [] : [`  ${shownWhole(advice)}`])),
  ),
];

function manualLines(paint: Paint, { foreseen, approval }: Ahead): readonly string[] {
  if (foreseen.verdict.state !== "pending") return [];
  if (approval?.possible === true)
    return [`${paint("good", "yes, when people approve")}: ${plainText(whoFinishes(approval.fewest, "it"))}`];
  return [
    `${paint("bad", "no, nobody can approve it")}:`,
    ...foreseen.verdict.outOfReach.map(({ level, why }) => `  level ${level}: ${shownWhole(why)}`),
  ];
}

const problemLine = ({ field, message, code }: { field?: string; message: string; code: string }): string =>
  `  ${field === undefined ? "" : `${field}: `}${shownWhole(message)} [${code}]`;

/** A message of ours is as long as it is; what others wrote in it moves no cursor. */
const shownWhole = (text: string): string => visible(text).replace(/\s+/g, " ");

export const levelLines = ({ approval }: Ahead): readonly string[] =>
  (approval?.levels ?? []).map((level) => `  level ${level.number}, ${whoOf(level)}`);

function whoOf({ level, people, more }: LevelAhead): string {
  const handles = [...level.people, ...level.teams].map((handle) => `@${handle}`).join(" or ");
  return `${level.need} of ${handles}: ${namesOf({ people, more })}`;
}

/** Who could fill a place. */
export function namesOf({ people, more }: Pick<LevelAhead, "people" | "more">): string {
  const names = people.map((each) => `@${each.login}${each.for === undefined ? "" : ` for @${each.for}`}`);
  const others = more === 0 ? [] : [`${more} more`];
  return [...names, ...others].map(shown).join(", ") || "nobody that you may see";
}

/** The fields of `--json`; those that do not apply are left out. */
export function aheadJson(ahead: Ahead) {
  const { foreseen, approval } = ahead;
  const { facts, verdict, unseen } = foreseen;
  const request = facts.asked.ok ? facts.asked.value : undefined;
  return {
    verdict: verdictOf(ahead),
    possible: isPossible(ahead),
    requester: facts.subject.author.login,
    at: formatInstant(facts.now),
    policies: facts.law.commit,
    ...(request === undefined ? {} : { access: request.access, for: formatDuration(request.for) }),
    ...(facts.nodes?.ok === true
      ? { nodes: facts.nodes.value.map(({ account, region, id, name }) => ({ account, region, id, name })) }
      : {}),
    ...(verdict.state === "approved"
      ? { until: formatInstant(endOf(facts.now, verdict.request)), by: namesIn(verdict.outcome) }
      : {}),
    ...(verdict.state === "pending" ? { by: namesIn(verdict.outcome), outOfReach: verdict.outOfReach } : {}),
    ...(approval === undefined ? {} : approvalJson(approval)),
    ...(verdict.state === "ending" ? { why: verdict.why } : {}),
    ...("problems" in verdict ? { problems: verdict.problems } : {}),
    unseen,
  };
}

type Named = readonly { readonly name: string }[];

const namesIn = (outcome: { readonly policies: Named } | { readonly rules: Named }): readonly string[] =>
  ("policies" in outcome ? outcome.policies : outcome.rules).map(({ name }) => name);

const approvalJson = ({ levels, fewest }: Approval) => ({
  levels: levels.map(({ level, number, people, more }) => ({
    ...{ number, level: level.text, need: level.need, people, more },
  })),
  ...(fewest === undefined ? {} : { fewest }),
});
