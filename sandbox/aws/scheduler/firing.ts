import { AnswerLost, AwsError } from "../errors.ts";
import { assumeForService } from "../sts/assume-role.ts";
import type { Twin } from "../twin.ts";
import { type ServiceId, serviceModels } from "../wire/service-models.ts";
import type { Region } from "../world.ts";
import type { Schedule, ScheduleGroup } from "./schedules.ts";

/** The call that a universal target stands for. */
export interface UniversalTarget {
  readonly service: ServiceId;
  readonly operation: string;
}

/** Reads `arn:aws:scheduler:::aws-sdk:ssm:startAutomationExecution`; calls that only read are not allowed there. */
export function readTarget(arn: string): UniversalTarget | undefined {
  const [, service = "", action = ""] =
    /^arn:aws:scheduler:::aws-sdk:([a-z0-9]+):([a-zA-Z]+)$/.exec(arn) ?? [];
  if (
    /^(get|describe|list|poll|receive|search|scan|query|select|read|view|lookup|discover|validate|batchGet)/.test(
      action,
    )
  )
    return undefined;
  const id = ({ ssm: "ssm", iam: "iam", sts: "sts", ec2: "ec2", eventbridge: "events" } as const)[
    service as "ssm"
  ];
  const operation = action.charAt(0).toUpperCase() + action.slice(1);
  return id !== undefined && serviceModels[id].operations.has(operation)
    ? { service: id, operation }
    : undefined;
}

/** When a schedule fires: anywhere in its minute, as the parameters have it. */
export function firingTime(twin: Twin, at: number): number {
  if (twin.parameters.schedulerPrecision === "second") return at;
  return Math.floor(at / 60_000) * 60_000 + twin.parameters.schedulerSecond * 1000;
}

/** Starts the clock of a schedule's present spec, and stops that of the one before. */
export function arm(twin: Twin, region: Region, group: ScheduleGroup, schedule: Schedule): void {
  schedule.armed.abort();
  const armed = new AbortController();
  schedule.armed = armed;
  if (schedule.spec.state === "DISABLED") return;
  twin.background(async (closed) => {
    const signal = AbortSignal.any([closed, armed.signal]);
    try {
      await twin.clock.sleep(Math.max(0, firingTime(twin, schedule.spec.at) - twin.now()), signal);
      if (!twin.parameters.schedulerFires) return;
      await fire(twin, region, group, schedule, signal);
      if (schedule.spec.afterCompletion === "DELETE") group.schedules.delete(schedule.name);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  });
}

/** Calls the target; what AWS would try again is tried again, ever more slowly. */
async function fire(
  twin: Twin,
  region: Region,
  group: ScheduleGroup,
  schedule: Schedule,
  signal: AbortSignal,
): Promise<void> {
  const { MaximumRetryAttempts = 185, MaximumEventAgeInSeconds = 86_400 } =
    schedule.spec.target.RetryPolicy ?? {};
  const lastMoment = twin.now() + MaximumEventAgeInSeconds * 1000;
  for (let attempt = 0; attempt <= MaximumRetryAttempts; attempt++) {
    const outcome = await callTarget(twin, region, group, schedule, attempt);
    schedule.attempts.push({ at: twin.now(), outcome: outcome.text });
    if (!outcome.again) return;
    const pause = Math.min(60_000, 1_000 * 2 ** attempt);
    if (twin.now() + pause > lastMoment) return;
    await twin.clock.sleep(pause, signal);
  }
}

interface Outcome {
  readonly text: string;
  readonly again: boolean;
}

async function callTarget(
  twin: Twin,
  region: Region,
  group: ScheduleGroup,
  schedule: Schedule,
  attempt: number,
): Promise<Outcome> {
  const { target } = schedule.spec;
  const call = readTarget(target.Arn ?? "");
  const principal = assumeForService(
    twin,
    target.RoleArn ?? "",
    "scheduler.amazonaws.com",
    twin.ids.hex(32),
    {
      "aws:SourceAccount": region.account,
      // the group's ARN, not the schedule's
      "aws:SourceArn": group.arn,
    },
  );
  if (call === undefined || principal === undefined)
    return { text: "the execution role cannot be assumed", again: false };
  try {
    const input: unknown = JSON.parse(fillIn(target.Input ?? "{}", schedule, attempt, twin));
    await twin.invoke({ principal, region: region.name, ...call, input });
    return { text: "ok", again: false };
  } catch (error) {
    if (error instanceof AnswerLost) return { text: "timeout", again: true };
    if (!(error instanceof AwsError)) throw error;
    const status = serviceModels[call.service].errors.get(error.code)?.status ?? error.status;
    return {
      text: `${error.code}: ${error.message}`,
      again: status >= 500 || /Throttl|RequestLimit/.test(error.code),
    };
  }
}

/** The words that Scheduler fills in. */
function fillIn(input: string, schedule: Schedule, attempt: number, twin: Twin): string {
  return input
    .replaceAll("<aws.scheduler.schedule-arn>", schedule.arn)
    .replaceAll(
      "<aws.scheduler.scheduled-time>",
      new Date(schedule.spec.at).toISOString().replace(".000", ""),
    )
    .replaceAll("<aws.scheduler.execution-id>", twin.ids.uuid())
    .replaceAll("<aws.scheduler.attempt-number>", String(attempt + 1));
}
