// The issue or pull request that asks, and whether its text can be taken for its author's own.

import type { SubjectFacts } from "../core/facts.ts";
import { type Problem, problem } from "../core/problem.ts";
import { accountOf, isPerson } from "./account.ts";
import type { RequestReading, SubjectReading } from "./reading.ts";

/** `authorHasAccess` comes from `readAccess`. */
export function subjectFacts({ subject }: RequestReading, authorHasAccess: boolean): SubjectFacts {
  const closed = closing(subject);
  return {
    kind: subject.kind,
    number: subject.number,
    author: accountOf(subject.author),
    authorIsPerson: isPerson(subject.author),
    authorHasAccess,
    createdAt: subject.createdAt,
    writtenAt: subject.lastEditedAt ?? subject.createdAt,
    open: subject.open,
    ...(closed === undefined ? {} : { everClosed: { by: accountOf(closed.by).login, at: closed.at } }),
    distrust: distrust(subject),
  };
}

/** GitHub's closing of a merged pull request may be dated a moment off its merge. */
const slack = 2_000;

/** The first time that somebody closed it. A merge closes a pull request too, and is no such end. */
function closing({ closings, mergedAt }: SubjectReading): SubjectReading["closings"][number] | undefined {
  return closings.find(({ at }) => mergedAt === undefined || at < mergedAt - slack);
}

function distrust(subject: SubjectReading): readonly Problem[] {
  return [...transferred(subject), ...edits(subject)];
}

function transferred(subject: SubjectReading): readonly Problem[] {
  if (!subject.transferred) return [];
  // the attacker edits a victim's issue where they may, then moves it here
  return [
    problem(
      "issue.transferred",
      "the issue came from another repository, where others may have edited it; open a new one here",
    ),
  ];
}

function edits({ author, edits: revisions, lastEditedAt }: SubjectReading): readonly Problem[] {
  if (revisions === undefined || (revisions.length === 0 && lastEditedAt !== undefined))
    return [problem("issue.edits-unreadable", "its history of edits cannot be read whole; open a new one")];
  const strangers = revisions.filter(({ editor }) => editor === undefined || editor.id !== author?.id);
  if (strangers.length === 0) return [];
  const names = [...new Set(strangers.map(({ editor }) => `\`${accountOf(editor).login}\``))].join(", ");
  return [
    problem(
      "issue.edited-by-another",
      `edited by ${names}: expected edits by its author only; open a new one with the text you mean`,
    ),
  ];
}
