import type { Permission, Permissions, Visibility } from "./state.ts";
import type { Files } from "./world/repositories.ts";

// What a test or the demo may do to the world besides calling the API. Repositories are named `owner/name`,
// people by login; an unknown one is an error.

export interface AppCredentials {
  id: number;
  slug: string;
  clientId: string;
  /** PKCS#8 PEM. */
  privateKey: string;
  botUserId: number;
  /** `slug[bot]`. */
  botLogin: string;
}

export interface World {
  createOrganization(request: {
    login: string;
    owners?: string[];
    basePermission?: "none" | "read" | "write" | "admin";
    id?: number;
  }): { id: number };
  createUser(request: { login: string; name?: string; email?: string; id?: number }): {
    id: number;
    nodeId: string;
    login: string;
  };
  /** The account goes, what it wrote stays, under `ghost`. */
  deleteUser(login: string): void;
  renameUser(login: string, to: string): void;

  /** An active member at once. */
  addMember(organization: string, login: string, role?: "member" | "admin"): void;
  inviteMember(organization: string, login: string): void;
  /** Pending memberships, of teams too, become active. */
  acceptInvitation(organization: string, login: string): void;
  removeMember(organization: string, login: string): void;

  createTeam(request: { organization: string; name: string; parent?: string; members?: string[] }): {
    id: number;
    slug: string;
  };
  addTeamMember(organization: string, slug: string, login: string, role?: "member" | "maintainer"): void;
  removeTeamMember(organization: string, slug: string, login: string): void;
  addTeamToRepository(repository: string, slug: string, permission: Permission): void;

  createRepository(request: {
    owner: string;
    name: string;
    visibility?: Visibility;
    files?: Files;
    defaultBranch?: string;
    id?: number;
  }): { id: number; fullName: string; head: string };
  fork(login: string, repository: string, options?: { owner?: string; defaultBranchOnly?: boolean }): string;
  deleteRepository(repository: string): void;
  addCollaborator(repository: string, login: string, permission: Permission): void;
  removeCollaborator(repository: string, login: string): void;

  createApp(request: {
    slug: string;
    owner?: string;
    permissions: Permissions;
    events: string[];
    webhook?: { url: string; secret: string };
    id?: number;
  }): AppCredentials;
  /** Repositories by name; default all. Permissions default to what the App asks for. */
  installApp(
    slug: string,
    account: string,
    options?: { repositories?: string[]; permissions?: Permissions },
  ): { id: number };
  uninstallApp(slug: string, account: string): void;
  suspendInstallation(slug: string, account: string, suspended: boolean): void;
  /** A classic personal token with every scope. */
  personalToken(login: string): string;

  /** Makes a commit in somebody's clone: it is in no branch until pushed. `parent`: branch or SHA, null for an orphan. */
  commit(request: {
    repository: string;
    parent: string | null;
    files: Files;
    message: string;
    /** Free text in git; default the committer's own. */
    author?: { name: string; email: string };
    by: string;
  }): string;
  /** `git push`, by a person, to a branch or `refs/…`; null deletes. Throws what git would print when refused. */
  push(
    login: string,
    repository: string,
    ref: string,
    sha: string | null,
    options?: { force?: boolean },
  ): void;
  /** Commit on the branch and push, in one. */
  pushFiles(login: string, repository: string, branch: string, files: Files, message: string): string;

  /** Submits `.github/ISSUE_TEMPLATE/<template>` of the default branch; values by field id. Throws where GitHub's page would not let it pass. */
  submitForm(
    login: string,
    repository: string,
    template: string,
    values: Record<string, string | string[]>,
    options?: { title?: string },
  ): number;
  transferIssue(login: string, repository: string, number: number, target: string): number;
  /** "Delete revision from history": the edit stays listed, its text is gone. Counted from the oldest, 0. */
  deleteRevision(
    login: string,
    repository: string,
    number: number,
    revision: number,
    commentId?: number,
  ): void;

  setEnvironment(repository: string, name: string, rules: { branches: string[] | "all" | "protected" }): void;
  setEnvironmentSecret(repository: string, environment: string, name: string, value: string): void;
  setSecret(repository: string, name: string, value: string): void;
  setVariable(repository: string, name: string, value: string, environment?: string): void;
  setMergeMethods(repository: string, methods: ("merge" | "squash" | "rebase")[]): void;
  /** Claim keys of a customised OIDC `sub`; undefined for the default. */
  setOidcSubTemplate(repositoryOrOrganization: string, keys: string[] | undefined): void;
}
