import { describe, expect, test } from "vitest";
import { access, createAcme } from "./acme.ts";
import { refused } from "./refused.ts";

describe("teams", () => {
  test("membership counts that of child teams; a pending one is not active; a stranger's is 404", async () => {
    const { github, bot } = createAcme();
    github.createUser({ login: "erin" });
    github.addTeamMember("acme", "engineering", "erin");
    const { rest } = await bot();
    const membership = async (username: string) =>
      (await rest.teams.getMembershipForUserInOrg({ org: "acme", team_slug: "engineering", username })).data;
    expect(await membership("bob")).toMatchObject({ state: "active", role: "member" });
    expect(await membership("erin")).toMatchObject({ state: "pending" });
    expect((await refused(membership("alice"))).status).toBe(404);
    const { data } = await rest.teams.listMembersInOrg({ org: "acme", team_slug: "engineering" });
    expect(data.map(({ login }) => login)).toEqual(["bob"]);
    github.acceptInvitation("acme", "erin");
    expect(await membership("erin")).toMatchObject({ state: "active" });
  });

  test("404 means no such team, no such member, or no permission", async () => {
    const { bot, as } = createAcme();
    const get = { org: "acme", team_slug: "devops-leads" };
    await (await bot()).rest.teams.getByName(get);
    const blind = await bot({ permissions: { issues: "write" } });
    expect((await refused(blind.rest.teams.getByName(get))).status).toBe(404);
    expect(
      (await refused(blind.rest.teams.getMembershipForUserInOrg({ ...get, username: "bob" }))).status,
    ).toBe(404);
    expect(
      (await refused((await bot()).rest.teams.getByName({ org: "acme", team_slug: "none" }))).status,
    ).toBe(404);
    expect((await refused(as("mallory").rest.teams.getByName(get))).status).toBe(404);
  });

  test("leaving the organization leaves its teams", async () => {
    const { github, bot } = createAcme();
    github.removeMember("acme", "bob");
    const { rest } = await bot();
    const look = rest.teams.getMembershipForUserInOrg({
      org: "acme",
      team_slug: "devops-leads",
      username: "bob",
    });
    expect((await refused(look)).status).toBe(404);
    expect((await refused(rest.orgs.checkMembershipForUser({ org: "acme", username: "bob" }))).status).toBe(
      404,
    );
  });

  test("a child team inherits the parent's access", async () => {
    const { github, as } = createAcme();
    github.createRepository({ owner: "acme", name: "other" });
    github.addTeamToRepository("acme/other", "engineering", "triage");
    const { data } = await as("olga").rest.repos.getCollaboratorPermissionLevel({
      owner: "acme",
      repo: "other",
      username: "bob",
    });
    expect(data).toMatchObject({ permission: "read", role_name: "triage" });
  });

  test("owners change teams through the API, others do not", async () => {
    const { as } = createAcme();
    const change = { org: "acme", team_slug: "devops-leads", username: "alice" };
    expect((await refused(as("carol").rest.teams.addOrUpdateMembershipForUserInOrg(change))).status).toBe(
      403,
    );
    const { data } = await as("olga").rest.teams.addOrUpdateMembershipForUserInOrg(change);
    expect(data.state).toBe("active");
    await as("olga").rest.teams.removeMembershipForUserInOrg(change);
    const made = await as("olga").rest.teams.create({ org: "acme", name: "Security Team" });
    expect(made.data.slug).toBe("security-team");
  });
});

describe("permission levels", () => {
  test("a stranger's is 200 with none, a login that does not exist 404", async () => {
    const { bot } = createAcme();
    const { rest } = await bot();
    const level = async (username: string) =>
      (await rest.repos.getCollaboratorPermissionLevel({ ...access, username })).data;
    expect(await level("mallory")).toMatchObject({
      permission: "none",
      role_name: "none",
      user: { login: "mallory" },
    });
    expect(await level("alice")).toMatchObject({ permission: "read" });
    expect(await level("bob")).toMatchObject({ permission: "write" });
    expect(await level("olga")).toMatchObject({ permission: "admin" });
    expect((await refused(level("nobody-at-all"))).status).toBe(404);
  });

  test("a collaborator check is 204 or 404", async () => {
    const { bot } = createAcme();
    const { rest } = await bot();
    expect((await rest.repos.checkCollaborator({ ...access, username: "bob" })).status).toBe(204);
    expect((await refused(rest.repos.checkCollaborator({ ...access, username: "mallory" }))).status).toBe(
      404,
    );
  });

  test("organization membership tells active from pending", async () => {
    const { github, bot, as } = createAcme();
    github.inviteMember("acme", "mallory");
    const { rest } = await bot();
    const { data } = await rest.orgs.getMembershipForUser({ org: "acme", username: "mallory" });
    expect(data).toMatchObject({ state: "pending", role: "member" });
    expect(
      (await refused(rest.orgs.checkMembershipForUser({ org: "acme", username: "mallory" }))).status,
    ).toBe(404);
    await as("mallory").rest.orgs.updateMembershipForAuthenticatedUser({ org: "acme", state: "active" });
    expect((await rest.orgs.checkMembershipForUser({ org: "acme", username: "mallory" })).status).toBe(204);
  });

  test("a login can be renamed away and taken by another, the number stays", async () => {
    const { github, as } = createAcme();
    const before = (await as("alice").rest.users.getAuthenticated()).data.id;
    github.renameUser("alice", "alice2");
    const other = github.createUser({ login: "alice" });
    expect((await as("alice2").rest.users.getAuthenticated()).data.id).toBe(before);
    expect(other.id).not.toBe(before);
  });
});
