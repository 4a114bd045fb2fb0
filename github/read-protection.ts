// What the Action insists on before it grants. Read with the App's own token, so that GitHub says of each ruleset whether *we* could bypass it.

import * as z from "zod/mini";
import type { UsFacts } from "../core/facts.ts";
import type { Problem } from "../core/problem.ts";
import type { GitHubClient } from "./client.ts";
import { reshaped } from "./graphql-shape.ts";
import { type BranchRule, judgeProtection, rulesetsInQuestion } from "./protection.ts";

/** Empty: all there. */
export async function readProtection(
  client: GitHubClient,
  us: UsFacts,
  defaultBranch: string,
): Promise<readonly Problem[]> {
  const [onDefault, onLedger, onRequests] = await Promise.all(
    // any branch of that form will do: rules go by the name, the branch need not exist
    [defaultBranch, "ledger", "request/1"].map((branch) => rulesOf(client, branch)),
  );
  const rules = {
    defaultBranch,
    appId: us.appId,
    onDefault: onDefault ?? [],
    onLedger: onLedger ?? [],
    onRequests: onRequests ?? [],
  };
  const rulesets = [...rulesetsInQuestion(rules)];
  const bound = await Promise.all(rulesets.map((id) => bindsUs(client, id)));
  return judgeProtection({ ...rules, binding: new Set(rulesets.filter((_, i) => bound[i] === true)) });
}

const parameters = z.object({
  require_code_owner_review: z.optional(z.boolean()),
  required_status_checks: z.optional(
    z.array(z.object({ context: z.string(), integration_id: z.nullish(z.int()) })),
  ),
});

const rule = reshaped(
  z.object({ type: z.string(), ruleset_id: z.int(), parameters: z.optional(parameters) }),
  ({ type, ruleset_id, parameters: given }): BranchRule => ({
    type,
    ruleset: ruleset_id,
    codeOwners: given?.require_code_owner_review === true,
    checks: (given?.required_status_checks ?? []).map(({ context, integration_id }) => ({
      context,
      integration: integration_id ?? undefined,
    })),
  }),
);

const rulesOf = (client: GitHubClient, branch: string): Promise<readonly BranchRule[]> =>
  client.get({
    path: "/repos/{owner}/{repo}/rules/branches/{branch}",
    with: { branch },
    query: { per_page: 100 },
    as: z.array(rule),
    whole: true,
  });

/** INVARIANT: what GitHub does not say counts as "could bypass". */
async function bindsUs(client: GitHubClient, ruleset: number): Promise<boolean> {
  const { current_user_can_bypass: bypass } = await client.get({
    path: "/repos/{owner}/{repo}/rulesets/{ruleset}",
    with: { ruleset },
    as: z.object({ current_user_can_bypass: z.optional(z.string()) }),
  });
  return bypass === "never";
}
