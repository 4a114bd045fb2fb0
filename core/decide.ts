// Where one request stands, from facts alone. The same function decides in the App (on the inventory) and in the Action (on live tags).

import { formatDuration } from "./duration.ts";
import type { CommandFacts, Facts, Law, PullFacts } from "./facts.ts";
import { formatInstant, type Instant, type Seconds } from "./ids.ts";
import type { Level } from "./law.ts";
import type { Node } from "./node.ts";
import { nodeKey } from "./node.ts";
import { type DeniedBecause, type NodeQuestion, type Outcome, outcomeOf } from "./outcome.ts";
import { type Problem, problem } from "./problem.ts";
import type { ActiveRecord } from "./record.ts";
import type { AccessRequest } from "./request.ts";
import { formatRequest } from "./request-file.ts";
import { ruleFor } from "./rules.ts";
import { type Tally, tally } from "./tally.ts";
import type { Verdict } from "./verdict.ts";

export function decide(facts: Facts): Verdict {
  const { ended, active, everActive } = facts.ledger;
  if (ended !== undefined) return { state: "over", record: ended };
  if (active !== undefined) return decideActive(facts, active);
  // a record that was active once and is nowhere now has been tampered with: a finished request must not start a second clock
  if (everActive) return { state: "broken", problems: [replayed(facts)] };
  return endedByPeople(facts) ?? decideUngranted(facts);
}

const replayed = (facts: Facts): Problem =>
  problem(
    "trust.replay",
    `\`active/${facts.subject.number}.yaml\` is in the ledger's history but no record is left: expected one in active/ or ended/; an admin has to look at the ledger, and the requester has to ask anew`,
  );

/** After activation only revocation, the requester's leaving and time change anything. */
function decideActive(facts: Facts, record: ActiveRecord): Verdict {
  const base = { state: "active", record } as const;
  if (facts.now >= record.granted.until) return { ...base, next: "sweep" };
  const because = endedEarly(facts, record);
  if (because !== undefined) return { ...base, next: "end", endBecause: because };
  return { ...base, next: unansweredKey(facts) === undefined ? "wait" : "issue" };
}

function endedEarly(facts: Facts, record: ActiveRecord): { by: string; why: string } | undefined {
  const { subject } = facts;
  const revoke = facts.commands.find(
    (each) => each.command === "revoke" && each.allowed && each.at >= record.granted.at,
  );
  if (revoke?.command === "revoke") return { by: revoke.by.login, why: revoke.why ?? "revoked by command" };
  if (subject.everClosed !== undefined) return { by: subject.everClosed.by, why: "the request was closed" };
  if (!subject.authorHasAccess)
    return { by: "hallpass", why: `@${subject.author.login} has no read access to the repository any more` };
  return undefined;
}

/** A request that people ended before it was granted. */
function endedByPeople(facts: Facts): Verdict | undefined {
  const { subject, commands } = facts;
  const cancel = commands.find((each) => each.command === "cancel" && each.allowed);
  if (cancel?.command === "cancel")
    return {
      state: "ending",
      how: "cancelled",
      by: cancel.by.login,
      why: cancel.why ?? "cancelled by command",
    };
  if (subject.everClosed !== undefined)
    return { state: "ending", how: "cancelled", by: subject.everClosed.by, why: "the request was closed" };
  return undefined;
}

function decideUngranted(facts: Facts): Verdict {
  const { subject, asked, nodes, answers } = facts;
  const law = facts.law.law;
  if (!law.ok) return { state: "broken", problems: law.problems };
  const lapsesAt = after(subject.createdAt, law.value.config.limits.openFor);

  const refusal = refused(facts);
  if (refusal.length > 0) return invalid(facts, refusal, lapsesAt);
  if (!asked.ok) return invalid(facts, asked.problems, lapsesAt);
  if (nodes === undefined || !nodes.ok) return invalid(facts, nodes?.problems ?? [], lapsesAt);
  if (answers === undefined || !answers.ok) return { state: "broken", problems: answers?.problems ?? [] };

  const outcome = outcomeOf(questions(nodes.value, answers.value, law.value), asked.value.for);
  const known = { request: asked.value, nodes: nodes.value };
  switch (outcome.outcome) {
    case "broken":
      return { state: "broken", problems: outcome.problems };
    case "denied":
      return { state: "ending", how: "denied", by: "policy", why: explainDenial(outcome), outcome };
    case "auto":
      return approved(facts, law.value, { ...known, outcome, decidedAt: subject.writtenAt });
    case "manual":
      return decideManual(facts, law.value, { ...known, outcome, lapsesAt });
  }
}

type Known = { readonly request: AccessRequest; readonly nodes: readonly Node[] };
type Manual = Extract<Outcome, { outcome: "manual" }>;

function decideManual(
  facts: Facts,
  law: Law,
  { outcome, lapsesAt, ...known }: Known & { readonly outcome: Manual; readonly lapsesAt: Instant },
): Verdict {
  const unknown = undecidable(facts, outcome.levels);
  if (unknown.length > 0) return { state: "broken", problems: unknown };
  const pull = currentPull(facts, known.request);
  const counted = tally({
    levels: outcome.levels,
    reviews: facts.pulls.flatMap((each) =>
      each.reviews.map((review) => (each === pull ? review : { ...review, onHead: false })),
    ),
    requester: facts.subject.author.login,
    barred: pull?.barred ?? [],
    memberships: facts.memberships,
  });
  switch (counted.approval) {
    case "rejected":
      return {
        state: "ending",
        how: "rejected",
        by: counted.rejectedBy as string,
        why: `@${counted.rejectedBy} requested changes`,
        outcome,
        tally: counted,
      };
    case "approved":
      return approved(facts, law, {
        ...known,
        outcome,
        tally: counted,
        ...(pull === undefined ? {} : { pull }),
        decidedAt: counted.lastCounted as Instant,
      });
    case "pending": {
      const lost = noLongerPending(facts, pull, counted, lapsesAt);
      if (lost !== undefined) return { state: "ending", by: "hallpass", ...lost, outcome, tally: counted };
      const reach = outOfReach(facts, outcome.levels);
      return {
        state: "pending",
        ...known,
        outcome,
        tally: counted,
        outOfReach: reach,
        ...(pull === undefined ? {} : { pull }),
        lapsesAt,
      };
    }
  }
}

function noLongerPending(facts: Facts, pull: PullFacts | undefined, counted: Tally, lapsesAt: Instant) {
  if (pull?.merged === true)
    return {
      how: "failed",
      why: `it was approved, but level ${counted.missing.join(", ")} is not filled any more; ask again`,
    } as const;
  if (facts.now >= lapsesAt)
    return { how: "lapsed", why: `nobody decided by ${formatInstant(lapsesAt)}; ask again` } as const;
  return undefined;
}

/** Decided in favour. What is still to come, and whether the decision is fresh enough to act upon. */
function approved(
  facts: Facts,
  law: Law,
  known: Known & {
    readonly outcome: Extract<Outcome, { outcome: "auto" | "manual" }>;
    readonly tally?: Tally;
    readonly pull?: PullFacts;
    readonly decidedAt: Instant;
  },
): Verdict {
  const { decidedAt, ...rest } = known;
  const start = known.request.from;
  const goodFrom = (start === undefined ? decidedAt : Math.max(decidedAt, start)) as Instant;
  const goodUntil = after(goodFrom, law.config.limits.decisionGoodFor);
  if (facts.now >= goodUntil)
    return {
      state: "ending",
      how: "lapsed",
      by: "hallpass",
      why: `it was decided, but not taken up by ${formatInstant(goodUntil)}; ask again`,
      outcome: known.outcome,
      ...(known.tally === undefined ? {} : { tally: known.tally }),
    };
  return { state: "approved", ...rest, waitingFor: waitingFor(facts, known), goodUntil };
}

function waitingFor(
  facts: Facts,
  { request, outcome, pull }: { request: AccessRequest; outcome: Outcome; pull?: PullFacts },
): "merge" | "start" | "key" | "grant" {
  if (outcome.outcome === "manual" && pull?.merged !== true) return "merge";
  if (request.from !== undefined && facts.now < request.from) return "start";
  return latestKey(facts) === undefined ? "key" : "grant";
}

/** The requester's own latest `/token` with a usable key. */
export function latestKey(
  facts: Facts,
): { readonly comment: number; readonly recipient: string } | undefined {
  const keys = facts.commands.flatMap((each) =>
    each.command === "token" && each.allowed && "recipient" in each ? [each] : [],
  );
  return keys.at(-1);
}

/** The latest key, unless credentials have been sealed to it already. */
export function unansweredKey(
  facts: Facts,
): { readonly comment: number; readonly recipient: string } | undefined {
  const key = latestKey(facts);
  return key === undefined || facts.shown.answered.includes(key.comment) ? undefined : key;
}

/** The last command of the requester that could not be read, if they have sent no good one since. */
export function troubledKey(facts: Facts): (CommandFacts & { readonly problem: Problem }) | undefined {
  const theirs = facts.commands.filter((each) => each.command === "token" && each.allowed).at(-1);
  return theirs !== undefined && "problem" in theirs ? theirs : undefined;
}

/** The request's pull request under review: the last one of ours that still says what the issue says. */
export function currentPull(facts: Facts, request: AccessRequest): PullFacts | undefined {
  const last = facts.pulls.at(-1);
  return last !== undefined && saysTheSame(last, facts, request) ? last : undefined;
}

function saysTheSame(pull: PullFacts, facts: Facts, request: AccessRequest): boolean {
  return (
    pull.file.ok &&
    pull.file.value.requester.id === facts.subject.author.id &&
    formatRequest(pull.file.value.request) === formatRequest(request)
  );
}

/** Why this issue cannot ask at all: nothing that its author could have written counts. */
function refused(facts: Facts): readonly Problem[] {
  const { subject, repository } = facts;
  const { login } = subject.author;
  return [
    ...(subject.authorIsPerson
      ? []
      : [
          problem(
            "requester.not-a-person",
            `\`${login}\` is not a person: expected a GitHub user as the author; ask from your own account`,
          ),
        ]),
    ...subject.distrust,
    ...(subject.authorIsPerson && !subject.authorHasAccess
      ? [
          problem(
            "requester.no-access",
            `\`${login}\` has no read access to \`${repository.owner}/${repository.name}\`; ask an admin of the repository for it`,
          ),
        ]
      : []),
  ];
}

function invalid(facts: Facts, problems: readonly Problem[], lapsesAt: Instant): Verdict {
  if (facts.now < lapsesAt) return { state: "invalid", problems, lapsesAt };
  return {
    state: "ending",
    how: "lapsed",
    by: "hallpass",
    why: `the form was not mended by ${formatInstant(lapsesAt)}; ask again`,
  };
}

function questions(
  nodes: readonly Node[],
  answers: Extract<Facts["answers"], { ok: true }>["value"],
  law: Law,
) {
  return nodes.map((node, index) => ({
    node,
    answer: answers[index],
    rule: ruleFor(law.rules, node),
  })) as unknown as readonly [NodeQuestion, ...NodeQuestion[]];
}

/**
 * Teams that did not answer, where that leaves open whether a review counts. A 404 may mean "no such team" or "no permission": to read
 * it as "not a member" could lose a "no".
 */
function undecidable(facts: Facts, levels: readonly Level[]): readonly Problem[] {
  const reviewed = facts.pulls.some((pull) => pull.reviews.some((review) => review.human));
  if (!reviewed) return [];
  return teamsOf(levels)
    .filter((team) => facts.unreadableTeams.includes(team))
    .map((team) =>
      problem(
        "team.unreadable",
        `team \`@${team}\` cannot be read: expected it to exist and the App to have \`members: read\`; mend approvals.yaml or the App's permissions`,
      ),
    );
}

function outOfReach(facts: Facts, levels: readonly Level[]): readonly { level: number; why: string }[] {
  return levels.flatMap((level, index) => {
    const gone = level.teams.filter((team) => facts.unreadableTeams.includes(team));
    const people = level.people.filter(
      (name) => name.toLowerCase() !== facts.subject.author.login.toLowerCase(),
    );
    const members = level.teams.reduce((sum, team) => sum + (facts.teamSizes.get(team) ?? 0), 0);
    const possible = people.length + members - (isInTeams(facts, level) ? 1 : 0);
    if (possible >= level.need) return [];
    const why =
      gone.length > 0
        ? `${gone.map((team) => `\`@${team}\``).join(", ")} cannot be read`
        : `it needs ${level.need}, and at most ${possible} can approve`;
    return [{ level: index + 1, why }];
  });
}

function isInTeams(facts: Facts, level: Level): boolean {
  const login = facts.subject.author.login.toLowerCase();
  return level.teams.some((team) => facts.memberships.get(team)?.has(login) === true);
}

function teamsOf(levels: readonly Level[]) {
  return [...new Set(levels.flatMap((level) => level.teams))];
}

export const explainDenial = (outcome: Extract<Outcome, { outcome: "denied" }>): string =>
  outcome.because.map(explainOne).join("; ");

function explainOne(because: DeniedBecause): string {
  switch (because.why) {
    case "guardrail":
      return `${because.node}: guardrail ${because.policies.map(({ name }) => name).join(", ")}`;
    case "over-max":
      return `${because.node}: rule ${because.rule} allows at most ${formatDuration(because.max)}`;
    case "not-covered":
      return `${because.node}: no policy covers this node`;
  }
}

/** For messages: which nodes, as one string that is equal for equal sets. */
export const nodeSet = (nodes: readonly Node[]): string => nodes.map(nodeKey).sort().join(" ");

const after = (at: Instant, seconds: Seconds): Instant => (at + seconds * 1000) as Instant;
