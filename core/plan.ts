// Facts and verdict in, steps out: the difference between what GitHub shows and what it should show. Running it again on the result gives nothing.

import type { Facts, PullFacts } from "./facts.ts";
import type { Level } from "./law.ts";
import { type ApprovedRecord, type EndedRecord, recordPath, renderRecord } from "./record.ts";
import { checkTitle, mergeMessage, pullBody, pullTitle } from "./render-pull.ts";
import { statusComment } from "./render-status.ts";
import type { GitHubStep } from "./step.ts";
import type { Verdict } from "./verdict.ts";

export const labelPrefix = "access: ";

/** `access.yml` brings the state in as the form's own label, so a pending request costs no label write. */
export function plan(facts: Facts, verdict: Verdict): readonly GitHubStep[] {
  const steps = structuralSteps(facts, verdict);
  // INVARIANT: what people read is written after what it speaks of exists, so that it can link to it
  return steps.length > 0 ? steps : shownSteps(facts, verdict);
}

/** Branches, pull requests, merges, records, dispatches. */
function structuralSteps(facts: Facts, verdict: Verdict): readonly GitHubStep[] {
  switch (verdict.state) {
    case "invalid":
      return closePulls(facts, undefined);
    case "broken":
      return [];
    case "pending":
      return pendingSteps(facts, verdict);
    case "approved":
      return approvedSteps(facts, verdict);
    case "active":
      return activeSteps(facts, verdict);
    case "ending":
      return [{ do: "record-end", record: endedRecord(facts, verdict), removes: staleRecords(facts) }];
    case "over":
      return closePulls(facts, verdict.record.ended.how === "cancelled" ? "neutral" : undefined);
  }
}

type Pending = Extract<Verdict, { state: "pending" }>;
type Approved = Extract<Verdict, { state: "approved" }>;

function pendingSteps(facts: Facts, verdict: Pending): readonly GitHubStep[] {
  if (facts.subject.kind === "pull") return [];
  const { pull } = verdict;
  const stale = facts.pulls.filter((each) => each !== pull && each.open).map(closePull);
  if (pull === undefined) return [...stale, openPull(facts, verdict)];
  const reviewers = reviewersOf(facts, verdict.outcome.levels);
  return [
    ...stale,
    ...(pull.open ? [] : [{ do: "reopen-pull", pull: pull.number } as const]),
    ...(pull.check === undefined ? [checkStep(facts, pull, verdict)] : []),
    ...(pull.asked || pull.reviews.length > 0 || reviewers.people.length + reviewers.teams.length === 0
      ? []
      : [{ do: "ask-reviewers", pull: pull.number, ...reviewers } as const]),
  ];
}

function approvedSteps(facts: Facts, verdict: Approved): readonly GitHubStep[] {
  const { pull } = verdict;
  switch (verdict.waitingFor) {
    case "merge":
      return pull === undefined
        ? []
        : [
            ...(pull.open ? [] : [{ do: "reopen-pull", pull: pull.number } as const]),
            ...(pull.check?.done === true ? [] : [checkStep(facts, pull, verdict)]),
            { do: "merge", pull: pull.number, head: pull.head, ...mergeMessage(facts, verdict) },
          ];
    case "start":
    case "key":
      return [];
    case "grant":
      return dispatch(facts, "grant");
  }
}

/** The ledger is the lock, so a second run does no harm; it only costs. */
const dispatch = (facts: Facts, command: "grant" | "end"): readonly GitHubStep[] =>
  facts.shown.dispatched ? [] : [{ do: "dispatch", command, request: facts.subject.number }];

function activeSteps(facts: Facts, verdict: Extract<Verdict, { state: "active" }>): readonly GitHubStep[] {
  switch (verdict.next) {
    case "wait":
    case "sweep":
      return [];
    case "issue":
      return dispatch(facts, "grant");
    case "end":
      return dispatch(facts, "end");
  }
}

/** What people read, brought up to date last. */
function shownSteps(facts: Facts, verdict: Verdict): readonly GitHubStep[] {
  const [first, ...others] = facts.shown.statuses;
  const duplicates = others.map((each) => ({ do: "remove-status", comment: each.id }) as const);
  const body = statusComment(facts, verdict);
  const stale = first === undefined || (first.body !== body && !isGranting(verdict));
  return [...duplicates, ...(stale ? [{ do: "status", body } as const] : []), ...labelSteps(facts, verdict)];
}

/** The run that is on its way writes the status in a moment: an edit in between would cost a write and say nothing new. */
const isGranting = (verdict: Verdict): boolean =>
  verdict.state === "approved" && (verdict.waitingFor === "grant" || verdict.waitingFor === "merge");

function labelSteps(facts: Facts, verdict: Verdict): readonly GitHubStep[] {
  const kept = facts.shown.labels.filter((label) => !label.startsWith(labelPrefix));
  const has = facts.shown.labels.filter((label) => label.startsWith(labelPrefix));
  const state = labelOf(verdict, has);
  const labels = state === undefined ? facts.shown.labels : [...kept, `${labelPrefix}${state}`];
  if (verdict.state === "over" && facts.subject.open && facts.subject.kind === "issue") {
    const completed = verdict.record.ended.how === "expired" || verdict.record.ended.how === "revoked";
    return [{ do: "close", labels, reason: completed ? "completed" : "not_planned" }];
  }
  const same =
    labels.length === facts.shown.labels.length &&
    labels.every((label) => facts.shown.labels.includes(label));
  return same ? [] : [{ do: "labels", labels }];
}

/** The label the state should show; undefined to leave what is there. Labels show; they are never read back as facts. */
function labelOf(verdict: Verdict, has: readonly string[]): string | undefined {
  switch (verdict.state) {
    case "invalid":
    case "pending":
    case "active":
      return verdict.state;
    case "approved":
      // a label write is spent only on a wait that people will look at
      return verdict.waitingFor === "start" ? "approved" : has.length === 0 ? "pending" : undefined;
    case "broken":
    case "ending":
      return undefined;
    case "over":
      return verdict.record.ended.how;
  }
}

function openPull(facts: Facts, verdict: Pending): GitHubStep {
  const { number } = facts.subject;
  const nth = facts.pulls.length + 1;
  const record = approvedRecord(facts, verdict);
  return {
    do: "open-pull",
    branch: nth === 1 ? `request/${number}` : `request/${number}-${nth}`,
    path: recordPath(record),
    content: renderRecord(record),
    title: pullTitle(facts),
    body: pullBody(facts, verdict),
  };
}

const closePull = (pull: PullFacts): GitHubStep => ({ do: "close-pull", pull: pull.number });

function closePulls(facts: Facts, conclusion: "neutral" | undefined): readonly GitHubStep[] {
  return facts.pulls
    .filter((pull) => pull.open)
    .flatMap((pull) => [
      ...(pull.check === undefined || pull.check.done
        ? []
        : [
            {
              do: "check",
              pull: pull.number,
              head: pull.head,
              conclusion: conclusion ?? "failure",
              title: "This request is over",
              summary: "It was not approved. The request says why.",
            } as const,
          ]),
      closePull(pull),
    ]);
}

function checkStep(facts: Facts, pull: PullFacts, verdict: Pending | Approved): GitHubStep {
  return {
    do: "check",
    pull: pull.number,
    head: pull.head,
    ...(verdict.state === "approved" ? { conclusion: "success" } : {}),
    title: checkTitle(verdict),
    summary: `Request: ${facts.repository.htmlUrl}/issues/${facts.subject.number}`,
  };
}

/** Everyone who can fill a level is asked at once: an approval given before its level is reached counts. */
function reviewersOf(facts: Facts, levels: readonly Level[]) {
  const owner = facts.repository.owner.toLowerCase();
  const requester = facts.subject.author.login.toLowerCase();
  const people = levels.flatMap((level) => level.people).filter((login) => login.toLowerCase() !== requester);
  const teams = levels
    .flatMap((level) => level.teams)
    .filter((team) => !facts.unreadableTeams.includes(team));
  return {
    people: [...new Set(people)],
    teams: [
      ...new Set(
        teams.flatMap((team) => (team.startsWith(`${owner}/`) ? [team.slice(owner.length + 1)] : [])),
      ),
    ],
  };
}

function approvedRecord(facts: Facts, verdict: Pending): ApprovedRecord {
  return {
    folder: "approved",
    request: verdict.request,
    requester: facts.subject.author,
    subject: { kind: facts.subject.kind, number: facts.subject.number },
    nodes: verdict.nodes,
    policies: facts.law.commit,
  };
}

/** A request that ends without a grant gets its record too, so that git is the whole history. */
function endedRecord(facts: Facts, verdict: Extract<Verdict, { state: "ending" }>): EndedRecord {
  const ending = { at: facts.now, by: verdict.by, why: verdict.why, sessions: [] };
  const { active } = facts.ledger;
  // a grant that AWS refused half-way
  if (active !== undefined) return { ...active, folder: "ended", ended: { ...ending, how: "failed" } };
  return {
    folder: "ended",
    ...(facts.asked.ok ? { request: facts.asked.value } : {}),
    requester: facts.subject.author,
    subject: { kind: facts.subject.kind, number: facts.subject.number },
    ...(facts.nodes?.ok === true ? { nodes: facts.nodes.value } : {}),
    policies: facts.law.commit,
    ended: { ...ending, how: verdict.how },
  };
}

function staleRecords({ ledger }: Facts): readonly string[] {
  return [ledger.approved, ledger.active].flatMap((record) =>
    record === undefined ? [] : [recordPath(record)],
  );
}

/** When the verdict changes by time alone, so that somebody looks again then. */
export function lookAgainAt(verdict: Verdict): number | undefined {
  switch (verdict.state) {
    case "invalid":
    case "pending":
      return verdict.lapsesAt;
    case "approved":
      return verdict.waitingFor === "start" ? verdict.request.from : verdict.goodUntil;
    // the end is the schedule's and the sweep's
    case "active":
    case "broken":
    case "ending":
    case "over":
      return undefined;
  }
}
