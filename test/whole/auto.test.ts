// One request that policies approve, from need to end.

import { afterEach, describe, expect, test } from "vitest";
import { parseEnded } from "../../core/parse-record.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

const node = "i-0d0d0d0d0d0d0d0d1";

describe("an automatic decision", () => {
  test("is granted once, ends in AWS by its schedule, and is one record in git", async () => {
    world = await createWorld({ inventory: "run" });
    const { people, shown, time } = world;
    const number = people.ask("alice", { for: "1h" });
    await world.run();
    expect(await shown.status(number)).toContain("`/token age1…`");
    expect(await shown.tally(number)).toMatchObject({ pulls: 0, grants: 0, sealed: 0 });

    await people.token("alice", number);
    await world.run();
    expect(await shown.labels(number)).toEqual(["access: active"]);
    const alice = world.operator("alice");
    const { record, credentials } = await alice.take(number);
    expect(record.granted.until - record.granted.at).toBe(3_600_000);
    const [issued] = credentials;
    if (issued === undefined) throw new Error("nothing was issued");

    await world.advanceTo(record.granted.until - 60_000);
    await alice.start(issued, node);
    expect(shown.sessions(number)).toMatchObject([{ open: true }]);
    await expect(alice.start(issued, "i-0d0d0d0d0d0d0d0d2")).rejects.toThrow("not authorized");

    // no App, no workflow: the schedule in AWS ends it
    await world.advanceTo(record.granted.until + 120_000);
    expect(shown.sessions(number)).toMatchObject([{ open: false }]);
    await expect(alice.start(issued, node)).rejects.toThrow();

    await world.until(async () => (await shown.state(number)) === "closed");
    const text = shown.record(number);
    const ended = parseEnded(text?.text ?? "", text?.path ?? "");
    expect(ended).toMatchObject({
      ok: true,
      value: { ended: { how: "expired", by: "schedule", sessions: [{ node, how: "terminated" }] } },
    });
    expect(text?.path).toBe(`ended/2026/12/${number}.yaml`);
    expect(await shown.labels(number)).toEqual(["access: expired"]);
    await world.advanceTo(time.now() + 3_600_000);
    expect(await shown.tally(number)).toEqual({
      openPulls: 0,
      pulls: 0,
      merges: 0,
      grants: 1,
      ends: 1,
      statuses: 1,
      sealed: 1,
    });
  });
});
