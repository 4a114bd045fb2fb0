import { timestamp } from "../clock.ts";
import type { Json } from "../http.ts";
import type { Account, Organization, Team } from "../state.ts";
import type { Twin } from "../twin.ts";

/** Bots' logins stand encoded in URLs: `dependabot%5Bbot%5D`. */
function inUrl(login: string): string {
  return encodeURIComponent(login);
}

/** `simple-user`. A deleted account shows as `ghost`. */
export function showUser(twin: Twin, given: Account): Json {
  const account = given.deleted ? twin.ghost : given;
  const login = inUrl(account.login);
  const self = `${twin.url}/users/${login}`;
  const htmlUrl = account.kind === "Bot" ? `${twin.url}/apps/${account.appSlug}` : `${twin.url}/${login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: account.nodeId,
    avatar_url: `${twin.url}/avatars/u/${account.id}?v=4`,
    gravatar_id: "",
    url: self,
    html_url: htmlUrl,
    followers_url: `${self}/followers`,
    following_url: `${self}/following{/other_user}`,
    gists_url: `${self}/gists{/gist_id}`,
    starred_url: `${self}/starred{/owner}{/repo}`,
    subscriptions_url: `${self}/subscriptions`,
    organizations_url: `${self}/orgs`,
    repos_url: `${self}/repos`,
    events_url: `${self}/events{/privacy}`,
    received_events_url: `${self}/received_events`,
    type: account.kind,
    user_view_type: "public",
    site_admin: false,
  };
}

export function showOptionalUser(twin: Twin, account: Account | null): Json | null {
  return account === null ? null : showUser(twin, account);
}

/** `public-user`. */
export function showProfile(twin: Twin, account: Account): Json {
  const owned = twin.state.repositories.filter((repository) => repository.owner === account);
  return {
    ...showUser(twin, account),
    name: account.name,
    company: null,
    blog: "",
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: owned.filter((repository) => repository.visibility === "public").length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: timestamp(account.createdAt),
    updated_at: timestamp(account.createdAt),
  };
}

/** `organization-simple`. */
export function showOrganization(twin: Twin, account: Account): Json {
  const self = `${twin.url}/orgs/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: account.nodeId,
    url: self,
    repos_url: `${self}/repos`,
    events_url: `${self}/events`,
    hooks_url: `${self}/hooks`,
    issues_url: `${self}/issues`,
    members_url: `${self}/members{/member}`,
    public_members_url: `${self}/public_members{/member}`,
    avatar_url: `${twin.url}/avatars/u/${account.id}?v=4`,
    description: null,
  };
}

/** `organization-full`, as anybody sees it. */
export function showOrganizationProfile(twin: Twin, organization: Organization): Json {
  const { account } = organization;
  const repositories = twin.state.repositories.filter((repository) => repository.owner === account);
  return {
    ...showOrganization(twin, account),
    name: account.name ?? account.login,
    is_verified: false,
    has_organization_projects: true,
    has_repository_projects: true,
    public_repos: repositories.filter((repository) => repository.visibility === "public").length,
    public_gists: 0,
    followers: 0,
    following: 0,
    html_url: `${twin.url}/${account.login}`,
    created_at: timestamp(account.createdAt),
    updated_at: timestamp(account.createdAt),
    archived_at: null,
    type: "Organization",
  };
}

function teamUrl(twin: Twin, team: Team): string {
  return `${twin.url}/organizations/${team.organization.account.id}/team/${team.id}`;
}

/** `team-simple`. */
export function showTeamSimple(twin: Twin, team: Team): Json {
  return {
    id: team.id,
    node_id: team.nodeId,
    name: team.name,
    slug: team.slug,
    description: team.description,
    privacy: team.privacy,
    notification_setting: "notifications_enabled",
    permission: "pull",
    url: teamUrl(twin, team),
    html_url: `${twin.url}/orgs/${team.organization.account.login}/teams/${team.slug}`,
    members_url: `${teamUrl(twin, team)}/members{/member}`,
    repositories_url: `${teamUrl(twin, team)}/repos`,
    type: "organization",
    organization_id: team.organization.account.id,
  };
}

/** `team`. */
export function showTeam(twin: Twin, team: Team): Json {
  return {
    ...showTeamSimple(twin, team),
    parent: team.parent === null ? null : showTeamSimple(twin, team.parent),
  };
}

/** `team-full`. */
export function showTeamFull(twin: Twin, team: Team, membersCount: number): Json {
  return {
    ...showTeam(twin, team),
    members_count: membersCount,
    repos_count: team.repositories.size,
    created_at: timestamp(team.createdAt),
    updated_at: timestamp(team.updatedAt),
    organization: showOrganizationProfile(twin, team.organization),
  };
}
