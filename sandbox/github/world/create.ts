import { findAccount, findRepository } from "../access.ts";
import { commitTo, headOf, resolveCommit, signatureOf } from "../commits.ts";
import { applyChanges } from "../git/objects.ts";
import { isRefusal, refusal } from "../http.ts";
import { openIssue, requireIssue, transferIssue } from "../issues.ts";
import { requirePush, updateRef } from "../refs.ts";
import type { Account, App, Installation, Organization, Repository, Team } from "../state.ts";
import { asWriter } from "../timeline.ts";
import type { Twin } from "../twin.ts";
import type { AppCredentials, World } from "../world.ts";
import { createApp, installApp, suspendInstallation, uninstallApp } from "./apps.ts";
import { fillForm } from "./forms.ts";
import {
  acceptInvitation,
  createAccount,
  createOrganization,
  createTeam,
  setMember,
  setTeamMember,
  setTeamRepository,
} from "./organizations.ts";
import { changeCollaborator, createFork, createRepository, firstOwner, toChanges } from "./repositories.ts";
import { createSettings } from "./settings.ts";

/** Looks things up by the names people use. */
export interface Lookup {
  account(login: string): Account;
  organization(login: string): Organization;
  repository(fullName: string): Repository;
  team(organization: string, slug: string): Team;
  app(slug: string): App;
  installation(slug: string, account: string): Installation;
}

export function createLookup(twin: Twin): Lookup {
  const found = <T>(value: T | undefined, what: string): T => {
    if (value === undefined) throw refusal(404, `the world has no ${what}`);
    return value;
  };
  const lookup: Lookup = {
    account: (login) => found(findAccount(twin, login), `account ${login}`),
    organization: (login) =>
      found(twin.state.organizations.get(lookup.account(login).id), `organization ${login}`),
    repository: (fullName) => {
      const [owner = "", name = ""] = fullName.split("/");
      return found(findRepository(twin, owner, name), `repository ${fullName}`);
    },
    team: (organization, slug) =>
      found(
        lookup.organization(organization).teams.find((team) => team.slug === slug),
        `team ${organization}/${slug}`,
      ),
    app: (slug) =>
      found(
        twin.state.apps.find((app) => app.slug === slug),
        `App ${slug}`,
      ),
    installation: (slug, account) =>
      found(
        twin.state.installations.find(
          (one) => one.app.slug === slug && one.account === lookup.account(account),
        ),
        `installation of ${slug} on ${account}`,
      ),
  };
  return lookup;
}

export function createWorld(twin: Twin): World {
  const lookup = createLookup(twin);
  return {
    ...peopleParts(twin, lookup),
    ...teamParts(twin, lookup),
    ...repositoryParts(twin, lookup),
    ...appParts(twin, lookup),
    ...gitParts(twin, lookup),
    ...issueParts(twin, lookup),
    ...createSettings(twin, lookup),
  };
}

type People = Pick<
  World,
  | "createOrganization"
  | "createUser"
  | "deleteUser"
  | "renameUser"
  | "addMember"
  | "inviteMember"
  | "acceptInvitation"
  | "removeMember"
>;

function peopleParts(twin: Twin, lookup: Lookup): People {
  const ownerOf = (organization: string) => asWriter(firstOwner(twin, lookup.account(organization)));
  return {
    createOrganization: ({ login, owners = [], basePermission = "none", id }) => {
      const organization = createOrganization(twin, login, basePermission, id);
      for (const owner of owners) {
        organization.members.set(lookup.account(owner).id, { role: "admin", state: "active" });
      }
      return { id: organization.account.id };
    },
    createUser: ({ login, ...more }) => {
      const account = createAccount(twin, "User", login, more);
      return { id: account.id, nodeId: account.nodeId, login };
    },
    deleteUser: (login) => {
      const account = lookup.account(login);
      account.deleted = true;
      for (const { members, teams } of twin.state.organizations.values()) {
        members.delete(account.id);
        for (const team of teams) team.members.delete(account.id);
      }
      for (const { collaborators } of twin.state.repositories) collaborators.delete(account.id);
    },
    renameUser: (login, to) => {
      if (findAccount(twin, to) !== undefined) throw refusal(422, `login ${to} is taken`);
      lookup.account(login).login = to;
    },
    addMember: (organization, login, role = "member") =>
      setMember(twin, lookup.organization(organization), lookup.account(login), {
        role,
        sender: ownerOf(organization),
      }),
    inviteMember: (organization, login) =>
      setMember(twin, lookup.organization(organization), lookup.account(login), {
        role: "member",
        state: "pending",
        sender: ownerOf(organization),
      }),
    acceptInvitation: (organization, login) => {
      const account = lookup.account(login);
      acceptInvitation(twin, lookup.organization(organization), account, asWriter(account));
    },
    removeMember: (organization, login) =>
      setMember(twin, lookup.organization(organization), lookup.account(login), {
        role: "none",
        sender: ownerOf(organization),
      }),
  };
}

type Teams = Pick<World, "createTeam" | "addTeamMember" | "removeTeamMember" | "addTeamToRepository">;

function teamParts(twin: Twin, lookup: Lookup): Teams {
  const ownerOf = (account: Account) => asWriter(firstOwner(twin, account));
  return {
    createTeam: ({ organization: login, name, parent, members = [] }) => {
      const organization = lookup.organization(login);
      const sender = ownerOf(organization.account);
      const above = parent === undefined ? undefined : lookup.team(login, parent);
      const team = createTeam(twin, organization, { name, parent: above, sender });
      for (const member of members)
        setTeamMember(twin, team, lookup.account(member), { role: "member", sender });
      return { id: team.id, slug: team.slug };
    },
    addTeamMember: (organization, slug, login, role = "member") => {
      const team = lookup.team(organization, slug);
      setTeamMember(twin, team, lookup.account(login), { role, sender: ownerOf(team.organization.account) });
    },
    removeTeamMember: (organization, slug, login) => {
      const team = lookup.team(organization, slug);
      setTeamMember(twin, team, lookup.account(login), {
        role: "none",
        sender: ownerOf(team.organization.account),
      });
    },
    addTeamToRepository: (fullName, slug, permission) => {
      const repository = lookup.repository(fullName);
      const team = lookup.team(repository.owner.login, slug);
      setTeamRepository(twin, team, repository, permission, ownerOf(repository.owner));
    },
  };
}

type Repositories = Pick<
  World,
  "createRepository" | "fork" | "deleteRepository" | "addCollaborator" | "removeCollaborator"
>;

function repositoryParts(twin: Twin, lookup: Lookup): Repositories {
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

function appParts(twin: Twin, lookup: Lookup): Apps {
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

type Git = Pick<World, "commit" | "push" | "pushFiles">;

function gitParts(twin: Twin, lookup: Lookup): Git {
  const world: Git = {
    commit: ({ repository: fullName, parent, files, message, author, by }) => {
      const repository = lookup.repository(fullName);
      const base = parent === null ? undefined : resolveCommit(repository, parent);
      if (parent !== null && base === undefined) throw refusal(404, `${fullName} has no commit ${parent}`);
      const committer = signatureOf(lookup.account(by), twin.clock.now());
      return commitTo(repository, {
        tree: applyChanges(repository.objects, base?.tree, toChanges(repository.objects, files)),
        parents: base === undefined ? [] : [base.sha],
        message,
        author: author === undefined ? committer : { ...author, at: committer.at },
        committer,
        verified: false,
      });
    },
    push: (login, fullName, name, sha, { force = false } = {}) => {
      const repository = lookup.repository(fullName);
      const ref = name.startsWith("refs/") ? name : `refs/heads/${name}`;
      const writer = asWriter(lookup.account(login));
      try {
        requirePush(twin, repository, ref, writer);
        updateRef(twin, repository, { ref, after: sha ?? undefined, force: force || sha === null }, writer);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        throw new Error(`! [remote rejected] ${ref} (${error.message.trim()})`, { cause: error });
      }
    },
    pushFiles: (login, repository, branch, files, message) => {
      const exists = headOf(lookup.repository(repository), branch) !== undefined;
      const parent = exists ? `refs/heads/${branch}` : lookup.repository(repository).defaultBranch;
      const sha = world.commit({ repository, parent, files, message, by: login });
      world.push(login, repository, branch, sha);
      return sha;
    },
  };
  return world;
}

type Issues = Pick<World, "submitForm" | "transferIssue" | "deleteRevision">;

function issueParts(twin: Twin, lookup: Lookup): Issues {
  return {
    submitForm: (login, fullName, template, values, { title } = {}) => {
      const repository = lookup.repository(fullName);
      const filled = fillForm(repository, template, values, title);
      // a form's labels go on whoever submits it, if they exist; they are never made
      const issue = openIssue(
        twin,
        repository,
        { ...filled, labels: [], assignees: [] },
        asWriter(lookup.account(login)),
      );
      issue.labels = filled.labels.flatMap((name) => repository.labels.get(name.toLowerCase()) ?? []);
      return issue.number;
    },
    transferIssue: (login, fullName, number, target) => {
      const issue = requireIssue(twin, lookup.repository(fullName), String(number));
      return transferIssue(twin, issue, lookup.repository(target), asWriter(lookup.account(login))).number;
    },
    deleteRevision: (login, fullName, number, revision, commentId) => {
      const issue = requireIssue(twin, lookup.repository(fullName), String(number));
      const text =
        commentId === undefined ? issue : issue.comments.find((comment) => comment.id === commentId);
      const edit = text?.edits[revision];
      if (edit === undefined) throw refusal(404, `no revision ${revision}`);
      edit.text = null;
      edit.deletedAt = twin.clock.now();
      edit.deletedBy = lookup.account(login);
    },
  };
}
