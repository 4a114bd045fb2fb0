import { beforeEach, describe, expect, it } from "vitest";
import type { RequestNumber } from "../../core/ids.ts";
import { readNews } from "../../github/news.ts";
import { performGitHubStep } from "../../github/perform.ts";
import { type AccessRepo, accessRepo, costOf, fullName } from "./access-repo.ts";
import { gather, openPullStep } from "./facts.ts";

let world: AccessRepo;
beforeEach(async () => {
  world = await accessRepo();
});

interface Run {
  readonly id: number;
}

/** A sweep that is started after so many minutes; its run's id. */
async function sweep(minutes = 1, { ref = "main", command = "sweep" } = {}): Promise<number> {
  world.clock.pass(minutes * 60_000);
  const inputs = { command };
  await world.as("ada", "POST", "/actions/workflows/access.yml/dispatches", { ref, inputs });
  const { workflow_runs: runs } = (await world.as("ada", "GET", "/actions/runs")) as {
    workflow_runs: readonly Run[];
  };
  return Math.max(...runs.map(({ id }) => id));
}

const news = (run: number) => readNews(world.newClient(), world.us, { run, defaultBranch: "main" });
const nothing = { ended: [], opened: [] };

function end(...numbers: readonly number[]): void {
  const trailers = numbers.map((number) => `Hallpass-Request: ${number}`).join("\n");
  const file = `ended/2026/12/${numbers.join("-")}.yaml`;
  world.github.pushFiles("ada", fullName, "ledger", { [file]: "x\n" }, `End them\n\n${trailers}`);
}

async function openPull(): Promise<RequestNumber> {
  const facts = await gather(world, await world.ask());
  await performGitHubStep(world.client, openPullStep(facts), facts);
  return facts.subject.number;
}

describe("news since the last sweep", () => {
  it("are ends and open pull requests, each in exactly one sweep", async () => {
    const first = await sweep();
    world.clock.pass(1_000);
    end(12);
    end(13, 14);
    const asked = await openPull();
    const second = await sweep();
    // what comes while a sweep runs is the next one's
    world.clock.pass(1_000);
    end(15);
    const third = await sweep();
    expect(await news(first)).toEqual(nothing);
    const seen = await news(second);
    expect({ ...seen, ended: [...seen.ended].sort() }).toEqual({ ended: [12, 13, 14], opened: [asked] });
    expect(await news(third)).toEqual({ ended: [15], opened: [] });
    expect(await news(await sweep())).toEqual(nothing);
  });

  it("in the very second of a sweep are the next one's", async () => {
    const first = await sweep();
    end(12);
    expect(await news(first)).toEqual(nothing);
    expect((await news(await sweep())).ended).toEqual([12]);
  });

  it("leave out pull requests that were closed, and have those that people open by hand", async () => {
    await sweep();
    const facts = await gather(world, await world.ask());
    world.github.push("alice", fullName, "ask", facts.ledger.head);
    world.github.pushFiles("alice", fullName, "ask", { "approved/alice-x.yaml": "x\n" }, "Ask");
    const pull = { head: "ask", base: "ledger", title: "x" };
    const { number } = (await world.as("alice", "POST", "/pulls", pull)) as { number: number };
    await openPull();
    const { pulls } = await gather(world, (number + 1) as RequestNumber);
    await world.as("ada", "PATCH", `/pulls/${pulls[0]?.number}`, { state: "closed" });
    expect((await news(await sweep())).opened).toEqual([number]);
  });

  it("are not lost to a sweep that was cancelled, nor to one of the same title elsewhere", async () => {
    await sweep();
    end(12);
    const cancelled = await sweep();
    await world.as("ada", "POST", `/actions/runs/${cancelled}/cancel`);
    await expect.poll(async () => (await news(cancelled + 1_000)).ended).toEqual([12]);
    await world.as("carol", "POST", "/git/refs", { ref: "refs/heads/mine", sha: await mainHead() });
    await sweep(1, { ref: "mine" });
    await sweep(1, { command: "inventory" });
    expect((await news(await sweep())).ended).toEqual([12]);
  });

  it("go back a day at most, also where there was no sweep before", async () => {
    end(12);
    world.clock.pass(23 * 3_600_000);
    end(13);
    const late = await sweep(120);
    expect((await news(late)).ended).toEqual([13]);
  });

  it("are read to their end, in few requests", async () => {
    await sweep();
    for (let number = 1; number <= 130; number++) end(number);
    const run = await sweep();
    const client = world.newClient();
    let found: readonly number[] = [];
    const cost = await costOf(client, async () => {
      found = (await readNews(client, world.us, { run, defaultBranch: "main" })).ended;
    });
    expect(found).toHaveLength(130);
    expect(cost).toEqual({ requests: 3, writes: 0 });
  });

  it("are not what other commits of the ledger say", async () => {
    await sweep();
    const message = "Open access request #9\n\nHallpass-Request: 9";
    world.github.pushFiles("ada", fullName, "ledger", { "ended/note": "x\n" }, message);
    world.github.pushFiles(
      "ada",
      fullName,
      "ledger",
      { "active/8.yaml": "x\n" },
      "End\n\nHallpass-Request: 8",
    );
    expect(await news(await sweep())).toEqual(nothing);
  });
});

async function mainHead(): Promise<string> {
  const { object } = (await world.as("ada", "GET", "/git/ref/heads/main")) as { object: { sha: string } };
  return object.sha;
}
