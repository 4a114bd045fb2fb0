import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { access, createAcme } from "./acme.ts";
import { refused } from "./refused.ts";

interface Received {
  event: string;
  action: string | undefined;
  delivery: string;
  headers: Headers;
  text: string;
  payload: Record<string, unknown>;
}

/** A world whose App writes down what it receives. */
function listening(status = 200) {
  const received: Received[] = [];
  const acme = createAcme({
    deliver: async (request) => {
      const text = await request.text();
      const payload = JSON.parse(text) as Record<string, unknown>;
      const { headers } = request;
      const action = payload["action"] as string | undefined;
      received.push({
        event: headers.get("x-github-event") ?? "",
        action,
        delivery: headers.get("x-github-delivery") ?? "",
        headers,
        text,
        payload,
      });
      return new Response("noted", { status });
    },
  });
  const names = () =>
    received.map(({ event, action }) => (action === undefined ? event : `${event}.${action}`));
  const fresh = async () => {
    await acme.github.webhooks.idle();
    received.length = 0;
  };
  return { ...acme, received, names, fresh };
}

describe("a delivery", () => {
  test("is signed with the secret and carries GitHub's headers", async () => {
    const { as, github, received, fresh, app, installationId } = listening();
    await fresh();
    await as("alice").rest.issues.create({ ...access, title: "ünïcode ✓" });
    await github.webhooks.idle();
    const [one] = received;
    const signature = `sha256=${createHmac("sha256", "hush")
      .update(one?.text ?? "")
      .digest("hex")}`;
    expect(one?.headers.get("x-hub-signature-256")).toBe(signature);
    expect(one?.headers.get("x-github-hook-installation-target-type")).toBe("integration");
    expect(one?.headers.get("x-github-hook-installation-target-id")).toBe(String(app.id));
    expect(one?.headers.get("x-github-hook-id")).toMatch(/^\d+$/);
    expect(one?.payload).toMatchObject({
      action: "opened",
      sender: { login: "alice" },
      installation: { id: installationId },
      organization: { login: "acme" },
      repository: { full_name: "acme/access" },
      issue: { title: "ünïcode ✓" },
    });
  });

  test("goes to the App of a covering installation only, for what it subscribed to", async () => {
    const { github, fresh, as, names } = listening();
    github.createUser({ login: "zoe" });
    github.createRepository({ owner: "zoe", name: "own" });
    await fresh();
    await as("zoe").rest.issues.create({ owner: "zoe", repo: "own", title: "x" });
    await as("carol").rest.repos.createCommitStatus({
      ...access,
      sha: (await as("carol").rest.repos.getCommit({ ...access, ref: "main" })).data.sha,
      state: "success",
    });
    await github.webhooks.idle();
    expect(names()).toEqual([]);
  });

  test("comes for the App's own writes too", async () => {
    const { bot, github, fresh, received } = listening();
    const { rest } = await bot();
    await fresh();
    await rest.issues.create({ ...access, title: "x" });
    await github.webhooks.idle();
    expect(
      received.map(({ event, payload }) => [event, (payload["sender"] as { login: string }).login]),
    ).toEqual([["issues", "hallpass[bot]"]]);
  });
});

describe("the network", () => {
  test("may drop, double and delay", async () => {
    const { as, github, clock, fresh, received } = listening();
    await fresh();
    const { rest } = as("alice");
    github.webhooks.fate = () => "drop";
    await rest.issues.create({ ...access, title: "dropped" });
    github.webhooks.fate = () => ({ copies: 2 });
    await rest.issues.create({ ...access, title: "doubled" });
    await github.webhooks.idle();
    github.webhooks.fate = () => ({ delayMs: 5000 });
    await rest.issues.create({ ...access, title: "late" });
    const titles = () => received.map(({ payload }) => (payload["issue"] as { title: string }).title);
    expect(titles()).toEqual(["doubled", "doubled"]);
    expect(received[0]?.delivery).toBe(received[1]?.delivery);
    clock.advance(5000);
    await github.webhooks.idle();
    expect(titles()).toEqual(["doubled", "doubled", "late"]);
  });

  test("may reorder: what is held is released in any order", async () => {
    const { as, github, fresh, names } = listening();
    await fresh();
    github.webhooks.hold();
    const { data } = await as("alice").rest.issues.create({ ...access, title: "x" });
    await as("alice").rest.issues.createComment({ ...access, issue_number: data.number, body: "y" });
    await github.webhooks.idle();
    expect(names()).toEqual([]);
    github.webhooks.release((held) => held.toReversed());
    await github.webhooks.idle();
    expect(names()).toEqual(["issue_comment.created", "issues.opened"]);
  });
});

describe("the delivery log", () => {
  test("keeps failures; redelivering sends the same GUID again", async () => {
    const { as, asApp, github, fresh, received } = listening(500);
    await fresh();
    await as("alice").rest.issues.create({ ...access, title: "x" });
    await github.webhooks.idle();
    const { rest } = asApp();
    const { data } = await rest.apps.listWebhookDeliveries({ per_page: 1 });
    const [newest] = data;
    expect(newest).toMatchObject({ event: "issues", action: "opened", status_code: 500, redelivery: false });
    const delivery_id = newest?.id ?? 0;
    const whole = await rest.apps.getWebhookDelivery({ delivery_id });
    expect(whole.data.request.payload).toMatchObject({ action: "opened" });
    expect((await rest.apps.redeliverWebhookDelivery({ delivery_id })).status).toBe(202);
    await github.webhooks.idle();
    expect(received.map(({ delivery }) => delivery)).toEqual([newest?.guid, newest?.guid]);
    const again = await rest.apps.listWebhookDeliveries({ per_page: 1 });
    expect(again.data[0]).toMatchObject({ guid: newest?.guid, redelivery: true });
  });

  test("is paged by cursor and is the App's alone", async () => {
    const { as, bot, asApp } = listening();
    for (let i = 0; i < 3; i++) await as("alice").rest.issues.create({ ...access, title: `${i}` });
    const { rest } = asApp();
    const first = await rest.apps.listWebhookDeliveries({ per_page: 2 });
    expect(first.headers.link).toContain("cursor=");
    const cursor = /cursor=([^&>]+)/.exec(first.headers.link ?? "")?.[1] ?? "";
    const second = await rest.apps.listWebhookDeliveries({ per_page: 2, cursor });
    expect(second.data[0]?.id).toBeLessThan(first.data[1]?.id ?? 0);
    expect((await refused((await bot()).rest.apps.listWebhookDeliveries())).status).toBe(401);
  });

  test("a hook's address can be changed and its secret is not told", async () => {
    const { asApp } = listening();
    const { rest, request } = asApp();
    // octokit would take a parameter named url for the address to call
    await request("PATCH /app/hook/config", { data: { url: "http://app.test/other" } });
    const { data } = await rest.apps.getWebhookConfigForApp();
    expect(data).toMatchObject({ url: "http://app.test/other", secret: "********" });
  });
});

describe("events", () => {
  test("of a story arrive in its order, each as GitHub describes it", async () => {
    const { as, bot, github, fresh, names, propose, judge } = listening();
    await fresh();
    const { rest } = as("carol");
    const { data: issue } = await rest.issues.create({ ...access, title: "x" });
    const at = { ...access, issue_number: issue.number };
    await rest.issues.update({ ...at, body: "new", assignees: ["bob"] });
    await rest.issues.addLabels({ ...at, labels: ["bug"] });
    await rest.issues.removeLabel({ ...at, name: "bug" });
    await rest.issues.removeAssignees({ ...at, assignees: ["bob"] });
    const { data: comment } = await rest.issues.createComment({ ...at, body: "y" });
    await rest.issues.updateComment({ ...access, comment_id: comment.id, body: "z" });
    await rest.issues.deleteComment({ ...access, comment_id: comment.id });
    await rest.issues.lock(at);
    await rest.issues.unlock(at);
    await rest.issues.update({ ...at, state: "closed" });
    await rest.issues.update({ ...at, state: "open" });
    const { number } = await propose("carol", "topic", { a: "1" });
    const pull = { ...access, pull_number: number };
    await rest.pulls.requestReviewers({ ...pull, reviewers: ["bob"], team_reviewers: ["devops-leads"] });
    await rest.pulls.removeRequestedReviewers({
      ...pull,
      reviewers: ["bob"],
      team_reviewers: ["devops-leads"],
    });
    const { data: review } = await as("bob").rest.pulls.createReview({ ...pull, event: "APPROVE" });
    await rest.pulls.dismissReview({ ...pull, review_id: review.id, message: "m" });
    github.pushFiles("carol", "acme/access", "topic", { a: "2" }, "two");
    await rest.pulls.update({ ...pull, title: "renamed" });
    await (await bot()).rest.checks.create({
      ...access,
      name: "hallpass",
      head_sha: github.pushFiles("carol", "acme/access", "topic", { a: "3" }, "three"),
      conclusion: "success",
    });
    await rest.pulls.merge(pull);
    github.push("carol", "acme/access", "topic", null);
    await github.webhooks.idle();
    expect(names()).toEqual([
      "issues.opened",
      "issues.edited",
      "issues.assigned",
      "issues.labeled",
      "issues.unlabeled",
      "issues.unassigned",
      "issue_comment.created",
      "issue_comment.edited",
      "issue_comment.deleted",
      "issues.locked",
      "issues.unlocked",
      "issues.closed",
      "issues.reopened",
      "push",
      "pull_request.opened",
      "pull_request.review_requested",
      "pull_request.review_requested",
      "pull_request.review_request_removed",
      "pull_request.review_request_removed",
      "pull_request_review.submitted",
      "pull_request_review.dismissed",
      "push",
      "pull_request.synchronize",
      "pull_request.edited",
      "push",
      "pull_request.synchronize",
      "check_run.created",
      "check_run.completed",
      "push",
      "pull_request.closed",
      "push",
    ]);
    expect([...judge.checked.keys()].filter((what) => what.startsWith("webhook")).length).toBeGreaterThan(25);
  });

  test("of people, teams, rulesets and repositories are as GitHub describes them", async () => {
    const { github, as, fresh, names } = listening();
    github.createUser({ login: "erin" });
    github.createRepository({ owner: "acme", name: "elsewhere" });
    await fresh();
    github.inviteMember("acme", "erin");
    github.acceptInvitation("acme", "erin");
    github.createTeam({ organization: "acme", name: "Security", members: ["erin"] });
    github.addTeamToRepository("acme/access", "security", "read");
    github.removeTeamMember("acme", "security", "erin");
    github.addCollaborator("acme/access", "mallory", "read");
    github.addCollaborator("acme/access", "mallory", "write");
    github.removeCollaborator("acme/access", "mallory");
    github.removeMember("acme", "erin");
    const ruleset = {
      name: "r",
      enforcement: "active" as const,
      conditions: { ref_name: { include: ["~ALL"], exclude: [] } },
    };
    const { data } = await as("olga").rest.repos.createRepoRuleset({
      ...access,
      ...ruleset,
      rules: [{ type: "deletion" }],
    });
    await as("olga").rest.repos.updateRepoRuleset({ ...access, ruleset_id: data.id, name: "s" });
    await as("olga").rest.repos.deleteRepoRuleset({ ...access, ruleset_id: data.id });
    await as("carol").rest.issues.createLabel({ ...access, name: "new" });
    const issue = await as("carol").rest.issues.create({ ...access, title: "x" });
    github.transferIssue("olga", "acme/access", issue.data.number, "acme/elsewhere");
    await github.webhooks.idle();
    expect(names()).toEqual([
      "organization.member_invited",
      "organization.member_added",
      "team.created",
      "membership.added",
      "team.added_to_repository",
      "membership.removed",
      "member.added",
      "member.edited",
      "member.removed",
      "organization.member_removed",
      "repository_ruleset.created",
      "repository_ruleset.edited",
      "repository_ruleset.deleted",
      "label.created",
      "issues.opened",
      "issues.transferred",
    ]);
  });

  test("of the installation itself reach the App unasked", async () => {
    const { github, fresh, names } = listening();
    await fresh();
    github.suspendInstallation("hallpass", "acme", true);
    github.suspendInstallation("hallpass", "acme", false);
    github.uninstallApp("hallpass", "acme");
    await github.webhooks.idle();
    expect(names()).toEqual(["installation.suspend", "installation.unsuspend", "installation.deleted"]);
  });
});
