// The GraphQL of one look at a request: one query brings all that a request of ordinary size has.

const actor = `
fragment actor on Actor {
  __typename login
  ... on User { databaseId } ... on Bot { databaseId } ... on Mannequin { databaseId } ... on Organization { databaseId }
}`;

const text = `
fragment text on TreeEntry { mode object { __typename ... on Blob { oid text isTruncated } } }`;

const entries = `
fragment entries on Tree { entries { name mode oid } }`;

const page = "pageInfo { hasNextPage endCursor }";

/** Lists that may go on, each with the fragments it needs. `more` asks for the next page of one of them. */
const lists = {
  comments: (after: string) =>
    `comments(first: 100${after}) { ${page} nodes { fullDatabaseId body createdAt lastEditedAt author { ...actor } } }`,
  edits: (after: string) =>
    `userContentEdits(first: 100${after}) { ${page} nodes { editedAt editor { ...actor } } }`,
  reviews: (after: string) =>
    `reviews(first: 100${after}) { ${page} nodes { fullDatabaseId state submittedAt commit { oid } author { ...actor } } }`,
  subjectEvents: (after: string) => `
    timelineItems(first: 100, itemTypes: [CLOSED_EVENT, TRANSFERRED_EVENT]${after}) { ${page} nodes {
      __typename
      ... on ClosedEvent { createdAt actor { ...actor } }
      ... on TransferredEvent { createdAt }
    } }`,
  pullEvents: (after: string) => `
    timelineItems(first: 100, itemTypes: [
      HEAD_REF_FORCE_PUSHED_EVENT, HEAD_REF_RESTORED_EVENT, BASE_REF_CHANGED_EVENT, BASE_REF_FORCE_PUSHED_EVENT,
      REVIEW_DISMISSED_EVENT, REVIEW_REQUESTED_EVENT
    ]${after}) { ${page} nodes {
      __typename
      ... on HeadRefForcePushedEvent { createdAt }
      ... on HeadRefRestoredEvent { createdAt }
      ... on BaseRefChangedEvent { createdAt }
      ... on BaseRefForcePushedEvent { createdAt }
      ... on ReviewDismissedEvent { createdAt previousReviewState actor { ...actor } review { fullDatabaseId } }
      ... on ReviewRequestedEvent { createdAt actor { ...actor } }
    } }`,
} as const;

export type ListName = keyof typeof lists;

/** Of every list, under its own name, so that two lists of one GraphQL field do not clash. */
const first = (name: ListName) => `${name}: ${lists[name]("")}`;

const subject = (on: "Issue" | "PullRequest") => `
... on ${on} {
  number body createdAt lastEditedAt closed
  author { ...actor }
  labels(first: 100) { nodes { name } }
  ${first("edits")}
  ${first("subjectEvents")}
  ${first("comments")}
}`;

const commit = `
fragment commit on Commit {
  oid
  tree { ...entries }
  approved: file(path: "approved") { object { __typename ...entries } }
  record: file(path: $approvedPath) { ...text }
  parents(first: 2) { nodes {
    tree { ...entries }
    approved: file(path: "approved") { object { __typename ...entries } }
  } }
  checkSuites(first: 1, filterBy: { appId: $app }) { nodes {
    checkRuns(first: 100, filterBy: { checkName: "hallpass" }) { nodes { databaseId status } }
  } }
}`;

const pull = `
fragment pull on PullRequest {
  number createdAt headRefName baseRefName headRefOid state mergedAt maintainerCanModify mergeCommit { message }
  author { ...actor }
  headRepository { databaseId }
  commits(last: 1) { totalCount nodes { commit { ...commit } } }
  ${first("reviews")}
  ${first("pullEvents")}
}`;

const pullsOf = (alias: string, variable: string) =>
  `${alias}: pullRequests(headRefName: $${variable}, first: 10) { ${page} nodes { ...pull } }`;

/** How many months back, and how many branches, the one query looks; older and more are asked for apart. */
export const monthsLookedAt = 4;
export const branchesLookedAt = 3;

/** Everything about request `$number`. */
export const requestQuery = `
query Request(
  $owner: String!, $repo: String!, $number: Int!, $app: Int!, $approvedPath: String!, $activePath: String!,
  $ended0: String!, $ended1: String!, $ended2: String!, $ended3: String!,
  $branch0: String!, $branch1: String!, $branch2: String!
) {
  repository(owner: $owner, name: $repo) {
    databaseId name visibility url
    owner { login }
    defaultBranchRef { name target { oid } }
    inventory: ref(qualifiedName: "refs/heads/inventory") { target { oid } }
    ledger: ref(qualifiedName: "refs/heads/ledger") { target { oid ... on Commit {
      approved: file(path: $approvedPath) { ...text }
      active: file(path: $activePath) { ...text }
      ended0: file(path: $ended0) { ...text }
      ended1: file(path: $ended1) { ...text }
      ended2: file(path: $ended2) { ...text }
      ended3: file(path: $ended3) { ...text }
      everActive: history(first: 1, path: $activePath) { nodes { oid } }
    } } }
    subject: issueOrPullRequest(number: $number) {
      __typename
      ${subject("Issue")}
      ${subject("PullRequest")}
      ... on PullRequest { ...pull }
    }
    ${pullsOf("pulls0", "branch0")}
    ${pullsOf("pulls1", "branch1")}
    ${pullsOf("pulls2", "branch2")}
  }
}
${actor}${text}${entries}${commit}${pull}`;

/** The next page of pull requests of one branch name. */
export const morePullsQuery = `
query MorePulls($owner: String!, $repo: String!, $app: Int!, $approvedPath: String!, $branch: String!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pulls: pullRequests(headRefName: $branch, first: 10, after: $after) { ${page} nodes { ...pull } }
  }
}
${actor}${text}${entries}${commit}${pull}`;

const onIssue: readonly ListName[] = ["comments", "edits", "subjectEvents"];

/** The next page of one list of issue or pull request `$number`. */
export const moreQuery = (name: ListName): string => `
query More($owner: String!, $repo: String!, $number: Int!, $after: String!) {
  repository(owner: $owner, name: $repo) {
    subject: issueOrPullRequest(number: $number) {
      ${onIssue.includes(name) ? `... on Issue { list: ${lists[name](", after: $after")} }` : ""}
      ... on PullRequest { list: ${lists[name](", after: $after")} }
    }
  }
}
${actor}`;
