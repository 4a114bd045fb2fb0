import { findAccount } from "../access.ts";
import { refusal } from "../http.ts";
import type { Account } from "../state.ts";
import { asWriter } from "../timeline.ts";
import type { Twin } from "../twin.ts";
import type { World } from "../world.ts";
import type { Lookup } from "./lookup.ts";
import {
  acceptInvitation,
  createAccount,
  createOrganization,
  createTeam,
  setMember,
  setTeamMember,
  setTeamRepository,
} from "./organizations.ts";
import { firstOwner } from "./repositories.ts";

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

export function peopleParts(twin: Twin, lookup: Lookup): People {
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

export function teamParts(twin: Twin, lookup: Lookup): Teams {
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
