// What was said or opened and does nothing, with the reason: a command never goes unanswered, and nobody reviews a pull request that does not count.

import type { CommandFacts, Facts } from "./facts.ts";
import { listed, person, sentence } from "./render-markdown.ts";

export function notes(
  facts: Facts,
  { isOpen }: { readonly isOpen: boolean },
): readonly (readonly string[])[] {
  const unheeded = facts.commands.flatMap((each) => {
    const why = whyUnheeded(each, isOpen);
    return why === undefined
      ? []
      : [`> \`/${each.command}\` by ${person(each.by.login)} did nothing: ${why}.`];
  });
  // ATTACK: anybody may comment as often as they like; the same again says nothing new and costs no write
  const all = listed(
    [...new Set([...unreadKey(facts), ...unheeded])],
    (count) => `> And ${count} more commands.`,
  );
  return [...(isOpen ? [] : lookalikes(facts)), ...all].map((note) => [note]);
}

const mostLookalikes = 3;

// ATTACK: anybody may open as many as they like, from forks too; after the first few another one costs no write
function lookalikes({ lookalikes: all }: Facts): readonly string[] {
  const named = all.slice(0, mostLookalikes).map(({ message }) => `> ${sentence(message)}`);
  return all.length > mostLookalikes ? [...named, "> There are more like these."] : named;
}

/** The requester's last `/token`, if it could not be read. */
function unreadKey({ commands }: Facts): readonly string[] {
  const last = commands.filter((each) => each.command === "token" && each.allowed).at(-1);
  return last !== undefined && "problem" in last
    ? [`> \`/token\` could not be read: ${sentence(last.problem.message)}`]
    : [];
}

function whyUnheeded({ command, allowed }: CommandFacts, isOpen: boolean): string | undefined {
  switch (command) {
    case "token":
      return allowed ? undefined : "the key comes only from the requester";
    case "cancel":
      if (!allowed)
        return "only the requester cancels; to reject, *Request changes*; to end open access, `/revoke`";
      return isOpen ? "access is open by now; to end it, comment `/revoke`" : undefined;
    case "revoke":
      return allowed ? undefined : "only the requester and people who may write to this repository revoke";
  }
}
