import { headOf } from "../commits.ts";
import { asWriter } from "../timeline.ts";
import type { Twin } from "../twin.ts";
import type { AppCredentials, World } from "../world.ts";
import { createApp, installApp, suspendInstallation, uninstallApp } from "./apps.ts";
import type { Lookup } from "./lookup.ts";
import { changeCollaborator, createFork, createRepository, firstOwner } from "./repositories.ts";

type Repositories = Pick<
  World,
  "createRepository" | "fork" | "deleteRepository" | "addCollaborator" | "removeCollaborator"
>;

export function repositoryParts(twin: Twin, lookup: Lookup): Repositories {
  return {
    createRepository: ({
      owner,
      name,
      visibility = "private",
      files = { "README.md": `# ${name}\n` },
      defaultBranch = "main",
      id,
    }) => {
      const repository = createRepository(twin, {
        owner: lookup.account(owner),
        name,
        visibility,
        files,
        defaultBranch,
        id,
      });
      return {
        id: repository.id,
        fullName: `${owner}/${name}`,
        head: headOf(repository, defaultBranch) ?? "",
      };
    },
    fork: (login, fullName, { owner = login, defaultBranchOnly = true } = {}) => {
      const made = createFork(twin, lookup.repository(fullName), lookup.account(owner), {
        defaultBranchOnly,
      });
      return `${made.owner.login}/${made.name}`;
    },
    deleteRepository: (fullName) => {
      const repository = lookup.repository(fullName);
      twin.state.repositories = twin.state.repositories.filter((other) => other !== repository);
      twin.state.nodes.delete(repository.nodeId);
      for (const other of twin.state.repositories) {
        for (const { pull } of other.issues.values())
          if (pull?.headRepository === repository) pull.headRepository = null;
      }
    },
    addCollaborator: (fullName, login, permission) => {
      const repository = lookup.repository(fullName);
      changeCollaborator(
        twin,
        repository,
        lookup.account(login),
        permission,
        asWriter(firstOwner(twin, repository.owner)),
      );
    },
    removeCollaborator: (fullName, login) => {
      const repository = lookup.repository(fullName);
      changeCollaborator(
        twin,
        repository,
        lookup.account(login),
        "none",
        asWriter(firstOwner(twin, repository.owner)),
      );
    },
  };
}

type Apps = Pick<
  World,
  "createApp" | "installApp" | "uninstallApp" | "suspendInstallation" | "personalToken"
>;

export function appParts(twin: Twin, lookup: Lookup): Apps {
  const senderFor = (account: string) => asWriter(firstOwner(twin, lookup.account(account)));
  return {
    createApp: ({ owner, webhook, ...request }): AppCredentials => {
      const holder = owner === undefined ? twin.ghost : lookup.account(owner);
      const { id, slug, clientId, privateKey, bot } = createApp(twin, { ...request, owner: holder, webhook });
      return { id, slug, clientId, privateKey, botUserId: bot.id, botLogin: bot.login };
    },
    installApp: (slug, account, { repositories, permissions } = {}) => {
      const app = lookup.app(slug);
      const covered =
        repositories === undefined
          ? "all"
          : new Set(
              repositories.map(
                (name) => lookup.repository(name.includes("/") ? name : `${account}/${name}`).id,
              ),
            );
      const options = {
        repositories: covered,
        permissions: permissions ?? app.permissions,
        sender: senderFor(account),
      } as const;
      return { id: installApp(twin, app, lookup.account(account), options).id };
    },
    uninstallApp: (slug, account) =>
      uninstallApp(twin, lookup.installation(slug, account), senderFor(account)),
    suspendInstallation: (slug, account, suspended) =>
      suspendInstallation(twin, lookup.installation(slug, account), suspended, senderFor(account)),
    personalToken: (login) => {
      const value = twin.ids.secret("ghp");
      twin.state.tokens.set(value, { kind: "user", account: lookup.account(login), value });
      return value;
    },
  };
}
