import type * as EventBridge from "@aws-sdk/client-eventbridge";
import { type Call, type Operations, operation } from "../twin.ts";

const busArn = (call: Call, name: string) =>
  name.startsWith("arn:") ? name : `arn:aws:events:${call.region.name}:${call.account.id}:event-bus/${name}`;

type Entry = EventBridge.PutEventsRequestEntry;

/** Bytes of one call, all entries together. */
const sizeLimit = 1_024 * 1_024;

function putOne(entry: Entry, call: Call): EventBridge.PutEventsResultEntry {
  if (!entry.Source || !entry.DetailType || !entry.Detail) {
    return {
      ErrorCode: "InvalidArgument",
      ErrorMessage: "Parameter Source, DetailType or Detail is not valid. Reason: it is missing.",
    };
  }
  // whoever calls: events of AWS's own come only from AWS
  if (entry.Source.startsWith("aws.")) {
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  }
  const detail = parseDetail(entry.Detail);
  if (detail === undefined) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  const id = call.twin.ids.uuid();
  call.region.events.push({
    id,
    at: entry.Time?.getTime() ?? call.now,
    caller: call.principal.arn,
    bus: entry.EventBusName ?? "default",
    source: entry.Source,
    detailType: entry.DetailType,
    resources: entry.Resources ?? [],
    detail,
  });
  return { EventId: id };
}

function parseDetail(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const eventsOperations: Operations = {
  PutEvents: operation<EventBridge.PutEventsRequest, EventBridge.PutEventsResponse>({
    authorize: (input, call) => {
      for (const entry of input.Entries ?? []) {
        call.require({
          action: "events:PutEvents",
          resource: busArn(call, entry.EventBusName ?? "default"),
          keys: { "events:source": entry.Source, "events:detail-type": entry.DetailType },
        });
      }
    },
    run: (input, call) => {
      const entries = input.Entries ?? [];
      const tooLarge = Buffer.byteLength(JSON.stringify(entries)) > sizeLimit;
      const results = entries.map((entry) =>
        tooLarge
          ? { ErrorCode: "InvalidArgument", ErrorMessage: "Total size of the entries is over the limit." }
          : putOne(entry, call),
      );
      return {
        Entries: results,
        FailedEntryCount: results.filter((result) => result.ErrorCode !== undefined).length,
      };
    },
  }),
};
