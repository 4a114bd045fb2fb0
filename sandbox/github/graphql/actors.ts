import { teamMembership } from "../access.ts";
import type { Account, Organization, Team } from "../state.ts";
import { type Arguments, connection, failure, type Graph, type Source, time } from "./source.ts";

/** An `Actor`. A deleted account is null, as on GitHub; a bot's login comes without `[bot]`, other than in REST. */
export function showActor({ twin }: Graph, account: Account | null | undefined): Source | null {
  if (account == null || account.deleted) return null;
  const login = account.kind === "Bot" ? account.login.replace(/\[bot\]$/, "") : account.login;
  return {
    __typename: account.kind,
    id: account.nodeId,
    databaseId: account.id,
    login,
    name: account.name,
    email: account.email ?? "",
    url: account.kind === "Bot" ? `${twin.url}/apps/${account.appSlug}` : `${twin.url}/${login}`,
    resourcePath: `/${login}`,
    avatarUrl: (_args: Arguments) => `${twin.url}/avatars/u/${account.id}?v=4`,
    createdAt: time(account.createdAt),
    updatedAt: time(account.createdAt),
    isSiteAdmin: false,
  };
}

/** A `User`; bots and organizations are none. */
export function showUserOnly(graph: Graph, account: Account | undefined): Source | null {
  return account?.kind === "User" ? showActor(graph, account) : null;
}

export function showOrganization(graph: Graph, organization: Organization): Source {
  const actor = showActor(graph, organization.account) ?? {};
  return {
    ...actor,
    team: (args: Arguments) => {
      requireMembers(graph, organization);
      const team = organization.teams.find(
        (candidate) => candidate.slug === String(args["slug"]).toLowerCase(),
      );
      return team === undefined ? null : showTeam(graph, team);
    },
    teams: (args: Arguments, info: Parameters<typeof connection>[1]) => {
      requireMembers(graph, organization);
      return connection(args, info, organization.teams, (team) => showTeam(graph, team));
    },
  };
}

function requireMembers({ viewer }: Graph, organization: Organization): void {
  const member =
    viewer.kind === "user" && organization.members.get(viewer.account?.id ?? 0)?.state === "active";
  const ours = viewer.installation?.account === organization.account;
  if (member || (viewer.kind === "installation" && ours && viewer.permissions?.["members"] !== undefined))
    return;
  throw failure("FORBIDDEN", "Resource not accessible by integration");
}

export function showTeam(graph: Graph, team: Team): Source {
  return {
    __typename: "Team",
    id: team.nodeId,
    databaseId: team.id,
    name: team.name,
    slug: team.slug,
    combinedSlug: `${team.organization.account.login}/${team.slug}`,
    description: team.description,
    parentTeam: () => (team.parent === null ? null : showTeam(graph, team.parent)),
    organization: () => showOrganization(graph, team.organization),
    members: (args: Arguments, info: Parameters<typeof connection>[1]) => {
      const query = typeof args["query"] === "string" ? args["query"].toLowerCase() : undefined;
      const members = graph.twin.state.accounts.filter((account) => {
        if (account.deleted || !isMember(team, account, args["membership"])) return false;
        return query === undefined || account.login.toLowerCase().includes(query);
      });
      return connection(args, info, members, (account) => showActor(graph, account), ["membership", "query"]);
    },
  };
}

function isMember(team: Team, account: Account, kind: unknown): boolean {
  const immediate = team.members.get(account.id)?.state === "active";
  if (kind === "IMMEDIATE") return immediate;
  const any = teamMembership(team, account)?.state === "active";
  return kind === "CHILD_TEAM" ? any && !immediate : any;
}
