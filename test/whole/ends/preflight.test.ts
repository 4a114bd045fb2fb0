// What would have become "approved but StartSession denied": seen before anybody is asked to approve, and again right before a record is written.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { changeLaw } from "../law-change.ts";
import { createWorld, type World } from "../world.ts";
import { granted, node } from "./grants.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false });
});
afterEach(() => world.close());

const production = "i-0a0a0a0a0a0a0a0a1";

function agentOf(id: string, agent: "Online" | "ConnectionLost"): void {
  const { stage } = world;
  const found = stage.aws.region(stage.account, stage.region).nodes.get(id);
  if (found === undefined) throw new Error(`no node ${id}`);
  stage.aws.setAgentStatus(found, agent);
}

async function inventory(): Promise<void> {
  await world.people.dispatch("pat", "inventory");
  await world.run();
}

const grants = () => world.runs.filter(({ command }) => command === "grant");

/** What stands in the place of a part of AWS that is missing; puts it back. */
function without(part: "document" | "runbook" | "access" | "revoke"): () => void {
  const { stage } = world;
  const { documents } = stage.aws.region(stage.account, stage.region);
  const { roles } = stage.aws.account(stage.account);
  const take = <T>(map: Map<string, T>, name: string): (() => void) => {
    const taken = map.get(name);
    if (taken === undefined) throw new Error(`no ${name}`);
    map.delete(name);
    return () => void map.set(name, taken);
  };
  switch (part) {
    case "document":
      return take(documents, "Hallpass-Shell-60");
    case "runbook":
      return take(documents, "Hallpass-EndAccess");
    case "access":
      return take(roles, "HallpassAccess");
    case "revoke":
      return take(roles, "HallpassRevoke");
  }
}

const missing = [
  ["document", "there is no document `Hallpass-Shell-60`"],
  ["runbook", "there is no document `Hallpass-EndAccess`"],
  ["access", "the access role"],
  ["revoke", "the revoke role"],
] as const;

/** As the page shows it: entities as their characters, and no marks of code. */
const shownStatus = async (number: number): Promise<string> =>
  (await world.shown.status(number))
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll("<wbr>", "");
const plain = (text: string): string => text.replaceAll("`", "");

describe("before anybody is asked to approve", () => {
  test("an agent that does not answer is told, no pull request opens, and it is looked at again when the agent is back", async () => {
    agentOf(production, "ConnectionLost");
    await inventory();
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.people.token("alice", number);
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: invalid"]);
    const status = await shownStatus(number);
    expect(status).toContain("does not answer");
    expect(status).toContain("start the node");
    expect(await world.shown.pulls(number)).toEqual([]);
    expect(grants()).toEqual([]);

    agentOf(production, "Online");
    await inventory();
    await world.advance(301);
    expect(await world.shown.labels(number)).toEqual(["access: pending"]);
    expect(await world.shown.pulls(number)).toMatchObject([{ state: "open" }]);
  });

  test.each(missing)(
    "a missing %s is told, and nothing is dispatched until it is there",
    async (part, words) => {
      const putBack = without(part);
      await inventory();
      const number = world.people.ask("alice");
      await world.people.token("alice", number);
      await world.run();
      expect(await world.shown.labels(number)).toEqual(["access: invalid"]);
      expect(plain(await shownStatus(number))).toContain(plain(words));
      expect(await shownStatus(number)).toContain("aws/");
      expect(grants()).toEqual([]);

      putBack();
      await inventory();
      await world.advance(301);
      await world.run();
      expect(await world.shown.labels(number)).toEqual(["access: active"]);
    },
  );

  test("an account that the config has dropped, whose nodes are still in the inventory", async () => {
    await changeLaw(world, { ".github/hallpass.yml": withAccount("999900001111", "us-east-1") });
    const number = world.people.ask("alice", { nodes: node });
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: invalid"]);
    expect(plain(await shownStatus(number))).toContain(
      "111122223333/eu-central-1 is not in .github/hallpass.yml any more",
    );
  });

  test("more nodes than a session policy holds: says how many do, before anybody approves", async () => {
    world.close();
    const many = Array.from({ length: 40 }, (_, i) => ({
      account: "111122223333",
      region: "eu-central-1",
      id: `i-0f0f0f0f0f0f0f${String(i).padStart(3, "0")}`,
      name: `many-${i}`,
      tags: { Environment: "Production", Fleet: "many" },
    }));
    world = await createWorld({ cron: false, stage: { nodes: many }, limits: { maxNodes: 50 } });
    const number = world.people.ask("alice", { nodes: "tag:Fleet=many" });
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: invalid"]);
    const [, fit = ""] = /characters, (\d+) do/.exec(await shownStatus(number)) ?? [];
    expect(await world.shown.pulls(number)).toEqual([]);
    const fewer = world.people.ask("alice", {
      nodes: many
        .slice(0, Number(fit))
        .map(({ id }) => id)
        .join("\n"),
    });
    await world.run();
    expect(await world.shown.labels(fewer)).toEqual(["access: pending"]);
  });

  test("what is under review stays under review while an agent restarts", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    await world.people.approve("bob", number);
    agentOf(production, "ConnectionLost");
    await inventory();
    await world.advance(301);
    expect(await world.shown.labels(number)).toEqual(["access: pending"]);
    expect(await world.shown.pulls(number)).toMatchObject([{ state: "open" }]);
  });

  test("a request written by hand keeps its pull request, for its author to mend", async () => {
    agentOf(production, "ConnectionLost");
    await inventory();
    const { github, repository } = world.stage;
    const file = `nodes: [${production}]\naccess: shell\nfor: 1h\nreason: INC-1 checkout is down\n`;
    const ledger = github.actionsWorld.resolveRef(
      github.actionsWorld.repository(repository.fullName) as never,
      "refs/heads/ledger",
    );
    github.push("pat", repository.fullName, "ask", ledger?.sha ?? "");
    github.pushFiles("pat", repository.fullName, "ask", { "approved/pat-app-01.yaml": file }, "Ask");
    const { data } = await world.stage.as("pat").rest.pulls.create({
      owner: "acme",
      repo: "access",
      head: "ask",
      base: "ledger",
      title: "r2d2-app-01",
    });
    await world.run();
    expect(await shownStatus(data.number)).toContain("does not answer");
    expect(await world.shown.state(data.number)).toBe("open");
    agentOf(production, "Online");
    await inventory();
    await world.advance(301);
    expect(await world.shown.labels(data.number)).toEqual(["access: pending"]);
  });
});

describe("right before the record is written", () => {
  test("an agent that is offline moves nothing: the request says why, and is granted once it is back", async () => {
    agentOf(node, "ConnectionLost");
    const number = world.people.ask("alice");
    await world.people.token("alice", number);
    await world.run();
    expect(await shownStatus(number)).toContain("does not answer");
    expect(world.shown.record(number)).toBeUndefined();
    expect(grants()).toMatchObject([
      { state: "refused", problems: [expect.stringContaining("does not answer")] },
    ]);

    await world.advance(600);
    expect(grants().length).toBeGreaterThan(1);
    agentOf(node, "Online");
    await world.advance(1_200);
    expect(await world.shown.labels(number)).toEqual(["access: active"]);
    expect(await world.shown.tally(number)).toMatchObject({ grants: 1, statuses: 1, sealed: 1 });
  });

  test.each(missing)("a missing %s moves nothing and says so", async (part, words) => {
    const putBack = without(part);
    const number = world.people.ask("alice");
    await world.people.token("alice", number);
    await world.run();
    expect(plain(await shownStatus(number))).toContain(plain(words));
    expect(world.shown.record(number)).toBeUndefined();
    putBack();
    await world.advance(1_200);
    expect(await world.shown.labels(number)).toEqual(["access: active"]);
  });

  test("an approved request survives it too: people need not approve again", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.people.token("alice", number);
    await world.run();
    agentOf(production, "ConnectionLost");
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
    await world.run();
    expect(await shownStatus(number)).toContain("does not answer");
    agentOf(production, "Online");
    await world.advance(1_200);
    expect(await world.shown.labels(number)).toEqual(["access: active"]);
    expect(await world.shown.tally(number)).toMatchObject({ pulls: 1, merges: 1, grants: 1 });
  });

  test("an AWS that does not answer moves nothing", async () => {
    const stop = world.stage.aws.faults.add({
      when: ({ operation }) => operation === "DescribeInstances",
      error: "InternalError",
    });
    const number = world.people.ask("alice");
    await world.people.token("alice", number);
    await world.run();
    expect(plain(await shownStatus(number))).toContain("ec2:DescribeInstances");
    expect(world.shown.record(number)).toBeUndefined();
    stop();
    await world.advance(1_200);
    expect(await world.shown.labels(number)).toEqual(["access: active"]);
  });

  test("granting was tried and works: no session is opened by looking", async () => {
    const { number } = await granted(world);
    expect(world.shown.sessions(number)).toEqual([]);
    expect(world.stage.aws.sessions()).toEqual([]);
  });
});

const withAccount = (id: string, region: string): string =>
  [
    `app: ${world.stage.app.id}`,
    "accounts:",
    `  - id: "${id}"`,
    `    regions: [${region}]`,
    "    roles:",
    ...["inventory", "access", "revoke"].map(
      (kind) => `      ${kind}: arn:aws:iam::${id}:role/Hallpass-${kind}`,
    ),
    "modes: { shell: {} }",
    "",
  ].join("\n");
