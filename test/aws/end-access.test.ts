import { describe, expect, it } from "vitest";
import { issueCredentials } from "../../aws/credentials.ts";
import { ensureEnd, readEnd } from "../../aws/schedule.ts";
import { listSessions } from "../../aws/sessions.ts";
import type { NodeId } from "../../core/ids.ts";
import { grant, operator } from "./operator.ts";
import { account, createSetting, region, type Setting, seconds, session } from "./setting.ts";

async function granted(setting: Setting, options: { readonly name?: string; readonly window?: number } = {}) {
  const { name = session, window = 900 } = options;
  const until = setting.in(window);
  const node = setting.twin.addNode({ account: account.id, region, name }).id as NodeId;
  await ensureEnd(setting.aws, { ...setting.at, session: name, until, settle: seconds(60) });
  const issued = await grant(setting, { nodes: [node], until, session: name });
  return { node, until, issued, ...operator(setting, issued) };
}

const open = (setting: Setting) => setting.twin.sessions().filter(({ ended }) => ended === undefined);
const executions = (setting: Setting) => [...setting.twin.region(account.id, region).executions.values()];

/** An AWS whose filter takes one owner for another: the listing shows the wrong one, a look at the session the right one. */
function pretendOwner(setting: Setting, real: string, shown: string): void {
  const found = setting.twin.sessions().find(({ owner }) => owner.endsWith(`/${real}`));
  if (found === undefined) throw new Error(`no session of ${real}`);
  const { owner } = found;
  let reads = 0;
  // the filter reads it once and the answer once
  Object.defineProperty(found, "owner", { get: () => (reads++ < 2 ? owner.replace(real, shown) : owner) });
}

describe("the end, with no GitHub involved", () => {
  it.each([0, 30, 59])(
    "ends open shells right after until, wherever in the minute AWS fires: %i",
    async (second) => {
      const setting = createSetting({ schedulerSecond: second });
      const { start, node, until } = await granted(setting, { window: 882 });
      await start(node);
      await start(node);
      await setting.clock.advanceTo(until);
      expect(open(setting)).toHaveLength(2);
      await setting.clock.advance(90_000);
      expect(open(setting)).toHaveLength(0);
      expect(setting.twin.sessions().every(({ ended }) => (ended?.at ?? 0) - until < 90_000)).toBe(true);
    },
  );

  it("never ends a shell before until", async () => {
    const setting = createSetting({ schedulerSecond: 0 });
    const { start, node, until } = await granted(setting, { window: 899 });
    await start(node);
    await setting.clock.advanceTo(until - 1);
    expect(open(setting)).toHaveLength(1);
  });

  it("ends in a second pass what was opened too late for the first", async () => {
    const setting = createSetting();
    const { until, node } = await granted(setting);
    // credentials under the same name that AWS would still take for a moment
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "ssm:StartSession",
          Resource: "*",
          Condition: { BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } },
        },
      ],
    });
    const late = await issueCredentials(setting.aws, {
      ...setting.at,
      session,
      until: setting.in(7_200),
      policy,
    });
    await setting.clock.advanceTo(until + 50_000);
    await operator(setting, late).start(node);
    expect(open(setting)).toHaveLength(1);
    await setting.clock.advance(120_000);
    expect(open(setting)).toHaveLength(0);
  });

  it("leaves everybody else's sessions alone, those of a longer number too", async () => {
    const setting = createSetting();
    const mine = await granted(setting, { name: "hp.7001.1" });
    const other = await granted(setting, { name: "hp.7001.12", window: 7_200 });
    await mine.start(mine.node);
    await other.start(other.node);
    await setting.clock.advanceTo(mine.until + 120_000);
    expect(open(setting).map(({ owner }) => owner.split("/").at(-1))).toEqual(["hp.7001.12"]);
  });

  it("compares owners itself where AWS's filter does not", async () => {
    const setting = createSetting();
    const mine = await granted(setting, { name: "hp.7001.1" });
    const other = await granted(setting, { name: "hp.7001.12", window: 7_200 });
    await mine.start(mine.node);
    await other.start(other.node);
    pretendOwner(setting, "hp.7001.12", "hp.7001.1");
    await setting.clock.advanceTo(mine.until + 120_000);
    expect(open(setting)).toHaveLength(1);
  });

  it("ends more sessions than one page and one loop hold", async () => {
    const setting = createSetting();
    const { start, node, until } = await granted(setting, { window: 900 });
    for (let count = 0; count < 250; count++) await start(node);
    await setting.clock.advanceTo(until + 280_000);
    expect(setting.twin.sessions().map(({ ended }) => ended?.how)).toEqual(new Array(250).fill("terminated"));
    await setting.clock.advance(120_000);
    expect(executions(setting).map(({ status }) => status)).toEqual(["Success"]);
  });

  it.each(["ThrottlingException", "InternalServerError"])("goes on after %s", async (error) => {
    const setting = createSetting();
    const { start, node, until } = await granted(setting);
    await start(node);
    await start(node);
    const ofRunbook = ({ caller }: { readonly caller: string }) => caller.includes("HallpassEndAccess");
    setting.twin.faults.add({ when: ofRunbook, error, times: 12 });
    await setting.clock.advanceTo(until + 300_000);
    expect(open(setting)).toHaveLength(0);
  });

  it("a session that ends by itself while it runs is no failure", async () => {
    const setting = createSetting();
    const { start, node, until, terminate } = await granted(setting);
    const ids = [await start(node), await start(node)];
    for (const id of ids) await terminate(id);
    await setting.clock.advanceTo(until + 300_000);
    expect(executions(setting).map(({ status }) => status)).toEqual(["Success"]);
  });

  it("takes its schedule with it, so no more credentials can be issued", async () => {
    const setting = createSetting();
    const { until } = await granted(setting);
    await setting.clock.advanceTo(until + 120_000);
    expect(await readEnd(setting.aws, { ...setting.at, session })).toBeUndefined();
  });

  it("that is due when it is scheduled ends access within two minutes", async () => {
    const setting = createSetting({ schedulerSecond: 59 });
    const node = setting.twin.addNode({ account: account.id, region }).id as NodeId;
    const issued = await grant(setting, { nodes: [node], until: setting.in(900) });
    await operator(setting, issued).start(node);
    await ensureEnd(setting.aws, { ...setting.at, session, until: setting.in(0), settle: seconds(60) });
    await setting.clock.advance(125_000);
    expect(open(setting)).toHaveLength(0);
  });

  it("works as AWS checked permissions of runbooks before, too", async () => {
    const setting = createSetting({ automationResources: "definition" });
    const { start, node, until } = await granted(setting);
    await start(node);
    await setting.clock.advanceTo(until + 10_000);
    expect(open(setting)).toHaveLength(0);
  });

  it("without it STS ends no open shell; the document's own limit does", async () => {
    const setting = createSetting({ schedulerFires: false });
    const { start, node, until } = await granted(setting);
    const id = await start(node);
    const shell = setting.twin.sessions().find((each) => each.id === id);
    // somebody keeps typing
    while (open(setting).length > 0 && setting.clock.now() < until + 4 * 3_600_000) {
      if (shell !== undefined) shell.lastActivity = setting.clock.now();
      await setting.clock.advance(60_000);
    }
    expect(shell?.ended?.how).toBe("max-duration");
    expect((shell?.ended?.at ?? 0) - (shell?.startedAt ?? 0)).toBe(3_600_000);
  });

  it("can be a fortnight away", async () => {
    const setting = createSetting();
    const { until } = await granted(setting, { window: 336 * 3_600 });
    await setting.clock.advanceTo(until + 300_000);
    expect(executions(setting).map(({ status }) => status)).toEqual(["Success"]);
    expect(setting.twin.mishaps).toEqual([]);
  });

  it("shows what was open and how it ended", async () => {
    const setting = createSetting();
    const { start, node, until } = await granted(setting);
    const id = await start(node);
    const whose = { session };
    expect(await listSessions(setting.aws, { ...setting.at, whose, state: "active" })).toMatchObject([
      { id, node, session, status: "connected", document: "Hallpass-Shell-60" },
    ]);
    await setting.clock.advanceTo(until + 300_000);
    expect(await listSessions(setting.aws, { ...setting.at, whose, state: "active" })).toEqual([]);
    const [ended] = await listSessions(setting.aws, { ...setting.at, whose, state: "history" });
    expect(ended).toMatchObject({ id, node, status: "terminated" });
    expect((ended?.ended ?? 0) - until).toBeLessThan(120_000);
  });
});
