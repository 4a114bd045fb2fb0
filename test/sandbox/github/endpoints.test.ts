import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Limits } from "../../../sandbox/github/limits.ts";
import { allRoutes } from "../../../sandbox/github/rest/routes.ts";
import type { Webhooks } from "../../../sandbox/github/webhooks.ts";
import { access, createAcme } from "./acme.ts";
import { refused } from "./refused.ts";

const shape = (path: string) => path.replace(/\{\w+\}/g, "{}");

test("the twin has the operations of its slice of GitHub's description, and no others", () => {
  const slice = JSON.parse(
    readFileSync(new URL("../../../sandbox/github/openapi/rest.json", import.meta.url), "utf8"),
  ) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const described = Object.entries(slice.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${shape(path)}`),
  );
  const routes = allRoutes({ webhooks: {} as Webhooks, limits: {} as Limits })
    .filter(({ pattern }) => !pattern.startsWith("/_twin/") && pattern !== "/repos/{owner}/{repo}/contents")
    .map(({ method, pattern }) => `${method} ${shape(pattern)}`);
  expect(routes.sort()).toEqual(described.sort());
});

/** A world with one of everything that can be read. */
async function furnished() {
  const acme = createAcme();
  const { github, as, bot, root } = acme;
  github.setEnvironment("acme/access", "hallpass", { branches: "protected" });
  github.setVariable("acme/access", "REGION", "eu", "hallpass");
  const { rest } = as("carol");
  const { data: issue } = await rest.issues.create({ ...access, title: "x", labels: ["bug"] });
  const { data: comment } = await rest.issues.createComment({
    ...access,
    issue_number: issue.number,
    body: "y",
  });
  await rest.reactions.createForIssueComment({ ...access, comment_id: comment.id, content: "eyes" });
  await rest.reactions.createForIssue({ ...access, issue_number: issue.number, content: "heart" });
  const octokit = await bot();
  const { data: check } = await octokit.rest.checks.create({ ...access, name: "hallpass", head_sha: root });
  const { data: deployment } = await octokit.rest.repos.createDeployment({
    ...access,
    ref: "main",
    required_contexts: [],
  });
  const ids = {
    issue: issue.number,
    comment: comment.id,
    check: check.id,
    suite: check.check_suite?.id,
    deployment: "id" in deployment ? deployment.id : 0,
  };
  return { ...acme, octokit, ids };
}

describe("what is only read", () => {
  test("is as GitHub describes it", async () => {
    const { as, octokit, ids, root, asApp, installationId, github } = await furnished();
    const alice = (await as("alice").rest.users.getAuthenticated()).data.id;
    github.addTeamToRepository("acme/access", "engineering", "triage");
    const repo = "/repos/acme/access";
    const byApp = [
      `/app/installations/${installationId}`,
      "/app/installations",
      "/orgs/acme/installation",
      `${repo}/installation`,
    ];
    const byOwner = [
      "/orgs/acme",
      "/orgs/acme/installations",
      "/orgs/acme/repos",
      "/orgs/acme/members?role=admin",
      "/orgs/acme/rulesets",
      "/orgs/acme/teams",
      "/orgs/acme/teams/engineering/teams",
      "/user/memberships/orgs",
      "/user/memberships/orgs/acme",
      "/users/acme",
      `/user/${alice}`,
      "/apps/hallpass",
      "/meta",
      `${repo}/teams`,
      `${repo}/collaborators`,
      `${repo}/rulesets`,
      `${repo}/environments/hallpass/variables`,
      `${repo}/environments/hallpass/variables/REGION`,
      `${repo}/environments/hallpass/secrets/public-key`,
    ];
    const byInstallation = [
      `${repo}/branches`,
      `${repo}/branches/main`,
      `${repo}/commits/${root}/pulls`,
      `${repo}/check-runs/${ids.check}`,
      `${repo}/check-suites/${ids.suite}`,
      `${repo}/deployments/${ids.deployment}`,
      `${repo}/labels`,
      `${repo}/labels/bug`,
      `${repo}/issues/comments?sort=updated&direction=desc`,
      `${repo}/issues/comments/${ids.comment}/reactions`,
      `${repo}/issues/${ids.issue}/reactions`,
      "/installation/repositories",
    ];
    for (const [client, paths] of [
      [asApp(), byApp],
      [as("olga"), byOwner],
      [octokit, byInstallation],
    ] as const) {
      for (const path of paths)
        expect([path, (await client.request(`GET ${path}`)).status]).toEqual([path, 200]);
    }
  });

  test("a branch with classic protection there is none of", async () => {
    const { as } = createAcme();
    const answer = await refused(as("olga").rest.repos.getBranchProtection({ ...access, branch: "main" }));
    expect(answer).toMatchObject({ status: 404, message: "Branch not protected" });
  });

  test("members are for members: others are sent to the public ones", async () => {
    const { as, withToken } = createAcme();
    expect(
      (await as("alice").rest.orgs.checkMembershipForUser({ org: "acme", username: "bob" })).status,
    ).toBe(204);
    expect(
      (await refused(withToken(undefined).rest.orgs.checkMembershipForUser({ org: "acme", username: "bob" })))
        .status,
    ).toBe(404);
    expect((await as("mallory").rest.orgs.listMembers({ org: "acme" })).data).toEqual([]);
  });
});

describe("what admins change", () => {
  test("collaborators and teams of a repository, through the API", async () => {
    const { as, bot } = createAcme();
    const { rest } = as("olga");
    await rest.repos.addCollaborator({ ...access, username: "dave", permission: "push" });
    const level = async (username: string) =>
      (await (await bot()).rest.repos.getCollaboratorPermissionLevel({ ...access, username })).data
        .permission;
    expect(await level("dave")).toBe("write");
    await rest.repos.removeCollaborator({ ...access, username: "dave" });
    expect(await level("dave")).toBe("none");
    const team = { org: "acme", team_slug: "engineering", ...access };
    await rest.teams.addOrUpdateRepoPermissionsInOrg({ ...team, permission: "admin" });
    expect(await level("bob")).toBe("admin");
    expect((await rest.teams.checkPermissionsForRepoInOrg(team)).status).toBe(204);
    await rest.teams.removeRepoInOrg(team);
    expect(await level("bob")).toBe("write");
    expect((await refused(rest.teams.checkPermissionsForRepoInOrg(team))).status).toBe(404);
    expect(
      (await refused(as("carol").rest.repos.addCollaborator({ ...access, username: "dave" }))).status,
    ).toBe(403);
  });

  test("members of the organization", async () => {
    const { as, bot } = createAcme();
    const { rest } = as("olga");
    const { data } = await rest.orgs.setMembershipForUser({
      org: "acme",
      username: "mallory",
      role: "admin",
    });
    expect(data).toMatchObject({ state: "pending", role: "admin" });
    await rest.orgs.removeMembershipForUser({ org: "acme", username: "mallory" });
    expect(
      (await refused((await bot()).rest.orgs.getMembershipForUser({ org: "acme", username: "mallory" })))
        .status,
    ).toBe(404);
  });

  test("rulesets of the organization", async () => {
    const { as } = createAcme();
    const { rest } = as("olga");
    const conditions = {
      ref_name: { include: ["~ALL"], exclude: [] },
      repository_name: { include: ["acc*"], exclude: [] },
    };
    const { data } = await rest.repos.createOrgRuleset({
      org: "acme",
      name: "o",
      enforcement: "active",
      conditions,
      rules: [{ type: "deletion" }],
    });
    const ruleset = { org: "acme", ruleset_id: data.id };
    await rest.repos.updateOrgRuleset({ ...ruleset, enforcement: "disabled" });
    expect((await rest.repos.getOrgRuleset(ruleset)).data.enforcement).toBe("disabled");
    expect((await refused(as("alice").rest.repos.getOrgRuleset(ruleset))).status).toBe(404);
    await rest.repos.deleteOrgRuleset(ruleset);
    expect((await rest.repos.getOrgRulesets({ org: "acme" })).data).toEqual([]);
  });
});

test("an installation token can revoke itself", async () => {
  const { bot } = createAcme();
  const { rest } = await bot();
  await rest.apps.revokeInstallationAccessToken();
  expect((await refused(rest.repos.get(access))).status).toBe(401);
});

test("a fork made through the API is its maker's, as private as its origin", async () => {
  const { as } = createAcme();
  const { data } = await as("alice").rest.repos.createFork({ ...access, default_branch_only: true });
  expect(data).toMatchObject({ full_name: "alice/access", fork: true, private: true });
});

test("a review's words are its author's to change, a pending one's to delete", async () => {
  const { as, propose } = createAcme();
  const { number: pull_number } = await propose("carol", "topic", { a: "1" });
  const { data } = await as("bob").rest.pulls.createReview({
    ...access,
    pull_number,
    event: "COMMENT",
    body: "x",
  });
  const review = { ...access, pull_number, review_id: data.id };
  expect((await refused(as("carol").rest.pulls.updateReview({ ...review, body: "y" }))).status).toBe(403);
  expect((await as("bob").rest.pulls.updateReview({ ...review, body: "y" })).data.body).toBe("y");
  expect((await refused(as("bob").rest.pulls.deletePendingReview(review))).status).toBe(422);
  const pending = await as("bob").rest.pulls.createReview({ ...access, pull_number });
  await as("bob").rest.pulls.deletePendingReview({ ...review, review_id: pending.data.id });
});

test("an issue may lose all its labels at once, and get assignees one by one", async () => {
  const { as } = createAcme();
  const { rest } = as("carol");
  const { data } = await rest.issues.create({ ...access, title: "x", labels: ["a", "b"] });
  const issue = { ...access, issue_number: data.number };
  await rest.issues.removeAllLabels(issue);
  await rest.issues.addAssignees({ ...issue, assignees: ["bob", "mallory"] });
  const after = await rest.issues.get(issue);
  expect([after.data.labels, after.data.assignees?.map(({ login }) => login)]).toEqual([[], ["bob"]]);
});
