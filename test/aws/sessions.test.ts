import { describe, expect, it } from "vitest";
import { listSessions, terminateSessions } from "../../aws/sessions.ts";
import type { NodeId } from "../../core/ids.ts";
import { grant, operator } from "./operator.ts";
import { account, createSetting, region } from "./setting.ts";

async function withSessions(counts: Readonly<Record<string, number>>) {
  const setting = createSetting();
  const node = setting.twin.addNode({ account: account.id, region, name: "web" }).id as NodeId;
  const ids: Record<string, string[]> = {};
  for (const [session, count] of Object.entries(counts)) {
    const issued = await grant(setting, { nodes: [node], until: setting.in(900), session });
    const { start } = operator(setting, issued);
    ids[session] = [];
    for (let index = 0; index < count; index++) ids[session].push(await start(node));
  }
  return { ...setting, setting, node, ids };
}

describe("sessions", () => {
  it("of one grant are not those of a longer number", async () => {
    const { aws, at, ids } = await withSessions({ "hp.7001.1": 2, "hp.7001.12": 1 });
    const found = await listSessions(aws, { ...at, whose: { session: "hp.7001.1" }, state: "active" });
    expect(found.map(({ id }) => id).sort()).toEqual([...(ids["hp.7001.1"] ?? [])].sort());
  });

  it("of an access repo are all of its prefix and no other's, whatever else runs in the account", async () => {
    const { aws, at, twin, setting } = await withSessions({ "hp.7001.1": 1, "hp.7001.12": 1 });
    const [first] = twin.sessions();
    if (first === undefined) throw new Error("no session");
    const { sessions } = twin.region(account.id, region);
    const foreign = [
      "arn:aws:sts::111122223333:assumed-role/HallpassAccess/hp.70011.5",
      "arn:aws:sts::111122223333:assumed-role/Admin/hp.7001.5",
      "arn:aws:sts::999999999999:assumed-role/HallpassAccess/hp.7001.5",
      "arn:aws:iam::111122223333:user/hp.7001.5",
    ];
    for (const owner of foreign) sessions.set(owner, { ...first, id: owner, owner });
    const found = await listSessions(aws, { ...at, whose: { prefix: "hp.7001." }, state: "active" });
    expect(found.map(({ session }) => session).sort()).toEqual(["hp.7001.1", "hp.7001.12"]);
    expect(setting.twin.sessions()).toHaveLength(6);
  });

  it("more than a page are all there", async () => {
    const { aws, at } = await withSessions({ "hp.7001.1": 210 });
    const whose = { session: "hp.7001.1" };
    expect(await listSessions(aws, { ...at, whose, state: "active" })).toHaveLength(210);
  });

  it("since an instant leaves the older ones out", async () => {
    const { aws, at, clock, setting, node } = await withSessions({ "hp.7001.1": 1 });
    await clock.advance(60_000);
    const since = setting.in(-30);
    const issued = await grant(setting, { nodes: [node], until: setting.in(900), session: "hp.7001.2" });
    await operator(setting, issued).start(node);
    const found = await listSessions(aws, { ...at, whose: { prefix: "hp.7001." }, state: "active", since });
    expect(found.map(({ session }) => session)).toEqual(["hp.7001.2"]);
  });

  it("ended ones show when they ended, and move from active to history", async () => {
    const { aws, at, ids, setting } = await withSessions({ "hp.7001.1": 2 });
    const [first = ""] = ids["hp.7001.1"] ?? [];
    expect(await terminateSessions(aws, { ...at, ids: [first] })).toEqual([{ id: first }]);
    const whose = { session: "hp.7001.1" };
    expect(await listSessions(aws, { ...at, whose, state: "active" })).toHaveLength(1);
    expect(await listSessions(aws, { ...at, whose, state: "history" })).toMatchObject([
      { id: first, status: "terminated", ended: setting.in(0) },
    ]);
  });

  it("ending twice, or what never was, is no failure", async () => {
    const { aws, at, ids } = await withSessions({ "hp.7001.1": 1 });
    const all = [...(ids["hp.7001.1"] ?? []), ...(ids["hp.7001.1"] ?? []), "hp.7001.1-00000000000000000"];
    expect(
      (await terminateSessions(aws, { ...at, ids: all })).every(({ failed }) => failed === undefined),
    ).toBe(true);
  });

  it("one that AWS does not end keeps no other open, and says why", async () => {
    const { aws, at, ids, twin } = await withSessions({ "hp.7001.1": 3 });
    const all = ids["hp.7001.1"] ?? [];
    const [stuck = ""] = all;
    twin.faults.add({
      when: ({ operation, input }) => operation === "TerminateSession" && input["SessionId"] === stuck,
      error: "InternalServerError",
    });
    const results = await terminateSessions(aws, { ...at, ids: all });
    expect(results.map(({ failed }) => failed?.code)).toEqual(["unavailable", undefined, undefined]);
    expect(
      twin
        .sessions()
        .filter(({ ended }) => ended === undefined)
        .map(({ id }) => id),
    ).toEqual([stuck]);
  });

  it("of another access repo cannot be ended", async () => {
    const { aws, at } = createSetting();
    const [result] = await terminateSessions(aws, { ...at, ids: ["hp.7002.1-0123456789abcdef0"] });
    expect(result?.failed?.code).toBe("not-authorized");
  });
});
