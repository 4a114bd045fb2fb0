import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { DescribeAutomationExecutionsCommand } from "@aws-sdk/client-ssm";
import { describe, expect, it } from "vitest";
import type { Parameters } from "../../../sandbox/aws/parameters.ts";
import {
  account,
  addAccessRole,
  allow,
  assume,
  codeOf,
  createFixture,
  gitHubTrust,
  policy,
  region,
  serviceTrust,
} from "./fixture.ts";

const schedulerRole = `arn:aws:iam::${account}:role/Scheduler`;
const group = "hallpass";
const groupArn = `arn:aws:scheduler:${region}:${account}:schedule-group/${group}`;
const start = "2026-03-02T10:00:00Z";

async function prepared(parameters: Partial<Parameters> = {}) {
  const fixture = createFixture(parameters);
  const { aws } = fixture;
  addAccessRole(fixture);
  aws.createRole(account, {
    name: "Scheduler",
    trust: serviceTrust("scheduler.amazonaws.com", {
      StringEquals: { "aws:SourceAccount": account },
      ArnLike: { "aws:SourceArn": groupArn },
    }),
    inline: { start: policy(allow("ssm:StartAutomationExecution")) },
  });
  const text = JSON.stringify({
    schemaVersion: "0.3",
    parameters: { Owner: { type: "String", default: "nobody" } },
    mainSteps: [{ name: "wait", action: "aws:sleep", inputs: { Duration: "PT1S" } }],
  });
  aws.createDocument(account, region, { name: "EndAccess", type: "Automation", text });
  const clients = fixture.clients(fixture.admin);
  await clients.scheduler.send(new CreateScheduleGroupCommand({ Name: group }));
  const executions = async () =>
    (await clients.ssm.send(new DescribeAutomationExecutionsCommand({}))).AutomationExecutionMetadataList ??
    [];
  const schedules = () => aws.region(account, region).scheduleGroups.get(group)?.schedules;
  return { ...fixture, fixture, ...clients, executions, schedules };
}

const input = (extra: Partial<CreateScheduleCommandInput> = {}): CreateScheduleCommandInput => ({
  Name: "hp.4242.7",
  GroupName: group,
  ScheduleExpression: "at(2026-03-02T10:30:20)",
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: {
    Arn: "arn:aws:scheduler:::aws-sdk:ssm:startAutomationExecution",
    RoleArn: schedulerRole,
    Input: JSON.stringify({
      DocumentName: "EndAccess",
      Parameters: { Owner: ["<aws.scheduler.schedule-arn>"] },
    }),
  },
  ActionAfterCompletion: "DELETE",
  ...extra,
});

const create = (extra?: Partial<CreateScheduleCommandInput>) => new CreateScheduleCommand(input(extra));

describe("a one-time schedule", () => {
  it("fires once, somewhere in its minute, even before its second, and is gone", async () => {
    const world = await prepared({ schedulerSecond: 5 });
    await world.scheduler.send(create());
    await world.clock.advance(Date.parse("2026-03-02T10:30:04.999Z") - Date.parse(start));
    expect(await world.executions()).toHaveLength(0);
    await world.clock.advance(1);
    const [execution] = await world.executions();
    expect(execution).toMatchObject({
      DocumentName: "EndAccess",
      ExecutionStartTime: new Date("2026-03-02T10:30:05Z"),
      ExecutedBy: expect.stringMatching(/^arn:aws:sts::111122223333:assumed-role\/Scheduler\/[0-9a-f]{32}$/),
    });
    await world.clock.advance(86_400_000);
    expect([(await world.executions()).length, world.schedules()?.size]).toEqual([1, 0]);
  });

  it("fires at the very second where a quick sandbox wants it so", async () => {
    const world = await prepared({ schedulerPrecision: "second" });
    await world.scheduler.send(create({ ActionAfterCompletion: "NONE" }));
    await world.clock.advance(Date.parse("2026-03-02T10:30:20Z") - Date.parse(start));
    expect((await world.executions())[0]?.ExecutionStartTime).toEqual(new Date("2026-03-02T10:30:20Z"));
    expect(world.schedules()?.get("hp.4242.7")?.attempts).toEqual([
      { at: Date.parse("2026-03-02T10:30:20Z"), outcome: "ok" },
    ]);
  });

  it("reads its instant in its time zone, summer time included", async () => {
    const world = await prepared({ schedulerPrecision: "second" });
    await world.scheduler.send(
      create({ ScheduleExpression: "at(2026-03-29T03:30:00)", ScheduleExpressionTimezone: "Europe/Berlin" }),
    );
    await world.clock.advance(Date.parse("2026-03-29T01:29:59Z") - Date.parse(start));
    expect(await world.executions()).toHaveLength(0);
    await world.clock.advance(1_000);
    expect(await world.executions()).toHaveLength(1);
  });

  it("never fires while the Scheduler is broken, nor when it is disabled or deleted", async () => {
    const broken = await prepared({ schedulerFires: false });
    await broken.scheduler.send(create());
    const world = await prepared();
    await world.scheduler.send(create({ Name: "off", State: "DISABLED" }));
    await world.scheduler.send(create({ Name: "gone" }));
    await world.scheduler.send(new DeleteScheduleCommand({ Name: "gone", GroupName: group }));
    for (const { clock, executions } of [broken, world]) {
      await clock.advance(86_400_000);
      expect(await executions()).toHaveLength(0);
    }
    expect(broken.schedules()?.size).toBe(1);
  });

  it("an update moves it, whole", async () => {
    const world = await prepared({ schedulerPrecision: "second" });
    await world.scheduler.send(create());
    await world.scheduler.send(
      new UpdateScheduleCommand(
        input({ ScheduleExpression: "at(2026-03-02T11:00:00)", ActionAfterCompletion: undefined }),
      ),
    );
    const shown = await world.scheduler.send(new GetScheduleCommand({ Name: "hp.4242.7", GroupName: group }));
    expect(shown).toMatchObject({
      ScheduleExpression: "at(2026-03-02T11:00:00)",
      ActionAfterCompletion: "NONE",
      State: "ENABLED",
    });
    await world.clock.advance(3_599_000);
    expect(await world.executions()).toHaveLength(0);
    await world.clock.advance(1_000);
    expect(await world.executions()).toHaveLength(1);
  });

  it("tries again after throttling, and not after a refusal", async () => {
    const world = await prepared({ schedulerPrecision: "second" });
    world.aws.faults.add({
      when: ({ operation }) => operation === "StartAutomationExecution",
      times: 2,
      error: "ThrottlingException",
    });
    await world.scheduler.send(create({ ActionAfterCompletion: "NONE" }));
    await world.clock.advance(3_600_000);
    const outcomes = world
      .schedules()
      ?.get("hp.4242.7")
      ?.attempts.map(({ outcome }) => outcome.split(":")[0]);
    expect(outcomes).toEqual(["ThrottlingException", "ThrottlingException", "ok"]);
    const refused = await prepared({ schedulerPrecision: "second" });
    refused.aws.account(account).roles.get("Scheduler")?.inline.set(new Map(), 0);
    await refused.scheduler.send(create({ ActionAfterCompletion: "NONE" }));
    await refused.clock.advance(3_600_000);
    expect(
      refused
        .schedules()
        ?.get("hp.4242.7")
        ?.attempts.map(({ outcome }) => outcome.split(":")[0]),
    ).toEqual(["AccessDeniedException"]);
  });
});

describe("creating a schedule", () => {
  it.each([
    ["a name over 64 characters", { Name: "n".repeat(65) }, "ValidationException"],
    ["a name with a slash", { Name: "a b" }, "ValidationException"],
    ["a time that is past", { ScheduleExpression: "at(2026-03-02T09:59:59)" }, "ValidationException"],
    ["an expression that is none", { ScheduleExpression: "at(tomorrow)" }, "ValidationException"],
    ["an unknown time zone", { ScheduleExpressionTimezone: "Mars/Olympus" }, "ValidationException"],
    ["a group that is not there", { GroupName: "nothing" }, "ResourceNotFoundException"],
    [
      "a target that only reads",
      { Target: { Arn: "arn:aws:scheduler:::aws-sdk:ssm:describeSessions", RoleArn: schedulerRole } },
      "ValidationException",
    ],
    ["a role that does not trust the group", { GroupName: "default" }, "ValidationException"],
    [
      "an input that is no JSON",
      { Target: { ...input().Target, Input: "{" } as CreateScheduleCommandInput["Target"] },
      "ValidationException",
    ],
    [
      "too many retries",
      {
        Target: {
          ...input().Target,
          RetryPolicy: { MaximumRetryAttempts: 186 },
        } as CreateScheduleCommandInput["Target"],
      },
      "ValidationException",
    ],
  ])("%s is refused", async (_, extra, code) => {
    const world = await prepared();
    expect(await codeOf(world.scheduler.send(create(extra)))).toBe(code);
  });

  it("a name that is taken is a conflict, unless the ClientToken is the same", async () => {
    const { scheduler } = await prepared();
    await scheduler.send(create({ ClientToken: "one" }));
    await expect(scheduler.send(create({ ClientToken: "two" }))).rejects.toBeInstanceOf(ConflictException);
    expect(await codeOf(scheduler.send(create({ ClientToken: "one" })))).toBe("none");
  });

  it("needs the permission to create it there and to pass its role to the Scheduler", async () => {
    const world = await prepared();
    const schedules = `arn:aws:scheduler:${region}:${account}:schedule/${group}/*`;
    const pass = allow("iam:PassRole", schedulerRole, {
      StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" },
    });
    const trial = async (name: string, ...statements: object[]) => {
      world.aws.createRole(account, { name, trust: gitHubTrust(), inline: { it: policy(...statements) } });
      const { scheduler } = world.clients(await assume(world.fixture, { role: name }));
      return codeOf(scheduler.send(create({ Name: name })));
    };
    expect(await trial("Both", allow("scheduler:CreateSchedule", schedules), pass)).toBe("none");
    expect(await trial("NoPass", allow("scheduler:CreateSchedule", schedules))).toBe("AccessDeniedException");
    expect(
      await trial("OtherGroup", allow("scheduler:CreateSchedule", schedules.replace(group, "other")), pass),
    ).toBe("AccessDeniedException");
  });

  it("schedules are listed by prefix and page", async () => {
    const { scheduler } = await prepared();
    for (const Name of ["hp.1.1", "hp.1.2", "hp.2.1"]) await scheduler.send(create({ Name }));
    const list = (extra: object) => scheduler.send(new ListSchedulesCommand({ GroupName: group, ...extra }));
    const first = await list({ NamePrefix: "hp.1.", MaxResults: 1 });
    const second = await list({ NamePrefix: "hp.1.", MaxResults: 1, NextToken: first.NextToken });
    expect([first.Schedules?.[0]?.Name, second.Schedules?.[0]?.Name, second.NextToken]).toEqual([
      "hp.1.1",
      "hp.1.2",
      undefined,
    ]);
  });
});
