// The end of a grant, put into AWS before its beginning: a one-time schedule that starts the runbook `Hallpass-EndAccess`, with no GitHub involved.

import type { CreateScheduleCommandInput } from "@aws-sdk/client-scheduler";
import { formatInstant, type Instant, type Seconds } from "../core/ids.ts";
import { ownerOf, parseRoleArn, siblingRole } from "./arns.ts";
import type { Aws, CallTarget } from "./clients.ts";
import { AwsError } from "./errors.ts";
import { runbookName } from "./runbook.ts";

/** The schedule group that the Region's template makes. */
export const scheduleGroup = "hallpass";

export interface End extends CallTarget {
  /** The session name; also the schedule's. */
  readonly session: string;
  readonly until: Instant;
  /** Between the two passes of the runbook. */
  readonly settle: Seconds;
  /** Digest of what is granted, as hexadecimal digits: kept with the end, where nobody else can write. */
  readonly grant?: string;
}

/** Makes the schedule, or finds it made for the same instant and grant. Any other is an `AwsError` with the code `conflict`. */
export async function ensureEnd(aws: Aws, end: End): Promise<void> {
  try {
    await aws.send(end, "scheduler:CreateSchedule", scheduleFor(end, aws.clock.now()));
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "conflict") throw error;
    // ours from an earlier run or from an attempt whose answer was lost, or somebody else's
    const there = await readEnd(aws, end);
    const same = there?.grant === end.grant && there?.until === Math.floor(end.until / 1_000) * 1_000;
    if (!same) throw error;
  }
}

/** The instant and the grant that AWS holds for this session. INVARIANT: only the revoke role can write them; without them no more credentials are issued. */
export async function readEnd(
  aws: Aws,
  at: CallTarget & { readonly session: string },
): Promise<Pick<End, "until" | "grant"> | undefined> {
  try {
    const { Target, Description } = await aws.send(at, "scheduler:GetSchedule", {
      GroupName: scheduleGroup,
      Name: at.session,
    });
    const end = parseInput(Target?.Input, ownerOf(at.account.roles.access, at.session));
    const grant = describedGrant.exec(Description ?? "")?.[1];
    return end === undefined || grant === undefined ? end : { ...end, grant };
  } catch (error) {
    if (error instanceof AwsError && error.code === "not-found") return undefined;
    throw error;
  }
}

/** Takes the schedule away once its grant is over. AWS deletes it by itself after it has run. */
export async function removeEnd(aws: Aws, at: CallTarget & { readonly session: string }): Promise<void> {
  try {
    await aws.send(at, "scheduler:DeleteSchedule", { GroupName: scheduleGroup, Name: at.session });
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "not-found") throw error;
  }
}

const described = "ends a grant of Hallpass";
const describedGrant = new RegExp(`^${described}: ([0-9a-f]{64})$`);

function scheduleFor(end: End, now: number): CreateScheduleCommandInput {
  const { account, session, until, settle, grant } = end;
  const { partition } = parseRoleArn(account.roles.revoke);
  const parameters = {
    Owner: [ownerOf(account.roles.access, session)],
    Session: [session],
    Settle: [`PT${settle}S`],
    Until: [formatInstant(until)],
  };
  return {
    GroupName: scheduleGroup,
    Name: session,
    Description: grant === undefined ? described : `${described}: ${grant}`,
    ScheduleExpression: `at(${firesAt(until, settle, now)})`,
    ScheduleExpressionTimezone: "UTC",
    FlexibleTimeWindow: { Mode: "OFF" },
    ActionAfterCompletion: "DELETE",
    Target: {
      Arn: `arn:${partition}:scheduler:::aws-sdk:ssm:startAutomationExecution`,
      RoleArn: siblingRole(account.roles.revoke, "Scheduler"),
      Input: JSON.stringify({ DocumentName: runbookName, Parameters: parameters }),
      RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
    },
  };
}

const minute = 60_000;

/**
 * When the schedule fires, as `yyyy-mm-ddThh:mm:ss` in UTC. AWS fires anywhere in the minute named, so it is the last one that is over by `until`, and the runbook
 * sleeps the rest: the end is exact. A moment that has passed would be refused or never fire: then it is as soon as AWS can be relied on, a
 * minute from now, or `settle` where that is less (twins are quicker than AWS).
 */
export function firesAt(until: number, settle: number, now: number): string {
  const minuteBefore = Math.floor(until / minute) * minute - minute;
  const soonest = Math.ceil((now + Math.min(minute, settle * 1_000)) / 1_000) * 1_000;
  return new Date(Math.max(minuteBefore, soonest)).toISOString().slice(0, 19);
}

/** Reads only what `scheduleFor` wrote: an input that names another owner or runbook is nobody's end. */
function parseInput(input: string | undefined, owner: string): { readonly until: Instant } | undefined {
  if (input === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(input);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { DocumentName, Parameters } = parsed as {
    DocumentName?: unknown;
    Parameters?: { Owner?: unknown; Until?: unknown } | null;
  };
  const [until] = Array.isArray(Parameters?.Until) ? Parameters.Until : [];
  const [theirs] = Array.isArray(Parameters?.Owner) ? Parameters.Owner : [];
  if (DocumentName !== runbookName || theirs !== owner || typeof until !== "string") return undefined;
  const instant = Date.parse(until);
  return Number.isNaN(instant) ? undefined : { until: instant as Instant };
}
