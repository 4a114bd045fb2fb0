// When whom we wait for is reminded, more seldom each time. Nothing is remembered: how many reminders are due follows from the time, and which one was written stands in it.

import type { Facts } from "./facts.ts";
import type { Instant } from "./ids.ts";
import { reminderBody } from "./render-reminder.ts";
import type { Tally } from "./tally.ts";
import type { Verdict } from "./verdict.ts";

/** A comment, as a mention in an edit tells nobody. `key` names it among the reminders of its request. */
export interface Reminder {
  readonly key: string;
  readonly body: string;
}

export interface Waiting {
  /** `review`: the glass was broken, and people are told of it at once. */
  readonly for: "approval" | "review";
  readonly since: Instant;
  readonly tally: Tally;
  /** Undefined until the one to review is opened anew. */
  readonly pull: number | undefined;
  readonly barred: readonly string[];
  /** Why the glass was broken. */
  readonly why?: string;
}

const [minute, hour, day] = [60_000, 3_600_000, 24 * 3_600_000];
const first = [15 * minute, hour, 4 * hour, day] as const;

/** The one that should stand there now, if any. */
export function reminder(facts: Facts, verdict: Verdict): Reminder | undefined {
  const waiting = waitingFor(facts, verdict);
  if (waiting === undefined) return undefined;
  const nth = remindersBy(facts.now - waiting.since);
  if (waiting.for === "approval" && nth === 0) return undefined;
  const key = waiting.for === "approval" ? `${nth}` : `review-${nth}`;
  return { key, body: reminderBody(facts, waiting, key, nth) };
}

export function nextReminder(facts: Facts, verdict: Verdict): Instant | undefined {
  const waiting = waitingFor(facts, verdict);
  if (waiting === undefined) return undefined;
  const passed = facts.now - waiting.since;
  const next = first.find((each) => each > passed) ?? day * (Math.floor(passed / day) + 1);
  return (waiting.since + next) as Instant;
}

/** After a quarter of an hour, one hour, four, a day, and then each day. */
const remindersBy = (passed: number): number =>
  first.filter((each) => each <= passed).length + Math.max(0, Math.floor(passed / day) - 1);

function waitingFor(facts: Facts, verdict: Verdict): Waiting | undefined {
  switch (verdict.state) {
    case "pending": {
      const { tally, pull } = verdict;
      if (pull === undefined) return undefined;
      const since = facts.subject.writtenAt;
      return { for: "approval", since, tally, pull: pull.number, barred: pull.barred };
    }
    case "approved": {
      const { glass, tally, pull } = verdict;
      if (glass === undefined) return undefined;
      return { for: "review", since: glass.at, tally, pull: pull.number, barred: [], why: glass.why };
    }
    case "active":
    case "over": {
      const { followUp } = verdict;
      if (followUp?.tally.approval !== "pending") return undefined;
      const { glass, tally, pull } = followUp;
      return { for: "review", since: glass.at, tally, pull: pull?.number, barred: [], why: glass.why };
    }
    case "invalid":
    case "broken":
    case "ending":
      return undefined;
  }
}
