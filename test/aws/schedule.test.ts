import { describe, expect, it } from "vitest";
import { ensureEnd, readEnd, removeEnd } from "../../aws/schedule.ts";
import { account, createSetting, region, seconds, session } from "./setting.ts";

const settle = seconds(60);

function schedules(setting: ReturnType<typeof createSetting>) {
  return setting.twin.region(account.id, region).scheduleGroups.get("hallpass")?.schedules ?? new Map();
}

describe("the scheduled end", () => {
  it("stands in the group hallpass under the session's name, and holds until exactly", async () => {
    const setting = createSetting();
    const { aws, at } = setting;
    const until = setting.in(3_630);
    await ensureEnd(aws, { ...at, session, until, settle });
    expect([...schedules(setting).keys()]).toEqual([session]);
    expect(await readEnd(aws, { ...at, session })).toEqual({ until });
  });

  it("is nothing to read where there is none", async () => {
    const { aws, at } = createSetting();
    expect(await readEnd(aws, { ...at, session })).toBeUndefined();
  });

  it("is made once, however often it is ensured", async () => {
    const setting = createSetting();
    const end = { ...setting.at, session, until: setting.in(3_600), settle };
    await ensureEnd(setting.aws, end);
    await ensureEnd(setting.aws, end);
    await Promise.all([ensureEnd(setting.aws, end), ensureEnd(setting.aws, end)]);
    expect(schedules(setting).size).toBe(1);
  });

  it("a lost answer is no second schedule and no error", async () => {
    const setting = createSetting();
    setting.twin.faults.add({
      when: ({ operation }) => operation === "CreateSchedule",
      error: "after-effect",
      times: 1,
    });
    const until = setting.in(3_600);
    await ensureEnd(setting.aws, { ...setting.at, session, until, settle });
    expect(await readEnd(setting.aws, { ...setting.at, session })).toEqual({ until });
  });

  it("another instant under the same name is a conflict, and stays", async () => {
    const setting = createSetting();
    const { aws, at } = setting;
    const until = setting.in(3_600);
    await ensureEnd(aws, { ...at, session, until, settle });
    await expect(ensureEnd(aws, { ...at, session, until: setting.in(7_200), settle })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await readEnd(aws, { ...at, session })).toEqual({ until });
  });

  it("can be taken away twice", async () => {
    const setting = createSetting();
    const { aws, at } = setting;
    await ensureEnd(aws, { ...at, session, until: setting.in(3_600), settle });
    await removeEnd(aws, { ...at, session });
    await removeEnd(aws, { ...at, session });
    expect(schedules(setting).size).toBe(0);
  });

  it("is refused for another access repo's session", async () => {
    const { aws, at, in: later } = createSetting();
    await expect(
      ensureEnd(aws, { ...at, session: "hp.7002.1", until: later(3_600), settle }),
    ).rejects.toMatchObject({ code: "not-authorized" });
  });

  it.each([
    ["another owner", { Owner: ["arn:aws:sts::111122223333:assumed-role/Other/hp.7001.12"] }],
    ["no until", { Until: undefined }],
    ["an until that is no instant", { Until: ["tomorrow"] }],
    ["an until that is no list", { Until: "2099-01-01T00:00:00Z" }],
  ])("a schedule with %s says nothing of this session", async (_, change) => {
    const setting = createSetting();
    const { aws, at } = setting;
    await ensureEnd(aws, { ...at, session, until: setting.in(3_600), settle });
    const schedule = schedules(setting).get(session);
    const input = JSON.parse(schedule.spec.target.Input);
    const forged = { ...input, Parameters: { ...input.Parameters, ...change } };
    schedules(setting).set(session, {
      ...schedule,
      spec: { ...schedule.spec, target: { ...schedule.spec.target, Input: JSON.stringify(forged) } },
    });
    expect(await readEnd(aws, { ...at, session })).toBeUndefined();
  });
});
