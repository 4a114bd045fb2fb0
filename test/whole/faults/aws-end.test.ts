// AWS errors while access is ended early, and while the sweep looks: the record says it at once, nothing is left open for longer than AWS is out of order, and the
// next sweep finishes what was left.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CallName } from "../../../aws/calls.ts";
import { parseEnded } from "../../../core/parse-record.ts";
import type { GrantedCredentials } from "../../../flow/seal.ts";
import { createWorld, type World } from "../world.ts";
import { oneOfEachKind } from "./aws-errors.ts";

const node = "i-0d0d0d0d0d0d0d0d1";
const document = "Hallpass-Shell-240";

interface Case {
  readonly call: CallName;
  readonly error: string;
}

interface Open {
  readonly each: Case;
  readonly number: number;
  readonly issued: GrantedCredentials;
}

const cases: readonly Case[] = (
  [
    "iam:GetRolePolicy",
    "iam:PutRolePolicy",
    "ssm:DescribeSessions",
    "ssm:TerminateSession",
    "scheduler:DeleteSchedule",
  ] as const
).flatMap((call) =>
  oneOfEachKind(call)
    // those that pass are met in aws-grant.test.ts; a read that was lost is one that timed out
    .filter((error) => !/Throttling|Unavailable|^Internal|Expired|SomethingNew/.test(error))
    .filter((error) => error !== "after-effect" || !/:(?:Get|Describe)/.test(call))
    .map((error) => ({ call, error })),
);

let world: World;
let faulty = true;
const open: Open[] = [];

const serviceOf = (call: CallName): string => call.split(":")[0] ?? "";
const requestOfRun = (caller: string): number =>
  Number(
    world.runs.find(({ run }) => run === Number(/hallpass-(\d+)$/.exec(caller)?.[1]))?.request || Number.NaN,
  );

async function grant(each: Case): Promise<Open> {
  const number = world.people.ask("alice", { for: "4h" });
  await world.people.token("alice", number);
  await world.run();
  const operator = world.operator("alice");
  const [issued] = (await operator.take(number)).credentials;
  if (issued === undefined) throw new Error("nothing was issued");
  await operator.start(issued, node, document);
  return { each, number, issued };
}

beforeAll(async () => {
  world = await createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY });
  for (const each of cases) open.push(await grant(each));
  for (const { each, number } of open)
    world.stage.aws.faults.add({
      error: each.error,
      when: (call) =>
        faulty &&
        call.service === serviceOf(each.call) &&
        call.operation === each.call.split(":")[1] &&
        requestOfRun(call.caller) === number,
    });
  for (const { number } of open) {
    await world.people.comment("alice", number, "/revoke");
    await world.run();
  }
}, 120_000);
afterAll(() => world.close());

const recordOf = (number: number) => {
  const { path = "", text = "" } = world.shown.record(number) ?? {};
  return parseEnded(text, path);
};

describe("an early end during which AWS answers", () => {
  test.each(cases.map((each) => [`${each.error} at ${each.call}`, each] as const))(
    "%s is recorded and shown all the same",
    async (_, each) => {
      const found = open.find((candidate) => candidate.each === each);
      const number = found?.number ?? 0;
      expect(recordOf(number)).toMatchObject({ ok: true, value: { ended: { how: "revoked", by: "alice" } } });
      expect(await world.shown.labels(number)).toEqual(["access: revoked"]);
      expect(await world.shown.state(number)).toBe("closed");
      const runs = world.runs.filter(
        ({ command, request }) => command === "end" && request === String(number),
      );
      expect(runs).toHaveLength(1);
      // a run that could not do all of it says which call it was
      const [run] = runs;
      if (run?.state === "refused") expect(run.problems.join()).toContain(`\`${each.call}\``);
      // whatever else fails, sessions that can be ended are ended at once
      if (!each.call.startsWith("ssm:"))
        expect(world.shown.sessions(number)).toMatchObject([{ open: false }]);
    },
  );

  test("is finished by the next sweep: nobody is in, nobody gets in, and the record says what was", async () => {
    faulty = false;
    await world.advance(900);
    await world.people.dispatch("pat", "sweep");
    await world.run();
    for (const { number, issued, each } of open) {
      const name = `${each.error} at ${each.call}`;
      expect([name, world.shown.sessions(number)]).toMatchObject([name, [{ open: false }]]);
      await expect(world.operator("alice").start(issued, node, document)).rejects.toThrow(
        /not authorized|denied/i,
      );
      expect([name, recordOf(number)]).toMatchObject([
        name,
        // AWS itself ends a shell that nobody types in for 20 minutes
        {
          ok: true,
          value: { ended: { sessions: [{ node, how: expect.stringMatching(/^(terminated|left)$/) }] } },
        },
      ]);
      expect(await world.shown.tally(number)).toMatchObject({ statuses: 1, sealed: 1 });
    }
  }, 120_000);
});

describe("a sweep", () => {
  test.each([
    ["ssm:DescribeSessions", "AccessDeniedException"],
    ["ssm:DescribeSessions", "timeout"],
    ["ssm:TerminateSession", "AccessDeniedException"],
    ["iam:GetRolePolicy", "ServiceFailureException"],
  ] as const)(
    "that meets %s %s fails by name, and the next one ends what has run out",
    async (call, error) => {
      const small = await createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY });
      const number = small.people.ask("alice", { for: "1h" });
      await small.people.token("alice", number);
      await small.run();
      await small.advance(2 * 3_600);
      const over = small.stage.aws.faults.add({
        error,
        when: ({ service, operation }) => service === serviceOf(call) && operation === call.split(":")[1],
      });
      await small.people.dispatch("pat", "sweep");
      await small.run();
      const failed = small.runs.at(-1);
      if (call !== "ssm:TerminateSession") {
        expect(failed?.problems.join()).toContain(`\`${call}\``);
        expect(failed?.state).toBe("swept");
      }
      over();
      await small.advance(900);
      await small.people.dispatch("pat", "sweep");
      await small.run();
      expect(small.runs.at(-1)).toMatchObject({ state: "swept", problems: [] });
      expect(await small.shown.labels(number)).toEqual(["access: expired"]);
      expect(await small.shown.tally(number)).toMatchObject({ grants: 1, ends: 1, statuses: 1 });
      small.close();
    },
  );
});
