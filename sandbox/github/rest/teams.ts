import {
  canSee,
  findAccount,
  findRepository,
  grants,
  isActiveMember,
  teamMembership,
  teamPermission,
  withDescendants,
} from "../access.ts";
import { type Answer, created, type Json, noContent, notFound, ok, refusal } from "../http.ts";
import {
  showOrganization,
  showOrganizationProfile,
  showTeam,
  showTeamFull,
  showUser,
} from "../render/accounts.ts";
import { showInstallation } from "../render/apps.ts";
import { permissionFlags, showRepository } from "../render/repositories.ts";
import { type Call, counted, listed, type Route, route } from "../router.ts";
import type { Account, Organization, Team } from "../state.ts";
import type { Writer } from "../twin.ts";
import {
  acceptInvitation,
  createTeam,
  setMember,
  setTeamMember,
  setTeamRepository,
} from "../world/organizations.ts";
import { readPermission } from "./repositories.ts";

function requireOrganization(call: Call): Organization {
  const account = findAccount(call.twin, call.params["org"] ?? "");
  const organization = account === undefined ? undefined : call.twin.state.organizations.get(account.id);
  if (organization === undefined) throw notFound();
  return organization;
}

/** Whether the viewer sees who belongs to the organization and its teams: its members, and Apps with `members: read`. */
function seesMembers(call: Call, organization: Organization): boolean {
  const { viewer } = call;
  if (viewer.kind === "user" && viewer.account !== undefined)
    return isActiveMember(organization, viewer.account);
  if (viewer.kind !== "installation" || viewer.installation?.account !== organization.account) return false;
  return grants(viewer.permissions ?? {}, [{ members: "read" }]);
}

/** The organization, for those who see its members; 404 for the others: GitHub does not say which of the two it is. */
function insideOrganization(call: Call): Organization {
  const organization = requireOrganization(call);
  if (!seesMembers(call, organization)) throw notFound();
  return organization;
}

/** The organization, for its owners and Apps with `members: write`. */
function ownOrganization(call: Call): { organization: Organization; writer: Writer } {
  const organization = insideOrganization(call);
  const { viewer } = call;
  const owner = organization.members.get(viewer.account?.id ?? 0)?.role === "admin";
  const byApp = viewer.kind === "installation" && grants(viewer.permissions ?? {}, [{ members: "write" }]);
  if (viewer.account === undefined || (!owner && !byApp))
    throw refusal(403, "You must be an admin of the organization.");
  return { organization, writer: { ...viewer, account: viewer.account } };
}

function teamIn(organization: Organization, call: Call): Team {
  const slug = (call.params["team_slug"] ?? "").toLowerCase();
  const team = organization.teams.find((candidate) => candidate.slug === slug);
  if (team === undefined) throw notFound();
  return team;
}

function theTeam(call: Call): Team {
  return teamIn(insideOrganization(call), call);
}

/** Active members of the team and of the teams below it. */
function teamMembers(call: Call, team: Team): Account[] {
  return call.twin.state.accounts.filter(
    (account) => !account.deleted && teamMembership(team, account)?.state === "active",
  );
}

function requireAccount(call: Call): Account {
  const account = findAccount(call.twin, call.params["username"] ?? "");
  if (account === undefined) throw notFound();
  return account;
}

function showMembership(call: Call, team: Team, account: Account): Json {
  const membership = teamMembership(team, account);
  if (membership === undefined) throw notFound();
  const { login } = team.organization.account;
  return {
    url: `${call.twin.url}/orgs/${login}/teams/${team.slug}/memberships/${encodeURIComponent(account.login)}`,
    role: membership.role,
    state: membership.state,
  };
}

function teamRepository(call: Call): Answer {
  const team = theTeam(call);
  const repository = findRepository(call.twin, call.params["owner"] ?? "", call.params["repo"] ?? "");
  if (repository === undefined || !canSee(call.twin, call.viewer, repository)) throw notFound();
  const permission = teamPermission(team, repository);
  if (permission === "none") throw notFound();
  if (!/\brepository\b/.test(call.headers.get("accept") ?? "")) return noContent;
  return ok({
    ...showRepository(call.twin, repository),
    permissions: permissionFlags(permission),
    role_name: permission,
  });
}

const teamRoutesProper: Route[] = [
  route("GET /orgs/{org}/teams", (call) =>
    listed(call, insideOrganization(call).teams, (team) => showTeam(call.twin, team)),
  ),
  route("POST /orgs/{org}/teams", (call) => {
    const { organization, writer } = ownOrganization(call);
    const parent = organization.teams.find((team) => team.id === call.body.number("parent_team_id"));
    const team = createTeam(call.twin, organization, {
      name: call.body.text("name"),
      parent,
      description: call.body.optionalText("description") ?? null,
      sender: writer,
    });
    return created(showTeamFull(call.twin, team, teamMembers(call, team).length));
  }),
  route("GET /orgs/{org}/teams/{team_slug}", (call) => {
    const team = theTeam(call);
    return ok(showTeamFull(call.twin, team, teamMembers(call, team).length));
  }),
  route("GET /orgs/{org}/teams/{team_slug}/members", (call) => {
    const team = theTeam(call);
    const role = call.query.get("role") ?? "all";
    const members = teamMembers(call, team).filter(
      (account) => role === "all" || teamMembership(team, account)?.role === role,
    );
    return listed(call, members, (account) => showUser(call.twin, account));
  }),
  route("GET /orgs/{org}/teams/{team_slug}/teams", (call) => {
    const children = withDescendants(theTeam(call)).filter((team) => team.parent === theTeam(call));
    return listed(call, children, (team) => showTeam(call.twin, team));
  }),
  route("GET /orgs/{org}/teams/{team_slug}/memberships/{username}", (call) =>
    ok(showMembership(call, theTeam(call), requireAccount(call))),
  ),
  route("PUT /orgs/{org}/teams/{team_slug}/memberships/{username}", (call) => {
    const { organization, writer } = ownOrganization(call);
    const team = teamIn(organization, call);
    const account = requireAccount(call);
    const role = call.body.optionalText("role") === "maintainer" ? "maintainer" : "member";
    setTeamMember(call.twin, team, account, { role, sender: writer });
    return ok(showMembership(call, team, account));
  }),
  route("DELETE /orgs/{org}/teams/{team_slug}/memberships/{username}", (call) => {
    const { organization, writer } = ownOrganization(call);
    setTeamMember(call.twin, teamIn(organization, call), requireAccount(call), {
      role: "none",
      sender: writer,
    });
    return noContent;
  }),
  route("GET /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", teamRepository),
  route("PUT /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", (call) => {
    const { organization, writer } = ownOrganization(call);
    const repository = findRepository(call.twin, call.params["owner"] ?? "", call.params["repo"] ?? "");
    if (repository === undefined) throw notFound();
    const permission = readPermission(call.body.optionalText("permission"));
    setTeamRepository(call.twin, teamIn(organization, call), repository, permission, writer);
    return noContent;
  }),
  route("DELETE /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", (call) => {
    const { organization, writer } = ownOrganization(call);
    const repository = findRepository(call.twin, call.params["owner"] ?? "", call.params["repo"] ?? "");
    if (repository === undefined) throw notFound();
    setTeamRepository(call.twin, teamIn(organization, call), repository, "none", writer);
    return noContent;
  }),
];

function showOrganizationMembership(call: Call, organization: Organization, account: Account): Json {
  const member = organization.members.get(account.id);
  if (member === undefined) throw notFound();
  const self = `${call.twin.url}/orgs/${organization.account.login}`;
  return {
    url: `${self}/memberships/${encodeURIComponent(account.login)}`,
    state: member.state,
    role: member.role,
    direct_membership: true,
    organization_url: self,
    organization: showOrganization(call.twin, organization.account),
    user: showUser(call.twin, account),
  };
}

function ownMembership(call: Call): { organization: Organization; account: Account } {
  const { account, kind } = call.viewer;
  if (account === undefined || kind !== "user") throw refusal(401, "Requires authentication");
  return { organization: requireOrganization(call), account };
}

const memberRoutes: Route[] = [
  route("GET /orgs/{org}/members", (call) => {
    const organization = requireOrganization(call);
    const all = call.twin.state.accounts.filter((account) => isActiveMember(organization, account));
    // outsiders see public members: here nobody has made the membership public
    const role = call.query.get("role") ?? "all";
    const shown = (seesMembers(call, organization) ? all : []).filter(
      (account) => role === "all" || organization.members.get(account.id)?.role === role,
    );
    return listed(call, shown, (account) => showUser(call.twin, account));
  }),
  route("GET /orgs/{org}/members/{username}", (call) => {
    const organization = requireOrganization(call);
    const account = requireAccount(call);
    if (!seesMembers(call, organization)) {
      const location = `${call.twin.url}/orgs/${organization.account.login}/public_members/${account.login}`;
      return { status: 302, headers: { location } };
    }
    if (!isActiveMember(organization, account))
      throw refusal(404, "User does not exist or is not a member of the organization");
    return noContent;
  }),
  route("GET /orgs/{org}/public_members/{username}", () => {
    throw notFound();
  }),
  route("GET /orgs/{org}/memberships/{username}", (call) => {
    const organization = requireOrganization(call);
    if (!seesMembers(call, organization)) throw refusal(403, "You must be a member of the organization.");
    return ok(showOrganizationMembership(call, organization, requireAccount(call)));
  }),
  route("PUT /orgs/{org}/memberships/{username}", (call) => {
    const { organization, writer } = ownOrganization(call);
    const account = requireAccount(call);
    const role = call.body.optionalText("role") === "admin" ? "admin" : "member";
    const state = isActiveMember(organization, account) ? "active" : "pending";
    setMember(call.twin, organization, account, { role, state, sender: writer });
    return ok(showOrganizationMembership(call, organization, account));
  }),
  route("DELETE /orgs/{org}/memberships/{username}", (call) => {
    const { organization, writer } = ownOrganization(call);
    const account = requireAccount(call);
    if (!organization.members.has(account.id)) throw notFound();
    setMember(call.twin, organization, account, { role: "none", sender: writer });
    return noContent;
  }),
  route("GET /user/memberships/orgs/{org}", (call) => {
    const { organization, account } = ownMembership(call);
    return ok(showOrganizationMembership(call, organization, account));
  }),
  route("PATCH /user/memberships/orgs/{org}", (call) => {
    const { organization, account } = ownMembership(call);
    const member = organization.members.get(account.id);
    if (member === undefined) throw notFound();
    if (call.body.text("state") !== "active")
      throw refusal(422, 'Invalid request.\n\n"state" must be "active".');
    acceptInvitation(call.twin, organization, account, { ...call.viewer, account });
    return ok(showOrganizationMembership(call, organization, account));
  }),
  route("GET /user/memberships/orgs", (call) => {
    const { account } = call.viewer;
    if (account === undefined) throw refusal(401, "Requires authentication");
    const mine = [...call.twin.state.organizations.values()].filter((one) => one.members.has(account.id));
    return listed(call, mine, (organization) => showOrganizationMembership(call, organization, account));
  }),
];

export const organizationRoutes: Route[] = [
  route("GET /orgs/{org}", (call) => {
    return ok(showOrganizationProfile(call.twin, requireOrganization(call)));
  }),
  route("GET /orgs/{org}/installations", (call) => {
    const { organization } = ownOrganization(call);
    const all = call.twin.state.installations.filter((one) => one.account === organization.account);
    return counted(call, "installations", all, (installation) => showInstallation(call.twin, installation));
  }),
  ...teamRoutesProper,
  ...memberRoutes,
];
