import { notFound, refusal } from "./http.ts";
import type { Access, Account, Organization, Permission, Permissions, Repository, Team } from "./state.ts";
import type { Twin, Viewer, Writer } from "./twin.ts";

// Who may do what: roles of people, permissions of Apps.

const ranks: Permission[] = ["none", "read", "triage", "write", "maintain", "admin"];

export function atLeast(have: Permission, need: Permission): boolean {
  return ranks.indexOf(have) >= ranks.indexOf(need);
}

function highest(permissions: Permission[]): Permission {
  return permissions.reduce((best, next) => (atLeast(next, best) ? next : best), "none");
}

export function organizationOf(twin: Twin, account: Account): Organization | undefined {
  return twin.state.organizations.get(account.id);
}

export function isActiveMember(organization: Organization, account: Account): boolean {
  return organization.members.get(account.id)?.state === "active";
}

/** The team and the teams below it. */
export function withDescendants(team: Team): Team[] {
  const children = team.organization.teams.filter((child) => child.parent === team);
  return [team, ...children.flatMap(withDescendants)];
}

/** Membership of the team or of a team below it; a pending one counts as what it is. */
export function teamMembership(
  team: Team,
  account: Account,
): { role: "member" | "maintainer"; state: "active" | "pending" } | undefined {
  const own = team.members.get(account.id);
  if (own?.state === "active") return own;
  const below = withDescendants(team)
    .slice(1)
    .some((child) => child.members.get(account.id)?.state === "active");
  return below ? { role: "member", state: "active" } : own;
}

/** The team's own access or what it inherits from the teams above it. */
export function teamPermission(team: Team, repository: Repository): Permission {
  const own = team.repositories.get(repository.id) ?? "none";
  return team.parent === null ? own : highest([own, teamPermission(team.parent, repository)]);
}

/** What an account may do on a repository by ownership, role, team, invitation or visibility. */
export function permissionOf(twin: Twin, account: Account | undefined, repository: Repository): Permission {
  const found: Permission[] = [repository.visibility === "public" ? "read" : "none"];
  if (account === undefined || account.deleted) return repository.visibility === "public" ? "read" : "none";
  if (account.id === repository.owner.id) return "admin";
  found.push(repository.collaborators.get(account.id) ?? "none");
  const organization = organizationOf(twin, repository.owner);
  const member = organization?.members.get(account.id);
  if (organization !== undefined && member?.state === "active") {
    if (member.role === "admin") return "admin";
    found.push(organization.basePermission);
    if (repository.visibility === "internal") found.push("read");
    for (const team of organization.teams) {
      if (teamMembership(team, account)?.state === "active") found.push(teamPermission(team, repository));
    }
  }
  return highest(found);
}

/** Whether the viewer may know that the repository exists. */
export function canSee(twin: Twin, viewer: Viewer, repository: Repository): boolean {
  if (repository.visibility === "public") return true;
  if (viewer.kind === "user")
    return (
      atLeast(permissionOf(twin, viewer.account, repository), "read") && appOfUser(twin, viewer, repository)
    );
  return covers(viewer, repository);
}

/** Whether an installation's or a run's token is for this repository. */
export function covers(viewer: Viewer, repository: Repository): boolean {
  if (viewer.kind === "actions")
    return viewer.repositories !== "all" && viewer.repositories?.has(repository.id) === true;
  if (viewer.kind !== "installation" || viewer.installation?.account.id !== repository.owner.id) return false;
  return viewer.repositories === "all" || viewer.repositories?.has(repository.id) === true;
}

/** A user access token reaches only where its App is installed, and may only what the App may; other tokens of people have no App. */
function appOfUser(twin: Twin, { app }: Viewer, repository: Repository, need: Permissions[] = [{}]): boolean {
  if (app === undefined) return true;
  const installed = twin.state.installations.find(
    (each) =>
      each.app === app &&
      each.account === repository.owner &&
      each.suspendedAt === undefined &&
      (each.repositories === "all" || each.repositories.has(repository.id)),
  );
  return installed !== undefined && grants(installed.permissions, need);
}

const accessRanks: Access[] = ["read", "write", "admin"];

/** `need` is alternatives of what must all be given: `[{contents: "write"}, …]`. */
export function grants(have: Permissions, need: Permissions[]): boolean {
  return need.some((all) =>
    Object.entries(all).every(([name, access]) => {
      const given = name === "metadata" ? "read" : have[name];
      return given !== undefined && accessRanks.indexOf(given) >= accessRanks.indexOf(access);
    }),
  );
}

export interface Need {
  /** Alternatives for Apps; empty: no App may. */
  app: Permissions[];
  /** Least role of a person. */
  user: Permission;
}

/** Whether a viewer that can see the repository may do this on it. */
export function allowed(twin: Twin, viewer: Viewer, repository: Repository, need: Need): boolean {
  const reading =
    need.user === "read" && need.app.every((all) => Object.values(all).every((a) => a === "read"));
  if (reading && repository.visibility === "public" && need.app.length > 0) return true;
  switch (viewer.kind) {
    case "user":
      return (
        atLeast(permissionOf(twin, viewer.account, repository), need.user) &&
        appOfUser(twin, viewer, repository, need.app)
      );
    case "installation":
    case "actions":
      return covers(viewer, repository) && grants(viewer.permissions ?? {}, need.app);
    case "anonymous":
    case "app":
      return false;
  }
}

/** Refuses as GitHub does: 404 for what one may not see, 403 for what one may not do. */
export function requireAccess(twin: Twin, viewer: Viewer, repository: Repository, need: Need): void {
  if (!canSee(twin, viewer, repository)) throw notFound();
  if (allowed(twin, viewer, repository, need)) return;
  if (viewer.kind === "anonymous") throw refusal(401, "Requires authentication");
  throw forbidden(viewer, need.user);
}

export function forbidden(viewer: Viewer, need: Permission = "write"): Error {
  if (viewer.kind === "app") {
    return refusal(401, "A JSON web token could not be decoded");
  }
  if (viewer.app !== undefined) return refusal(403, "Resource not accessible by integration");
  return refusal(
    403,
    need === "admin" ? "Must have admin rights to Repository." : "Must have push access to repository.",
  );
}

export function requireWriter(viewer: Viewer): Writer {
  if (viewer.account === undefined) throw refusal(401, "Requires authentication");
  return { ...viewer, account: viewer.account };
}

/** Whether the writer could push to the repository: a person by role, an App by `contents: write`. */
export function canPush(twin: Twin, viewer: Viewer, repository: Repository): boolean {
  return allowed(twin, viewer, repository, { app: [{ contents: "write" }], user: "write" });
}

export function findAccount(twin: Twin, login: string): Account | undefined {
  const wanted = login.toLowerCase();
  return twin.state.accounts.find((account) => !account.deleted && account.login.toLowerCase() === wanted);
}

export function findRepository(twin: Twin, owner: string, name: string): Repository | undefined {
  const fullName = `${owner}/${name}`.toLowerCase();
  return twin.state.repositories.find(
    (repo) => `${repo.owner.login}/${repo.name}`.toLowerCase() === fullName,
  );
}

/** GitHub's `author_association`. */
export function associationOf(twin: Twin, account: Account, repository: Repository): string {
  if (account.id === repository.owner.id) return "OWNER";
  const organization = organizationOf(twin, repository.owner);
  if (organization !== undefined && isActiveMember(organization, account)) return "MEMBER";
  if (repository.collaborators.has(account.id)) return "COLLABORATOR";
  const merged = [...repository.issues.values()].some(
    (issue) => issue.pull?.merged && issue.author === account,
  );
  return merged ? "CONTRIBUTOR" : "NONE";
}
