// Every AWS call that whole stories make, against what the CloudFormation allows: nothing is refused, and nothing is allowed that no story needs.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { calls } from "../../../aws/calls.ts";
import { policiesOf, roleSession } from "../../../sandbox/aws/iam/principal.ts";
import { createWorld, type World } from "../world.ts";
import { granted, node } from "./grants.ts";

let world: World;
afterAll(() => world.close());

const hybrid = "mi-0d0d0d0d0d0d0d0d9";

/** The stories: inventory, a grant by policy on both kinds of nodes, credentials again, an end in time, an early end and what is left of it, an orphan's sweep, a refusal. */
beforeAll(async () => {
  const nodes = [
    {
      account: "111122223333",
      region: "eu-central-1",
      id: hybrid,
      name: "on-prem-09",
      type: "hybrid",
      tags: { Environment: "Development" },
    },
  ] as const;
  world = await createWorld({ stage: { nodes } });
  const { people } = world;
  const inTime = await granted(world, { nodes: `${node}\n${hybrid}`, for: "1h" });
  await inTime.holder.resume(await inTime.holder.start(hybrid));
  await people.token("alice", inTime.number);
  await world.run();
  const early = await granted(world, { for: "1h" });
  await early.holder.start(node);
  await people.comment("alice", early.number, "/revoke");
  await world.run();
  people.ask("alice", { nodes: "c3po-vault-01" });
  await world.run();
  await world.advanceTo(inTime.record.granted.until - 60_000);
  await inTime.holder.start(node);
  await world.advance(3 * 3_600);
  expect(await world.shown.labels(inTime.number)).toEqual(["access: expired"]);
  expect(await world.shown.labels(early.number)).toEqual(["access: revoked"]);
}, 120_000);

/** As IAM names services. */
const prefixes: Readonly<Record<string, string>> = { tagging: "tag" };
/** What AWS checks besides the call itself. */
const alsoChecks: Readonly<Record<string, readonly string[]>> = {
  "scheduler:CreateSchedule": ["iam:PassRole"],
  "ssm:StartAutomationExecution": ["iam:PassRole"],
};

const roleOf = (caller: string): string | undefined => /:assumed-role\/(\w+)\//.exec(caller)?.[1];
const made = () =>
  world.stage.aws.calls.map((call) => ({
    ...call,
    role: roleOf(call.caller),
    action: `${prefixes[call.service] ?? call.service}:${call.operation}`,
  }));
const madeBy = (role: string): readonly string[] =>
  sorted(
    made().flatMap((call) => (call.role === role ? [call.action, ...(alsoChecks[call.action] ?? [])] : [])),
  );

/** Every action that a role's policies name with `Allow`. */
function allowedTo(name: string): readonly string[] {
  const { stage, time } = world;
  const account = stage.aws.account(stage.account);
  const role = account.roles.get(name);
  if (role === undefined) throw new Error(`no role ${name}`);
  const now = time.now();
  const { identity } = policiesOf(roleSession(role, "x", { issuedAt: now, expiresAt: now }), account, now);
  return sorted(
    identity.flatMap(({ statements }) =>
      statements.filter(({ effect }) => effect === "Allow").flatMap(({ actions }) => [...actions.values]),
    ),
  );
}

const sorted = (words: readonly string[]): readonly string[] => [...new Set(words)].sort();

describe("over whole stories", () => {
  test("AWS refuses nothing that the Action, Scheduler or the runbook asks", () => {
    const refused = made().filter(
      ({ role, outcome }) =>
        role !== "HallpassAccess" && /AccessDenied|Unauthorized|NotAuthorized/.test(outcome),
    );
    expect(refused.map(({ role, action, message }) => `${role} ${action}: ${message}`)).toEqual([]);
  });

  test.each(["HallpassInventory", "HallpassRevoke", "HallpassScheduler", "HallpassEndAccess"])(
    "%s is allowed exactly what it does",
    (role) => {
      expect(madeBy(role).length).toBeGreaterThan(1);
      expect(allowedTo(role)).toEqual(madeBy(role));
    },
  );

  test("the table of calls is what is made, and nothing but role assumptions besides", () => {
    const ofAction = sorted([...madeBy("HallpassInventory"), ...madeBy("HallpassRevoke")]);
    expect(ofAction).toEqual(sorted([...Object.keys(calls), "iam:PassRole"]));
    const unsigned = made().filter(({ caller }) => caller === "");
    expect(sorted(unsigned.map(({ action }) => action))).toEqual(["sts:AssumeRoleWithWebIdentity"]);
  });

  test("operators use no more than sessions of their own", () => {
    expect(madeBy("HallpassAccess")).toEqual([
      "ssm:ResumeSession",
      "ssm:StartSession",
      "sts:GetCallerIdentity",
    ]);
    expect(allowedTo("HallpassAccess")).toEqual([
      "ssm:ResumeSession",
      "ssm:StartSession",
      "ssm:TerminateSession",
      "ssmmessages:OpenDataChannel",
    ]);
  });
});
