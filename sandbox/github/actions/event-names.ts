// The events a workflow may name, and the activity types of those that start runs here.

/** Events that can start a run here. */
export const ACTIVITY_TYPES: Record<string, readonly string[]> = {
  issues: [
    ...["opened", "edited", "deleted", "transferred", "pinned", "unpinned", "closed", "reopened", "assigned"],
    ...["unassigned", "labeled", "unlabeled", "locked", "unlocked", "milestoned", "demilestoned"],
    ...["field_added", "field_removed", "typed", "untyped"],
  ],
  issue_comment: ["created", "edited", "deleted"],
  pull_request: pullRequestTypes(),
  pull_request_target: pullRequestTypes(),
  pull_request_review: ["submitted", "edited", "dismissed"],
  workflow_run: ["requested", "in_progress", "completed"],
};

/** Known to GitHub; they start nothing here, as the twin has none of them. */
export const OTHER_EVENTS: readonly string[] = [
  ...["branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment"],
  ...["deployment_status", "discussion", "discussion_comment", "fork", "gollum", "image_version", "label"],
  ...["merge_group", "milestone", "page_build", "project", "project_card", "project_column", "public"],
  ...[
    "pull_request_comment",
    "pull_request_review_comment",
    "registry_package",
    "release",
    "status",
    "watch",
  ],
];

function pullRequestTypes(): readonly string[] {
  return [
    ...["assigned", "unassigned", "labeled", "unlabeled", "opened", "edited", "closed", "reopened"],
    ...["synchronize", "converted_to_draft", "locked", "unlocked", "enqueued", "dequeued", "milestoned"],
    ...["demilestoned", "ready_for_review", "review_requested", "review_request_removed"],
    ...["auto_merge_enabled", "auto_merge_disabled", "stacked"],
  ];
}
