// Facts and verdict in, steps out: the difference between what GitHub shows and what it should show. Running it again on the result gives nothing.

import { currentPull } from "./decide.ts";
import { narrowed, standingIn } from "./delegations.ts";
import { extensionTitle, renderExtension, unansweredExtends } from "./extension.ts";
import type { CommandFacts, Facts, PullFacts } from "./facts.ts";
import type { Instant } from "./ids.ts";
import type { Level } from "./law.ts";
import {
  type ActiveRecord,
  type ApprovedRecord,
  type BrokenGlassRecord,
  type EndedRecord,
  recordPath,
  renderRecord,
} from "./record.ts";
import { nextReminder, reminder } from "./reminders.ts";
import { mergeMessage, openTitle, type Proposed, pullBody, pullTitle, reviewMessage } from "./render-pull.ts";
import { type Shown, statusComment } from "./render-status.ts";
import type { GitHubStep } from "./step.ts";
import { type ApprovedTally, isNamed, type RejectedTally } from "./tally.ts";
import type { Active, Approved, ByPeople, Ending, Over, Verdict } from "./verdict.ts";

export const labelPrefix = "access: ";

/** The next steps. Branches, pull requests, merges, records and dispatches come first; when there are none left, what people read. */
export function plan(facts: Facts, verdict: Verdict): readonly GitHubStep[] {
  switch (verdict.state) {
    case "invalid":
      return orShow(closeOutdated(facts, textPull(facts)), facts, verdict);
    case "broken":
      return orShow([], facts, verdict);
    case "pending":
      return verdict.pull === undefined
        ? [
            ...closeOutdated(facts, undefined),
            openPull(facts, { ...verdict, levels: verdict.outcome.levels }, "while it waits"),
          ]
        : orShow(reviewSteps(facts, verdict.outcome.levels, verdict.pull), facts, verdict);
    case "approved":
      return verdict.waitingFor === "merge"
        ? mergeSteps(facts, verdict)
        : orShow(approvedSteps(facts, verdict), facts, verdict);
    case "active":
      return orShow(activeSteps(facts, verdict), facts, verdict);
    case "ending":
      return [{ do: "record-end", record: endedRecord(facts, verdict), removes: staleRecords(facts) }];
    case "over":
      return orShow(overSteps(facts, verdict), facts, verdict);
  }
}

/** INVARIANT: what people read is written after what it speaks of exists, so that it can link to it. */
const orShow = (steps: readonly GitHubStep[], facts: Facts, verdict: Shown): readonly GitHubStep[] => {
  const all = verdict.state === "over" ? steps : [...steps, ...refreshSteps(facts)];
  return all.length > 0 ? all : shownSteps(facts, verdict);
};

function reviewSteps(facts: Facts, levels: readonly Level[], pull: PullFacts): readonly GitHubStep[] {
  return [
    ...closeOutdated(facts, pull),
    ...reopen(pull),
    ...(pull.check === undefined ? [checkStep(facts, pull, { title: openTitle(levels) })] : []),
    ...askSteps(facts, pull, levels),
  ];
}

/** GitHub asks nobody twice, and whoever has reviewed needs no asking. */
function askSteps(facts: Facts, pull: PullFacts, levels: readonly Level[]): readonly GitHubStep[] {
  if (pull.asked || pull.reviews.length > 0) return [];
  const reviewers = reviewersOf(facts, pull, levels);
  return reviewers.people.length + reviewers.teams.length === 0
    ? []
    : [{ do: "ask-reviewers", pull: pull.number, ...reviewers }];
}

function mergeSteps(facts: Facts, verdict: ByPeople): readonly GitHubStep[] {
  const { pull } = verdict;
  return [
    ...closeOutdated(facts, pull),
    ...reopen(pull),
    ...(pull.check?.done === true
      ? []
      : [checkStep(facts, pull, { title: "approved", conclusion: "success" })]),
    { do: "merge", pull: pull.number, head: pull.head, ...mergeMessage(facts, verdict) },
  ];
}

/** INVARIANT: whoever is not waited for is told before anything else is tried for a broken glass. */
function approvedSteps(facts: Facts, verdict: Approved): readonly GitHubStep[] {
  return [
    // what policies permit by now needs no review any more
    ...(verdict.glass === undefined
      ? closeOutdated(facts, verdict.pull)
      : [...reminderSteps(facts, verdict), ...reviewSteps(facts, verdict.outcome.levels, verdict.pull)]),
    ...(verdict.waitingFor === "grant" ? dispatch(facts, "grant") : []),
  ];
}

function activeSteps(facts: Facts, verdict: Active): readonly GitHubStep[] {
  const { next, record } = verdict;
  const steps = [...followUpSteps(facts, verdict), ...extendSteps(facts, record)];
  switch (next) {
    case "wait":
    case "sweep":
      return steps;
    case "issue":
      return [...steps, ...dispatch(facts, "grant")];
    case "end":
      return dispatch(facts, "end");
  }
}

/** The review after a broken glass goes on until it is answered: who could answer is reminded, whatever became of its pull request, which is opened again or anew. */
function followUpSteps(facts: Facts, verdict: Active | Over): readonly GitHubStep[] {
  const { followUp } = verdict;
  if (followUp?.tally.approval !== "pending") return [];
  const { glass, record, pull } = followUp;
  const proposed = { request: record.request, nodes: record.nodes, levels: glass.levels };
  return [
    ...reminderSteps(facts, verdict),
    ...(pull === undefined
      ? [openPull(facts, proposed, "afterwards")]
      : reviewSteps(facts, glass.levels, pull)),
  ];
}

/** Once access is over, the answer is written into the record, for good. */
function overSteps(facts: Facts, verdict: Over): readonly GitHubStep[] {
  const { followUp } = verdict;
  if (followUp === undefined) return closeAll(facts);
  const { pull, glass, record, tally } = followUp;
  if (tally.approval === "pending") return followUpSteps(facts, verdict);
  const said = reviewSaid(facts, tally);
  const conclusion = tally.approval === "approved" ? "success" : "failure";
  return [
    ...(pull === undefined || pull.check?.done === true
      ? []
      : [checkStep(facts, pull, { title: `${tally.approval} afterwards`, conclusion })]),
    {
      do: "record-end",
      record: { ...record, breakGlass: { ...glass, review: said } } as EndedRecord,
      removes: [],
      message: reviewMessage(facts, tally),
    },
  ];
}

const reviewSaid = (
  { now }: Facts,
  tally: ApprovedTally | RejectedTally,
): NonNullable<BrokenGlassRecord["review"]> => ({
  at: now,
  how: tally.approval,
  by: tally.approval === "rejected" ? [tally.rejectedBy] : tally.levels.flatMap(({ filledBy }) => filledBy),
});

const extendSteps = (facts: Facts, record: ActiveRecord): readonly GitHubStep[] =>
  unansweredExtends(facts, record).map((said) => ({
    do: "open-extension",
    said,
    title: extensionTitle(record),
    body: renderExtension(record, said),
  }));

/** The ledger is the lock, so a second run does no harm; it only costs. */
function dispatch(facts: Facts, command: "grant" | "end"): readonly GitHubStep[] {
  if (facts.shown.dispatched) return [];
  const retriedAt = latest(facts, "retry")?.at;
  const retried = retriedAt === undefined ? {} : { retriedAt };
  return [{ do: "dispatch", command, request: facts.subject.number, ...retried }];
}

const latest = ({ commands }: Facts, word: "retry" | "refresh"): CommandFacts | undefined =>
  commands.filter(({ command, allowed }) => command === word && allowed).at(-1);

/** What `/refresh` asks for comes within minutes or not at all. In milliseconds. */
const refreshWithin = 15 * 60_000;

function refreshSteps(facts: Facts): readonly GitHubStep[] {
  const asked = latest(facts, "refresh");
  return asked === undefined || facts.shown.refreshed === true || facts.now - asked.at > refreshWithin
    ? []
    : [{ do: "refresh", askedAt: asked.at }];
}

/** Our own pull requests that are open. One written by hand is the request itself, and is closed as that. */
const openPulls = ({ subject, pulls }: Facts): readonly PullFacts[] =>
  subject.kind === "issue" ? pulls.filter(({ open }) => open) : [];

const reopen = (pull: PullFacts): readonly GitHubStep[] =>
  pull.open || pull.merged ? [] : [{ do: "reopen-pull", pull: pull.number }];

/** All that say something else than what is asked now. */
const closeOutdated = (facts: Facts, current: PullFacts | undefined): readonly GitHubStep[] =>
  openPulls(facts)
    .filter((pull) => pull !== current)
    .map(({ number }) => ({ do: "close-pull", pull: number }));

/** While the text stands, its pull request does: what is invalid for now (a node that is gone, an author without access) may come back. */
const textPull = (facts: Facts): PullFacts | undefined =>
  facts.asked.ok ? currentPull(facts, facts.asked.value) : undefined;

function closeAll(facts: Facts): readonly GitHubStep[] {
  const unanswered = facts.pulls.filter(({ merged, check }) => !merged && check?.done === false);
  return [
    ...unanswered.map((pull) =>
      checkStep(facts, pull, { title: "the request is over", conclusion: "failure" }),
    ),
    ...openPulls(facts).map(({ number }): GitHubStep => ({ do: "close-pull", pull: number })),
  ];
}

const checkStep = (
  { repository, subject }: Facts,
  { number, head }: PullFacts,
  said: { readonly title: string; readonly conclusion?: "success" | "failure" },
): GitHubStep => ({
  do: "check",
  pull: number,
  head,
  ...said,
  summary: `The request says how far it is: ${repository.htmlUrl}/issues/${subject.number}`,
});

function openPull(facts: Facts, proposed: Proposed, when: Parameters<typeof pullBody>[2]): GitHubStep {
  const { number } = facts.subject;
  const record = approvedRecord(facts, proposed);
  const nth = 1 + Math.max(0, ...facts.pulls.map(({ branch }) => Number(/-(\d+)$/.exec(branch)?.[1] ?? 1)));
  return {
    do: "open-pull",
    branch: nth === 1 ? `request/${number}` : `request/${number}-${nth}`,
    path: recordPath(record),
    content: renderRecord(record),
    title: pullTitle(facts),
    body: pullBody(facts, proposed, when),
  };
}

/** Everyone who can fill a level is asked at once: an approval given before its level is reached counts. */
function reviewersOf(
  { subject, repository, unreadableTeams, memberships, law, now }: Facts,
  pull: PullFacts,
  levels: readonly Level[],
) {
  const delegations = law.law.ok ? standingIn(law.law.value.delegations, now) : [];
  const out = new Set([subject.author.login, ...pull.barred].map((login) => login.toLowerCase()));
  const standIns = delegations
    .filter(({ from }) => !out.has(from.toLowerCase()))
    .filter(({ from, only }) => levels.some((level) => isNamed(from, narrowed(level, only), memberships)))
    .map(({ to }) => to);
  const people = new Map(
    [...levels.flatMap(({ people: each }) => each), ...standIns].map((login) => [login.toLowerCase(), login]),
  );
  const owner = `${repository.owner.toLowerCase()}/`;
  const teams = levels.flatMap((level) => level.teams).filter((team) => !unreadableTeams.includes(team));
  return {
    people: [...people].filter(([key]) => !out.has(key)).map(([, login]) => login),
    // GitHub asks teams of the repository's own organization only
    teams: [...new Set(teams)]
      .filter((team) => team.startsWith(owner))
      .map((team) => team.slice(owner.length)),
  };
}

const approvedRecord = ({ subject, law }: Facts, { request, nodes }: Proposed): ApprovedRecord => ({
  folder: "approved",
  request,
  requester: subject.author,
  subject: { kind: subject.kind, number: subject.number },
  nodes,
  policies: law.commit,
});

/** A request that ends without a grant gets its record too, so that git is the whole history. */
function endedRecord(facts: Facts, { how, by, why }: Ending): EndedRecord {
  const { subject, asked, nodes, ledger, law } = facts;
  const ended = { at: facts.now, by, why, sessions: [] };
  // a grant that AWS refused half-way
  if (ledger.active !== undefined)
    return { ...ledger.active, folder: "ended", ended: { ...ended, how: "failed" } };
  return {
    folder: "ended",
    ...(asked.ok ? { request: asked.value } : {}),
    requester: subject.author,
    subject: { kind: subject.kind, number: subject.number },
    ...(nodes?.ok === true ? { nodes: nodes.value } : {}),
    policies: law.commit,
    ended: { ...ended, how },
  };
}

const staleRecords = ({ ledger }: Facts): readonly string[] =>
  [ledger.approved, ledger.active].flatMap((record) => (record === undefined ? [] : [recordPath(record)]));

/** What people read, brought up to date last. */
function shownSteps(facts: Facts, verdict: Shown): readonly GitHubStep[] {
  const [first, ...others] = facts.shown.statuses;
  const duplicates = others.map(({ id }): GitHubStep => ({ do: "remove-status", comment: id }));
  const body = statusComment(facts, verdict);
  // the run that is on its way writes the status in a moment: an edit in between would cost a write, and hide what held the last run back
  const waits = first !== undefined && isOnItsWay(verdict);
  return [
    ...duplicates,
    ...(waits || first?.body === body ? [] : [{ do: "status", body } as const]),
    ...labelSteps(facts, verdict),
    ...reminderSteps(facts, verdict),
  ];
}

/** One at most stands there: who is reminded again finds the last one only. What is broken moves nothing. */
export function reminderSteps(facts: Facts, verdict: Shown): readonly GitHubStep[] {
  if (verdict.state === "broken") return [];
  const due = reminder(facts, verdict);
  const { reminders } = facts.shown;
  const there = reminders.find(({ key }) => key === due?.key);
  const stale = reminders
    .filter((each) => each !== there)
    .map(({ id }): GitHubStep => ({ do: "remove-reminder", comment: id }));
  return due === undefined || there !== undefined ? stale : [{ do: "remind", ...due }, ...stale];
}

const isOnItsWay = (verdict: Shown): boolean =>
  (verdict.state === "approved" && verdict.waitingFor === "grant") ||
  (verdict.state === "active" && verdict.next === "issue");

function labelSteps({ subject, shown }: Facts, verdict: Shown): readonly GitHubStep[] {
  const own = shown.labels.filter((label) => label.startsWith(labelPrefix));
  const others = shown.labels.filter((label) => !label.startsWith(labelPrefix) && label !== glassLabel);
  const state = labelOf(verdict, own);
  const hasGlass = shown.labels.includes(glassLabel);
  // what is broken moves nothing
  const unanswered = verdict.state === "broken" ? hasGlass : isUnanswered(verdict);
  const sameState = state === undefined || (own.length === 1 && own[0] === state);
  const same = sameState && hasGlass === unanswered;
  const labels = same
    ? shown.labels
    : [...others, ...(sameState ? own : [state]), ...(unanswered ? [glassLabel] : [])];
  if (verdict.state === "over" && subject.open && !unanswered) {
    const { how } = verdict.record.ended;
    return [
      { do: "close", labels, reason: how === "expired" || how === "revoked" ? "completed" : "not_planned" },
    ];
  }
  return same ? [] : [{ do: "labels", labels }];
}

/** Until the review of a broken glass is answered, so that a list of issues shows what is left to do. */
export const glassLabel = "break-glass: unanswered";

const isUnanswered = (verdict: Shown): boolean =>
  "followUp" in verdict ? verdict.followUp !== undefined : "glass" in verdict && verdict.glass !== undefined;

/** The label that the state should show; undefined to leave what is there. Labels show; they are never read back as facts. */
function labelOf(verdict: Shown, own: readonly string[]): string | undefined {
  switch (verdict.state) {
    case "invalid":
    case "pending":
    case "active":
      return `${labelPrefix}${verdict.state}`;
    case "approved": {
      // the form brings `pending` along. A label write is spent on a wait that people will look at, and on a label that is wrong
      const passing =
        own.length === 1 && own[0] === `${labelPrefix}pending` && verdict.waitingFor !== "start";
      return passing ? undefined : `${labelPrefix}approved`;
    }
    case "broken":
      return undefined;
    case "over":
      return `${labelPrefix}${verdict.record.ended.how}`;
  }
}

/** When something is to be done by time alone, so that somebody looks again then: the verdict changes, whom we wait for is reminded, or a run that failed may be tried again. */
export function lookAgainAt(facts: Facts, verdict: Verdict): Instant | undefined {
  const times = [facts.shown.heldUntil, changesAt(verdict), nextReminder(facts, verdict)].filter(
    (each) => each !== undefined,
  );
  return times.length === 0 ? undefined : (Math.min(...times) as Instant);
}

function changesAt(verdict: Verdict): Instant | undefined {
  switch (verdict.state) {
    case "invalid":
    case "pending":
      return verdict.lapsesAt;
    case "approved":
      return verdict.waitingFor === "start" ? verdict.opensAt : verdict.goodUntil;
    // the end is the schedule's and the sweep's
    case "active":
    case "broken":
    case "ending":
    case "over":
      return undefined;
  }
}
