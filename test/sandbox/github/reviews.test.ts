import { describe, expect, test } from "vitest";
import { access, createAcme } from "./acme.ts";
import { refused } from "./refused.ts";

async function proposed(options = {}) {
  const acme = createAcme(options);
  const { number, head } = await acme.propose("carol", "topic", { "approved/1.yaml": "a: 1\n" });
  const pull = { ...access, pull_number: number };
  const review = (login: string, event: "APPROVE" | "REQUEST_CHANGES" | "COMMENT", more: object = {}) =>
    acme
      .as(login)
      .rest.pulls.createReview({ ...pull, event, body: event === "APPROVE" ? "" : "words", ...more });
  const states = async () => {
    const { data } = await acme.as("alice").rest.pulls.listReviews(pull);
    return data.map((one) => `${one.user?.login} ${one.state} ${one.commit_id?.slice(0, 7)}`);
  };
  const timeline = async () => {
    const { data } = await acme
      .as("alice")
      .rest.issues.listEventsForTimeline({ ...access, issue_number: number });
    return data.map((item) => ("event" in item ? item.event : ""));
  };
  return { ...acme, number, head, pull, review, states, timeline, short: head.slice(0, 7) };
}

describe("reviews", () => {
  test("authors can neither approve nor request changes on their own pull request, but comment", async () => {
    const { review } = await proposed();
    for (const event of ["APPROVE", "REQUEST_CHANGES"] as const) {
      expect((await refused(review("carol", event))).status).toBe(422);
    }
    expect((await review("carol", "COMMENT")).data.state).toBe("COMMENTED");
  });

  test("an App cannot approve its own pull request either", async () => {
    const { bot, github, root } = await proposed();
    const { rest } = await bot();
    const sha = github.commit({
      repository: "acme/access",
      parent: root,
      files: { b: "1" },
      message: "m",
      by: "carol",
    });
    await rest.git.createRef({ ...access, ref: "refs/heads/request/2", sha });
    const { data } = await rest.pulls.create({ ...access, title: "x", head: "request/2", base: "main" });
    expect(data.user).toMatchObject({ type: "Bot" });
    expect(
      (await refused(rest.pulls.createReview({ ...access, pull_number: data.number, event: "APPROVE" })))
        .status,
    ).toBe(422);
  });

  test("people who can only read may approve, and it shows as APPROVED", async () => {
    const { review, states, short } = await proposed();
    await review("alice", "APPROVE");
    expect(await states()).toEqual([`alice APPROVED ${short}`]);
  });

  test("strangers see nothing to review", async () => {
    const { review } = await proposed();
    expect((await refused(review("mallory", "APPROVE"))).status).toBe(404);
  });

  test("a review without commit_id attaches to the newest head, seen or not", async () => {
    const { review, states, github, head } = await proposed();
    const newer = github.pushFiles(
      "carol",
      "acme/access",
      "topic",
      { "approved/1.yaml": "a: 2\n" },
      "change",
    );
    await review("bob", "APPROVE");
    await review("alice", "APPROVE", { commit_id: head });
    expect(await states()).toEqual([
      `bob APPROVED ${newer.slice(0, 7)}`,
      `alice APPROVED ${head.slice(0, 7)}`,
    ]);
  });

  test("requesting changes and commenting need words, approving does not", async () => {
    const { review } = await proposed();
    expect((await refused(review("bob", "COMMENT", { body: "" }))).status).toBe(422);
    expect((await refused(review("bob", "REQUEST_CHANGES", { body: "" }))).status).toBe(422);
    await review("bob", "APPROVE");
  });

  test("a patch-identical force-push re-points approvals to the new head and leaves comments behind", async () => {
    const { review, states, github, head, root, timeline, short } = await proposed();
    await review("bob", "APPROVE");
    await review("alice", "COMMENT");
    const files = { "approved/1.yaml": "a: 1\n" };
    const again = github.commit({
      repository: "acme/access",
      parent: root,
      files,
      message: "reworded",
      by: "carol",
    });
    expect(again).not.toBe(head);
    github.push("carol", "acme/access", "topic", again, { force: true });
    expect(await states()).toEqual([`bob APPROVED ${again.slice(0, 7)}`, `alice COMMENTED ${short}`]);
    expect(await timeline()).toContain("head_ref_force_pushed");
  });

  test("a force-push that changes the patch leaves approvals on the old head", async () => {
    const { review, states, github, root, short } = await proposed();
    await review("bob", "APPROVE");
    const files = { "approved/1.yaml": "a: evil\n" };
    const other = github.commit({
      repository: "acme/access",
      parent: root,
      files,
      message: "m",
      by: "carol",
    });
    github.push("carol", "acme/access", "topic", other, { force: true });
    expect(await states()).toEqual([`bob APPROVED ${short}`]);
  });

  test("anyone with write may dismiss: the review becomes DISMISSED in place, what it was stands in the timeline", async () => {
    const { review, states, as, pull, short, number } = await proposed();
    const { data } = await review("bob", "REQUEST_CHANGES");
    await review("alice", "APPROVE");
    const dismissal = { ...pull, review_id: data.id, message: "no" };
    expect((await refused(as("alice").rest.pulls.dismissReview(dismissal))).status).toBe(403);
    await as("carol").rest.pulls.dismissReview(dismissal);
    expect(await states()).toEqual([`bob DISMISSED ${short}`, `alice APPROVED ${short}`]);
    const rest = await as("alice").rest.issues.listEventsForTimeline({ ...access, issue_number: number });
    expect(rest.data.find((item) => "event" in item && item.event === "review_dismissed")).toMatchObject({
      actor: { login: "carol" },
      dismissed_review: { state: "changes_requested", review_id: data.id, dismissal_message: "no" },
    });
    const answer = await as("alice").graphql(
      `{ repository(owner: "acme", name: "access") { pullRequest(number: ${number}) { timelineItems(first: 5, itemTypes: [REVIEW_DISMISSED_EVENT]) {
        nodes { ... on ReviewDismissedEvent { actor { login } previousReviewState review { databaseId fullDatabaseId state author { login } } } }
      } } } }`,
    );
    const event = {
      actor: { login: "carol" },
      previousReviewState: "CHANGES_REQUESTED",
      review: { databaseId: data.id, state: "DISMISSED", author: { login: "bob" } },
    };
    expect(answer).toMatchObject({ repository: { pullRequest: { timelineItems: { nodes: [event] } } } });
  });

  test("a comment cannot be dismissed, nor a review twice", async () => {
    const { review, as, pull } = await proposed();
    const comment = await review("alice", "COMMENT");
    const approval = await review("bob", "APPROVE");
    const dismiss = (review_id: number) =>
      as("carol").rest.pulls.dismissReview({ ...pull, review_id, message: "no" });
    expect((await refused(dismiss(comment.data.id))).status).toBe(422);
    await dismiss(approval.data.id);
    expect((await refused(dismiss(approval.data.id))).status).toBe(422);
  });

  test("the App dismisses with pull_requests: write", async () => {
    const { review, bot, pull, states, short } = await proposed();
    const { data } = await review("bob", "APPROVE");
    await (await bot()).rest.pulls.dismissReview({ ...pull, review_id: data.id, message: "stale" });
    expect(await states()).toEqual([`bob DISMISSED ${short}`]);
  });

  test("a pending review is its author's alone until submitted", async () => {
    const { as, pull, states, short } = await proposed();
    const { data } = await as("bob").rest.pulls.createReview({ ...pull, body: "draft" });
    expect(data.state).toBe("PENDING");
    expect(await states()).toEqual([]);
    expect((await refused(as("alice").rest.pulls.getReview({ ...pull, review_id: data.id }))).status).toBe(
      404,
    );
    await as("bob").rest.pulls.submitReview({ ...pull, review_id: data.id, event: "APPROVE" });
    expect(await states()).toEqual([`bob APPROVED ${short}`]);
  });

  test("stale approvals are dismissed by a push where a ruleset says so", async () => {
    const { review, states, github, as, short } = await proposed();
    const parameters = {
      required_approving_review_count: 1,
      dismiss_stale_reviews_on_push: true,
      require_code_owner_review: false,
      require_last_push_approval: false,
      required_review_thread_resolution: false,
    };
    await as("olga").rest.repos.createRepoRuleset({
      ...access,
      name: "main",
      enforcement: "active",
      conditions: { ref_name: { include: ["~DEFAULT_BRANCH"], exclude: [] } },
      rules: [{ type: "pull_request", parameters }],
    });
    await review("bob", "APPROVE");
    github.pushFiles("carol", "acme/access", "topic", { "approved/1.yaml": "a: 2\n" }, "change");
    expect(await states()).toEqual([`bob DISMISSED ${short}`]);
  });
});

describe("requested reviewers", () => {
  test("one without access, or the author, fails the whole call with 422", async () => {
    const { as, pull } = await proposed();
    const request = (reviewers: string[], team_reviewers: string[] = []) =>
      as("carol").rest.pulls.requestReviewers({ ...pull, reviewers, team_reviewers });
    expect((await refused(request(["bob", "mallory"]))).status).toBe(422);
    expect((await refused(request(["bob", "carol"]))).status).toBe(422);
    expect((await refused(request(["bob"], ["engineering"]))).status).toBe(422);
    const none = await as("carol").rest.pulls.listRequestedReviewers(pull);
    expect(none.data).toMatchObject({ users: [], teams: [] });
    await request(["bob"], ["devops-leads"]);
    const { data } = await as("carol").rest.pulls.listRequestedReviewers(pull);
    expect([data.users.map(({ login }) => login), data.teams.map(({ slug }) => slug)]).toEqual([
      ["bob"],
      ["devops-leads"],
    ]);
  });

  test("reviewing answers the request", async () => {
    const { as, pull, review } = await proposed();
    await as("carol").rest.pulls.requestReviewers({ ...pull, reviewers: ["bob"] });
    await review("bob", "COMMENT");
    const { data } = await as("carol").rest.pulls.listRequestedReviewers(pull);
    expect(data.users).toEqual([]);
  });
});
