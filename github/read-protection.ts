import type { UsFacts } from "../core/facts.ts";
import type { Problem } from "../core/problem.ts";
import type { GitHubClient } from "./client.ts";

/** What the Action insists on before it grants: the rulesets of the default branch, of `ledger` and of `request/**`. Empty: all there. */
export declare function readProtection(
  client: GitHubClient,
  us: UsFacts,
  defaultBranch: string,
): Promise<readonly Problem[]>;
