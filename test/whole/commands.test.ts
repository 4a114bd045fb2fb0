// Commands beside `/token` and `/extend`: who is heard, what an ignored one is told, and that nobody starts runs without limit.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { changeLaw } from "./law-change.ts";
import { audit, issuedFor } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false });
});
afterEach(() => world.close());

const runs = (title: string) => world.shown.runs().filter((run) => run.title === title).length;

async function opened(nodes: string): Promise<number> {
  const number = world.people.ask("alice", { nodes });
  await world.people.token("alice", number);
  await world.run();
  if (nodes === "r2d2-app-01")
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
  await world.run();
  expect(issuedFor(world, number)).toBe(1);
  return number;
}

describe("/revoke by an approver without write access", () => {
  test("who approved it ends it, though the rules name them no more", async () => {
    const number = await opened("r2d2-app-01");
    await changeLaw(world, { "policies/approvals.yaml": '- nodes: "*"\n  levels: ["@acme/platform"]\n' });
    await world.people.comment("carol", number, "/revoke wrong node");
    await world.run();
    expect(world.shown.record(number)?.text).toMatch(/how: revoked\n {2}by: carol\n {2}why: wrong node/);
  });

  test("who could have approved it ends what a policy gave", async () => {
    await changeLaw(world, { "policies/approvals.yaml": '- nodes: "*"\n  levels: ["@acme/security"]\n' });
    const number = await opened("r2d2-dev-01");
    await world.people.comment("erin", number, "/revoke");
    await world.run();
    expect(world.shown.record(number)?.text).toMatch(/how: revoked\n {2}by: erin/);
  });

  test("who is neither is told so, in the status comment and nowhere else", async () => {
    const number = await opened("r2d2-app-01");
    const before = (await world.shown.comments(number)).length;
    for (let i = 0; i < 5; i++) await world.people.comment("mallory", number, "/revoke");
    await world.run();
    expect(world.shown.record(number)?.text).not.toContain("ended:");
    const status = await world.shown.status(number);
    expect(status.split("`/revoke` by `@mallory` did nothing")).toHaveLength(2);
    expect(await world.shown.comments(number)).toHaveLength(before + 5);
  });
});

describe("/retry", () => {
  /** The law is broken, so that a run fails; the App is not asked meanwhile. */
  async function failing(): Promise<number> {
    const number = world.people.ask("alice");
    await world.run();
    const ruleset = (await world.stage.as("olivia").request("GET /repos/acme/access/rulesets")).data as {
      readonly id: number;
      readonly name: string;
    }[];
    for (const { id } of ruleset)
      await world.stage.as("olivia").request("PUT /repos/acme/access/rulesets/{id}", {
        id,
        enforcement: "disabled",
      });
    await world.people.token("alice", number);
    await world.run();
    return number;
  }

  test("tries again without the pause after failures, ten times at most", async () => {
    const number = await failing();
    await world.advance(1_200);
    await world.run();
    const before = runs(`grant ${number}`);
    expect(before).toBeGreaterThan(5);
    await world.advance(30);
    await world.people.comment("alice", number, "/retry");
    await world.run();
    expect(runs(`grant ${number}`)).toBe(before + 1);
    // however often: the pauses go on as they were
    for (let i = 0; i < 20; i++) {
      await world.people.comment("alice", number, "/retry");
      await world.advance(20);
    }
    await world.run();
    expect(runs(`grant ${number}`)).toBeLessThanOrEqual(12);
  });

  test("of somebody who may not starts nothing and is told so", async () => {
    const number = await failing();
    await world.advance(600);
    await world.run();
    const before = runs(`grant ${number}`);
    await world.people.comment("mallory", number, "/retry");
    await world.run();
    expect(runs(`grant ${number}`)).toBe(before);
    // the run that tries next says it
    await world.advance(1_200);
    expect(await world.shown.status(number)).toContain("`/retry` by `@mallory` did nothing");
  });

  test("restarts nothing that is over", async () => {
    const number = await opened("r2d2-dev-01");
    await world.people.comment("alice", number, "/revoke");
    await world.run();
    const billed = () => world.shown.runs().filter(({ conclusion }) => conclusion !== "skipped");
    const before = billed().length;
    await world.people.comment("alice", number, "/retry");
    await world.people.comment("alice", number, "/refresh");
    await world.run();
    expect(billed()).toHaveLength(before);
    expect((await audit(world, number)).verdict.state).toBe("over");
  });
});

describe("/refresh", () => {
  test("reads the nodes anew once, and shows what is there now", async () => {
    await world.advance(3_600);
    const number = world.people.ask("alice", { nodes: "r2d2-dev-09" });
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: invalid"]);
    world.stage.aws.addNode({
      account: world.stage.account,
      region: world.stage.region,
      id: "i-0d0d0d0d0d0d0d0d9",
      name: "r2d2-dev-09",
      tags: { Environment: "Development", Workload: "Application01" },
    });
    const before = runs("inventory");
    await world.people.comment("mallory", number, "/refresh");
    await world.run();
    expect(runs("inventory")).toBe(before);
    for (let i = 0; i < 3; i++) {
      await world.people.comment("alice", number, "/refresh");
      await world.run();
    }
    expect(runs("inventory")).toBe(before + 1);
    await world.advance(120);
    await world.run();
    const status = await world.shown.status(number);
    expect(status).toContain("approved");
    expect(status).toContain("Looked at afresh for `@alice`");
  });
});
