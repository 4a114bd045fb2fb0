// The answer when there is none: nothing is allowed, and the reason is shown.

import type { NodeAnswer, PolicyRef } from "../core/answer.ts";
import { problem } from "../core/problem.ts";

/** Stands for the engine where an answer must name a policy and no policy is to blame. */
export const engineRef: PolicyRef = { name: "policy engine", file: "policies", line: 1 };

export const brokenAnswer = (message: string): NodeAnswer => ({
  guardrails: [],
  permits: [],
  denies: [],
  errors: [{ ...problem("policy.engine", message), policy: engineRef }],
});
