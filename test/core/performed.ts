// What GitHub shows after a step, as github/perform.ts answers it; so that a plan can be played to its end without GitHub.

import { decide } from "../../core/decide.ts";
import type { Facts, PullFacts } from "../../core/facts.ts";
import type { RequestNumber, Sha } from "../../core/ids.ts";
import { parseApproved } from "../../core/parse-record.ts";
import { plan } from "../../core/plan.ts";
import type { GitHubStep } from "../../core/step.ts";

export function performed(facts: Facts, step: GitHubStep): Facts {
  const { shown, ledger } = facts;
  switch (step.do) {
    case "open-pull":
      return { ...facts, pulls: [...facts.pulls, opened(facts, step)] };
    case "close-pull":
      return withPull(facts, step.pull, { open: false });
    case "reopen-pull":
      return withPull(facts, step.pull, { open: true });
    case "ask-reviewers":
      return withPull(facts, step.pull, { asked: true });
    case "check":
      return withPull(facts, step.pull, { check: { id: step.pull, done: step.conclusion !== undefined } });
    case "merge":
      return withPull(facts, step.pull, { merged: true, open: false });
    case "dispatch":
      return { ...facts, shown: { ...shown, dispatched: true } };
    case "refresh":
      return { ...facts, shown: { ...shown, refreshed: true } };
    case "open-extension": {
      const { extensions = [] } = facts;
      const number = (2_000 + extensions.length) as RequestNumber;
      return { ...facts, extensions: [...extensions, { number, comment: step.said.comment }] };
    }
    case "record-end":
      return { ...facts, ledger: { head: ledger.head, everActive: ledger.everActive, ended: step.record } };
    case "status": {
      const [first = { id: 700 }, ...others] = shown.statuses;
      return { ...facts, shown: { ...shown, statuses: [{ id: first.id, body: step.body }, ...others] } };
    }
    case "remove-status":
      return {
        ...facts,
        shown: { ...shown, statuses: shown.statuses.filter(({ id }) => id !== step.comment) },
      };
    case "remind": {
      const id = 1 + Math.max(800, ...shown.reminders.map((each) => each.id));
      return { ...facts, shown: { ...shown, reminders: [...shown.reminders, { id, key: step.key }] } };
    }
    case "remove-reminder":
      return {
        ...facts,
        shown: { ...shown, reminders: shown.reminders.filter(({ id }) => id !== step.comment) },
      };
    case "labels":
      return { ...facts, shown: { ...shown, labels: step.labels } };
    case "close":
      return {
        ...facts,
        subject: { ...facts.subject, open: false },
        shown: { ...shown, labels: step.labels },
      };
  }
}

const opened = (
  { pulls }: Facts,
  { branch, content, path }: Extract<GitHubStep, { do: "open-pull" }>,
): PullFacts => ({
  number: 1_000 + pulls.length,
  branch,
  head: `${pulls.length}`.repeat(40) as Sha,
  open: true,
  merged: false,
  file: parseApproved(content, path),
  reviews: [],
  barred: [],
  asked: false,
});

const withPull = (facts: Facts, number: number, change: Partial<PullFacts>): Facts => ({
  ...facts,
  pulls: facts.pulls.map((pull) => (pull.number === number ? { ...pull, ...change } : pull)),
});

export interface Settled {
  readonly facts: Facts;
  readonly rounds: number;
  /** Every step, with the facts it was planned on. */
  readonly steps: readonly { readonly step: GitHubStep; readonly on: Facts }[];
}

/** Plans and performs until nothing is left to do, or `most` rounds are over. */
export function settle(gathered: Facts, most = 6): Settled {
  const steps: { step: GitHubStep; on: Facts }[] = [];
  let facts = gathered;
  for (let rounds = 0; ; rounds++) {
    const planned = plan(facts, decide(facts));
    if (planned.length === 0 || rounds === most) return { facts, rounds, steps };
    const on = facts;
    for (const step of planned) facts = performed(facts, step);
    steps.push(...planned.map((step) => ({ step, on })));
  }
}

/** The steps that come first, by name. */
export const doing = (facts: Facts): readonly string[] => plan(facts, decide(facts)).map((step) => step.do);
