// One request that three people approve on two levels, from need to end.

import { afterEach, describe, expect, test } from "vitest";
import { parseApproved, parseEnded } from "../../core/parse-record.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

const node = "i-0a0a0a0a0a0a0a0a1";

describe("a decision of people on two levels", () => {
  test("is one pull request, one merge, one grant and one end", async () => {
    world = await createWorld({ inventory: "run" });
    const { people, shown } = world;
    const number = people.ask("alice", { nodes: "r2d2-app-01", for: "2h" });
    await world.run();
    await people.token("alice", number);
    await world.run();
    const [pull] = await shown.pulls(number);
    expect(pull).toMatchObject({ head: `request/${number}`, state: "open" });
    const file = shown.ledger(`request/${number}`).get(`approved/${number}.yaml`);
    expect(parseApproved(file ?? "", `approved/${number}.yaml`)).toMatchObject({
      ok: true,
      value: { nodes: [{ id: node, name: "r2d2-app-01" }], requester: { login: "alice" } },
    });

    for (const approver of ["bob", "erin", "carol"] as const) {
      expect(await shown.labels(number)).toEqual(["access: pending"]);
      await people.approve(approver, number);
      await world.run();
    }
    expect(await shown.labels(number)).toEqual(["access: active"]);
    const merge = (await shown.history()).find(({ files }) =>
      files.includes(`added approved/${number}.yaml`),
    );
    expect(merge?.message.split("\n")).toEqual([
      `Approve access request #${number}`,
      "",
      `Hallpass-Request: ${number}`,
      expect.stringMatching(/^Hallpass-Policies: [0-9a-f]{40}$/),
      "Hallpass-Level: 1 bob",
      "Hallpass-Level: 2 erin",
      "Hallpass-Level: 2 carol",
    ]);

    const alice = world.operator("alice");
    const { record, credentials } = await alice.take(number);
    const [issued] = credentials;
    if (issued === undefined) throw new Error("nothing was issued");
    await world.advanceTo(record.granted.until - 60_000);
    await alice.start(issued, node, "Hallpass-Shell-240");
    await world.until(async () => (await shown.state(number)) === "closed");
    expect(shown.sessions(number)).toMatchObject([{ open: false }]);
    const text = shown.record(number);
    expect(parseEnded(text?.text ?? "", text?.path ?? "")).toMatchObject({
      ok: true,
      value: { ended: { how: "expired", sessions: [{ how: "terminated" }] } },
    });
    await world.advance(3_600);
    expect(await shown.tally(number)).toEqual({
      openPulls: 0,
      pulls: 1,
      merges: 1,
      grants: 1,
      ends: 1,
      statuses: 1,
      sealed: 1,
    });
  });
});
