import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { describe, expect, test } from "vitest";
import { wallClock } from "../../../sandbox/github/clock.ts";
import { access, createAcme } from "./acme.ts";
import { signJwt } from "./jwt.ts";
import { refused } from "./refused.ts";

describe("App JWTs", () => {
  test("a signed JWT is the App", async () => {
    const { asApp, app, github } = createAcme();
    const { data } = await asApp().rest.apps.getAuthenticated();
    expect(data).toMatchObject({ id: app.id, slug: "hallpass", installations_count: 1 });
    expect(github.requests.at(-1)).toMatchObject({ actor: "hallpass (app)", tokenKind: "app", status: 200 });
  });

  test("Octokit's own App authentication works against the wall clock", async () => {
    const { github, app, installationId } = createAcme({ clock: wallClock });
    const auth = { appId: app.id, privateKey: app.privateKey, installationId };
    const octokit = new Octokit({
      authStrategy: createAppAuth,
      auth,
      baseUrl: github.url,
      request: { fetch: github.fetch },
    });
    const { data } = await octokit.rest.repos.get(access);
    expect(data.full_name).toBe("acme/access");
  });

  test.each([
    ["expired", { exp: 1 }],
    ["issued in the future", { iat: Date.parse("2026-01-05T12:05:00Z") / 1000 }],
    ["living too long", { exp: Date.parse("2026-01-05T13:00:00Z") / 1000 }],
    ["without exp", { exp: undefined }],
  ])("a JWT %s is refused with 401", async (_, claims) => {
    const { withToken, app, clock } = createAcme();
    const answer = await refused(withToken(signJwt(app, clock, claims)).rest.apps.getAuthenticated());
    expect(answer.status).toBe(401);
  });

  test("a JWT signed by another App's key is refused", async () => {
    const { withToken, app, clock, github } = createAcme();
    const other = github.createApp({ slug: "other", permissions: {}, events: [] });
    const forged = signJwt({ id: app.id, privateKey: other.privateKey }, clock);
    expect((await refused(withToken(forged).rest.apps.getAuthenticated())).status).toBe(401);
  });

  test("a JWT with alg none is refused", async () => {
    const { withToken, app, clock } = createAcme();
    const forged = signJwt(app, clock, {}, { alg: "none" });
    expect((await refused(withToken(forged).rest.apps.getAuthenticated())).status).toBe(401);
  });

  test("a JWT reads no repository", async () => {
    const { asApp } = createAcme();
    expect((await refused(asApp().rest.repos.get(access))).status).toBe(404);
  });
});

describe("installation tokens", () => {
  test("die after an hour", async () => {
    const { bot, clock } = createAcme();
    const octokit = await bot();
    clock.advance(3_599_000);
    await octokit.rest.repos.get(access);
    clock.advance(1_000);
    expect((await refused(octokit.rest.repos.get(access))).status).toBe(401);
  });

  test("narrowed permissions bind: 403 for what was left out", async () => {
    const { bot } = createAcme();
    const octokit = await bot({ permissions: { issues: "read" } });
    await octokit.rest.issues.listForRepo(access);
    const answer = await refused(octokit.rest.issues.create({ ...access, title: "x" }));
    expect(answer).toMatchObject({ status: 403, message: "Resource not accessible by integration" });
    expect((await refused(octokit.rest.repos.getContent({ ...access, path: "README.md" }))).status).toBe(403);
  });

  test("cannot be widened beyond what the installation has", async () => {
    const { bot } = createAcme();
    expect((await refused(bot({ permissions: { administration: "write" } }))).status).toBe(422);
    expect((await refused(bot({ permissions: { members: "write" } }))).status).toBe(422);
  });

  test("narrowed to a repository do not see another", async () => {
    const { bot, github } = createAcme();
    github.createRepository({ owner: "acme", name: "secret" });
    const octokit = await bot({ repositories: ["access"] });
    await octokit.rest.repos.get(access);
    expect((await refused(octokit.rest.repos.get({ owner: "acme", repo: "secret" }))).status).toBe(404);
    const { data } = await octokit.rest.apps.listReposAccessibleToInstallation();
    expect(data.repositories.map(({ name }) => name)).toEqual(["access"]);
    expect((await refused(bot({ repositories: ["nowhere"] }))).status).toBe(422);
  });

  test("end with suspension and with the installation", async () => {
    const { bot, github, asApp } = createAcme();
    const octokit = await bot();
    github.suspendInstallation("hallpass", "acme", true);
    expect((await refused(octokit.rest.repos.get(access))).status).toBe(403);
    github.suspendInstallation("hallpass", "acme", false);
    await octokit.rest.repos.get(access);
    github.uninstallApp("hallpass", "acme");
    expect((await refused(octokit.rest.repos.get(access))).status).toBe(401);
    expect((await refused(asApp().rest.apps.getRepoInstallation(access))).status).toBe(404);
  });

  test("are no token to mint tokens with", async () => {
    const { bot, installationId } = createAcme();
    const octokit = await bot();
    expect(
      (await refused(octokit.rest.apps.createInstallationAccessToken({ installation_id: installationId })))
        .status,
    ).toBe(401);
  });
});

describe("who sees what", () => {
  test("an unknown token is 401, also for what is public", async () => {
    const { withToken, github } = createAcme();
    github.createRepository({ owner: "acme", name: "site", visibility: "public" });
    const answer = await refused(withToken("ghp_madeUp").rest.repos.get({ owner: "acme", repo: "site" }));
    expect(answer).toMatchObject({ status: 401, message: "Bad credentials" });
  });

  test("a private repository is 404 to strangers and to nobody", async () => {
    const { as, withToken } = createAcme();
    expect((await refused(as("mallory").rest.repos.get(access))).status).toBe(404);
    expect((await refused(withToken(undefined).rest.repos.get(access))).status).toBe(404);
    expect((await refused(as("mallory").rest.issues.create({ ...access, title: "x" }))).status).toBe(404);
  });

  test("an internal repository is open to members and closed to strangers", async () => {
    const { as, github } = createAcme();
    github.createRepository({ owner: "acme", name: "inner", visibility: "internal" });
    await as("dave").rest.repos.get({ owner: "acme", repo: "inner" });
    expect((await refused(as("mallory").rest.repos.get({ owner: "acme", repo: "inner" }))).status).toBe(404);
  });

  test("writing without permission is 403", async () => {
    const { as, root } = createAcme();
    const answer = await refused(
      as("alice").rest.git.createRef({ ...access, ref: "refs/heads/x", sha: root }),
    );
    expect(answer.status).toBe(403);
  });

  test("a GITHUB_TOKEN has its permissions on its repository, as github-actions[bot]", async () => {
    const { github, withToken } = createAcme();
    const repo = github.actionsWorld.repository("acme/access");
    if (repo === undefined) throw new Error("no repository");
    github.createRepository({ owner: "acme", name: "other" });
    const token = github.actionsWorld.mintActionsToken(repo, { issues: "write", contents: "none" }, 1);
    const octokit = withToken(token);
    const { data } = await octokit.rest.issues.create({ ...access, title: "from a run" });
    expect(data.user).toMatchObject({ login: "github-actions[bot]", id: 41_898_282, type: "Bot" });
    expect((await refused(octokit.rest.repos.getContent({ ...access, path: "README.md" }))).status).toBe(403);
    expect((await refused(octokit.rest.repos.get({ owner: "acme", repo: "other" }))).status).toBe(404);
    expect(
      (await refused(octokit.rest.teams.getByName({ org: "acme", team_slug: "engineering" }))).status,
    ).toBe(404);
    github.actionsWorld.revokeToken(token);
    expect((await refused(octokit.rest.issues.listForRepo(access))).status).toBe(401);
  });
});

describe("budgets and caches", () => {
  test("an unchanged answer is 304 to its ETag and costs nothing", async () => {
    const { as } = createAcme();
    const alice = as("alice");
    const { headers } = await alice.rest.issues.listForRepo(access);
    const etag = headers.etag ?? "";
    expect(headers["x-ratelimit-used"]).toBe("1");
    expect(headers["x-github-request-id"]).toBeTruthy();
    const answer = await refused(
      alice.rest.issues.listForRepo({ ...access, headers: { "if-none-match": etag } }),
    );
    expect(answer.status).toBe(304);
    const { data } = await alice.rest.rateLimit.get();
    expect(data.resources.core.used).toBe(1);
    await alice.rest.issues.create({ ...access, title: "new" });
    const fresh = await alice.rest.issues.listForRepo({ ...access, headers: { "if-none-match": etag } });
    expect(fresh.status).toBe(200);
  });

  test("a spent budget is 403 until its hour is over", async () => {
    const { as, clock } = createAcme({ quirks: { hourlyLimit: 2 } });
    const alice = as("alice");
    await alice.rest.repos.get(access);
    await alice.rest.repos.get(access);
    const answer = await refused(alice.rest.repos.get(access));
    expect(answer.status).toBe(403);
    expect(answer.message).toContain("rate limit");
    clock.advance(3_600_001);
    await alice.rest.repos.get(access);
  });

  test("content written too fast meets the secondary limit", async () => {
    const { as, clock } = createAcme({ quirks: { contentWrites: { perMinute: 2, perHour: 500 } } });
    const alice = as("alice");
    await alice.rest.issues.create({ ...access, title: "1" });
    await alice.rest.issues.create({ ...access, title: "2" });
    const answer = await refused(alice.rest.issues.create({ ...access, title: "3" }));
    expect(answer).toMatchObject({ status: 403, message: expect.stringContaining("secondary rate limit") });
    clock.advance(60_001);
    await alice.rest.issues.create({ ...access, title: "3" });
  });

  test("lists come in pages of at most 100 with Link headers", async () => {
    const { as } = createAcme();
    const alice = as("alice");
    for (let i = 0; i < 5; i++) await alice.rest.issues.create({ ...access, title: `${i}` });
    const first = await alice.rest.issues.listForRepo({ ...access, per_page: 2 });
    expect(first.headers.link).toContain('rel="next"');
    expect(first.headers.link).toContain("page=3");
    const all = await alice.paginate(alice.rest.issues.listForRepo, { ...access, per_page: 2 });
    expect(all.map(({ title }) => title)).toEqual(["4", "3", "2", "1", "0"]);
  });

  test("the same world answers under the paths of GitHub Enterprise Server", async () => {
    const { github } = createAcme();
    const base = {
      auth: github.personalToken("alice"),
      baseUrl: `${github.url}/api/v3`,
      request: { fetch: github.fetch },
    };
    const octokit = new Octokit(base);
    await octokit.rest.issues.create({ ...access, title: "one" });
    await octokit.rest.issues.create({ ...access, title: "two" });
    const { headers } = await octokit.rest.issues.listForRepo({ ...access, per_page: 1 });
    expect(headers.link).toContain("/api/v3/repos/acme/access/issues");
    const answer = await octokit.graphql<{ viewer: { login: string } }>("{ viewer { login } }");
    expect(answer.viewer.login).toBe("alice");
    expect(github.requests.at(-1)).toMatchObject({
      path: "/graphql",
      graphql: { operations: ["viewer"], mutation: false },
    });
  });
});
