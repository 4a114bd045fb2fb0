import { findAccount, findRepository, permissionOf } from "./access.ts";
import type { ActionsWorld, ActorRef, RepoRef } from "./actions-port.ts";
import { headOf, resolveCommit } from "./commits.ts";
import { environmentAdmits, findEnvironment } from "./environments.ts";
import { entryAt, flatten } from "./git/objects.ts";
import { refusal } from "./http.ts";
import { testMerge } from "./mergeability.ts";
import { showWorkflow, showWorkflowRun } from "./render/actions.ts";
import type { Account, Permissions, Repository } from "./state.ts";
import { asWriter } from "./timeline.ts";
import type { Twin } from "./twin.ts";

// The core's side of the seam to Actions.

export function toRef(repository: Repository): RepoRef {
  const { id, owner, name, visibility, defaultBranch, forkOf, createdAt } = repository;
  return {
    id,
    owner: owner.login,
    ownerId: owner.id,
    name,
    fullName: `${owner.login}/${name}`,
    visibility,
    defaultBranch,
    createdAt,
    ...(forkOf === undefined ? {} : { forkOf: `${forkOf.owner.login}/${forkOf.name}` }),
  };
}

export function toActor(account: Account): ActorRef {
  return { login: account.login, id: account.id, type: account.kind === "Bot" ? "Bot" : "User" };
}

/** A GITHUB_TOKEN lives as long as its job, and never a day. */
const tokenLife = 24 * 3_600_000;

export function createActionsWorld(twin: Twin): ActionsWorld {
  const of = (repo: RepoRef): Repository => {
    const found = twin.state.repositories.find((repository) => repository.id === repo.id);
    if (found === undefined) throw refusal(404, `the world has no repository ${repo.fullName}`);
    return found;
  };
  return {
    clock: twin.clock,
    url: twin.url,
    repository: (fullName) => {
      const [owner = "", name = ""] = fullName.split("/");
      const found = findRepository(twin, owner, name);
      return found === undefined ? undefined : toRef(found);
    },
    repositories: () => twin.state.repositories.map(toRef),
    nextId: () => twin.ids.number(),
    permission: (repo, login) => permissionOf(twin, findAccount(twin, login), of(repo)),
    ...gitParts(twin, of),
    ...settingParts(twin, of),
    ...tokenParts(twin, of),
    runChanged: (repo, run, action) => {
      const repository = of(repo);
      const workflow = twin
        .host()
        ?.listWorkflows(repo)
        .find((candidate) => candidate.id === run.workflowId);
      const sender = findAccount(twin, run.triggeringActor.login) ?? twin.ghost;
      const payload = {
        workflow_run: showWorkflowRun(twin, repository, run),
        workflow: workflow === undefined ? null : showWorkflow(twin, repository, workflow),
      };
      twin.emit({ name: "workflow_run", action, repository, sender: asWriter(sender), payload });
    },
  };
}

type Finder = (repo: RepoRef) => Repository;
type GitParts = Pick<ActionsWorld, "readFile" | "listFiles" | "resolveRef" | "defaultBranch" | "mergeRef">;

function gitParts(twin: Twin, of: Finder): GitParts {
  const mergeRef: GitParts["mergeRef"] = (repo, number) => {
    const pull = of(repo).issues.get(number)?.pull;
    const sha = pull === undefined ? undefined : testMerge(twin, pull);
    return sha === undefined ? undefined : { ref: `refs/pull/${number}/merge`, sha };
  };
  return {
    mergeRef,
    readFile: (repo, sha, path) => {
      const { objects } = of(repo);
      const tree = objects.commits.get(sha)?.tree;
      const entry = tree === undefined ? undefined : entryAt(objects, tree, path);
      return entry === undefined ? undefined : objects.blobs.get(entry.sha);
    },
    listFiles: (repo, sha, dir) => {
      const { objects } = of(repo);
      const tree = objects.commits.get(sha)?.tree;
      const prefix = dir === "" ? "" : `${dir.replace(/\/$/, "")}/`;
      return tree === undefined
        ? []
        : [...flatten(objects, tree).keys()].filter((path) => path.startsWith(prefix)).sort();
    },
    resolveRef: (repo, ref) => {
      const merge = /^refs\/pull\/(\d+)\/merge$/.exec(ref)?.[1];
      if (merge !== undefined) return mergeRef(repo, Number(merge));
      const repository = of(repo);
      const names = ref.startsWith("refs/") ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
      for (const name of names) {
        const sha =
          repository.refs.get(name) ??
          (name.startsWith("refs/pull/") ? resolveCommit(repository, name)?.sha : undefined);
        if (sha !== undefined) return { ref: name, sha };
      }
      return undefined;
    },
    defaultBranch: (repo) => {
      const repository = of(repo);
      const sha = headOf(repository, repository.defaultBranch) ?? "";
      return { ref: `refs/heads/${repository.defaultBranch}`, sha };
    },
  };
}

type SettingParts = Pick<
  ActionsWorld,
  "environment" | "environmentAdmits" | "secrets" | "variables" | "oidcSubTemplate"
>;

function settingParts(twin: Twin, of: Finder): SettingParts {
  const environmentOf = (repo: RepoRef, name: string | undefined) =>
    name === undefined ? undefined : findEnvironment(of(repo), name);
  const organizationOf = (repo: RepoRef) => twin.state.organizations.get(of(repo).owner.id);
  return {
    environment: (repo, name) => {
      const found = environmentOf(repo, name);
      if (found === undefined) return undefined;
      const { branches } = found;
      return {
        name: found.name,
        branches: typeof branches === "string" ? branches : branches.map((policy) => policy.name),
      };
    },
    environmentAdmits: (repo, name, ref) => {
      const found = environmentOf(repo, name);
      return found === undefined || environmentAdmits(twin, of(repo), found, ref);
    },
    secrets: (repo, environment) =>
      Object.fromEntries([
        ...(organizationOf(repo)?.secrets ?? []),
        ...of(repo).secrets,
        ...(environmentOf(repo, environment)?.secrets ?? []),
      ]),
    variables: (repo, environment) => {
      const all = [
        ...(organizationOf(repo)?.variables.values() ?? []),
        ...of(repo).variables.values(),
        ...(environmentOf(repo, environment)?.variables.values() ?? []),
      ];
      return Object.fromEntries(all.map(({ name, value }) => [name, value]));
    },
    oidcSubTemplate: (repo) => of(repo).oidcSubTemplate ?? organizationOf(repo)?.oidcSubTemplate,
  };
}

type TokenParts = Pick<ActionsWorld, "mintActionsToken" | "revokeToken">;

function tokenParts(twin: Twin, of: Finder): TokenParts {
  return {
    mintActionsToken: (repo, permissions, runId) => {
      const value = twin.ids.secret("ghs");
      const named: Permissions = {};
      for (const [name, access] of Object.entries(permissions)) {
        // workflows write names with dashes where the API has underscores
        if (access !== "none") named[name.replaceAll("-", "_")] = access;
      }
      const expiresAt = twin.clock.now() + tokenLife;
      twin.state.tokens.set(value, {
        kind: "actions",
        value,
        repository: of(repo),
        permissions: named,
        runId,
        expiresAt,
      });
      return value;
    },
    revokeToken: (token) => {
      twin.state.tokens.delete(token);
    },
  };
}
