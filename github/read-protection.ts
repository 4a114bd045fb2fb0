// What the Action insists on before it grants. Read with the App's own token, so that GitHub says of each ruleset whether *we* could bypass it.

import * as z from "zod/mini";
import type { UsFacts } from "../core/facts.ts";
import type { Sha } from "../core/ids.ts";
import type { Problem } from "../core/problem.ts";
import type { GitHubClient } from "./client.ts";
import { unownedLaw } from "./code-owners.ts";
import { reshaped } from "./graphql-shape.ts";
import { type BranchRule, judgeProtection, type ReviewRule, rulesetsInQuestion } from "./protection.ts";
import { readLaw } from "./read-law.ts";

/** Empty: all there. */
export async function readProtection(
  client: GitHubClient,
  us: UsFacts,
  law: { readonly branch: string; readonly commit: Sha },
): Promise<readonly Problem[]> {
  const [onDefault, onLedger, onRequests] = await Promise.all(
    // any branch of that form will do: rules go by the name, the branch need not exist
    [law.branch, "ledger", "request/1"].map((branch) => rulesOf(client, branch)),
  );
  const rules = {
    defaultBranch: law.branch,
    appId: us.appId,
    onDefault: onDefault ?? [],
    onLedger: onLedger ?? [],
    onRequests: onRequests ?? [],
  };
  const rulesets = [...rulesetsInQuestion(rules)];
  const bound = await Promise.all(rulesets.map((id) => bindsUs(client, id)));
  const binding = new Set(rulesets.filter((_, i) => bound[i] === true));
  const files = await readLaw(client, law.commit);
  return [...judgeProtection({ ...rules, binding }), ...unownedLaw(files.codeOwners, files.hasAction)];
}

const parameters = z.object({
  required_approving_review_count: z.optional(z.int()),
  require_code_owner_review: z.optional(z.boolean()),
  dismiss_stale_reviews_on_push: z.optional(z.boolean()),
  require_last_push_approval: z.optional(z.boolean()),
  required_status_checks: z.optional(
    z.array(z.object({ context: z.string(), integration_id: z.nullish(z.int()) })),
  ),
});

const reviewsOf = (given: z.output<typeof parameters>): ReviewRule => ({
  approvals: given.required_approving_review_count ?? 0,
  codeOwners: given.require_code_owner_review === true,
  dismissesStale: given.dismiss_stale_reviews_on_push === true,
  lastPush: given.require_last_push_approval === true,
});

const rule = reshaped(
  z.object({ type: z.string(), ruleset_id: z.int(), parameters: z.optional(parameters) }),
  ({ type, ruleset_id, parameters: given }): BranchRule => ({
    type,
    ruleset: ruleset_id,
    reviews: type === "pull_request" ? reviewsOf(given ?? {}) : undefined,
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
