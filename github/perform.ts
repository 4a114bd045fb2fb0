// GitHub's steps, each an *ensure*: doing it twice is doing it once, and what is there already is taken up. Answers the facts as they are after it, so that
// nothing is read twice.

import type { Facts, PullFacts } from "../core/facts.ts";
import { parseApproved } from "../core/parse-record.ts";
import type { GitHubStep } from "../core/step.ts";
import type { GitHubClient } from "./client.ts";
import {
  deleteComment,
  editComment,
  postComment,
  readRemindersSince,
  readStatusesSince,
} from "./comments.ts";
import { openExtension } from "./extensions.ts";
import { closeSubject, setLabels } from "./labels.ts";
import { openPull } from "./open-pull.ts";
import { askReviewers, closePull, mergePull, reopenPull, setCheck } from "./pull-steps.ts";
import { recordEnd } from "./record-end.ts";
import { dispatchWorkflow, refreshInventory } from "./runs.ts";

export async function performGitHubStep(
  client: GitHubClient,
  step: GitHubStep,
  facts: Facts,
): Promise<Facts> {
  switch (step.do) {
    case "open-pull":
      return open(client, step, facts);
    case "close-pull":
      await closePull(client, step.pull);
      return withPull(facts, step.pull, { open: false });
    case "reopen-pull":
      await reopenPull(client, pullOf(facts, step.pull));
      return withPull(facts, step.pull, { open: true });
    case "ask-reviewers":
      await askReviewers(client, step);
      return withPull(facts, step.pull, { asked: true });
    case "check":
      return withPull(facts, step.pull, {
        check: await setCheck(client, step, pullOf(facts, step.pull).check),
      });
    case "merge":
      return merge(client, step, facts);
    case "dispatch": {
      const heldUntil = await dispatchWorkflow(client, { ...step, branch: facts.repository.defaultBranch });
      const held = heldUntil === undefined ? {} : { heldUntil };
      return { ...facts, shown: { ...facts.shown, dispatched: true, ...held } };
    }
    case "refresh": {
      const branch = facts.repository.defaultBranch;
      const heldUntil = await refreshInventory(client, { branch, askedAt: step.askedAt });
      const held = heldUntil === undefined ? {} : { heldUntil };
      return { ...facts, shown: { ...facts.shown, refreshed: true, ...held } };
    }
    case "open-extension": {
      const request = facts.subject.number;
      return { ...facts, extensions: await openExtension(client, facts.us, { request, ...step }) };
    }
    case "record-end":
      return { ...facts, ledger: await recordEnd(client, step, facts.ledger) };
    case "status":
      return status(client, step, facts);
    case "remove-status":
      await deleteComment(client, step.comment);
      return withStatuses(
        facts,
        facts.shown.statuses.filter(({ id }) => id !== step.comment),
      );
    case "remind":
      return remind(client, step, facts);
    case "remove-reminder":
      await deleteComment(client, step.comment);
      return withReminders(
        facts,
        facts.shown.reminders.filter(({ id }) => id !== step.comment),
      );
    case "labels":
      await setLabels(client, facts.subject.number, step.labels);
      return { ...facts, shown: { ...facts.shown, labels: step.labels } };
    case "close":
      await closeSubject(client, facts.subject.number, step);
      return {
        ...facts,
        subject: { ...facts.subject, open: false },
        shown: { ...facts.shown, labels: step.labels },
      };
  }
}

type Step<Do extends GitHubStep["do"]> = Extract<GitHubStep, { do: Do }>;

async function open(client: GitHubClient, step: Step<"open-pull">, facts: Facts): Promise<Facts> {
  const opened = await openPull(client, step, { base: facts.ledger.head, botId: facts.us.botId });
  const pull: PullFacts = {
    ...opened,
    branch: step.branch,
    open: true,
    merged: false,
    file: parseApproved(step.content, step.path),
    reviews: [],
    barred: [],
    asked: false,
  };
  return { ...facts, pulls: [...facts.pulls.filter(({ number }) => number !== pull.number), pull] };
}

async function merge(client: GitHubClient, step: Step<"merge">, facts: Facts): Promise<Facts> {
  const head = await mergePull(client, step);
  const { file } = pullOf(facts, step.pull);
  // a pull request written by hand has no record before the grant
  const approved = file.ok && facts.subject.kind === "issue" ? { approved: file.value } : {};
  return {
    ...withPull(facts, step.pull, { merged: true, open: false }),
    ledger: { ...facts.ledger, head, ...approved },
  };
}

/** The first of our status comments is edited; without one, or when somebody deleted it, there is a new one. */
async function status(client: GitHubClient, { body }: Step<"status">, facts: Facts): Promise<Facts> {
  const [first, ...others] = facts.shown.statuses;
  if (first !== undefined && (await editComment(client, first.id, body)))
    return withStatuses(facts, [{ id: first.id, body }, ...others]);
  const id = await postComment(client, facts.subject.number, { body, mayWait: true });
  // another process may have made one in the same moment; of two, the one who looks last sees both
  const since = await readStatusesSince(client, facts);
  const found = new Map([...others, ...since, { id, body }].map((each) => [each.id, each]));
  return withStatuses(
    facts,
    [...found.values()].sort((a, b) => a.id - b.id),
  );
}

/** Of two processes that remind in the same moment, the one who looks last sees both, and the later comment goes. */
async function remind(client: GitHubClient, { key, body }: Step<"remind">, facts: Facts): Promise<Facts> {
  const id = await postComment(client, facts.subject.number, { body, mayWait: true });
  const since = await readRemindersSince(client, facts);
  const found = new Map([...facts.shown.reminders, ...since, { id, key }].map((each) => [each.id, each]));
  return withReminders(
    facts,
    [...found.values()].sort((a, b) => a.id - b.id),
  );
}

const withReminders = (facts: Facts, reminders: Facts["shown"]["reminders"]): Facts => ({
  ...facts,
  shown: { ...facts.shown, reminders },
});

const withStatuses = (facts: Facts, statuses: Facts["shown"]["statuses"]): Facts => ({
  ...facts,
  shown: { ...facts.shown, statuses },
});

const withPull = (facts: Facts, number: number, change: Partial<PullFacts>): Facts => ({
  ...facts,
  pulls: facts.pulls.map((pull) => (pull.number === number ? { ...pull, ...change } : pull)),
});

function pullOf(facts: Facts, number: number): PullFacts {
  const pull = facts.pulls.find((each) => each.number === number);
  if (pull === undefined) throw new Error(`a step speaks of #${number}, which the facts do not know`);
  return pull;
}
