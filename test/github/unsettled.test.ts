import { beforeEach, describe, expect, it } from "vitest";
import { performGitHubStep } from "../../github/perform.ts";
import { listUnsettled } from "../../github/unsettled.ts";
import { type AccessRepo, accessRepo, costOf, form, fullName } from "./access-repo.ts";
import { gather, openPullStep } from "./facts.ts";

let world: AccessRepo;
beforeEach(async () => {
  world = await accessRepo();
});

describe("what is unsettled", () => {
  const issue = async (login: string, body: string, labels: readonly string[] = []) =>
    ((await world.as(login, "POST", "/issues", { title: "x", body, labels })) as { number: number }).number;

  it("is every open request, and closed ones that still show an unfinished state", async () => {
    const plain = await issue("alice", "Just a question");
    const asked = await issue("alice", form());
    const labelled = await issue("alice", "mangled", ["access: invalid"]);
    const closed = await issue("bob", form(), ["access: active"]);
    await world.as("bob", "PATCH", `/issues/${closed}`, { state: "closed" });
    const glass = await issue("bob", form(), ["access: revoked", "break-glass: unanswered"]);
    await world.as("bob", "PATCH", `/issues/${glass}`, { state: "closed" });
    const over = await issue("bob", form(), ["access: expired"]);
    await world.as("bob", "PATCH", `/issues/${over}`, { state: "closed" });
    const client = world.newClient();
    let found: readonly number[] = [];
    const cost = await costOf(client, async () => {
      found = await listUnsettled(client, world.us);
    });
    expect(found).toEqual([asked, labelled, closed, glass].sort((a, b) => a - b));
    expect(found).not.toContain(plain);
    expect(cost).toEqual({ requests: 1, writes: 0 });
  });

  it("is a closed request whose pull request is still open, and a pull request by hand", async () => {
    const facts = await gather(world, await world.ask());
    const { number } = facts.subject;
    await performGitHubStep(world.client, openPullStep(facts), facts);
    await world.as("alice", "PATCH", `/issues/${number}`, { state: "closed", labels: [] });
    world.github.push("alice", fullName, "ask", facts.ledger.head);
    world.github.pushFiles("alice", fullName, "ask", { "approved/alice-x.yaml": "x\n" }, "Ask");
    const pull = (await world.as("alice", "POST", "/pulls", { head: "ask", base: "ledger", title: "x" })) as {
      number: number;
    };
    expect(await listUnsettled(world.newClient(), world.us)).toEqual([number, pull.number]);
  });

  it("is read to its end", async () => {
    for (let i = 0; i < 130; i++) await issue("alice", form());
    expect(await listUnsettled(world.newClient(), world.us)).toHaveLength(130);
  });
});
