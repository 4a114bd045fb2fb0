// What the inventory cannot say is our own trouble, and not the requester's: nothing moves, admins are told, and it goes on by itself.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { audit, codesOf, createThief, type Thief } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
let thief: Thief;
beforeEach(async () => {
  world = await createWorld({ cron: false });
  thief = createThief(world);
});
afterEach(() => world.close());

const place = "111122223333/eu-central-1.json";

const troubles: readonly (readonly [string, () => Promise<unknown>])[] = [
  [
    "the branch is not there",
    () => thief.octokit.rest.git.deleteRef({ owner: "acme", repo: "access", ref: "heads/inventory" }),
  ],
  ["a place has no file", () => thief.commit("inventory", { [place]: null })],
  ["a file is spoilt", () => thief.commit("inventory", { [place]: "no JSON" })],
];

async function inventory(): Promise<void> {
  await world.people.dispatch("pat", "inventory");
  await world.run();
  // the App looks at what is unsettled every five minutes
  await world.advance(301);
}

test.each(troubles)(
  "a request made while %s is broken, shows admins what to do, and heals unedited",
  async (_, spoil) => {
    await spoil();
    const number = world.people.ask("alice");
    await world.people.token("alice", number);
    await world.run();
    expect((await audit(world, number)).verdict.state).toBe("broken");
    const status = await world.shown.status(number);
    expect(status).toContain("cannot be decided now");
    expect(status).toContain("an admin mends it");
    expect(status).not.toMatch(/edits? this|edits the issue/);
    expect(await world.shown.labels(number)).not.toContain("access: invalid");
    await inventory();
    expect(await world.shown.labels(number)).toEqual(["access: active"]);
  },
);

test.each(troubles)(
  "what people are approving while %s is broken, and goes on where it was",
  async (_, spoil) => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    await spoil();
    await world.people.approve("bob", number);
    await world.run();
    expect((await audit(world, number)).verdict.state).toBe("broken");
    await inventory();
    expect((await audit(world, number)).verdict).toMatchObject({ state: "pending", tally: { missing: [2] } });
    expect((await world.shown.tally(number)).pulls).toBe(1);
  },
);

describe("what people are approving", () => {
  const tags = { Environment: "Production", Workload: "Application01" };
  const retag = (id: string, name: string, more = {}) => {
    const { account, region, aws } = world.stage;
    const node = aws.region(account, region).nodes.get(id);
    if (node === undefined) throw new Error(`there is no node ${id}`);
    aws.retag(node, { Name: name, ...tags, ...more });
  };

  async function waiting(nodes: string): Promise<number> {
    const number = world.people.ask("alice", { nodes });
    await world.people.token("alice", number);
    await world.run();
    await world.people.approve("bob", number);
    await world.run();
    return number;
  }

  test.each([
    ["was renamed", "r2d2-app-01", () => retag("i-0a0a0a0a0a0a0a0a1", "old")],
    [
      "was retagged",
      "tag:Environment=Production",
      () => retag("i-0a0a0a0a0a0a0a0a1", "r2d2-app-01", { Environment: "Old" }),
    ],
    ["shares its name by now", "r2d2-app-01", () => retag("i-0a0a0a0a0a0a0a0a2", "r2d2-app-01")],
  ])(
    "is broken when a node %s, says so, and goes on where it was when that is changed back",
    async (_, nodes, change) => {
      // a `forbid` keeps the vault out of what the tag may name
      retag("i-0b0b0b0b0b0b0b0b1", "c3po-vault-01", { Environment: "Vault", Hallpass: "never" });
      await inventory();
      const number = await waiting(nodes);
      change();
      await inventory();
      expect(await codesOf(world, number)).toEqual(["trust.pinned-nodes"]);
      expect(await world.shown.status(number)).toContain("If a name or a tag was changed, change it back");
      retag("i-0a0a0a0a0a0a0a0a1", "r2d2-app-01");
      retag("i-0a0a0a0a0a0a0a0a2", "r2d2-app-02");
      await inventory();
      expect((await audit(world, number)).verdict).toMatchObject({
        state: "pending",
        tally: { missing: [2] },
      });
      expect((await world.shown.tally(number)).pulls).toBe(1);
    },
  );

  test("stays these nodes when a tag comes to name another, and is granted", async () => {
    retag("i-0b0b0b0b0b0b0b0b1", "c3po-vault-01", { Environment: "Vault", Hallpass: "never" });
    await inventory();
    const number = await waiting("tag:Environment=Production");
    retag("i-0c0c0c0c0c0c0c0c1", "bb8-batch-01");
    await inventory();
    for (const approver of ["erin", "carol"] as const) await world.people.approve(approver, number);
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: active"]);
    expect(world.shown.record(number)?.text).not.toContain("i-0c0c0c0c0c0c0c0c1");
  });
});
