import type * as Scheduler from "@aws-sdk/client-scheduler";
import type { Tags } from "../world.ts";

export interface ScheduleGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly tags: Tags;
  readonly schedules: Map<string, Schedule>;
}

/** What a caller wrote, with the defaults filled in. */
export interface ScheduleSpec {
  readonly expression: string;
  readonly timeZone: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly target: Scheduler.Target;
  readonly state: Scheduler.ScheduleState;
  readonly description: string | undefined;
  readonly afterCompletion: Scheduler.ActionAfterCompletion;
}

export interface Schedule {
  readonly name: string;
  readonly group: string;
  readonly arn: string;
  readonly createdAt: number;
  modifiedAt: number;
  spec: ScheduleSpec;
  clientToken: string | undefined;
  /** Stops the clock of the present spec. */
  armed: AbortController;
  readonly attempts: FiringAttempt[];
}

/** One try to call a schedule's target. */
export interface FiringAttempt {
  readonly at: number;
  readonly outcome: string;
}

export function createGroup(
  account: string,
  region: string,
  name: string,
  now: number,
  tags: Tags = new Map(),
): ScheduleGroup {
  const arn = `arn:aws:scheduler:${region}:${account}:schedule-group/${name}`;
  return { name, arn, createdAt: now, tags, schedules: new Map() };
}
