// Who is in which team now. INVARIANT: a team counts as read only when it answered in the same pass; a 404 may mean "no such team" or "no
// permission", and read as "not a member" it could open a `forbid` or lose a "no".

import * as z from "zod/mini";
import type { TeamHandle } from "../core/ids.ts";
import type { Memberships } from "../core/tally.ts";
import type { GitHubClient } from "./client.ts";
import { isGitHubError } from "./error.ts";

export interface TeamsReading {
  /** Of the readable teams; logins in lower case, only of those asked for. */
  readonly memberships: Memberships;
  readonly unreadable: readonly TeamHandle[];
  readonly sizes: ReadonlyMap<TeamHandle, number>;
}

/**
 * One query for all teams; people are looked up one by one only in teams over a hundred, and of those whom it is only good to know of (`ifSeen`) nobody is.
 */
export async function readTeams(
  client: GitHubClient,
  teams: readonly TeamHandle[],
  logins: readonly string[],
  ifSeen: readonly string[] = [],
): Promise<TeamsReading> {
  const distinct = [...new Set(teams)];
  const own = ownTeams(client, distinct);
  const found = own.length === 0 ? [] : await askForTeams(client, own);
  const wanted = new Set(logins.map((login) => login.toLowerCase()));
  const known = new Set([...wanted, ...ifSeen.map((login) => login.toLowerCase())]);
  const memberships = new Map<TeamHandle, ReadonlySet<string>>();
  const sizes = new Map<TeamHandle, number>();
  for (const { team, members, whole, size } of found) {
    const of = whole
      ? members.filter((login) => known.has(login))
      : await membersAmong(client, team, [...wanted]);
    memberships.set(team, new Set(of));
    sizes.set(team, size);
  }
  return { memberships, sizes, unreadable: distinct.filter((team) => !memberships.has(team)) };
}

/** Everybody in a team, of those teams that GitHub shows us. For showing: a decision looks at the people at hand. */
export interface TeamMembers {
  /** In lower case; the first hundred. */
  readonly members: readonly string[];
  readonly size: number;
}

export async function readMembers(
  client: GitHubClient,
  teams: readonly TeamHandle[],
): Promise<ReadonlyMap<TeamHandle, TeamMembers>> {
  const own = ownTeams(client, teams);
  const found = own.length === 0 ? [] : await askForTeams(client, own);
  return new Map(found.map(({ team, members, size }) => [team, { members, size }]));
}

const ownTeams = (client: GitHubClient, teams: readonly TeamHandle[]): readonly TeamHandle[] =>
  [...new Set(teams)].filter((team) => organizationOf(team) === client.owner.toLowerCase());

const organizationOf = (team: TeamHandle): string => team.slice(0, team.indexOf("/"));
const slugOf = (team: TeamHandle): string => team.slice(team.indexOf("/") + 1);

interface Found {
  readonly team: TeamHandle;
  readonly members: readonly string[];
  /** Whether `members` are all of them. */
  readonly whole: boolean;
  readonly size: number;
}

const teamAnswer = z.nullish(
  z.object({
    members: z.object({
      totalCount: z.int(),
      nodes: z.array(z.object({ login: z.string() })),
      pageInfo: z.object({ hasNextPage: z.boolean() }),
    }),
  }),
);

/** Those that GitHub shows us. Members of child teams are members; invited people are not, until they accept. */
async function askForTeams(client: GitHubClient, teams: readonly TeamHandle[]): Promise<readonly Found[]> {
  const { organization } = await client.query({
    text: teamsQuery(teams.length),
    variables: {
      org: client.owner,
      ...Object.fromEntries(teams.map((team, i) => [`slug${i}`, slugOf(team)])),
    },
    as: z.object({ organization: z.nullable(z.record(z.string(), teamAnswer)) }),
    mayHide: ["organization", ...teams.map((_, i) => `organization.team${i}`)],
  });
  return teams.flatMap((team, i): readonly Found[] => {
    const members = organization?.[`team${i}`]?.members;
    if (members === undefined) return [];
    const { nodes, pageInfo, totalCount } = members;
    const logins = nodes.map(({ login }) => login.toLowerCase());
    return [{ team, members: logins, whole: !pageInfo.hasNextPage, size: totalCount }];
  });
}

function teamsQuery(count: number): string {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const team = (i: number) =>
    `team${i}: team(slug: $slug${i}) { members(first: 100) { totalCount nodes { login } pageInfo { hasNextPage } } }`;
  return `
query Teams($org: String!, ${indexes.map((i) => `$slug${i}: String!`).join(", ")}) {
  organization(login: $org) { ${indexes.map(team).join("\n")} }
}`;
}

/** Of a large team. The team itself has answered in this pass, so a 404 here does mean "not a member". */
async function membersAmong(
  client: GitHubClient,
  team: TeamHandle,
  logins: readonly string[],
): Promise<readonly string[]> {
  const members: string[] = [];
  for (const login of logins) if (await isMember(client, team, login)) members.push(login);
  return members;
}

async function isMember(client: GitHubClient, team: TeamHandle, login: string): Promise<boolean> {
  try {
    const { state } = await client.get({
      path: "/orgs/{org}/teams/{slug}/memberships/{login}",
      with: { org: organizationOf(team), slug: slugOf(team), login },
      as: z.object({ state: z.enum(["active", "pending"]) }),
    });
    return state === "active";
  } catch (error) {
    if (isGitHubError(error, "not-found")) return false;
    throw error;
  }
}
