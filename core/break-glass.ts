// Access before anybody has approved: the requester says that they cannot wait and why, Cedar permits it for every node, and people review it afterwards.

import type { PolicyRef } from "./answer.ts";
import type { CommandFacts, Facts } from "./facts.ts";
import type { Instant } from "./ids.ts";

/** What the requester said, and the policies that permit it. */
export interface BrokenGlass {
  readonly at: Instant;
  readonly why: string;
  readonly policies: readonly PolicyRef[];
}

type Said = CommandFacts & { readonly why: string };

/** The requester's own last word for it, with its reason, on the text as it stands now. */
export const glassAsked = (facts: Facts): Said | undefined =>
  facts.commands.findLast(
    (each): each is Said => each.command === "break-glass" && whyIdle(facts, each) === undefined,
  );

/** Why a `/break-glass` says nothing; undefined when it asks for what policies then permit or not. */
export function whyIdle({ subject }: Facts, said: CommandFacts): string | undefined {
  if (!said.allowed) return "only the requester breaks the glass";
  if (!("why" in said)) return "say why: `/break-glass INC-1234 checkout is down and nobody answers`";
  if (subject.kind === "pull") return "only an issue can be granted before it is approved; ask in one";
  // INVARIANT: what was said of one text is not said of another
  if (said.at < subject.writtenAt) return "the request was edited after it; say it again";
  return undefined;
}

/** For showing: why the request waits for people all the same. */
export function whyUnbroken(facts: Facts, said: CommandFacts): string | undefined {
  const idle = whyIdle(facts, said);
  if (idle !== undefined) return idle;
  if (canWait(facts)) return "a request with `From` can wait for people; ask in a new one without it";
  return facts.answers?.ok === true && brokenGlass(facts) === undefined
    ? "no policy permits it for every node, so people have to approve first"
    : undefined;
}

const canWait = ({ asked }: Facts): boolean => asked.ok && asked.value.from !== undefined;

/** Undefined: people have to approve first. INVARIANT: the guardrail, and whether any rule covers the nodes at all, were decided before. */
export function brokenGlass(facts: Facts): BrokenGlass | undefined {
  const said = glassAsked(facts);
  if (said === undefined || canWait(facts) || facts.answers?.ok !== true) return undefined;
  const permits = facts.answers.value.map(({ breakGlass = [] }) => breakGlass);
  return permits.every(({ length }) => length > 0)
    ? { at: said.at, why: said.why, policies: distinct(permits.flat()) }
    : undefined;
}

const distinct = (policies: readonly PolicyRef[]): readonly PolicyRef[] => [
  ...new Map(policies.map((policy) => [policy.name, policy])).values(),
];
