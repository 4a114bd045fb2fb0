import { describe, expect, it } from "vitest";
import type { Instant, RequestNumber } from "../../core/ids.ts";
import { readRequest } from "../../github/read-request.ts";
import { accessRepo, costOf, form } from "./access-repo.ts";

describe("one look at a request", () => {
  it("costs one request", async () => {
    const world = await accessRepo();
    const number = await world.ask();
    const client = world.newClient();
    const now = world.clock.now() as Instant;
    let reading: unknown;
    const cost = await costOf(client, async () => {
      reading = await readRequest(client, world.us, number, now);
    });
    expect(cost).toEqual({ requests: 1, writes: 0 });
    expect(reading).toMatchObject({
      subject: { kind: "issue", number, body: form(), open: true, edits: [], labels: ["access: pending"] },
      pulls: [],
      ledger: { everActive: false },
    });
  });

  it("knows a number that is nothing", async () => {
    const world = await accessRepo();
    expect(await readRequest(world.client, world.us, 77 as RequestNumber, 0 as Instant)).toBeUndefined();
  });
});
