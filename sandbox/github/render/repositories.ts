import { allowed, atLeast, permissionOf } from "../access.ts";
import { timestamp } from "../clock.ts";
import type { Json } from "../http.ts";
import type { Label } from "../issue-state.ts";
import type { Permission, Repository } from "../state.ts";
import type { Twin, Viewer } from "../twin.ts";
import { showUser } from "./accounts.ts";

export function repositoryUrl(twin: Twin, repository: Repository): string {
  return `${twin.url}/repos/${repository.owner.login}/${repository.name}`;
}

export function repositoryPage(twin: Twin, repository: Repository): string {
  return `${twin.url}/${repository.owner.login}/${repository.name}`;
}

/** GitHub's older names of the roles. */
export function permissionFlags(permission: Permission): Json {
  return {
    admin: permission === "admin",
    maintain: atLeast(permission, "maintain"),
    push: atLeast(permission, "write"),
    triage: atLeast(permission, "triage"),
    pull: atLeast(permission, "read"),
  };
}

function links(twin: Twin, repository: Repository): Json {
  const self = repositoryUrl(twin, repository);
  const names: Record<string, string> = {
    archive: "/{archive_format}{/ref}",
    assignees: "{/user}",
    blobs: "/git/blobs{/sha}",
    branches: "{/branch}",
    collaborators: "{/collaborator}",
    comments: "{/number}",
    commits: "{/sha}",
    compare: "/{base}...{head}",
    contents: "/{+path}",
    contributors: "",
    deployments: "",
    downloads: "",
    events: "",
    forks: "",
    git_commits: "/git/commits{/sha}",
    git_refs: "/git/refs{/sha}",
    git_tags: "/git/tags{/sha}",
    hooks: "",
    issue_comment: "/issues/comments{/number}",
    issue_events: "/issues/events{/number}",
    issues: "{/number}",
    keys: "{/key_id}",
    labels: "{/name}",
    languages: "",
    merges: "",
    milestones: "{/number}",
    notifications: "{?since,all,participating}",
    pulls: "{/number}",
    releases: "{/id}",
    stargazers: "",
    statuses: "/{sha}",
    subscribers: "",
    subscription: "",
    tags: "",
    teams: "",
    trees: "/git/trees{/sha}",
  };
  return Object.fromEntries(
    Object.entries(names).map(([name, rest]) => {
      const whole = rest.startsWith("/git/") || rest.startsWith("/issues/");
      return [`${name}_url`, `${self}${whole ? rest : `/${name}${rest}`}`];
    }),
  );
}

/** As workflow runs have it: who it is and where its parts are. */
export function showRepositoryShort(twin: Twin, repository: Repository): Json {
  const { owner, name } = repository;
  return {
    id: repository.id,
    node_id: repository.nodeId,
    name,
    full_name: `${owner.login}/${name}`,
    private: repository.visibility !== "public",
    owner: showUser(twin, owner),
    html_url: repositoryPage(twin, repository),
    description: repository.description,
    fork: repository.forkOf !== undefined,
    url: repositoryUrl(twin, repository),
    ...links(twin, repository),
  };
}

/** `repository`, as it stands inside other objects and in webhooks. */
export function showRepository(twin: Twin, repository: Repository): Json {
  const { owner, name } = repository;
  const page = repositoryPage(twin, repository);
  const open = [...repository.issues.values()].filter((issue) => issue.state === "open").length;
  const forks = twin.state.repositories.filter((other) => other.forkOf === repository).length;
  return {
    ...showRepositoryShort(twin, repository),
    created_at: timestamp(repository.createdAt),
    updated_at: timestamp(repository.updatedAt),
    pushed_at: timestamp(repository.pushedAt),
    git_url: `${page.replace(/^https?/, "git")}.git`,
    ssh_url: `git@${new URL(twin.url).hostname}:${owner.login}/${name}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: repository.objects.blobs.size,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: false,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: forks,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.visibility,
    forks,
    open_issues: open,
    watchers: 0,
    default_branch: repository.defaultBranch,
  };
}

/** `full-repository`: what `GET /repos/{owner}/{repo}` answers this viewer. */
export function showRepositoryFull(twin: Twin, repository: Repository, viewer: Viewer): Json {
  const admin = allowed(twin, viewer, repository, { app: [{ administration: "read" }], user: "admin" });
  const methods = repository.mergeMethods;
  return {
    ...showRepository(twin, repository),
    ...showViewerPermissions(twin, repository, viewer),
    network_count: 0,
    subscribers_count: 0,
    ...(repository.owner.kind === "Organization" ? { organization: showUser(twin, repository.owner) } : {}),
    ...(repository.forkOf === undefined
      ? {}
      : { parent: showRepository(twin, repository.forkOf), source: showRepository(twin, repository.forkOf) }),
    ...(admin
      ? {
          allow_merge_commit: methods.has("merge"),
          allow_squash_merge: methods.has("squash"),
          allow_rebase_merge: methods.has("rebase"),
          allow_auto_merge: false,
          delete_branch_on_merge: false,
        }
      : {}),
  };
}

export function showViewerPermissions(twin: Twin, repository: Repository, viewer: Viewer): Json {
  if (viewer.kind === "anonymous" || viewer.kind === "app") return {};
  if (viewer.kind === "user") {
    return { permissions: permissionFlags(permissionOf(twin, viewer.account, repository)) };
  }
  // an App has no role; GitHub answers what reading gives
  return { permissions: permissionFlags("none") };
}

export function showLabel(twin: Twin, repository: Repository, label: Label): Json {
  return {
    id: label.id,
    node_id: label.nodeId,
    url: `${repositoryUrl(twin, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: label.default,
    description: label.description,
  };
}
