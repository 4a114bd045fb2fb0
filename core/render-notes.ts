// What was said or opened and does nothing, with the reason: a command never goes unanswered, and nobody reviews a pull request that does not count.

import { formatDuration } from "./duration.ts";
import { heededExtends } from "./extension.ts";
import type { Facts } from "./facts.ts";
import { type Account, formatInstant } from "./ids.ts";
import { edited, whyIgnored } from "./ignored.ts";
import { listed, person, sentence } from "./render-markdown.ts";
import { oldInventory } from "./render-old-inventory.ts";

export function notes(
  facts: Facts,
  { isOpen, isWaiting }: { readonly isOpen: boolean; readonly isWaiting: boolean },
): readonly (readonly string[])[] {
  const ignored = facts.commands.flatMap((each) => {
    const why = whyIgnored(facts, each, { isWaiting });
    return why === undefined ? [] : [did(each, why)];
  });
  const touched = (facts.editedCommands ?? []).map((each) => did(each, edited));
  // ATTACK: anybody may comment as often as they like; the same again says nothing new and costs no write
  const all = listed(
    [...new Set([...unread(facts, "token"), ...unread(facts, "extend"), ...ignored, ...touched])],
    (count) => `> And ${count} more commands.`,
  );
  const seen = isOpen ? [] : [...oldInventory(facts), ...lookalikes(facts)];
  return [...links(facts), ...seen, ...all, ...refreshed(facts)].map((note) => [note]);
}

const mostLookalikes = 3;

// ATTACK: anybody may open as many as they like, from forks too; after the first few another one costs no write
function lookalikes({ lookalikes: all }: Facts): readonly string[] {
  const named = all.slice(0, mostLookalikes).map(({ message }) => `> ${sentence(message)}`);
  return all.length > mostLookalikes ? [...named, "> There are more like these."] : named;
}

const did = ({ command, by }: { readonly command: string; readonly by: Account }, why: string): string =>
  `> \`/${command}\` by ${person(by.login)} did nothing: ${why}.`;

/** The requester's last one, if it could not be read. */
function unread({ commands }: Facts, word: "token" | "extend"): readonly string[] {
  const last = commands.filter(({ command, allowed }) => command === word && allowed).at(-1);
  return last !== undefined && "problem" in last
    ? [`> \`/${word}\` could not be read: ${sentence(last.problem.message)}`]
    : [];
}

/** From a request to its extensions, and back. */
function links({ extends: of, extensions = [], commands, ledger: { active } }: Facts): readonly string[] {
  const back = of === undefined ? [] : [`> This extends #${of.request}, which ends when it was to end.`];
  const said = active === undefined ? [] : heededExtends(commands, active);
  const on = extensions.flatMap(({ number, comment }, index) => {
    const asked = said.find((each) => each.comment === comment);
    // of two that answer one comment, the higher is closed
    const isFirst = extensions.findIndex((each) => each.comment === comment) === index;
    return asked === undefined || !isFirst
      ? []
      : [
          `> ${formatDuration(asked.for)} more is asked for in #${number}; until that is granted, this is the end.`,
        ];
  });
  return [...back, ...on];
}

/** When `/refresh` was last said. */
function refreshed({ commands }: Facts): readonly string[] {
  const last = commands.filter(({ command, allowed }) => command === "refresh" && allowed).at(-1);
  return last === undefined
    ? []
    : [`> Looked at afresh for ${person(last.by.login)}, who asked at ${formatInstant(last.at)}.`];
}
