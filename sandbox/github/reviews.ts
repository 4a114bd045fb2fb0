import { atLeast, canPush, findAccount, organizationOf, permissionOf, teamPermission } from "./access.ts";
import { invalid, notFound, refusal } from "./http.ts";
import type { Pull, Review, ReviewState } from "./issue-state.ts";
import { announce, checkBody, touch } from "./issues.ts";
import { showTeam, showUser } from "./render/accounts.ts";
import { announceReview } from "./review-events.ts";
import type { Account, Team } from "./state.ts";
import { editBody } from "./texts.ts";
import { record, viaApp } from "./timeline.ts";
import type { Twin, Writer } from "./twin.ts";

export type ReviewEvent = "APPROVE" | "REQUEST_CHANGES" | "COMMENT";

const stateOfEvent: Record<ReviewEvent, ReviewState> = {
  APPROVE: "APPROVED",
  REQUEST_CHANGES: "CHANGES_REQUESTED",
  COMMENT: "COMMENTED",
};

export function parseReviewEvent(text: string | undefined): ReviewEvent | undefined {
  if (text === undefined || text === "" || text === "PENDING") return undefined;
  if (text === "APPROVE" || text === "REQUEST_CHANGES" || text === "COMMENT") return text;
  throw invalid("PullRequestReview", "event", "invalid");
}

function checkReview(pull: Pull, event: ReviewEvent, body: string, writer: Writer): void {
  if (pull.issue.author === writer.account && event !== "COMMENT") {
    const what = event === "APPROVE" ? "approve" : "request changes on";
    throw refusal(422, "Unprocessable Entity", [`Review Can not ${what} your own pull request`]);
  }
  if (event !== "APPROVE" && body.trim() === "") {
    throw refusal(422, "Unprocessable Entity", ["Review Body can not be blank"]);
  }
  if (pull.issue.locked) throw refusal(403, "Pull request is locked");
}

export interface NewReview {
  body: string;
  event: ReviewEvent | undefined;
  /** Not given: the newest head, whatever the reviewer has seen. */
  commitId: string | undefined;
}

export function createReview(twin: Twin, pull: Pull, request: NewReview, writer: Writer): Review {
  const { event, body } = request;
  checkBody("PullRequestReview", body);
  if (event !== undefined) checkReview(pull, event, body, writer);
  const commitId = request.commitId ?? pull.headSha;
  if (!pull.issue.repository.objects.commits.has(commitId))
    throw invalid("PullRequestReview", "commit_id", "invalid");
  const pending = pull.reviews.some(
    (review) => review.author === writer.account && review.state === "PENDING",
  );
  if (event === undefined && pending) {
    throw refusal(422, "Unprocessable Entity", ["User can only have one pending review per pull request"]);
  }
  const id = twin.ids.number();
  const now = twin.clock.now();
  const review: Review = {
    id,
    nodeId: twin.ids.node("PRR", id),
    pull,
    author: writer.account,
    app: viaApp(writer),
    state: "PENDING",
    body,
    commitId,
    submittedAt: null,
    updatedAt: now,
    edits: [],
  };
  pull.reviews.push(review);
  twin.state.nodes.set(review.nodeId, { type: "review", value: review });
  if (event !== undefined) finishReview(twin, review, event, writer);
  return review;
}

/** Submits a pending review. */
export function submitReview(
  twin: Twin,
  review: Review,
  event: ReviewEvent,
  body: string,
  writer: Writer,
): void {
  if (review.state !== "PENDING") throw refusal(422, "Unprocessable Entity", ["Could not submit review"]);
  checkReview(review.pull, event, body, writer);
  review.body = body;
  finishReview(twin, review, event, writer);
}

function finishReview(twin: Twin, review: Review, event: ReviewEvent, writer: Writer): void {
  const { pull } = review;
  review.state = stateOfEvent[event];
  review.submittedAt = twin.clock.now();
  review.updatedAt = review.submittedAt;
  pull.requestedUsers = pull.requestedUsers.filter((account) => account !== writer.account);
  touch(twin, pull.issue);
  announceReview(twin, review, "submitted", writer);
}

/** Only its author may reword a review. */
export function editReview(twin: Twin, review: Review, body: string, writer: Writer): void {
  if (review.author !== writer.account)
    throw refusal(403, "Resource not accessible by personal access token");
  const before = review.body;
  const text = { ...review, createdAt: review.submittedAt ?? review.updatedAt };
  if (!editBody(twin, text, body, writer.account)) return;
  review.body = body;
  review.updatedAt = twin.clock.now();
  announceReview(twin, review, "edited", writer, { changes: { body: { from: before } } });
}

/** Anyone who can write may dismiss: the review keeps its place and loses its voice. */
export function dismissReview(twin: Twin, review: Review, message: string, writer: Writer): void {
  if (!canPush(twin, writer, review.pull.issue.repository) && !mayDismissAsApp(writer)) {
    throw refusal(403, "Must have push access to repository.");
  }
  if (message.trim() === "") throw invalid("PullRequestReview", "message", "missing_field");
  if (review.state !== "APPROVED" && review.state !== "CHANGES_REQUESTED") {
    throw refusal(422, "Unprocessable Entity", ["Can not dismiss a commented pull request review"]);
  }
  const state = review.state;
  review.state = "DISMISSED";
  review.updatedAt = twin.clock.now();
  touch(twin, review.pull.issue);
  record(twin, review.pull.issue, "review_dismissed", writer, { dismissed: { review, state, message } });
  announceReview(twin, review, "dismissed", writer);
}

function mayDismissAsApp(writer: Writer): boolean {
  return writer.permissions?.["pull_requests"] === "write";
}

export function requireReview(pull: Pull, id: string, writer: Writer | undefined): Review {
  const review = pull.reviews.find((candidate) => candidate.id === Number(id));
  // a pending review exists for its author alone
  if (review === undefined || (review.state === "PENDING" && review.author !== writer?.account))
    throw notFound();
  return review;
}

interface Asked {
  users: Account[];
  teams: Team[];
}

/** One who has no access, or the author, fails the whole call. */
function resolveReviewers(twin: Twin, pull: Pull, logins: string[], slugs: string[]): Asked {
  const { repository, author } = pull.issue;
  const users = logins.map((login) => {
    const account = findAccount(twin, login);
    if (account === author) {
      throw refusal(422, "Review cannot be requested from pull request author.");
    }
    const access = account === undefined ? "none" : permissionOf(twin, account, repository);
    if (account === undefined || account.kind !== "User" || !atLeast(access, "read")) throw notCollaborator();
    return account;
  });
  const teams = slugs.map((slug) => {
    const team = organizationOf(twin, repository.owner)?.teams.find((candidate) => candidate.slug === slug);
    if (team === undefined || !atLeast(teamPermission(team, repository), "read")) throw notCollaborator();
    return team;
  });
  return { users, teams };
}

function notCollaborator(): Error {
  return refusal(
    422,
    "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of this repository.",
  );
}

export function requestReviewers(
  twin: Twin,
  pull: Pull,
  logins: string[],
  slugs: string[],
  writer: Writer,
): void {
  const asked = resolveReviewers(twin, pull, logins, slugs);
  for (const account of asked.users) {
    if (pull.requestedUsers.includes(account)) continue;
    pull.requestedUsers.push(account);
    record(twin, pull.issue, "review_requested", writer, { requestedReviewer: account });
    announce(twin, pull.issue, "review_requested", writer, { requested_reviewer: showUser(twin, account) });
  }
  for (const team of asked.teams) {
    if (pull.requestedTeams.includes(team)) continue;
    pull.requestedTeams.push(team);
    record(twin, pull.issue, "review_requested", writer, { requestedTeam: team });
    announce(twin, pull.issue, "review_requested", writer, { requested_team: showTeam(twin, team) });
  }
}

export function removeReviewers(
  twin: Twin,
  pull: Pull,
  logins: string[],
  slugs: string[],
  writer: Writer,
): void {
  const names = logins.map((login) => login.toLowerCase());
  for (const account of pull.requestedUsers.filter((one) => names.includes(one.login.toLowerCase()))) {
    pull.requestedUsers = pull.requestedUsers.filter((one) => one !== account);
    record(twin, pull.issue, "review_request_removed", writer, { requestedReviewer: account });
    announce(twin, pull.issue, "review_request_removed", writer, {
      requested_reviewer: showUser(twin, account),
    });
  }
  for (const team of pull.requestedTeams.filter((one) => slugs.includes(one.slug))) {
    pull.requestedTeams = pull.requestedTeams.filter((one) => one !== team);
    record(twin, pull.issue, "review_request_removed", writer, { requestedTeam: team });
    announce(twin, pull.issue, "review_request_removed", writer, { requested_team: showTeam(twin, team) });
  }
}
