// Why a command does nothing: said in the status comment, never in a comment of its own, so that nobody makes us write as often as they do.

import { whyUnbroken } from "./break-glass.ts";
import { heededExtends } from "./extension.ts";
import type { CommandFacts, Facts } from "./facts.ts";
import { commandRules } from "./may-command.ts";

/** Undefined for what is heard. `isWaiting`: for people, so that no run can have failed. */
export function whyIgnored(
  facts: Facts,
  said: CommandFacts,
  { isWaiting }: { readonly isWaiting: boolean },
): string | undefined {
  const { active } = facts.ledger;
  if (said.command === "break-glass") {
    if (active === undefined) return whyUnbroken(facts, said);
    // what opened it was said before
    return said.at < active.granted.at ? undefined : "access is open already";
  }
  if (!said.allowed) return commandRules[said.command].otherwise;
  switch (said.command) {
    case "cancel":
      return active === undefined ? undefined : "access is open by now; to end it, comment `/revoke`";
    case "extend":
      // what cannot be read is told apart
      if ("problem" in said) return undefined;
      if (active === undefined) return "access is not open yet; edit `For`, or extend it when it is open";
      return heededExtends(facts.commands, active).some(({ comment }) => comment === said.comment)
        ? undefined
        : "only the first three count, and only while access is open; extend one of those, or ask in a new issue";
    case "retry":
      return isWaiting
        ? "no run has failed; the request waits for what stands above, and goes on by itself"
        : undefined;
    case "token":
    case "revoke":
    case "refresh":
      return undefined;
  }
}

/** Words for what was edited: any writer may edit anybody's comment, and its author stays its author. */
export const edited = "the comment was edited, and an edited comment commands nothing; write a new one";
