import { atLeast, permissionOf } from "../access.ts";
import { type Answer, created, invalid, noContent, notFound, ok, refusal } from "../http.ts";
import type { Pull, Review } from "../issue-state.ts";
import { mergePull } from "../merging.ts";
import { changePull, openPull, requirePull, requirePullWrite } from "../pulls.ts";
import { showTeam, showUser } from "../render/accounts.ts";
import { showCommit, showFile } from "../render/git.ts";
import { pullCommits, pullFiles, showPull, showPullSimple, showReview } from "../render/pulls.ts";
import {
  createReview,
  dismissReview,
  editReview,
  parseReviewEvent,
  removeReviewers,
  requestReviewers,
  requireReview,
  submitReview,
} from "../reviews.ts";
import {
  byWriter,
  listed,
  onRepository,
  type RepositoryCall,
  type Route,
  type WriteCall,
} from "../router.ts";

const read = "pull_requests:read";
const write = "pull_requests:write";

function thePull(call: RepositoryCall): Pull {
  return requirePull(call.repository, call.params["pull_number"] ?? "");
}

function list(call: RepositoryCall): Answer {
  const { query, twin, repository } = call;
  const state = query.get("state") ?? "open";
  const head = query.get("head");
  const base = query.get("base");
  const direction = query.get("direction") === "asc" ? 1 : -1;
  const key = query.get("sort") === "updated" ? "updatedAt" : "createdAt";
  const found = [...repository.issues.values()]
    .flatMap((issue) => (issue.pull === undefined ? [] : [issue.pull]))
    .filter((pull) => state === "all" || pull.issue.state === state)
    .filter((pull) => head === null || matchesHead(pull, head))
    .filter((pull) => base === null || pull.baseRef === base)
    .sort((a, b) => direction * (a.issue[key] - b.issue[key] || a.issue.number - b.issue.number));
  return listed(call, found, (pull) => showPullSimple(twin, pull));
}

/** `user:branch`; what has no colon is ignored, as on GitHub. */
function matchesHead(pull: Pull, head: string): boolean {
  if (!head.includes(":")) return true;
  return `${pull.headRepository?.owner.login}:${pull.headRef}`.toLowerCase() === head.toLowerCase();
}

function create(call: WriteCall): Answer {
  const { twin, repository, body, writer } = call;
  const pull = openPull(
    twin,
    repository,
    {
      title: body.text("title"),
      body: body.nullableText("body") ?? null,
      head: body.text("head"),
      headRepository: body.optionalText("head_repo"),
      base: body.text("base"),
      draft: body.flag("draft") ?? false,
      maintainerCanModify: body.flag("maintainer_can_modify"),
    },
    writer,
  );
  return created(showPull(twin, pull, writer));
}

function update(call: WriteCall): Answer {
  const { twin, body, writer } = call;
  const pull = thePull(call);
  requirePullWrite(twin, pull, writer);
  const state = body.optionalText("state");
  if (state !== undefined && state !== "open" && state !== "closed")
    throw invalid("PullRequest", "state", "invalid");
  changePull(
    twin,
    pull,
    {
      title: body.optionalText("title"),
      body: body.nullableText("body"),
      state,
      base: body.optionalText("base"),
      maintainerCanModify: body.flag("maintainer_can_modify"),
    },
    writer,
  );
  return ok(showPull(twin, pull, writer));
}

function merge(call: WriteCall): Answer {
  const { body, twin, writer } = call;
  const method = body.optionalText("merge_method") ?? "merge";
  if (method !== "merge" && method !== "squash" && method !== "rebase") {
    throw invalid("PullRequest", "merge_method", "invalid");
  }
  const sha = mergePull(
    twin,
    thePull(call),
    {
      sha: body.optionalText("sha"),
      method,
      title: body.optionalText("commit_title"),
      message: body.optionalText("commit_message"),
    },
    writer,
  );
  return ok({ sha, merged: true, message: "Pull Request successfully merged" });
}

function theReview(call: WriteCall): Review {
  return requireReview(thePull(call), call.params["review_id"] ?? "", call.writer);
}

function visibleReviews(call: RepositoryCall): Review[] {
  return thePull(call).reviews.filter(
    (review) => review.state !== "PENDING" || review.author === call.viewer.account,
  );
}

function review(call: WriteCall): Answer {
  const { body, twin, writer } = call;
  const request = {
    body: body.optionalText("body") ?? "",
    event: parseReviewEvent(body.optionalText("event")),
    commitId: body.optionalText("commit_id"),
  };
  return ok(showReview(twin, createReview(twin, thePull(call), request, writer)));
}

function submit(call: WriteCall): Answer {
  const { body, twin, writer } = call;
  const found = theReview(call);
  const event = parseReviewEvent(body.text("event"));
  if (event === undefined) throw invalid("PullRequestReview", "event", "invalid");
  submitReview(twin, found, event, body.optionalText("body") ?? found.body, writer);
  return ok(showReview(twin, found));
}

function reviewers(change: typeof requestReviewers) {
  return (call: WriteCall): Answer => {
    const pull = thePull(call);
    if (!mayRequest(call, pull)) throw refusal(403, "Must have push access to repository.");
    change(
      call.twin,
      pull,
      call.body.texts("reviewers") ?? [],
      call.body.texts("team_reviewers") ?? [],
      call.writer,
    );
    return (change === requestReviewers ? created : ok)(showPullSimple(call.twin, pull));
  };
}

function mayRequest(call: WriteCall, pull: Pull): boolean {
  if (call.writer.kind !== "user" || pull.issue.author === call.writer.account) return true;
  return atLeast(permissionOf(call.twin, call.writer.account, call.repository), "triage");
}

const reviewRoutes: Route[] = [
  onRepository("GET /pulls/{pull_number}/reviews", read, "read", (call) =>
    listed(call, visibleReviews(call), (one) => showReview(call.twin, one)),
  ),
  // reading is enough to review: it shows as APPROVED, whatever weight it has
  byWriter("POST /pulls/{pull_number}/reviews", write, "read", review),
  byWriter("GET /pulls/{pull_number}/reviews/{review_id}", read, "read", (call) =>
    ok(showReview(call.twin, theReview(call))),
  ),
  byWriter("PUT /pulls/{pull_number}/reviews/{review_id}", write, "read", (call) => {
    const found = theReview(call);
    editReview(call.twin, found, call.body.text("body"), call.writer);
    return ok(showReview(call.twin, found));
  }),
  byWriter("DELETE /pulls/{pull_number}/reviews/{review_id}", write, "read", (call) => {
    const found = theReview(call);
    if (found.state !== "PENDING") throw refusal(422, "Can not delete a non-pending pull request review");
    found.pull.reviews = found.pull.reviews.filter((other) => other !== found);
    return ok(showReview(call.twin, found));
  }),
  byWriter("POST /pulls/{pull_number}/reviews/{review_id}/events", write, "read", submit),
  byWriter("PUT /pulls/{pull_number}/reviews/{review_id}/dismissals", write, "read", (call) => {
    const found = theReview(call);
    dismissReview(call.twin, found, call.body.text("message"), call.writer);
    return ok(showReview(call.twin, found));
  }),
  onRepository("GET /pulls/{pull_number}/requested_reviewers", read, "read", (call) => {
    const pull = thePull(call);
    return ok({
      users: pull.requestedUsers.map((account) => showUser(call.twin, account)),
      teams: pull.requestedTeams.map((team) => showTeam(call.twin, team)),
    });
  }),
  byWriter("POST /pulls/{pull_number}/requested_reviewers", write, "read", reviewers(requestReviewers)),
  byWriter("DELETE /pulls/{pull_number}/requested_reviewers", write, "read", reviewers(removeReviewers)),
];

export const pullRoutes: Route[] = [
  onRepository("GET /pulls", read, "read", list),
  byWriter("POST /pulls", write, "read", create),
  onRepository("GET /pulls/{pull_number}", read, "read", (call) =>
    ok(showPull(call.twin, thePull(call), call.viewer)),
  ),
  byWriter("PATCH /pulls/{pull_number}", write, "read", update),
  onRepository("GET /pulls/{pull_number}/files", read, "read", (call) => {
    const pull = thePull(call);
    return listed(call, pullFiles(pull).slice(0, 3000), (file) =>
      showFile(call.twin, call.repository, file, pull.headSha),
    );
  }),
  onRepository("GET /pulls/{pull_number}/commits", read, "read", (call) =>
    listed(call, pullCommits(thePull(call)).slice(0, 250), (commit) =>
      showCommit(call.twin, call.repository, commit),
    ),
  ),
  onRepository("GET /pulls/{pull_number}/merge", read, "read", (call) => {
    if (!thePull(call).merged) throw notFound();
    return noContent;
  }),
  byWriter("PUT /pulls/{pull_number}/merge", "contents:write", "write", merge),
  ...reviewRoutes,
];
