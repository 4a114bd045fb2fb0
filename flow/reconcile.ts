// "Look at request N again." Level-triggered: events may be lost, doubled, late or handled by two processes at once, and the result is the same.

import { decide } from "../core/decide.ts";
import type { Facts } from "../core/facts.ts";
import type { RequestNumber } from "../core/ids.ts";
import { plan } from "../core/plan.ts";
import type { Verdict } from "../core/verdict.ts";
import { performGitHubStep } from "../github/perform.ts";
import { type GatherDeps, gather } from "./gather.ts";

export interface Settled {
  readonly facts: Facts;
  readonly verdict: Verdict;
}

/** Gathers facts, decides, and performs the difference. Undefined when number N is no access request. */
export async function reconcile(deps: GatherDeps, number: RequestNumber): Promise<Settled | undefined> {
  const facts = await gather(deps, number);
  return facts === undefined ? undefined : settle(deps, facts);
}

/** With what was opened on the way because of `/extend`: what the workflow itself opens starts no run. Answers where `number` stands. */
export async function reconcileAll(deps: GatherDeps, number: RequestNumber): Promise<Settled | undefined> {
  const settled = await reconcile(deps, number);
  for (const { number: extension } of settled?.facts.extensions ?? []) await reconcile(deps, extension);
  return settled;
}

/** A request takes a handful of rounds at most: open, merge, dispatch, show. More means that a step does not do what it says. */
const mostRounds = 12;

/** Plans and performs until nothing is left to do. Each step answers the facts as they are after it, so nothing is read twice. */
export async function settle(deps: GatherDeps, gathered: Facts): Promise<Settled> {
  let facts = gathered;
  for (let round = 0; round < mostRounds; round++) {
    const verdict = decide(facts);
    const steps = plan(facts, verdict);
    if (steps.length === 0) return { facts, verdict };
    for (const step of steps) facts = await performGitHubStep(deps.client, step, facts);
  }
  throw new Error(
    `request #${gathered.subject.number} did not settle after ${mostRounds} rounds; please report this`,
  );
}
