import { beforeEach, describe, expect, it } from "vitest";
import { postCredentials } from "../../github/comments.ts";
import { dispatchWorkflow, runIsOver } from "../../github/runs.ts";
import { type AccessRepo, accessRepo, costOf, fails } from "./access-repo.ts";
import { gather, look } from "./facts.ts";

let world: AccessRepo;
beforeEach(async () => {
  world = await accessRepo();
});

describe("runs", () => {
  const runs = async () =>
    (
      (await world.as("ada", "GET", "/actions/runs")) as {
        workflow_runs: { id: number; display_title: string }[];
      }
    ).workflow_runs;
  const dispatch = (number: number) =>
    dispatchWorkflow(world.newClient(), { command: "grant", request: number as never, branch: "main" });

  it("are started once while one of the same command and request lives", async () => {
    await dispatch(12);
    await dispatch(12);
    await dispatch(13);
    await dispatchWorkflow(world.newClient(), { command: "end", request: 12 as never, branch: "main" });
    expect((await runs()).map(({ display_title }) => display_title).sort()).toEqual([
      "end 12",
      "grant 12",
      "grant 13",
    ]);
  });

  it("are over when completed or unknown, and not before", async () => {
    await dispatch(12);
    const [run] = await runs();
    expect(await runIsOver(world.newClient(), run?.id ?? 0)).toBe(false);
    await world.as("ada", "POST", `/actions/runs/${run?.id}/cancel`);
    await expect.poll(() => runIsOver(world.newClient(), run?.id ?? 0)).toBe(true);
    expect(await runIsOver(world.newClient(), 424_242)).toBe(true);
  });

  it("are not guessed at when GitHub does not say", async () => {
    world.github.faults.add({ when: ({ path }) => path.includes("/actions/runs/"), respond: "timeout" });
    await fails(runIsOver(world.newClient(), 5), "unavailable");
  });
});

describe("credentials", () => {
  it("name the key they answer, so that no second are made for it", async () => {
    const number = await world.ask();
    const sealed = "-----BEGIN AGE ENCRYPTED FILE-----\nxyz\n-----END AGE ENCRYPTED FILE-----\n";
    const client = world.newClient();
    const cost = await costOf(client, () => postCredentials(client, number, { sealed, answers: 77 }));
    expect(cost).toEqual({ requests: 1, writes: 1 });
    const { subject } = await look(world, number);
    expect(subject.comments[0]?.body).toBe(
      `<!-- hallpass:credentials -->\n<!-- answers: 77 -->\n\n\`\`\`age\n${sealed.trim()}\n\`\`\`\n`,
    );
    expect((await gather(world, number)).shown.answered).toEqual([77]);
  });

  it("are not posted twice by a write whose answer was lost", async () => {
    const number = await world.ask();
    world.github.faults.add({
      when: ({ path }) => path.endsWith("/comments"),
      times: 1,
      respond: "after-effect",
    });
    await fails(postCredentials(world.newClient(), number, { sealed: "x", answers: 77 }), "unavailable");
    expect((await look(world, number)).subject.comments).toHaveLength(1);
  });
});
