// State changes for EventBridge, under `source: hallpass` (AWS refuses `aws.*` from anyone else). Detail-types and shapes are AWS's own where AWS has them, so a rule written for
// AWS's product needs one word more; ours adds `Hallpass`, and tells of automatic approvals too. From there SNS, e-mail, Slack and Teams need no code.

import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { formatInstant, type Instant, type NodeId } from "../core/ids.ts";
import { parseRoleArn } from "./arns.ts";
import type { Aws, CallTarget } from "./clients.ts";
import { AwsError } from "./errors.ts";

export const eventSource = "hallpass";

/** AWS knows the first two of these; the rest are told in the same shape. */
export type EventStatus =
  | "PendingApproval"
  | "Approved"
  | "Rejected"
  | "Revoked"
  | "Expired"
  | "Denied"
  | "Cancelled"
  | "Lapsed";

/** What every event says of its request. */
export interface RequestEvent {
  readonly repository: string;
  readonly request: number;
  readonly session: string;
  readonly url: string;
  /** GitHub login. */
  readonly requester: string;
  readonly reason: string;
  readonly node: NodeId;
  readonly at: Instant;
  /** When the request was opened. */
  readonly opened: Instant;
}

/** What became of it. */
export type EventChange =
  | {
      readonly kind: "request";
      readonly status: EventStatus;
      /** Of a grant: whether policies alone decided it. */
      readonly automatic?: boolean;
      readonly until?: Instant;
    }
  | {
      readonly kind: "level";
      readonly status: "PendingApproval" | "Approved";
      readonly level: number;
      /** Handles, as the rule names them. */
      readonly approvers: readonly string[];
    }
  | { readonly kind: "failed"; readonly policies: readonly string[]; readonly why: string };

export type HallpassEvent = RequestEvent & EventChange;

/** What `PutEvents` takes; more than ten go in several calls. */
const entriesPerCall = 10;

/** Tells the account's default event bus. Throws `AwsError` when AWS did not take one. Events are best effort: the caller reports a failure and goes on. */
export async function putEvents(
  aws: Aws,
  request: CallTarget & { readonly events: readonly HallpassEvent[] },
): Promise<void> {
  const { account, region } = request;
  const entries = request.events.map((event) => eventEntry(request, event));
  for (let at = 0; at < entries.length; at += entriesPerCall) {
    const answer = await aws.send(request, "events:PutEvents", {
      Entries: entries.slice(at, at + entriesPerCall),
    });
    const refused = answer.Entries?.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode;
    if (refused !== undefined)
      throw new AwsError(
        refused === "InternalFailure"
          ? "unavailable"
          : refused === "ThrottlingException"
            ? "throttled"
            : "not-authorized",
        { call: "events:PutEvents", account: account.id, region, role: account.roles.revoke },
      );
  }
}

export function eventEntry(at: CallTarget, event: HallpassEvent): PutEventsRequestEntry {
  const { detailType, detail } = shapeOf(event);
  const target = nodeArn(at, event.node);
  return {
    Source: eventSource,
    DetailType: detailType,
    Time: new Date(event.at),
    Resources: [target],
    Detail: JSON.stringify({
      ExecutionId: event.session,
      OpsItemId: `${event.repository}#${event.request}`,
      StartTime: awsTime(event.opened),
      TargetResourceArn: target,
      Title: `Access Request - ${formatInstant(event.opened).slice(0, 16).replace("T", " ")} UTC`,
      Requester: event.requester,
      ...detail,
      Hallpass: { Request: event.request, Url: event.url, Account: at.account.id, Region: at.region },
    }),
  };
}

function shapeOf(event: HallpassEvent): { readonly detailType: string; readonly detail: object } {
  switch (event.kind) {
    case "request":
      return {
        detailType: "Requester Access Request Status Update",
        detail: {
          AccessRequestStatus: event.status,
          RequestReason: event.reason,
          ...(event.automatic === undefined ? {} : { Automatic: event.automatic }),
          ...(event.until === undefined ? {} : { Until: formatInstant(event.until) }),
        },
      };
    case "level":
      return {
        detailType: "Approver Access Request Status Update",
        detail: {
          AccessRequestApprovalLevelStatus: event.status,
          StepName: `Level${event.level}`,
          RequestReason: event.reason,
          Approvers: event.approvers,
        },
      };
    case "failed":
      return {
        detailType: "JITNA Access Request Failed",
        detail: {
          ApplicablePolicies: event.policies,
          CreatedDate: formatInstant(event.opened),
          Why: event.why,
        },
      };
  }
}

/** As AWS's own events write it: `Apr 10, 2025, 8:19:30 PM`. */
const awsTime = (at: Instant): string =>
  new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" })
    .format(at)
    .replaceAll(/[\u202f\u00a0]/g, " ");

function nodeArn({ account, region }: CallTarget, id: NodeId): string {
  const { partition } = parseRoleArn(account.roles.revoke);
  return id.startsWith("mi-")
    ? `arn:${partition}:ssm:${region}:${account.id}:managed-instance/${id}`
    : `arn:${partition}:ec2:${region}:${account.id}:instance/${id}`;
}
