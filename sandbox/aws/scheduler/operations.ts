import type * as Scheduler from "@aws-sdk/client-scheduler";
import { AwsError } from "../errors.ts";
import { requestTagKeys, tagKeys } from "../iam/request-keys.ts";
import { pageOf } from "../paging.ts";
import { assumeForService } from "../sts/assume-role.ts";
import { type Call, type Operations, operation } from "../twin.ts";
import { isTimeZone, readAt } from "./at-expression.ts";
import { arm, readTarget } from "./firing.ts";
import { createGroup, type Schedule, type ScheduleGroup, type ScheduleSpec } from "./schedules.ts";

const groupArn = (call: Call, name: string | undefined) =>
  `arn:aws:scheduler:${call.region.name}:${call.account.id}:schedule-group/${name}`;
const scheduleArn = (call: Call, group: string | undefined, name: string | undefined) =>
  `arn:aws:scheduler:${call.region.name}:${call.account.id}:schedule/${group ?? "default"}/${name}`;

interface Named {
  readonly GroupName?: string | undefined;
  readonly Name: string | undefined;
}

function findGroup(name: string | undefined, call: Call): ScheduleGroup {
  const group = call.region.scheduleGroups.get(name ?? "default");
  if (group === undefined)
    throw new AwsError("ResourceNotFoundException", `Schedule group ${name} does not exist.`);
  return group;
}

function findSchedule(input: Named, call: Call): Schedule {
  const schedule = findGroup(input.GroupName, call).schedules.get(input.Name ?? "");
  if (schedule === undefined)
    throw new AwsError("ResourceNotFoundException", `Schedule ${input.Name} does not exist.`);
  return schedule;
}

function ask(action: string, input: Named, call: Call): void {
  const tags = call.region.scheduleGroups.get(input.GroupName ?? "default")?.tags;
  call.require({
    action: `scheduler:${action}`,
    resource: scheduleArn(call, input.GroupName, input.Name),
    keys: tagKeys(tags, "aws:ResourceTag"),
  });
}

function askPassRole(target: Scheduler.Target | undefined, call: Call): void {
  const keys = { "iam:PassedToService": "scheduler.amazonaws.com" };
  call.require({ action: "iam:PassRole", resource: target?.RoleArn ?? "", keys });
}

const refuse = (message: string): never => {
  throw new AwsError("ValidationException", message);
};

type Written = Scheduler.CreateScheduleInput | Scheduler.UpdateScheduleInput;

/** Reads and checks what a schedule is to be; only the kinds that the sandbox runs. */
function readSpec(input: Written, call: Call): ScheduleSpec {
  const expression = input.ScheduleExpression ?? "";
  const timeZone = input.ScheduleExpressionTimezone ?? "UTC";
  if (!isTimeZone(timeZone)) refuse(`Invalid Schedule Expression Timezone ${timeZone}.`);
  const at = readAt(expression, timeZone) ?? refuse(`Invalid Schedule Expression ${expression}.`);
  if (at < call.now) refuse("Invalid Schedule Expression: the time is in the past.");
  if (input.FlexibleTimeWindow?.Mode !== "OFF") refuse("the sandbox has only FlexibleTimeWindow OFF");
  const target = input.Target as Scheduler.Target;
  if (readTarget(target.Arn ?? "") === undefined)
    refuse(`Provided Arn is not in correct format or not supported: ${target.Arn}`);
  checkInput(target.Input);
  checkRole(target.RoleArn ?? "", findGroup(input.GroupName, call), call);
  return {
    expression,
    timeZone,
    at,
    target,
    state: input.State ?? "ENABLED",
    description: input.Description,
    afterCompletion: input.ActionAfterCompletion ?? "NONE",
  };
}

function checkInput(input: string | undefined): void {
  try {
    JSON.parse(input ?? "{}");
  } catch {
    refuse("Invalid Input: it is not JSON.");
  }
}

function checkRole(roleArn: string, group: ScheduleGroup, call: Call): void {
  const keys = { "aws:SourceAccount": call.account.id, "aws:SourceArn": group.arn };
  if (assumeForService(call.twin, roleArn, "scheduler.amazonaws.com", "check", keys) === undefined) {
    refuse("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.");
  }
}

const createSchedule = operation<Scheduler.CreateScheduleInput, Scheduler.CreateScheduleOutput>({
  authorize: (input, call) => {
    ask("CreateSchedule", input, call);
    askPassRole(input.Target, call);
  },
  run: (input, call) => {
    const group = findGroup(input.GroupName, call);
    const name = input.Name ?? "";
    const existing = group.schedules.get(name);
    if (existing !== undefined) {
      if (input.ClientToken !== undefined && existing.clientToken === input.ClientToken)
        return { ScheduleArn: existing.arn };
      throw new AwsError("ConflictException", `Schedule ${name} already exists.`);
    }
    const schedule: Schedule = {
      name,
      group: group.name,
      arn: scheduleArn(call, group.name, name),
      createdAt: call.now,
      modifiedAt: call.now,
      spec: readSpec(input, call),
      clientToken: input.ClientToken,
      armed: new AbortController(),
      attempts: [],
    };
    group.schedules.set(name, schedule);
    arm(call.twin, call.region, group, schedule);
    return { ScheduleArn: schedule.arn };
  },
});

const updateSchedule = operation<Scheduler.UpdateScheduleInput, Scheduler.UpdateScheduleOutput>({
  authorize: (input, call) => {
    ask("UpdateSchedule", input, call);
    askPassRole(input.Target, call);
  },
  run: (input, call) => {
    const schedule = findSchedule(input, call);
    // whole: what is not said goes back to its default
    schedule.spec = readSpec(input, call);
    schedule.modifiedAt = call.now;
    schedule.clientToken = input.ClientToken;
    arm(call.twin, call.region, findGroup(input.GroupName, call), schedule);
    return { ScheduleArn: schedule.arn };
  },
});

const deleteSchedule = operation<Scheduler.DeleteScheduleInput, Scheduler.DeleteScheduleOutput>({
  authorize: (input, call) => ask("DeleteSchedule", input, call),
  run: (input, call) => {
    const schedule = findSchedule(input, call);
    schedule.armed.abort();
    findGroup(input.GroupName, call).schedules.delete(schedule.name);
    return {};
  },
});

const getSchedule = operation<Scheduler.GetScheduleInput, Scheduler.GetScheduleOutput>({
  authorize: (input, call) => ask("GetSchedule", input, call),
  run: (input, call) => {
    const { spec, ...schedule } = findSchedule(input, call);
    return {
      Arn: schedule.arn,
      Name: schedule.name,
      GroupName: schedule.group,
      ScheduleExpression: spec.expression,
      ScheduleExpressionTimezone: spec.timeZone,
      FlexibleTimeWindow: { Mode: "OFF" },
      State: spec.state,
      Target: {
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        ...spec.target,
      },
      ActionAfterCompletion: spec.afterCompletion,
      CreationDate: new Date(schedule.createdAt),
      LastModificationDate: new Date(schedule.modifiedAt),
      ...(spec.description === undefined ? {} : { Description: spec.description }),
    };
  },
});

const listSchedules = operation<Scheduler.ListSchedulesInput, Scheduler.ListSchedulesOutput>({
  authorize: (_, call) =>
    call.require({
      action: "scheduler:ListSchedules",
      resource: "*",
    }),
  run: (input, call) => {
    const groups =
      input.GroupName === undefined
        ? [...call.region.scheduleGroups.values()]
        : [findGroup(input.GroupName, call)];
    const found = groups
      .flatMap((group) => [...group.schedules.values()])
      .filter((schedule) => schedule.name.startsWith(input.NamePrefix ?? ""))
      .filter((schedule) => input.State === undefined || schedule.spec.state === input.State)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, next } = pageOf(found, input.MaxResults ?? 100, input.NextToken, "ValidationException");
    const Schedules = items.map((schedule) => ({
      Arn: schedule.arn,
      Name: schedule.name,
      GroupName: schedule.group,
      State: schedule.spec.state,
      CreationDate: new Date(schedule.createdAt),
      LastModificationDate: new Date(schedule.modifiedAt),
      Target: { Arn: schedule.spec.target.Arn },
    }));
    return { Schedules, ...(next === undefined ? {} : { NextToken: next }) };
  },
});

const createScheduleGroup = operation<
  Scheduler.CreateScheduleGroupInput,
  Scheduler.CreateScheduleGroupOutput
>({
  authorize: (input, call) =>
    call.require({
      action: "scheduler:CreateScheduleGroup",
      resource: groupArn(call, input.Name),
      keys: requestTagKeys(tagsOf(input)),
    }),
  run: (input, call) => {
    const name = input.Name ?? "";
    if (call.region.scheduleGroups.has(name)) {
      throw new AwsError("ConflictException", `Schedule group ${name} already exists.`);
    }
    const group = createGroup(call.account.id, call.region.name, name, call.now, new Map(tagsOf(input)));
    call.region.scheduleGroups.set(name, group);
    return { ScheduleGroupArn: group.arn };
  },
});

function tagsOf(input: Scheduler.CreateScheduleGroupInput): readonly (readonly [string, string])[] {
  return (input.Tags ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""] as const);
}

const getScheduleGroup = operation<Scheduler.GetScheduleGroupInput, Scheduler.GetScheduleGroupOutput>({
  authorize: (input, call) =>
    call.require({ action: "scheduler:GetScheduleGroup", resource: groupArn(call, input.Name) }),
  run: (input, call) => {
    const group = findGroup(input.Name, call);
    const at = new Date(group.createdAt);
    return { Arn: group.arn, Name: group.name, State: "ACTIVE", CreationDate: at, LastModificationDate: at };
  },
});

export const schedulerOperations: Operations = {
  CreateSchedule: createSchedule,
  UpdateSchedule: updateSchedule,
  DeleteSchedule: deleteSchedule,
  GetSchedule: getSchedule,
  ListSchedules: listSchedules,
  CreateScheduleGroup: createScheduleGroup,
  GetScheduleGroup: getScheduleGroup,
};
