// Where one request stands, from facts alone. The same function decides in the App (on the inventory) and in the Action (on live tags).

import { brokenGlass } from "./break-glass.ts";
import { standingIn } from "./delegations.ts";
import type { CommandFacts, Facts, Law, PullFacts } from "./facts.ts";
import { followUp } from "./follow-up.ts";
import { formatInstant, type Instant, type Seconds } from "./ids.ts";
import { explainDenial, type ManualOutcome, type NodeQuestion, outcomeOf } from "./outcome.ts";
import { type Parsed, type Problem, type ProblemCode, problem, refused } from "./problem.ts";
import { outOfReach, undecidable } from "./reach.ts";
import type { ActiveRecord, EndedRecord } from "./record.ts";
import type { AccessRequest } from "./request.ts";
import { formatRequest } from "./request-file.ts";
import { cannotAsk, handWrittenMisfit } from "./requester.ts";
import { ruleFor } from "./rules.ts";
import { type Tally, tally } from "./tally.ts";
import type {
  Active,
  ByGlass,
  ByPeople,
  ByPolicy,
  EndBecause,
  Ending,
  Known,
  UngrantedEnd,
  Verdict,
} from "./verdict.ts";

export function decide(facts: Facts): Verdict {
  const { ended, active, everActive } = facts.ledger;
  if (ended !== undefined) return { state: "over", record: ended, ...openReview(facts, ended) };
  if (active !== undefined) return decideActive(facts, active);
  const { law } = facts.law;
  // INVARIANT: a law or a ledger that cannot be read moves nothing, not even an end
  if (!law.ok) return broken(law.problems);
  // ATTACK: a finished request whose record was taken away must not start a second clock
  if (everActive) return broken([replayed(facts)]);
  return endedByPeople(facts) ?? decideUngranted(facts, law.value);
}

const broken = (problems: readonly Problem[]): Verdict => ({ state: "broken", problems });

const ending = (how: UngrantedEnd, by: string, why: string): Ending => ({ state: "ending", how, by, why });

const replayed = ({ subject }: Facts): Problem =>
  problem(
    "trust.replay",
    `\`active/${subject.number}.yaml\` is in the ledger's history but no record is left: expected one in active/ or ended/; an admin looks at the ledger, and the requester asks anew`,
  );

/** After activation only revocation, the requester's leaving and time change anything. */
function decideActive(facts: Facts, record: ActiveRecord): Verdict {
  const review = openReview(facts, record);
  const base = { state: "active", record, ...review } as const;
  const isOver = facts.now >= record.granted.until;
  const endBecause = endedEarly(facts) ?? rejectedAfterwards(review);
  if (endBecause !== undefined) return { ...base, next: isOver ? "sweep" : "end", endBecause };
  if (isOver) return { ...base, next: "sweep" };
  return { ...base, next: unansweredKey(facts) === undefined ? "wait" : "issue" };
}

function endedEarly({ subject, commands }: Facts): EndBecause | undefined {
  const revoke = heeded(commands, "revoke");
  if (revoke !== undefined) return { by: revoke.by.login, why: whySaid(revoke) ?? "revoked by command" };
  if (subject.everClosed !== undefined) return { by: subject.everClosed.by, why: "the request was closed" };
  if (subject.authorHasAccess) return undefined;
  return { by: "hallpass", why: `\`${subject.author.login}\` has no read access to the repository any more` };
}

type Review = Pick<Active, "followUp">;

function openReview(facts: Facts, record: ActiveRecord | EndedRecord): Review {
  const open = followUp(facts, record);
  return open === undefined ? {} : { followUp: open };
}

const rejectedAfterwards = ({ followUp: review }: Review): EndBecause | undefined =>
  review?.tally.approval === "rejected"
    ? { by: review.tally.rejectedBy, why: "the review of the broken glass rejected it" }
    : undefined;

/** INVARIANT: a revocation counts whenever it was said. One that crosses with the opening must not be lost, and ends nothing that was wanted. */
const heeded = (commands: Facts["commands"], ...words: readonly CommandFacts["command"][]) =>
  commands.find(({ command, allowed }) => allowed && words.includes(command));

const whySaid = (command: CommandFacts): string | undefined => ("why" in command ? command.why : undefined);

/** A request that people ended before it was granted. */
function endedByPeople({ subject, commands }: Facts): Verdict | undefined {
  const said = heeded(commands, "cancel", "revoke");
  if (said !== undefined)
    return ending("cancelled", said.by.login, whySaid(said) ?? `\`/${said.command}\` before it was open`);
  if (subject.everClosed !== undefined)
    return ending("cancelled", subject.everClosed.by, "the request was closed");
  return undefined;
}

/** What was not gathered cannot be had. */
const notGathered = refused(
  problem("fact.unavailable", "not all facts were gathered; look at the log of Hallpass and try again"),
);

function decideUngranted(facts: Facts, law: Law): Verdict {
  const { subject, asked, nodes = notGathered, answers = notGathered } = facts;
  const lapsesAt = after(subject.createdAt, law.config.limits.openFor);
  // ATTACK: the App's key opens issues in anybody's name; what answers no `/extend` asks for nothing
  if (facts.extends?.unfounded !== undefined) return ending("cancelled", "hallpass", facts.extends.unfounded);
  const refusal = cannotAsk(facts);
  if (refusal.length > 0) return unfit(facts, refusal, lapsesAt);
  if (!asked.ok) return unfit(facts, asked.problems, lapsesAt);
  if (!nodes.ok) return unfit(facts, nodes.problems, lapsesAt);
  const pull = currentPull(facts, asked.value);
  const misfit = handWrittenMisfit(facts, pull);
  if (misfit.length > 0) return unfit(facts, misfit, lapsesAt);
  const questions = questionsOf(nodes.value, answers, law);
  if (!questions.ok) return broken(questions.problems);

  const known: Known = { request: asked.value, nodes: nodes.value };
  const outcome = outcomeOf(questions.value, asked.value.for);
  switch (outcome.outcome) {
    case "broken":
      return broken(outcome.problems);
    case "denied":
      return ending("denied", "policy", explainDenial(outcome));
    case "auto":
      return approved(facts, law, { ...known, decidedAt: subject.createdAt }, { outcome });
    case "manual":
      return decideManual(facts, law, { ...known, outcome, pull, lapsesAt });
  }
}

/** Problems that the author did not make, and cannot mend by writing something else. */
const notTheirs: readonly ProblemCode[] = ["fact.unavailable", "inventory.malformed", "trust.pinned-nodes"];

/** What the author has to mend, unless it is a fact that could not be had, or a pull request that pins what is not asked: then nothing moves. */
function unfit(facts: Facts, problems: readonly Problem[], lapsesAt: Instant): Verdict {
  if (problems.some(({ code }) => notTheirs.includes(code))) return broken(problems);
  if (facts.now < lapsesAt) return { state: "invalid", problems, lapsesAt };
  return ending(
    "lapsed",
    "hallpass",
    `what was wrong with it was not mended by ${formatInstant(lapsesAt)}; ask again`,
  );
}

/** Each node with Cedar's answer and its rule. An answer too few is a fact that cannot be had. */
function questionsOf(
  nodes: Known["nodes"],
  answers: NonNullable<Facts["answers"]>,
  law: Law,
): Parsed<readonly [NodeQuestion, ...NodeQuestion[]]> {
  if (!answers.ok) return answers;
  const [first, ...others] = nodes.flatMap((node, index): readonly NodeQuestion[] => {
    const answer = answers.value[index];
    return answer === undefined ? [] : [{ node, answer, rule: ruleFor(law.rules, node) }];
  });
  return first !== undefined && others.length === nodes.length - 1
    ? { ok: true, value: [first, ...others] }
    : notGathered;
}

function decideManual(
  facts: Facts,
  law: Law,
  manual: Known & {
    readonly outcome: ManualOutcome;
    readonly pull: PullFacts | undefined;
    readonly lapsesAt: Instant;
  },
): Verdict {
  const { outcome, pull, lapsesAt, ...known } = manual;
  const unknown = undecidable(facts, outcome.levels);
  if (unknown.length > 0) return broken(unknown);
  const counted = count(facts, law, outcome, pull);
  if (counted.approval === "rejected")
    return ending("rejected", counted.rejectedBy, "changes were requested");
  // INVARIANT: without the one pull request that says what is asked, nothing is approved
  if (counted.approval === "approved" && pull !== undefined)
    return approved(
      facts,
      law,
      { ...known, decidedAt: counted.lastCounted },
      { outcome, tally: counted, pull },
    );
  // INVARIANT: a "no" comes first; what people have merged, and a request that has lapsed, is not opened by force
  const canBreak = facts.now < lapsesAt && !facts.pulls.some(({ merged }) => merged);
  const glass = canBreak ? brokenGlass(facts) : undefined;
  if (pull !== undefined && glass !== undefined)
    return approved(facts, law, { ...known, decidedAt: glass.at }, { outcome, tally: counted, pull, glass });
  const lost = noLongerPending(facts, pull, counted, lapsesAt);
  if (lost !== undefined) return lost;
  const pending = {
    state: "pending",
    ...known,
    outcome,
    tally: counted,
    outOfReach: outOfReach(facts, outcome.levels, barredFrom(pull)),
    lapsesAt,
  } as const;
  return pull === undefined ? pending : { ...pending, pull };
}

/** A "no" counts on every pull request of the request, a "yes" only on the one that says what is asked now. */
const count = (
  facts: Facts,
  { delegations }: Law,
  { levels }: ManualOutcome,
  pull: PullFacts | undefined,
): Tally =>
  tally({
    levels,
    reviews: facts.pulls
      .flatMap((each) =>
        each.reviews.map((review) => (each === pull ? review : { ...review, onHead: false })),
      )
      // one may still review a pull request that is closed
      .sort((a, b) => a.at - b.at),
    requester: facts.subject.author.login,
    barred: barredFrom(pull),
    memberships: facts.memberships,
    delegations: standingIn(delegations, facts.now),
  });

const barredFrom = (pull: PullFacts | undefined): readonly string[] => pull?.barred ?? [];

function noLongerPending(
  facts: Facts,
  pull: PullFacts | undefined,
  { missing }: Tally,
  lapsesAt: Instant,
): Verdict | undefined {
  if (pull?.merged === true)
    return ending(
      "failed",
      "hallpass",
      `it was approved, but level ${missing.join(", ")} is not filled any more; ask again`,
    );
  // what is merged cannot be taken back to be reviewed again
  if (facts.pulls.some(({ merged }) => merged))
    return ending("failed", "hallpass", "it was approved, and then edited before it was granted; ask again");
  if (facts.now >= lapsesAt)
    return ending("lapsed", "hallpass", `nobody decided by ${formatInstant(lapsesAt)}; ask again`);
  return undefined;
}

/** Decided in favour. What is still to come, and whether the decision is fresh enough to act upon. */
function approved(
  facts: Facts,
  law: Law,
  { decidedAt, ...known }: Known & { readonly decidedAt: Instant },
  decision: ByPolicy | ByPeople | ByGlass,
): Verdict {
  const { from } = known.request;
  const goodUntil = after(Math.max(decidedAt, from ?? decidedAt), law.config.limits.decisionGoodFor);
  if (facts.now >= goodUntil)
    return ending(
      "lapsed",
      "hallpass",
      `it was decided, but not taken up by ${formatInstant(goodUntil)}; ask again`,
    );
  const base = { state: "approved", ...known, goodUntil } as const;
  if (decision.glass === undefined && decision.pull !== undefined && !decision.pull.merged)
    return { ...base, ...decision, waitingFor: "merge" };
  if (from !== undefined && facts.now < from)
    return { ...base, ...decision, waitingFor: "start", opensAt: from };
  return { ...base, ...decision, waitingFor: latestKey(facts) === undefined ? "key" : "grant" };
}

interface Key {
  readonly comment: number;
  readonly recipient: string;
}

/** The requester's own latest `/token` with a usable key. */
export const latestKey = ({ commands }: Facts): Key | undefined =>
  commands
    .flatMap((each) => (each.command === "token" && each.allowed && "recipient" in each ? [each] : []))
    .at(-1);

/** The latest key, unless credentials have been sealed to it already. */
export function unansweredKey(facts: Facts): Key | undefined {
  const key = latestKey(facts);
  return key === undefined || facts.shown.answered.includes(key.comment) ? undefined : key;
}

/** The request's pull request under review: the last one of ours that still says what the issue says. */
export function currentPull(facts: Facts, request: AccessRequest): PullFacts | undefined {
  const last = facts.pulls.at(-1);
  return last !== undefined && saysTheSame(last, facts, request) ? last : undefined;
}

const saysTheSame = ({ file }: PullFacts, { subject }: Facts, request: AccessRequest): boolean =>
  file.ok &&
  file.value.requester.id === subject.author.id &&
  formatRequest(file.value.request) === formatRequest(request);

const after = (at: number, seconds: Seconds): Instant => (at + seconds * 1000) as Instant;
