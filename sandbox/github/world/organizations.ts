import { findAccount } from "../access.ts";
import { invalid, refusal } from "../http.ts";
import { showTeam, showUser } from "../render/accounts.ts";
import type { Account, Organization, Permission, Repository, Team } from "../state.ts";
import type { Twin, Viewer, Writer } from "../twin.ts";

// Accounts, organizations and teams: made by the world, changed by it and by the API.

export function createAccount(
  twin: Twin,
  kind: Account["kind"],
  login: string,
  more: { name?: string | null; email?: string | null; id?: number; appSlug?: string } = {},
): Account {
  if (findAccount(twin, login) !== undefined) throw refusal(422, `login ${login} is taken`);
  const id = more.id ?? twin.ids.number();
  if (twin.state.accounts.some((account) => account.id === id))
    throw refusal(422, `account id ${id} is taken`);
  const prefix = { User: "U", Bot: "BOT", Organization: "O" }[kind];
  const account: Account = {
    kind,
    id,
    nodeId: twin.ids.node(prefix, id),
    login,
    name: more.name ?? null,
    email: more.email ?? null,
    createdAt: twin.clock.now(),
    deleted: false,
    ...(more.appSlug === undefined ? {} : { appSlug: more.appSlug }),
  };
  twin.state.accounts.push(account);
  twin.state.nodes.set(account.nodeId, { type: "account", value: account });
  return account;
}

export function createOrganization(
  twin: Twin,
  login: string,
  basePermission: Organization["basePermission"],
  id?: number,
): Organization {
  const account = createAccount(twin, "Organization", login, id === undefined ? {} : { id });
  const organization: Organization = {
    account,
    members: new Map(),
    basePermission,
    teams: [],
    rulesets: [],
    secrets: new Map(),
    variables: new Map(),
  };
  twin.state.organizations.set(account.id, organization);
  return organization;
}

export interface MemberChange {
  role: "admin" | "member" | "none";
  state?: "active" | "pending";
  sender: Viewer;
}

export function setMember(
  twin: Twin,
  organization: Organization,
  account: Account,
  change: MemberChange,
): void {
  const { role, state = "active", sender } = change;
  const before = organization.members.get(account.id);
  if (role === "none") {
    organization.members.delete(account.id);
    // who leaves the organization leaves its teams
    for (const team of organization.teams) team.members.delete(account.id);
  } else organization.members.set(account.id, { role, state });
  if (before?.state === state && role !== "none") return;
  const action = role === "none" ? "member_removed" : state === "pending" ? "member_invited" : "member_added";
  const membership = showMembership(
    twin,
    organization,
    account,
    role === "none" ? (before?.role ?? "member") : role,
    state,
  );
  const payload = action === "member_invited" ? showInvitation(twin, account, role) : { membership };
  twin.emit({ name: "organization", action, organization, sender, payload });
}

function showMembership(
  twin: Twin,
  organization: Organization,
  account: Account,
  role: string,
  state: string,
) {
  const self = `${twin.url}/orgs/${organization.account.login}`;
  return {
    url: `${self}/memberships/${account.login}`,
    state,
    role,
    direct_membership: true,
    organization_url: self,
    user: showUser(twin, account),
  };
}

function showInvitation(twin: Twin, account: Account, role: string) {
  const id = twin.ids.number();
  return {
    invitation: {
      id,
      node_id: twin.ids.node("OI", id),
      login: account.login,
      email: null,
      role: role === "admin" ? "admin" : "direct_member",
      created_at: new Date(twin.clock.now()).toISOString(),
      failed_at: null,
      failed_reason: null,
      inviter: showUser(twin, account),
      team_count: 0,
      invitation_teams_url: `${twin.url}/organizations/invitations/${id}/teams`,
      invitation_source: "member",
    },
    user: showUser(twin, account),
  };
}

export interface NewTeam {
  name: string;
  parent?: Team | undefined;
  description?: string | null;
  sender: Viewer;
}

export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^-|-$/g, "");
}

export function createTeam(twin: Twin, organization: Organization, request: NewTeam): Team {
  const slug = slugOf(request.name);
  if (organization.teams.some((team) => team.slug === slug)) throw invalid("Team", "name", "already_exists");
  const id = twin.ids.number();
  const now = twin.clock.now();
  const team: Team = {
    id,
    nodeId: twin.ids.node("T", id),
    slug,
    name: request.name,
    description: request.description ?? null,
    privacy: "closed",
    organization,
    parent: request.parent ?? null,
    members: new Map(),
    repositories: new Map(),
    createdAt: now,
    updatedAt: now,
  };
  organization.teams.push(team);
  twin.state.nodes.set(team.nodeId, { type: "team", value: team });
  twin.emit({
    name: "team",
    action: "created",
    organization,
    sender: request.sender,
    payload: { team: showTeam(twin, team) },
  });
  return team;
}

export interface TeamMemberChange {
  role: "member" | "maintainer" | "none";
  sender: Viewer;
}

/** Who is not yet a member of the organization is a pending member of the team, and becomes an invited one of both. */
export function setTeamMember(twin: Twin, team: Team, account: Account, change: TeamMemberChange): void {
  const { role, sender } = change;
  const { organization } = team;
  const before = team.members.get(account.id);
  if (role === "none") {
    if (before === undefined) return;
    team.members.delete(account.id);
  } else {
    const active = organization.members.get(account.id)?.state === "active";
    if (!organization.members.has(account.id)) {
      setMember(twin, organization, account, { role: "member", state: "pending", sender });
    }
    team.members.set(account.id, { role, state: active ? "active" : "pending" });
    if (!active || before !== undefined) return;
  }
  const payload = { scope: "team", member: showUser(twin, account), team: showTeam(twin, team) };
  const action = role === "none" ? "removed" : "added";
  twin.emit({ name: "membership", action, organization, sender, payload });
}

/** Accepting the organization's invitation makes pending team memberships active. */
export function acceptInvitation(
  twin: Twin,
  organization: Organization,
  account: Account,
  sender: Viewer,
): void {
  const role = organization.members.get(account.id)?.role ?? "member";
  setMember(twin, organization, account, { role, state: "active", sender });
  for (const team of organization.teams) {
    const pending = team.members.get(account.id);
    if (pending?.state !== "pending") continue;
    team.members.delete(account.id);
    setTeamMember(twin, team, account, { role: pending.role, sender });
  }
}

export function setTeamRepository(
  twin: Twin,
  team: Team,
  repository: Repository,
  permission: Permission,
  sender: Writer,
): void {
  if (repository.owner !== team.organization.account)
    throw refusal(422, "Repository is not of this organization");
  const had = team.repositories.has(repository.id);
  if (permission === "none") team.repositories.delete(repository.id);
  else team.repositories.set(repository.id, permission);
  const now = permission !== "none";
  if (had === now) return;
  twin.emit({
    name: "team",
    action: now ? "added_to_repository" : "removed_from_repository",
    organization: team.organization,
    repository,
    sender,
    payload: { team: showTeam(twin, team) },
  });
}
