import { beforeEach, describe, expect, it } from "vitest";
import type { Instant, RequestNumber, Sha } from "../../core/ids.ts";
import { type ActiveRecord, type EndedRecord, recordPath, renderRecord } from "../../core/record.ts";
import type { BranchCommit } from "../../github/commit.ts";
import { commitToLedger, readEnded, readLedger, readLedgerFiles } from "../../github/ledger.ts";
import type { FaultResponse } from "../../sandbox/github/faults.ts";
import { type AccessRepo, accessRepo, costOf, fails, fullName } from "./access-repo.ts";
import { approvedRecord, gather } from "./facts.ts";

let world: AccessRepo;
beforeEach(async () => {
  world = await accessRepo();
});

const head = async (): Promise<Sha> => (await readLedgerFiles(world.newClient(), [])).head;
const commit = async (more: Partial<BranchCommit> = {}): Promise<BranchCommit> => ({
  expectedHead: await head(),
  message: "Say something\n\nHallpass-Request: 12",
  additions: [{ path: "active/12.yaml", content: "x: ä\n" }],
  deletions: [],
  ...more,
});

const onMutation = (respond: FaultResponse, times = 1) =>
  world.github.faults.add({ when: ({ graphql }) => graphql?.mutation === true, times, respond });

describe("a commit to the ledger", () => {
  it("lands on the head that was expected, byte for byte, with its message", async () => {
    const before = await head();
    const client = world.newClient();
    const cost = await costOf(client, async () => {
      expect(await commitToLedger(client, await commit())).toMatchObject({ ok: true });
    });
    expect(cost).toEqual({ requests: 1, writes: 1 });
    const after = await readLedgerFiles(world.client, ["active/12.yaml", "active/13.yaml"]);
    expect(after.texts).toEqual(new Map([["active/12.yaml", "x: ä\n"]]));
    expect(await world.as("ada", "GET", `/commits/${after.head}`)).toMatchObject({
      parents: [{ sha: before }],
      commit: { message: "Say something\n\nHallpass-Request: 12" },
    });
  });

  it("moves in one commit", async () => {
    await commitToLedger(world.client, await commit());
    const moved = await commit({
      additions: [{ path: "ended/2026/12/12.yaml", content: "x: 1\n" }],
      deletions: ["active/12.yaml"],
    });
    expect(await commitToLedger(world.client, moved)).toMatchObject({ ok: true });
    const { texts } = await readLedgerFiles(world.client, ["active/12.yaml", "ended/2026/12/12.yaml"]);
    expect([...texts.keys()]).toEqual(["ended/2026/12/12.yaml"]);
  });

  it("does not land on another head: of two at once, one", async () => {
    const [one, two] = [
      await commit(),
      await commit({ additions: [{ path: "active/13.yaml", content: "y\n" }] }),
    ];
    const both = await Promise.all([
      commitToLedger(world.newClient(), one),
      commitToLedger(world.newClient(), two),
    ]);
    expect(both.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(both).toContainEqual({ ok: false, because: "moved" });
  });

  it("is found again when its answer was lost", async () => {
    const before = await commit();
    onMutation("after-effect");
    expect(await commitToLedger(world.client, before)).toEqual({ ok: true, head: await head() });
    expect(await head()).not.toBe(before.expectedHead);
  });

  it("is found again even when somebody has committed on top of it", async () => {
    const mine = await commit();
    let struck = false;
    world.github.faults.add({
      when: ({ graphql }) => {
        if (struck && graphql?.operations.includes("Files") === true)
          world.github.pushFiles("ada", fullName, "ledger", { "active/99.yaml": "z\n" }, "Another");
        struck ||= graphql?.mutation === true;
        return graphql?.mutation === true;
      },
      times: 1,
      respond: "after-effect",
    });
    const { ok } = await commitToLedger(world.client, mine);
    expect(ok).toBe(true);
  });

  it("is sent again when it had not landed", async () => {
    onMutation("timeout", 2);
    expect(await commitToLedger(world.client, await commit())).toMatchObject({ ok: true });
  });

  it("says that somebody else was first when its own did not land", async () => {
    const mine = await commit();
    world.github.pushFiles("ada", fullName, "ledger", { "active/99.yaml": "z\n" }, "Another");
    onMutation("timeout");
    expect(await commitToLedger(world.client, mine)).toEqual({ ok: false, because: "moved" });
  });

  it("gives up on a GitHub that stays away", async () => {
    onMutation(() => new Response("", { status: 502 }), 99);
    await fails(commitToLedger(world.client, await commit()), "unavailable");
  });

  it("is refused, and says so, when it removes what is not there", async () => {
    await fails(
      commitToLedger(world.client, await commit({ deletions: ["active/77.yaml"] })),
      "unprocessable",
    );
  });
});

describe("all records of a kind", () => {
  async function write(number: number): Promise<{ active: ActiveRecord; ended: EndedRecord }> {
    const facts = await gather(world, await world.ask());
    const at = facts.now;
    const active: ActiveRecord = {
      ...approvedRecord(facts, { subject: { kind: "issue", number: number as RequestNumber } }),
      folder: "active",
      granted: {
        at,
        until: (at + 3_600_000) as Instant,
        session: `hp.${facts.repository.id}.${number}`,
        run: 5,
      },
    };
    const ended: EndedRecord = {
      ...active,
      folder: "ended",
      ended: { at, how: "expired", by: "schedule", why: "its time was over", sessions: [] },
    };
    return { active, ended };
  }
  const add = async (...records: readonly (ActiveRecord | EndedRecord)[]) =>
    commitToLedger(
      world.client,
      await commit({
        additions: records.map((each) => ({ path: recordPath(each), content: renderRecord(each) })),
      }),
    );

  it("come in one request, all of one commit", async () => {
    const [one, two] = [await write(101), await write(102)];
    await add(one.active, two.active, two.ended);
    const client = world.newClient();
    const months = ["2026/11", "2026/12"];
    expect(await costOf(client, () => readLedger(client, months))).toEqual({ requests: 1, writes: 0 });
    const { active, ended: both } = await readLedger(client, months);
    expect(active.head).toBe(await head());
    expect(active.records.map(({ subject }) => subject.number)).toEqual([101, 102]);
    const ended = await readEnded(client, months);
    expect(both).toEqual(ended);
    expect(ended).toMatchObject({ records: [{ subject: { number: 102 }, ended: { how: "expired" } }] });
  });

  it("are none in an empty ledger", async () => {
    const none = { records: [], unreadable: [] };
    expect(await readLedger(world.client, ["2026/12"])).toMatchObject({ active: none, ended: none });
    expect(await readEnded(world.client, [])).toMatchObject({ records: [], unreadable: [] });
  });

  it("leave out what has no record's name, and name what has and is none beside the others", async () => {
    await add((await write(101)).active);
    world.github.pushFiles(
      "ada",
      fullName,
      "ledger",
      { "active/notes.md": "x\n", "active/102.yaml": "x: 1\n" },
      "Forge",
    );
    const { active } = await readLedger(world.client, []);
    expect(active.records.map(({ subject }) => subject.number)).toEqual([101]);
    expect(active.unreadable.map(({ number }) => number)).toEqual([102]);
    const problems = active.unreadable.flatMap((each) => each.problems);
    expect(problems.length).toBeGreaterThan(0);
    for (const { code, place } of problems)
      expect([code, place?.file]).toEqual(["record.malformed", "active/102.yaml"]);
  });

  it("are an error when one is cut", async () => {
    world.github.pushFiles(
      "ada",
      fullName,
      "ledger",
      { "active/102.yaml": `# ${"x".repeat(600_000)}\n` },
      "Large",
    );
    await fails(readLedger(world.client, []), "truncated");
  });
});

it("reads more files than fit in one query, all of one commit", async () => {
  const paths = Array.from({ length: 150 }, (_, i) => `active/${i + 1}.yaml`);
  const additions = paths.map((path) => ({ path, content: `${path}\n` }));
  await commitToLedger(world.client, await commit({ additions }));
  const { texts } = await readLedgerFiles(world.client, paths);
  expect(texts.size).toBe(150);
});
