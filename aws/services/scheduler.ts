// The part of EventBridge Scheduler that Hallpass uses; loaded when first called.

import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";

export const Client = SchedulerClient;
export const commands = {
  CreateSchedule: CreateScheduleCommand,
  DeleteSchedule: DeleteScheduleCommand,
  GetSchedule: GetScheduleCommand,
};
