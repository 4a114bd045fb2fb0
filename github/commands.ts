// Commands in comments, and who may give them.

import { parseCommand } from "../core/commands.ts";
import type { CommandFacts, EditedCommand } from "../core/facts.ts";
import type { UserId } from "../core/ids.ts";
import { givenBy, mayGive, type Role } from "../core/may-command.ts";
import { isPerson } from "./account.ts";
import type { Actor, CommentReading, RequestReading } from "./reading.ts";

/** Who is what beside the requester. */
export type Roles = Readonly<Record<Exclude<Role, "requester">, ReadonlySet<UserId>>>;

/** People other than the requester who gave a command that this role allows: whether they have it has to be looked up. Each once. */
export function othersToCheck(reading: RequestReading, role: keyof Roles): readonly Actor[] {
  const words = givenBy(role);
  const others = spoken(reading).flatMap(({ by, parsed }) =>
    parsed.ok && words.includes(parsed.value.command) && by.id !== reading.subject.author?.id ? [by] : [],
  );
  return [...new Map(others.map((each) => [each.id, each])).values()];
}

export function commandFacts(reading: RequestReading, roles: Roles): readonly CommandFacts[] {
  return spoken(reading).map(({ comment, by, parsed }) => {
    const theirs = rolesOf(reading, by, roles);
    const said = { comment: comment.id, by: { login: by.login, id: by.id }, at: comment.at };
    if (parsed.ok) return { ...said, allowed: mayGive(parsed.value.command, theirs), ...parsed.value };
    // only these two can be misspelt; the others take any words
    const [problem] = parsed.problems;
    const command = problem.code === "command.extend-malformed" ? "extend" : "token";
    return { ...said, allowed: mayGive(command, theirs), command, problem };
  });
}

function rolesOf({ subject }: RequestReading, { id }: Actor, roles: Roles): ReadonlySet<Role> {
  const theirs = new Set<Role>();
  if (id === subject.author?.id) theirs.add("requester");
  if (roles.writer.has(id)) theirs.add("writer");
  if (roles.approver.has(id)) theirs.add("approver");
  return theirs;
}

/** What would have been a command, had nobody edited its comment. */
export const editedCommands = ({ subject }: RequestReading): readonly EditedCommand[] =>
  subject.comments.flatMap(({ edited, author, body }) => {
    if (!edited || !isPerson(author)) return [];
    const parsed = parseCommand(body);
    return parsed?.ok === true
      ? [{ command: parsed.value.command, by: { login: author.login, id: author.id } }]
      : [];
  });

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
