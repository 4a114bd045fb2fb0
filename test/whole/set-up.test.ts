// `hallpass init` into an empty folder, and everything running on that folder instead of the project's own.

import { afterEach, describe, expect, test } from "vitest";
import { readAccessFolder } from "../../sandbox/stage-folder.ts";
import { allFlags, emptyFolder, hallpass } from "../cli/folder.ts";
import { createWorld, type World } from "./world.ts";

let world: World | undefined;
afterEach(() => world?.close());

async function worldOf(args: readonly string[]): Promise<World> {
  const cwd = emptyFolder();
  const { code, err } = await hallpass(["init", ...args], { cwd });
  expect([code, err]).toEqual([0, ""]);
  const folder = readAccessFolder(cwd);
  world = await createWorld({ stage: { folder }, inventory: "run" });
  return world;
}

async function granted({ people, shown, run, operator }: World, number: number): Promise<void> {
  await people.token("alice", number);
  await run();
  expect(await shown.labels(number)).toEqual(["access: active"]);
  const { record, credentials } = await operator("alice").take(number);
  expect(credentials).toHaveLength(1);
  expect(record.granted.until - record.granted.at).toBe(3_600_000);
}

describe("an access repo that hallpass init wrote", () => {
  test("grants its first request at once, and people approve the next", async () => {
    const made = await worldOf(allFlags);
    const first = made.people.ask("alice", { nodes: "r2d2-dev-01", for: "1h" });
    await made.run();
    await granted(made, first);

    const second = made.people.ask("alice", { nodes: "r2d2-app-01", for: "1h" });
    await made.run();
    for (const approver of ["dave", "bob", "erin"] as const) {
      await made.people.approve(approver, second);
      await made.run();
    }
    await granted(made, second);
    expect(made.runs.flatMap(({ problems }) => problems)).toEqual([]);
  });

  test("grants with one team only, after an approval, with the Action of another repository", async () => {
    const made = await worldOf([
      ...["--repo", "acme/access", "--app", "1001", "--account", "111122223333=eu-west-1"],
      ...["--team", "platform=@acme/platform", "--action", `hallpass-dev/hallpass@${"a".repeat(40)}`],
    ]);
    const number = made.people.ask("alice", { nodes: "r2d2-dev-01", for: "1h" });
    await made.run();
    await made.people.approve("pat", number);
    await made.run();
    await granted(made, number);
  });
});
