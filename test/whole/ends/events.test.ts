// What EventBridge is told over whole stories: each change once, whatever became of the runs.

import { afterEach, describe, expect, test } from "vitest";
import { createWorld, type World, type WorldOptions } from "../world.ts";

let world: World;
afterEach(() => world.close());

const begin = async (options: WorldOptions = {}): Promise<World> => {
  world = await createWorld(options);
  return world;
};

interface Told {
  readonly type: string;
  readonly what: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly caller: string;
}

const types: Readonly<Record<string, string>> = {
  "Requester Access Request Status Update": "request",
  "Approver Access Request Status Update": "level",
  "JITNA Access Request Failed": "failed",
};

/** `request Approved`, `level 2 PendingApproval`, `failed`, in the order in which they came. */
function told(number: number): readonly Told[] {
  const { stage } = world;
  return stage.aws
    .region(stage.account, stage.region)
    .events.filter(({ detail }) => (detail as Told["detail"])["OpsItemId"] === `acme/access#${number}`)
    .map(({ detailType, detail: shown, caller, source }) => {
      expect(source).toBe("hallpass");
      const detail = shown as Told["detail"];
      const type = types[detailType] ?? detailType;
      const step = String(detail["StepName"] ?? "").replace("Level", "");
      const status = detail["AccessRequestStatus"] ?? detail["AccessRequestApprovalLevelStatus"] ?? "";
      return { type, what: [type, step, status].filter(Boolean).join(" "), detail, caller };
    });
}
const words = (number: number) => told(number).map(({ what }) => what);

async function granted(nodes = "r2d2-dev-01"): Promise<number> {
  const number = world.people.ask("alice", { nodes, for: "1h" });
  await world.people.token("alice", number);
  await world.run();
  return number;
}

describe("EventBridge is told", () => {
  test("of an automatic grant, which AWS's own product does not, and of its end", async () => {
    await begin();
    const number = await granted();
    expect(words(number)).toEqual(["request Approved"]);
    const [{ detail, caller } = { detail: {}, caller: "" }] = told(number);
    expect(detail).toMatchObject({
      Automatic: true,
      Requester: "alice",
      RequestReason: "INC-1 checkout is down",
      TargetResourceArn: "arn:aws:ec2:eu-central-1:111122223333:instance/i-0d0d0d0d0d0d0d0d1",
      Hallpass: { Request: number, Account: "111122223333", Region: "eu-central-1" },
    });
    expect(caller).toMatch(/:assumed-role\/HallpassRevoke\/hallpass-\d+$/);
    await world.until(async () => (await world.shown.state(number)) === "closed", 7_200);
    await world.advance(7_200);
    expect(words(number)).toEqual(["request Approved", "request Expired"]);
  });

  test("of what waits for people, by the sweep, and of each level again when it is granted", async () => {
    await begin();
    const number = await granted("r2d2-app-01");
    expect(words(number)).toEqual([]);
    await world.advance(7_200);
    const waiting = ["request PendingApproval", "level 1 PendingApproval", "level 2 PendingApproval"];
    expect(words(number)).toEqual(waiting);
    expect(told(number)[2]?.detail["Approvers"]).toEqual(["@carol", "@acme/security"]);
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
    await world.run();
    expect(words(number)).toEqual([...waiting, "request Approved", "level 1 Approved", "level 2 Approved"]);
    expect(told(number)[3]?.detail["Automatic"]).toBe(false);
  });

  test.each([
    ["denied", "c3po-vault-01", "request Denied"],
    ["rejected", "r2d2-app-01", "request Rejected"],
    ["cancelled", "r2d2-app-01", "request Cancelled"],
  ] as const)("of a request that was %s, by the sweep, once", async (how, nodes, what) => {
    await begin();
    const number = world.people.ask("alice", { nodes });
    await world.run();
    if (how === "rejected") await world.people.reject("bob", number);
    if (how === "cancelled") await world.people.close("alice", number);
    await world.run();
    expect(await world.shown.labels(number)).toEqual([`access: ${how}`]);
    expect(words(number)).toEqual([]);
    await world.advance(4 * 3_600);
    expect(words(number)).toEqual([what]);
  });

  test("of an early end by the run that made it", async () => {
    await begin();
    const number = await granted();
    await world.people.comment("alice", number, "/revoke");
    await world.run();
    expect(words(number)).toEqual(["request Approved", "request Revoked"]);
    await world.advance(7_200);
    expect(words(number)).toHaveLength(2);
  });

  test("of a grant that AWS refused half-way, as failed and with the reason", async () => {
    await begin();
    world.stage.aws.faults.add({
      when: ({ operation }) => operation === "CreateSchedule",
      error: "ServiceQuotaExceededException",
    });
    const number = await granted();
    expect(words(number)).toEqual(["failed"]);
    expect(told(number)[0]?.detail["Why"]).toContain("quota");
    await world.advance(7_200);
    expect(words(number)).toEqual(["failed"]);
  });

  test("of nothing whose nodes were never known: there is no account to tell it in", async () => {
    await begin();
    const number = world.people.ask("alice", { nodes: "nowhere" });
    await world.run();
    await world.people.close("alice", number);
    await world.advance(7_200);
    expect(words(number)).toEqual([]);
  });

  test("once, also when two sweeps run at the same time or one never came to act", async () => {
    await begin({ cron: false });
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    await world.people.reject("bob", number);
    await world.run();
    await world.advance(60);
    // a look-alike on a branch of one's own swallows no window
    const { stage } = world;
    const main = stage.github.actionsWorld.resolveRef(
      stage.github.actionsWorld.repository(stage.repository.fullName) as never,
      "refs/heads/main",
    );
    stage.github.push("pat", stage.repository.fullName, "mine", main?.sha ?? "");
    await world.people.dispatch("pat", "sweep", undefined, "mine");
    await world.run();
    expect(words(number)).toEqual([]);
    await world.advance(60);
    await Promise.all([world.people.dispatch("pat", "sweep"), world.people.dispatch("pat", "sweep")]);
    await world.run();
    await world.advance(60);
    await world.people.dispatch("pat", "sweep");
    await world.run();
    expect(words(number)).toEqual(["request Rejected"]);
  });

  test("best effort: an EventBridge that refuses stops neither a grant nor an end, and the log says so", async () => {
    await begin();
    world.stage.aws.faults.add({
      when: ({ operation }) => operation === "PutEvents",
      error: "AccessDeniedException",
    });
    const number = await granted();
    expect(await world.shown.labels(number)).toEqual(["access: active"]);
    await world.until(async () => (await world.shown.state(number)) === "closed", 7_200);
    await world.run();
    expect(words(number)).toEqual([]);
    const lines = world.runs.filter(({ log }) =>
      log.some((line) => line.includes("EventBridge was not told")),
    );
    expect(lines.map(({ command }) => command)).toEqual(["grant", "sweep"]);
    expect(lines.every(({ problems }) => problems.length === 0)).toBe(true);
  });
});
