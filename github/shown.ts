// What GitHub shows of us already: labels, status comments, answers to keys. Compared with what should be there, never believed.

import type { ShownFacts } from "../core/facts.ts";
import { reminderKey } from "../core/render-reminder.ts";
import { statusMarker } from "../core/render-status.ts";
import { unixLines } from "../core/text.ts";
import type { CommentReading, RequestReading } from "./reading.ts";

export const credentialsMarker = "<!-- hallpass:credentials -->";

/** The second line of a credentials comment: which `/token` comment it answers. */
export const answersLine = (comment: number): string => `<!-- answers: ${comment} -->`;

export function shownFacts({ subject, us }: RequestReading): ShownFacts {
  const ours = subject.comments.filter(({ author }) => author?.id === us.botId).sort((a, b) => a.id - b.id);
  return {
    labels: subject.labels,
    statuses: ours.flatMap(({ id, body }) => {
      const text = unixLines(body);
      return text.startsWith(statusMarker) ? [{ id, body: text }] : [];
    }),
    reminders: ours.flatMap(({ id, body }) => {
      const key = reminderKey(unixLines(body));
      return key === undefined ? [] : [{ id, key }];
    }),
    answered: ours.flatMap(answered),
    dispatched: false,
  };
}

function answered({ body }: CommentReading): readonly number[] {
  const [first, second = ""] = unixLines(body).split("\n", 2);
  const [, comment] = /^<!-- answers: (\d{1,15}) -->$/.exec(second.trim()) ?? [];
  return first?.trim() === credentialsMarker && comment !== undefined ? [Number(comment)] : [];
}
