// Every AWS error at every call of a grant, for as long as a run tries: nothing is half open, the request says what happened, and what may pass is taken up again.
// One world, a request for each error: faults are told apart by the run that meets them.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CallName, calls } from "../../../aws/calls.ts";
import { asRead } from "../bad-input/as-read.ts";
import { issuedFor } from "../thief.ts";
import { createWorld, type World } from "../world.ts";
import { type FaultyCall, kindOf, modelledErrors, oneOfEachKind } from "./aws-errors.ts";

interface Case {
  readonly call: FaultyCall;
  /** Of `AssumeRoleWithWebIdentity`: the role. */
  readonly role?: "HallpassInventory" | "HallpassRevoke" | "HallpassAccess";
  readonly error: string;
}

const assume = "sts:AssumeRoleWithWebIdentity" as const;
const nameOf = ({ call, role, error }: Case): string =>
  `${error} at ${call}${role === undefined ? "" : ` of ${role}`}`;

const at = (call: FaultyCall, errors: readonly string[], role?: NonNullable<Case["role"]>): readonly Case[] =>
  errors.map((error) => ({ call, error, ...(role === undefined ? {} : { role }) }));

/** Calls of a grant on an EC2 node, in order. */
const cases: readonly Case[] = [
  ...at(assume, ["AccessDeniedException", "timeout"], "HallpassInventory"),
  ...at("ec2:DescribeInstances", [
    "AccessDeniedException",
    "ThrottlingException",
    "SomethingNewException",
    "timeout",
  ]),
  ...at("ssm:DescribeInstanceInformation", ["InvalidFilterKey"]),
  ...at("ssm:DescribeDocument", ["AccessDeniedException", "InternalServerError"]),
  ...at(assume, ["AccessDeniedException", "ServiceUnavailable"], "HallpassRevoke"),
  ...at("scheduler:CreateSchedule", oneOfEachKind("scheduler:CreateSchedule")),
  ...at(assume, oneOfEachKind(assume), "HallpassAccess"),
  ...at("events:PutEvents", ["InternalException", "AccessDeniedException"]),
];

/** What is worth another run; after the record is written, all else ends the request. */
const passing = /Throttl|Unavailable|Internal|IDPCommunication|Expired|^timeout$|^after-effect$/;
const afterRecord = ({ call, role }: Case): boolean =>
  call === "scheduler:CreateSchedule" || role === "HallpassAccess";

/** What a request comes to while the fault is there. */
function expected(each: Case): "active" | "failed" | "held back" {
  if (each.call === "events:PutEvents") return "active";
  // an answer that was lost is found again
  if (each.call === "scheduler:CreateSchedule" && each.error === "after-effect") return "active";
  if (!afterRecord(each) || passing.test(each.error)) return "held back";
  return "failed";
}

let world: World;
const numbers = new Map<Case, number>();
const numberOf = (each: Case): number => numbers.get(each) ?? 0;
let faulty = true;

const schedules = (): ReadonlyMap<string, unknown> =>
  world.stage.aws.region(world.stage.account, world.stage.region).scheduleGroups.get("hallpass")?.schedules ??
  new Map();
const sessionOf = (number: number): string => `hp.${world.stage.repository.id}.${number}`;

/** The request whose run makes a call. */
function requestOf(caller: string, sessionName: string): number {
  const own = new RegExp(`^hp\\.${world.stage.repository.id}\\.(\\d+)$`).exec(sessionName)?.[1];
  if (own !== undefined) return Number(own);
  const run = /hallpass-(\d+)$/.exec(caller || sessionName)?.[1];
  return Number(world.runs.find((each) => each.run === Number(run))?.request ?? Number.NaN);
}

function addFault(each: Case): void {
  const [service = "", operation] = each.call.replace("tag:", "tagging:").split(":");
  world.stage.aws.faults.add({
    error: each.error,
    when: (call) =>
      faulty &&
      call.service === service &&
      call.operation === operation &&
      (each.role === undefined || `${call.input["RoleArn"]}`.endsWith(`/${each.role}`)) &&
      requestOf(call.caller, `${call.input["RoleSessionName"] ?? ""}`) === numberOf(each),
  });
}

beforeAll(async () => {
  world = await createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY });
  for (const each of cases) {
    const number = world.people.ask("alice", { for: "4h" });
    numbers.set(each, number);
    addFault(each);
    await world.people.token("alice", number);
    // so many at once would wait for GitHub's limits, and what people read would come late
    if (numbers.size % 8 > 0) continue;
    await world.run();
    await world.advance(180);
  }
  await world.run();
}, 120_000);
afterAll(() => world.close());

describe("while AWS answers", () => {
  test.each(cases.map((each) => [nameOf(each), each] as const))("%s", async (_, each) => {
    const number = numberOf(each);
    const status = asRead(await world.shown.status(number));
    const tally = await world.shown.tally(number);
    const outcome = expected(each);
    expect(world.runs.filter(({ request }) => request === String(number)).length).toBeGreaterThan(0);
    switch (outcome) {
      case "active":
        expect(await world.shown.labels(number)).toEqual(["access: active"]);
        expect(tally).toMatchObject({ grants: 1, sealed: 1, statuses: 1 });
        return;
      case "failed":
        expect(await world.shown.labels(number)).toEqual(["access: failed"]);
        expect(await world.shown.state(number)).toBe("closed");
        expect(status).toContain(`\`${each.call}\``);
        expect(status).toContain(`account ${world.stage.account}`);
        expect(world.shown.record(number)?.path).toMatch(/^ended\//);
        expect(tally).toMatchObject({ grants: 1, ends: 1, sealed: 0, statuses: 1 });
        expect([...schedules().keys()].includes(sessionOf(number))).toBe(false);
        return;
      case "held back":
        expect(status).toMatch(/cannot be decided now|no credentials can be issued now/);
        expect(tally.statuses).toBe(1);
        expect(tally.sealed).toBe(0);
        expect(status).toContain(each.role === undefined ? `\`${each.call}\`` : (each.role ?? ""));
        expect(world.runs.find(({ request }) => request === String(number))?.problems.length).toBeGreaterThan(
          0,
        );
    }
  });

  test("nothing is open without an end scheduled, and nothing is issued twice", () => {
    for (const number of numbers.values()) {
      const issued = issuedFor(world, number);
      expect(issued).toBeLessThanOrEqual(1);
      if (issued > 0 && world.shown.record(number)?.path.startsWith("active/") === true)
        expect([...schedules().keys()]).toContain(sessionOf(number));
    }
  });
});

test("once AWS is itself again, a later look opens what was held back, once", async () => {
  faulty = false;
  const untils = new Map([...numbers.values()].map((number) => [number, world.shown.record(number)?.text]));
  await world.advance(900);
  world.apps[0]?.lookAtAll();
  await world.run();
  for (const each of cases) {
    const number = numberOf(each);
    const name = nameOf(each);
    if (expected(each) === "failed") {
      expect([name, await world.shown.labels(number)]).toEqual([name, ["access: failed"]]);
      continue;
    }
    expect([name, await world.shown.labels(number)]).toEqual([name, ["access: active"]]);
    expect([name, await world.shown.tally(number)]).toMatchObject([
      name,
      { grants: 1, sealed: 1, statuses: 1, ends: 0 },
    ]);
    const before = untils.get(number);
    // a clock that had begun goes on, whoever finishes the run
    if (before !== undefined) expect(world.shown.record(number)?.text).toBe(before);
    expect([...schedules().keys()]).toContain(sessionOf(number));
  }
}, 120_000);

test("every error that the SDK's models know of any call of ours is of a known kind", () => {
  const known = new Map(
    [...(Object.keys(calls) as CallName[]), assume].flatMap((call) =>
      modelledErrors(call).map((error) => [`${error.name} at ${call}`, kindOf(call, error)] as const),
    ),
  );
  expect(known.size).toBeGreaterThan(50);
  // of a list that took too long to read; the next run reads it anew
  expect([...known].filter(([, kind]) => kind === "unknown")).toEqual([
    ["PaginationTokenExpiredException at tag:GetResources", "unknown"],
  ]);
  expect(known.get("ServiceQuotaExceededException at scheduler:CreateSchedule")).toBe("limit-reached");
  expect(known.get("PackedPolicyTooLargeException at sts:AssumeRoleWithWebIdentity")).toBe(
    "policy-too-large",
  );
});
