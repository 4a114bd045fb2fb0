// Commands in comments, and who may give them.

import { parseCommand } from "../core/commands.ts";
import type { CommandFacts } from "../core/facts.ts";
import type { UserId } from "../core/ids.ts";
import { isPerson } from "./account.ts";
import type { Actor, CommentReading, RequestReading } from "./reading.ts";

/** People other than the requester who wrote `/revoke`: whether they may depends on their permission. Each once. */
export function revokersToCheck(reading: RequestReading): readonly Actor[] {
  const others = spoken(reading).flatMap(({ by, parsed }) =>
    parsed.ok && parsed.value.command === "revoke" && by.id !== reading.subject.author?.id ? [by] : [],
  );
  return [...new Map(others.map((each) => [each.id, each])).values()];
}

/** `mayRevoke`: ids of those others who may write; from `readRevokers`. */
export function commandFacts(
  reading: RequestReading,
  mayRevoke: ReadonlySet<UserId>,
): readonly CommandFacts[] {
  return spoken(reading).map(({ comment, by, parsed }) => {
    const own = by.id === reading.subject.author?.id;
    const said = { comment: comment.id, by: { login: by.login, id: by.id }, at: comment.at };
    // only `/token` can be misspelt; the others take any words
    if (!parsed.ok) return { ...said, allowed: own, command: "token", problem: parsed.problems[0] };
    const allowed = own || (parsed.value.command === "revoke" && mayRevoke.has(by.id));
    return { ...said, allowed, ...parsed.value };
  });
}

interface Spoken {
  readonly comment: CommentReading;
  readonly by: Actor;
  readonly parsed: NonNullable<ReturnType<typeof parseCommand>>;
}

/** INVARIANT: an edited comment commands nothing. Any writer may edit anybody's comment, and the author stays the author. */
function spoken({ subject }: RequestReading): readonly Spoken[] {
  return subject.comments
    .flatMap((comment): readonly Spoken[] => {
      const by = comment.author;
      if (comment.edited || !isPerson(by)) return [];
      const parsed = parseCommand(comment.body);
      return parsed === undefined ? [] : [{ comment, by, parsed }];
    })
    .sort((a, b) => a.comment.at - b.comment.at || a.comment.id - b.comment.id);
}
