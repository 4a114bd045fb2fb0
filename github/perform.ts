import type { Facts } from "../core/facts.ts";
import type { GitHubStep } from "../core/step.ts";
import type { GitHubClient } from "./client.ts";

/** Performs one step and answers the facts as they are after it. Doing it twice is doing it once. */
export declare function performGitHubStep(
  client: GitHubClient,
  step: GitHubStep,
  facts: Facts,
): Promise<Facts>;
