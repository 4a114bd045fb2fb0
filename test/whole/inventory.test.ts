// What the inventory cannot say is our own trouble, and not the requester's: nothing moves, admins are told, and it goes on by itself.

import { afterEach, beforeEach, expect, test } from "vitest";
import { audit, createThief, type Thief } from "./thief.ts";
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
