// The policy engine as the front doors use it: in a worker for the long-lived App, in the same thread for the Action and the CLI, where a
// crash is already "nothing granted".

import type { NodeAnswer, Question } from "../core/answer.ts";
import { problem } from "../core/problem.ts";
import { brokenAnswer } from "./broken-answer.ts";
import type { LoadResult, PolicyFile, PolicySet } from "./policy-set.ts";

export interface PolicyEngine {
  /** Never rejects: an engine that breaks is a problem of the set. */
  readonly load: (files: readonly PolicyFile[]) => Promise<LoadResult>;
  /** One answer a node, in order. Never rejects: an engine that breaks makes every answer broken, never an allow. */
  readonly ask: (set: PolicySet, question: Question) => Promise<readonly NodeAnswer[]>;
  readonly close: () => Promise<void>;
}

/** The engine in this thread. The 4 MB of WebAssembly are loaded with the first call, not with this module. */
export function inlineEngine(): PolicyEngine {
  let loader: Promise<typeof import("./load.ts")> | undefined;
  let asker: Promise<typeof import("./ask.ts")> | undefined;
  return {
    load: async (files) => {
      try {
        loader ??= import("./load.ts");
        return (await loader).loadPolicies(files);
      } catch (error) {
        return unloadable(reasonOf(error));
      }
    },
    ask: async (set, question) => {
      try {
        asker ??= import("./ask.ts");
        return (await asker).ask(set, question);
      } catch (error) {
        return unanswered(question, reasonOf(error));
      }
    },
    close: async () => {},
  };
}

export const unloadable = (reason: string): LoadResult => ({
  ok: false,
  problems: [problem("policy.engine", `the policy engine broke while it read the policies: ${reason}`)],
});

export const unanswered = (question: Question, reason: string): readonly NodeAnswer[] =>
  question.nodes.map(() => brokenAnswer(`the policy engine broke: ${reason}`));

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
