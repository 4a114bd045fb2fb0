// Parts of a run that must not stand or fall together: what fails is told, and the others are done all the same.

import { type Problem, problem } from "../core/problem.ts";

export interface Apart {
  /** Undefined when it failed. */
  readonly try: <T>(work: () => Promise<T>) => Promise<T | undefined>;
  /** What has failed so far. */
  readonly problems: readonly Problem[];
}

export function apart(): Apart {
  const problems: Problem[] = [];
  return {
    problems,
    try: async (work) => {
      try {
        return await work();
      } catch (error) {
        // our own errors say where, what and what to do next
        const message = error instanceof Error ? error.message : "an unknown error; report it";
        problems.push(problem("fact.unavailable", message));
        return undefined;
      }
    },
  };
}
