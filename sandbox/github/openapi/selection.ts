// What the twin answers and sends, by the names in GitHub's OpenAPI description.

function group(prefix: string, names: string): string[] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => `${prefix}/${name}`);
}

/** Operation ids of the REST endpoints. */
export const operations: string[] = [
  ...group(
    "apps",
    `get-authenticated get-by-slug list-installations get-installation create-installation-access-token
     get-repo-installation get-org-installation get-user-installation list-repos-accessible-to-installation
     revoke-installation-access-token list-webhook-deliveries get-webhook-delivery redeliver-webhook-delivery
     get-webhook-config-for-app update-webhook-config-for-app`,
  ),
  ...group(
    "issues",
    `create get update list-for-repo create-comment update-comment get-comment delete-comment list-comments
     list-comments-for-repo add-labels remove-label set-labels remove-all-labels list-labels-on-issue create-label
     get-label list-labels-for-repo add-assignees remove-assignees lock unlock list-events-for-timeline`,
  ),
  ...group("reactions", "create-for-issue-comment list-for-issue-comment create-for-issue list-for-issue"),
  ...group(
    "git",
    `get-ref create-ref update-ref delete-ref list-matching-refs get-commit create-commit get-tree create-tree
     get-blob create-blob`,
  ),
  ...group(
    "repos",
    `get list-for-org create-fork get-content create-or-update-file-contents delete-file get-commit list-commits
     compare-commits-with-basehead list-branches get-branch create-commit-status get-combined-status-for-ref
     list-commit-statuses-for-ref list-teams check-collaborator get-collaborator-permission-level list-collaborators
     add-collaborator remove-collaborator create-dispatch-event get-branch-protection get-branch-rules
     create-deployment list-deployments get-deployment create-deployment-status list-deployment-statuses
     list-activities get-repo-rulesets create-repo-ruleset get-repo-ruleset update-repo-ruleset delete-repo-ruleset
     get-org-rulesets create-org-ruleset get-org-ruleset update-org-ruleset delete-org-ruleset get-all-environments
     get-environment list-deployment-branch-policies list-pull-requests-associated-with-commit`,
  ),
  ...group(
    "pulls",
    `create get list update list-files list-commits merge check-if-merged list-reviews create-review get-review
     update-review delete-pending-review submit-review dismiss-review list-requested-reviewers request-reviewers
     remove-requested-reviewers`,
  ),
  ...group("checks", "create update get list-for-ref list-suites-for-ref get-suite"),
  ...group(
    "teams",
    `list create get-by-name list-members-in-org list-child-in-org get-membership-for-user-in-org
     add-or-update-membership-for-user-in-org remove-membership-for-user-in-org check-permissions-for-repo-in-org
     add-or-update-repo-permissions-in-org remove-repo-in-org`,
  ),
  ...group(
    "orgs",
    `get get-membership-for-user set-membership-for-user remove-membership-for-user check-membership-for-user
     check-public-membership-for-user
     list-members list-memberships-for-authenticated-user get-membership-for-authenticated-user
     update-membership-for-authenticated-user list-app-installations`,
  ),
  ...group("users", "get-by-username get-authenticated get-by-id"),
  ...group(
    "actions",
    `create-workflow-dispatch list-repo-workflows get-workflow enable-workflow disable-workflow list-workflow-runs
     list-workflow-runs-for-repo get-workflow-run get-workflow-run-attempt re-run-workflow
     re-run-workflow-failed-jobs cancel-workflow-run list-jobs-for-workflow-run
     list-jobs-for-workflow-run-attempt get-job-for-workflow-run download-job-logs-for-workflow-run
     get-environment-public-key list-environment-secrets get-environment-secret get-repo-public-key
     list-repo-secrets get-repo-secret list-repo-variables get-repo-variable create-repo-variable
     update-repo-variable delete-repo-variable list-environment-variables get-environment-variable
     get-custom-oidc-sub-claim-for-repo`,
  ),
  ...group("oidc", "get-oidc-custom-sub-template-for-org"),
  "meta/get",
  "rate-limit/get",
];

/** Webhook events and actions. */
export const events: string[] = `
  check-run-created check-run-completed check-run-rerequested check-suite-requested check-suite-completed
  create delete deployment-created deployment-status-created
  fork installation-created installation-deleted installation-suspend installation-unsuspend
  installation-new-permissions-accepted installation-repositories-added installation-repositories-removed
  issue-comment-created issue-comment-edited issue-comment-deleted
  issues-opened issues-edited issues-closed issues-reopened issues-labeled issues-unlabeled issues-assigned
  issues-unassigned issues-locked issues-unlocked issues-transferred issues-deleted
  label-created member-added member-edited member-removed membership-added membership-removed
  organization-member-added organization-member-removed organization-member-invited ping
  pull-request-opened pull-request-closed pull-request-reopened pull-request-edited pull-request-synchronize
  pull-request-labeled pull-request-unlabeled pull-request-assigned pull-request-unassigned
  pull-request-review-requested pull-request-review-request-removed pull-request-locked pull-request-unlocked
  pull-request-ready-for-review
  pull-request-review-submitted pull-request-review-edited pull-request-review-dismissed
  push repository-ruleset-created repository-ruleset-edited repository-ruleset-deleted
  repository-dispatch-sample.collected status team-created team-added-to-repository team-removed-from-repository
  workflow-dispatch workflow-run-requested workflow-run-in-progress workflow-run-completed
`
  .trim()
  .split(/\s+/);
