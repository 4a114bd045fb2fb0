import { describe, expect, it } from "vitest";
import { eventEntry, type HallpassEvent, putEvents } from "../../aws/events.ts";
import type { Instant } from "../../core/ids.ts";
import { account, createSetting, nodeId, region } from "./setting.ts";

const common = {
  repository: "acme/access",
  request: 12,
  session: "hp.7001.12",
  url: "https://github.com/acme/access/issues/12",
  requester: "alice",
  reason: "INC-1234 checkout is down",
  node: nodeId("i-0b3952fba006f5f0d"),
  at: Date.parse("2026-12-01T12:00:05Z") as Instant,
  opened: Date.parse("2026-12-01T20:19:30Z") as Instant,
};
const at = { account, region };
const detail = (event: HallpassEvent): unknown => JSON.parse(eventEntry(at, event).Detail ?? "");

describe("events", () => {
  it("a request's change has AWS's detail-type and fields, and says whether it was automatic", () => {
    const event = { ...common, kind: "request", status: "Approved", automatic: true } as const;
    expect(eventEntry(at, event)).toMatchObject({
      Source: "hallpass",
      DetailType: "Requester Access Request Status Update",
      Resources: ["arn:aws:ec2:eu-central-1:111122223333:instance/i-0b3952fba006f5f0d"],
      Time: new Date("2026-12-01T12:00:05Z"),
    });
    expect(detail(event)).toEqual({
      ExecutionId: "hp.7001.12",
      OpsItemId: "acme/access#12",
      StartTime: "Dec 1, 2026, 8:19:30 PM",
      TargetResourceArn: "arn:aws:ec2:eu-central-1:111122223333:instance/i-0b3952fba006f5f0d",
      Title: "Access Request - 2026-12-01 20:19 UTC",
      Requester: "alice",
      AccessRequestStatus: "Approved",
      RequestReason: "INC-1234 checkout is down",
      Automatic: true,
      Hallpass: {
        Request: 12,
        Url: "https://github.com/acme/access/issues/12",
        Account: "111122223333",
        Region: "eu-central-1",
      },
    });
  });

  it("a level's names its step and approvers", () => {
    const approvers = ["@acme/security", "@carol"];
    const event = { ...common, kind: "level", status: "PendingApproval", level: 2, approvers } as const;
    expect(eventEntry(at, event).DetailType).toBe("Approver Access Request Status Update");
    expect(detail(event)).toMatchObject({
      AccessRequestApprovalLevelStatus: "PendingApproval",
      StepName: "Level2",
      Approvers: approvers,
    });
  });

  it("a failure names the policies, and a managed instance its own kind of ARN", () => {
    const node = nodeId("mi-0b3952fba006f5f0d");
    const event = { ...common, node, kind: "failed", policies: ["prod"], why: "not covered" } as const;
    expect(eventEntry(at, event)).toMatchObject({
      DetailType: "JITNA Access Request Failed",
      Resources: ["arn:aws:ssm:eu-central-1:111122223333:managed-instance/mi-0b3952fba006f5f0d"],
    });
    expect(detail(event)).toMatchObject({ ApplicablePolicies: ["prod"], Why: "not covered" });
  });

  it("reach the account's bus, more than one call holds too", async () => {
    const { aws, twin, attempts } = createSetting();
    const event = { ...common, kind: "request", status: "Expired" } as const;
    await putEvents(aws, { ...at, events: new Array(23).fill(event) });
    expect(twin.region(account.id, region).events).toHaveLength(23);
    expect(attempts.filter((call) => call === "events:PutEvents")).toHaveLength(3);
  });

  it("that AWS does not take are an error", async () => {
    const { aws, twin } = createSetting();
    twin.faults.add({ when: ({ operation }) => operation === "PutEvents", error: "ThrottlingException" });
    const event = { ...common, kind: "request", status: "Expired" } as const;
    await expect(putEvents(aws, { ...at, events: [event] })).rejects.toMatchObject({ code: "throttled" });
  });
});
