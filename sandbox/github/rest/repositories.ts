import { atLeast, canSee, findAccount, organizationOf, permissionOf, teamPermission } from "../access.ts";
import { headOf, resolveCommit } from "../commits.ts";
import { diffTrees } from "../git/diff.ts";
import { commitsBetween, log, logOfPath, mergeBase } from "../git/history.ts";
import { entryAt } from "../git/objects.ts";
import { type Answer, accepted, invalid, type Json, noContent, notFound, ok, refusal } from "../http.ts";
import { showTeam, showUser } from "../render/accounts.ts";
import { showActivity, showCommit, showCommitWithFiles, showFile } from "../render/git.ts";
import { showPullSimple } from "../render/pulls.ts";
import {
  permissionFlags,
  repositoryPage,
  repositoryUrl,
  showRepository,
  showRepositoryFull,
  showViewerPermissions,
} from "../render/repositories.ts";
import {
  byWriter,
  type Call,
  listed,
  onRepository,
  type RepositoryCall,
  type Route,
  route,
  type WriteCall,
} from "../router.ts";
import { rulesetsFor } from "../rulesets.ts";
import type { Account, Permission } from "../state.ts";
import { changeCollaborator, createFork } from "../world/repositories.ts";

/** The API's older names in `permission`. */
const legacyNames: Record<Permission, string> = {
  none: "none",
  read: "read",
  triage: "read",
  write: "write",
  maintain: "write",
  admin: "admin",
};

function requireUser(call: Call): Account {
  const account = findAccount(call.twin, call.params["username"] ?? "");
  if (account === undefined || account.kind === "Organization") throw notFound();
  return account;
}

function showCollaborator(call: RepositoryCall, account: Account): Json {
  const permission = permissionOf(call.twin, account, call.repository);
  return { ...showUser(call.twin, account), permissions: permissionFlags(permission), role_name: permission };
}

/** Answers 200 with `none` for a stranger. */
function permissionLevel(call: RepositoryCall): Answer {
  const account = requireUser(call);
  const permission = permissionOf(call.twin, account, call.repository);
  return ok({
    permission: legacyNames[permission],
    user: showCollaborator(call, account),
    role_name: permission,
  });
}

function collaborators(call: RepositoryCall): Account[] {
  const affiliation = call.query.get("affiliation") ?? "all";
  const direct = (account: Account) => call.repository.collaborators.has(account.id);
  const member = (account: Account) =>
    organizationOf(call.twin, call.repository.owner)?.members.get(account.id)?.state === "active";
  return call.twin.state.accounts.filter((account) => {
    if (account.kind !== "User" || account.deleted) return false;
    if (affiliation === "direct" && !direct(account)) return false;
    if (affiliation === "outside" && (!direct(account) || member(account))) return false;
    const involved = direct(account) || member(account) || account === call.repository.owner;
    return involved && atLeast(permissionOf(call.twin, account, call.repository), "read");
  });
}

const permissionNames: Record<string, Permission> = {
  pull: "read",
  read: "read",
  triage: "triage",
  push: "write",
  write: "write",
  maintain: "maintain",
  admin: "admin",
};

export function readPermission(text: string | undefined): Permission {
  const permission = permissionNames[text ?? "push"];
  if (permission === undefined) throw invalid("Collaborator", "permission", "invalid");
  return permission;
}

const collaboratorRoutes: Route[] = [
  onRepository("GET /collaborators", "metadata:read", "write", (call) =>
    listed(call, collaborators(call), (account) => showCollaborator(call, account)),
  ),
  onRepository("GET /collaborators/{username}", "metadata:read", "write", (call) => {
    const account = requireUser(call);
    if (!collaborators(call).includes(account)) throw notFound();
    return noContent;
  }),
  onRepository("GET /collaborators/{username}/permission", "metadata:read", "write", permissionLevel),
  byWriter("PUT /collaborators/{username}", "administration:write", "admin", (call) => {
    changeCollaborator(
      call.twin,
      call.repository,
      requireUser(call),
      readPermission(call.body.optionalText("permission")),
      call.writer,
    );
    return noContent;
  }),
  byWriter("DELETE /collaborators/{username}", "administration:write", "admin", (call) => {
    changeCollaborator(call.twin, call.repository, requireUser(call), "none", call.writer);
    return noContent;
  }),
  onRepository("GET /teams", "administration:read", "admin", (call) => {
    const teams = organizationOf(call.twin, call.repository.owner)?.teams ?? [];
    const having = teams.filter((team) => teamPermission(team, call.repository) !== "none");
    return listed(call, having, (team) => {
      const permission = teamPermission(team, call.repository);
      return {
        ...showTeam(call.twin, team),
        permission: permission,
        permissions: permissionFlags(permission),
      };
    });
  }),
];

function branch(call: RepositoryCall, whole: boolean, name: string): Json {
  const { repository, twin } = call;
  const commit = resolveCommit(repository, `refs/heads/${name}`);
  if (commit === undefined) throw refusal(404, "Branch not found");
  const self = `${repositoryUrl(twin, repository)}/branches/${encodeURIComponent(name)}`;
  const ruled = rulesetsFor(twin, repository, `refs/heads/${name}`).length > 0;
  const short = {
    name,
    protected: ruled,
    protection: {
      enabled: false,
      required_status_checks: { enforcement_level: "off", contexts: [], checks: [] },
    },
    protection_url: `${self}/protection`,
  };
  if (!whole) {
    return {
      ...short,
      commit: { sha: commit.sha, url: `${repositoryUrl(twin, repository)}/commits/${commit.sha}` },
    };
  }
  const links = { self, html: `${repositoryPage(twin, repository)}/tree/${encodeURIComponent(name)}` };
  return { ...short, commit: showCommit(twin, repository, commit), _links: links };
}

function listCommits(call: RepositoryCall): Answer {
  const { repository, query, twin } = call;
  const start = resolveCommit(repository, query.get("sha") ?? repository.defaultBranch);
  if (start === undefined) throw notFound();
  const path = query.get("path")?.replace(/^\/|\/$/g, "");
  const reader = (tree: string, at: string) => entryAt(repository.objects, tree, at)?.sha;
  const all = path
    ? logOfPath(repository.objects, start.sha, path, reader)
    : log(repository.objects, start.sha);
  const since = Date.parse(query.get("since") ?? "") || Number.NEGATIVE_INFINITY;
  const until = Date.parse(query.get("until") ?? "") || Number.POSITIVE_INFINITY;
  const author = query.get("author")?.toLowerCase();
  const found = all
    .filter((commit) => commit.committer.at >= since && commit.committer.at <= until)
    .map((commit) => showCommit(twin, repository, commit))
    .filter((commit) => author === undefined || (commit["author"] as Json | null)?.["login"] === author);
  return listed(call, found, (commit) => commit);
}

function getCommit(call: RepositoryCall): Answer {
  const commit = resolveCommit(call.repository, call.params["ref"] ?? "");
  if (commit === undefined) throw refusal(422, `No commit found for SHA: ${call.params["ref"]}`);
  if (/\bsha\b/.test(call.headers.get("accept") ?? "")) {
    return {
      status: 200,
      body: Buffer.from(commit.sha),
      headers: { "content-type": "application/vnd.github.sha; charset=utf-8" },
    };
  }
  return ok(showCommitWithFiles(call.twin, call.repository, commit));
}

function compare(call: RepositoryCall): Answer {
  const { repository, twin } = call;
  const { objects } = repository;
  const [from = "", to = ""] = (call.params["basehead"] ?? "").split(/\.{2,3}/);
  const base = resolveCommit(repository, from.replace(/^[^:]*:/, ""));
  const head = resolveCommit(repository, to.replace(/^[^:]*:/, ""));
  if (base === undefined || head === undefined) throw notFound();
  const common = mergeBase(objects, base.sha, head.sha);
  const commonCommit = common === undefined ? undefined : objects.commits.get(common);
  if (commonCommit === undefined) throw refusal(404, `No common ancestor between ${from} and ${to}.`);
  const ahead = commitsBetween(objects, base.sha, head.sha).reverse();
  const behind = commitsBetween(objects, head.sha, base.sha);
  const status =
    ahead.length > 0
      ? behind.length > 0
        ? "diverged"
        : "ahead"
      : behind.length > 0
        ? "behind"
        : "identical";
  const self = `${repositoryUrl(twin, repository)}/compare/${from}...${to}`;
  const page = `${repositoryPage(twin, repository)}/compare/${from}...${to}`;
  const files = diffTrees(objects, commonCommit.tree, head.tree).slice(0, 300);
  return ok({
    url: self,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: showCommit(twin, repository, base),
    merge_base_commit: showCommit(twin, repository, commonCommit),
    status,
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: ahead.slice(0, 250).map((commit) => showCommit(twin, repository, commit)),
    files: files.map((file) => showFile(twin, repository, file, head.sha)),
  });
}

function activity(call: RepositoryCall): Answer {
  const { query, repository, twin } = call;
  const ref = query.get("ref");
  const fullRef = ref === null || ref.startsWith("refs/") ? ref : `refs/heads/${ref}`;
  const actor = query.get("actor")?.toLowerCase();
  const type = query.get("activity_type");
  const found = repository.activity
    .filter((entry) => fullRef === null || entry.ref === fullRef)
    .filter((entry) => actor === undefined || entry.actor.login.toLowerCase() === actor)
    .filter((entry) => type === null || entry.type === type);
  if (query.get("direction") !== "asc") found.reverse();
  const size = Math.min(100, Number(query.get("per_page") ?? "30") || 30);
  const after = query.get("after");
  const start = after === null ? 0 : found.findIndex((entry) => cursor(entry.id) === after) + 1;
  const items = found.slice(start, start + size);
  const last = items.at(-1);
  const headers: Record<string, string> = {};
  if (last !== undefined && start + size < found.length) {
    const url = new URL(call.requestUrl);
    url.searchParams.set("after", cursor(last.id));
    headers["link"] = `<${url.href}>; rel="next"`;
  }
  return ok(
    items.map((entry) => showActivity(twin, entry)),
    headers,
  );
}

function cursor(id: number): string {
  return Buffer.from(`cursor:${id}`).toString("base64");
}

function fork(call: WriteCall): Answer {
  const organization = call.body.optionalText("organization");
  const owner = organization === undefined ? call.writer.account : findAccount(call.twin, organization);
  if (owner === undefined) throw notFound();
  const made = createFork(call.twin, call.repository, owner, {
    name: call.body.optionalText("name"),
    defaultBranchOnly: call.body.flag("default_branch_only") ?? false,
  });
  return accepted(showRepositoryFull(call.twin, made, call.viewer));
}

export const repositoryRoutes: Route[] = [
  onRepository("GET ", "metadata:read", "read", (call) =>
    ok(showRepositoryFull(call.twin, call.repository, call.viewer)),
  ),
  route("GET /orgs/{org}/repos", (call) => {
    const account = findAccount(call.twin, call.params["org"] ?? "");
    if (account?.kind !== "Organization") throw notFound();
    const all = call.twin.state.repositories.filter(
      (repository) => repository.owner === account && canSee(call.twin, call.viewer, repository),
    );
    return listed(call, all, (repository) => ({
      ...showRepository(call.twin, repository),
      ...showViewerPermissions(call.twin, repository, call.viewer),
    }));
  }),
  byWriter("POST /forks", "administration:write+contents:read", "read", fork),
  ...collaboratorRoutes,
  onRepository("GET /branches", "contents:read", "read", (call) => {
    const names = [...call.repository.refs.keys()].filter((ref) => ref.startsWith("refs/heads/")).sort();
    return listed(call, names, (ref) => branch(call, false, ref.slice("refs/heads/".length)));
  }),
  onRepository("GET /branches/{branch}", "contents:read", "read", (call) =>
    ok(branch(call, true, call.params["branch"] ?? "")),
  ),
  onRepository("GET /branches/{branch}/protection", "administration:read", "admin", (call) => {
    // this twin has rulesets only
    if (headOf(call.repository, call.params["branch"] ?? "") === undefined)
      throw refusal(404, "Branch not found");
    throw refusal(404, "Branch not protected");
  }),
  onRepository("GET /commits", "contents:read", "read", listCommits),
  onRepository("GET /commits/{ref}", "contents:read", "read", getCommit),
  onRepository("GET /commits/{commit_sha}/pulls", "pull_requests:read", "read", (call) => {
    const sha = call.params["commit_sha"] ?? "";
    const pulls = [...call.repository.issues.values()].flatMap((issue) =>
      issue.pull === undefined ? [] : [issue.pull],
    );
    const having = pulls.filter((pull) => pull.headSha === sha || pull.mergeCommitSha === sha);
    return listed(call, having, (pull) => showPullSimple(call.twin, pull));
  }),
  onRepository("GET /compare/{basehead}", "contents:read", "read", compare),
  onRepository("GET /activity", "contents:read", "read", activity),
];
