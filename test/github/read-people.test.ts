import { beforeAll, describe, expect, it } from "vitest";
import type { TeamHandle, UserId } from "../../core/ids.ts";
import { othersToCheck } from "../../github/commands.ts";
import { readAccess, readWriters } from "../../github/read-access.ts";
import { readTeams } from "../../github/read-teams.ts";
import { type AccessRepo, accessRepo, costOf, fails, fullName } from "./access-repo.ts";
import { look } from "./facts.ts";

let world: AccessRepo;
beforeAll(async () => {
  world = await accessRepo();
});

const team = (handle: string) => handle as TeamHandle;
const leads = team("acme/leads");
const security = team("acme/security");

const idOf = async (login: string): Promise<UserId> => {
  const response = await world.github.fetch(`${world.github.url}/users/${login}`, {
    headers: { authorization: `Bearer ${world.github.personalToken("ada")}` },
  });
  return ((await response.json()) as { id: UserId }).id;
};

describe("teams", () => {
  it("are read together in one request, for the people at hand", async () => {
    const client = world.newClient();
    let read: Awaited<ReturnType<typeof readTeams>> | undefined;
    const cost = await costOf(client, async () => {
      read = await readTeams(client, [leads, security, leads], ["Bob", "carol", "alice"]);
    });
    expect(cost).toEqual({ requests: 1, writes: 0 });
    expect(read?.memberships).toEqual(
      new Map([
        [leads, new Set(["bob"])],
        [security, new Set(["bob", "carol"])],
      ]),
    );
    expect(read?.sizes).toEqual(
      new Map([
        [leads, 1],
        [security, 2],
      ]),
    );
    expect(read?.unreadable).toEqual([]);
  });

  it("cost nothing when none is asked for", async () => {
    const client = world.newClient();
    expect(await costOf(client, () => readTeams(client, [], ["bob"]))).toEqual({ requests: 0, writes: 0 });
  });

  it("that do not exist are unreadable, which is not the same as empty", async () => {
    const read = await readTeams(world.client, [leads, team("acme/nobody")], ["bob"]);
    expect(read.unreadable).toEqual(["acme/nobody"]);
    expect(read.memberships.has(team("acme/nobody"))).toBe(false);
    expect(read.memberships.get(leads)).toEqual(new Set(["bob"]));
  });

  it("of another organization are unreadable, and not asked for", async () => {
    world.github.createOrganization({ login: "other", owners: ["eve"] });
    world.github.createTeam({ organization: "other", name: "leads", members: ["eve"] });
    const client = world.newClient();
    const read = await readTeams(client, [team("other/leads")], ["eve"]);
    expect(read.unreadable).toEqual(["other/leads"]);
    expect(client.counts.requests).toBe(0);
  });

  it("do not count who has only been invited", async () => {
    world.github.createUser({ login: "newcomer" });
    world.github.inviteMember("acme", "newcomer");
    world.github.addTeamMember("acme", "leads", "newcomer");
    const before = await readTeams(world.client, [leads], ["newcomer"]);
    expect(before.memberships.get(leads)).toEqual(new Set());
    world.github.acceptInvitation("acme", "newcomer");
    const after = await readTeams(world.client, [leads], ["newcomer"]);
    expect(after.memberships.get(leads)).toEqual(new Set(["newcomer"]));
  });

  it("have the members of their child teams", async () => {
    world.github.createTeam({ organization: "acme", name: "parents" });
    world.github.createTeam({ organization: "acme", name: "children", parent: "parents", members: ["dave"] });
    const read = await readTeams(world.client, [team("acme/parents")], ["dave"]);
    expect(read.memberships.get(team("acme/parents"))).toEqual(new Set(["dave"]));
  });

  it("over a hundred are asked about person by person", async () => {
    world.github.createTeam({ organization: "acme", name: "everyone", members: ["dave"] });
    for (let i = 0; i < 120; i++) {
      world.github.createUser({ login: `person-${i}` });
      world.github.addMember("acme", `person-${i}`);
      world.github.addTeamMember("acme", "everyone", `person-${i}`);
    }
    world.github.inviteMember("acme", "eve");
    world.github.addTeamMember("acme", "everyone", "eve");
    const client = world.newClient();
    let read: Awaited<ReturnType<typeof readTeams>> | undefined;
    const cost = await costOf(client, async () => {
      read = await readTeams(client, [team("acme/everyone")], ["dave", "person-119", "alice", "eve"]);
    });
    expect(read?.memberships.get(team("acme/everyone"))).toEqual(new Set(["dave", "person-119"]));
    expect(read?.sizes.get(team("acme/everyone"))).toBe(121);
    expect(cost.requests).toBe(5);
  });

  it("are unreadable without the permission, and an error when GitHub is down", async () => {
    const hidden = {
      data: { organization: { team0: null } },
      errors: [
        {
          type: "FORBIDDEN",
          path: ["organization", "team0"],
          message: "Resource not accessible by integration",
        },
      ],
    };
    world.github.faults.add({
      when: ({ graphql }) => graphql?.operations.includes("Teams") === true,
      times: 1,
      respond: () => new Response(JSON.stringify(hidden)),
    });
    expect((await readTeams(world.newClient(), [leads], ["bob"])).unreadable).toEqual([leads]);
    world.github.faults.add({ when: ({ path }) => path === "/graphql", respond: "timeout" });
    await fails(readTeams(world.newClient(), [leads], ["bob"]), "unavailable");
    world.github.faults.clear();
  });
});

describe("access", () => {
  it("is what the account has now", async () => {
    expect(await readAccess(world.client, { login: "alice", id: await idOf("alice") })).toBe(true);
    expect(await readAccess(world.client, { login: "eve", id: await idOf("eve") })).toBe(false);
  });

  it("is gone when the person is", async () => {
    world.github.createUser({ login: "leaver" });
    world.github.addMember("acme", "leaver");
    world.github.addCollaborator(fullName, "leaver", "write");
    const leaver = { login: "leaver", id: await idOf("leaver") };
    expect(await readAccess(world.client, leaver)).toBe(true);
    world.github.removeCollaborator(fullName, "leaver");
    world.github.removeMember("acme", "leaver");
    expect(await readAccess(world.newClient(), leaver)).toBe(false);
  });

  it("is not that of whoever has taken the login since", async () => {
    expect(await readAccess(world.client, { login: "alice", id: 4040 as UserId })).toBe(false);
  });

  it("is none for a login that nobody has", async () => {
    expect(await readAccess(world.client, { login: "nobody-at-all", id: 1 as UserId })).toBe(false);
  });

  it("is an error when GitHub does not say", async () => {
    world.github.faults.add({
      when: ({ path }) => path.endsWith("/permission"),
      respond: () => new Response("{}", { status: 403 }),
    });
    await fails(readAccess(world.newClient(), { login: "alice", id: 1 as UserId }), "forbidden");
    world.github.faults.clear();
  });
});

describe("who may revoke", () => {
  const comment = (number: number, login: string, body: string) =>
    world.as(login, "POST", `/issues/${number}/comments`, { body });

  it("costs nothing until somebody else tries", async () => {
    const number = await world.ask();
    await comment(number, "alice", "/revoke");
    const reading = await look(world, number);
    const client = world.newClient();
    expect(await costOf(client, () => readWriters(client, othersToCheck(reading, "writer")))).toEqual({
      requests: 0,
      writes: 0,
    });
  });

  it("is who may write, and not who may only read", async () => {
    world.github.createUser({ login: "reader" });
    world.github.addCollaborator(fullName, "reader", "read");
    const number = await world.ask();
    await comment(number, "bob", "/revoke");
    await comment(number, "bob", "/revoke again");
    await comment(number, "reader", "/revoke");
    const reading = await look(world, number);
    const client = world.newClient();
    expect(await readWriters(client, othersToCheck(reading, "writer"))).toEqual(new Set([await idOf("bob")]));
    expect(client.counts.requests).toBe(2);
  });
});
