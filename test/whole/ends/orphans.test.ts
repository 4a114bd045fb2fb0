// Sessions that no record explains, and those that only look so.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAws } from "../../../aws/clients.ts";
import { readDeny, writeDeny } from "../../../aws/deny.ts";
import { ensureEnd } from "../../../aws/schedule.ts";
import { listSessions, terminateSessions } from "../../../aws/sessions.ts";
import type { AccountId, Instant, Region, Seconds } from "../../../core/ids.ts";
import type { AccountConfig } from "../../../core/law.ts";
import { requestHandlerFor } from "../../../sandbox/aws/request-handler.ts";
import { template } from "../../aws/setting.ts";
import { createThief } from "../thief.ts";
import { createWorld, type World } from "../world.ts";
import { granted, node } from "./grants.ts";
import { stranger, tokenOf } from "./stranger.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false });
});
afterEach(() => world.close());

const prefix = () => `hp.${world.stage.repository.id}.`;

async function sweep() {
  await world.people.dispatch("pat", "sweep");
  await world.run();
  const last = world.runs.findLast(({ command }) => command === "sweep");
  if (last === undefined) throw new Error("no sweep ran");
  return last;
}

describe("a session of our prefix that no record explains", () => {
  test.each(["99", "preflight", "x"])("is ended, and the run fails with its name: %s", async (id) => {
    const holder = await stranger(world, { session: `${prefix()}${id}` });
    const session = await holder.start(node);
    await world.advance(121);
    const { problems } = await sweep();
    expect(holder.open()).toBe(0);
    expect(problems).toEqual([expect.stringContaining(`\`${session}\``)]);
    expect((await sweep()).problems).toEqual([]);
  });

  test("is left for two minutes: its record may be on its way", async () => {
    const holder = await stranger(world, { session: `${prefix()}99` });
    await holder.start(node);
    await world.advance(119);
    expect((await sweep()).problems).toEqual([]);
    expect(holder.open()).toBe(1);
  });

  test("keeps no other from being looked at, when it cannot be ended", async () => {
    const stray = await stranger(world, { session: `${prefix()}99` });
    await stray.start(node);
    const { record, holder } = await granted(world, { for: "15m" });
    await world.advanceTo(record.granted.until - 1_000);
    stray.type();
    await holder.start(node);
    world.stage.aws.faults.add({
      when: ({ operation, input }) =>
        operation === "TerminateSession" && String(input["SessionId"]).startsWith(`${prefix()}99-`),
      error: "AccessDeniedException",
    });
    await world.advance(600);
    const { problems } = await sweep();
    expect(problems.join("\n")).toContain("`ssm:TerminateSession`");
    expect(stray.open()).toBe(1);
    expect(world.shown.record(record.subject.number)?.path).toMatch(/^ended\//);
  });
});

describe("no orphan", () => {
  test("is a grant that opens while the sweep is at work", async () => {
    // the sweep's first request to GitHub after it has seen what is open takes five minutes
    let seen = false;
    let slow = 1;
    world.close();
    world = await createWorld({ cron: false, latency: () => (seen && slow-- > 0 ? 300_000 : 0) });
    const { stage } = world;
    const handle = stage.aws.handle;
    const watched = async (request: Request): Promise<Response> => {
      seen ||= request.headers.get("x-amz-target") === "AmazonSSM.DescribeSessions";
      return handle(request);
    };
    Object.assign(stage.aws, { handle: watched });
    await world.people.dispatch("pat", "sweep");
    await world.until(() => seen && slow < 1);
    const number = world.people.ask("alice", { for: "1h" });
    await world.people.token("alice", number);
    await world.advance(30);
    const { credentials } = await world.operator("alice").take(number);
    const [issued] = credentials;
    if (issued === undefined) throw new Error("nothing was issued");
    await world.operator("alice").start(issued, node);
    await world.run();
    const swept = world.runs.find(({ command }) => command === "sweep");
    expect(swept).toMatchObject({ state: "swept", problems: [] });
    expect(world.shown.sessions(number)).toMatchObject([{ open: true }]);
  });

  test("is a session whose record somebody has spoilt: its name still explains it", async () => {
    const { number, holder, record } = await granted(world);
    await holder.start(node);
    await createThief(world).commit("ledger", { [`active/${number}.yaml`]: "spoilt: true\n" });
    await world.advance(600);
    const { problems } = await sweep();
    expect(problems.join("\n")).toContain(`active/${number}.yaml`);
    expect(problems.join("\n")).not.toContain("no record explains");
    expect(holder.open()).toBe(1);
    await world.advanceTo(record.granted.until + 60_000);
    expect(holder.open()).toBe(0);
  });

  test("is what a revoked grant left open, but it is ended", async () => {
    const { number, holder } = await granted(world, { for: "4h" });
    await holder.start(node);
    // IAM forgets the deny, and Systems Manager every end, until the run is over
    const stop = world.stage.aws.faults.add({
      when: ({ operation }) => operation === "TerminateSession",
      error: "InternalServerError",
    });
    await world.people.comment("alice", number, "/revoke");
    await world.run();
    expect(holder.open()).toBe(1);
    stop();
    await world.advance(300);
    const { problems, log } = await sweep();
    expect(holder.open()).toBe(0);
    expect(problems).toEqual([]);
    expect(log.join("\n")).toContain("no open grant explains it");
  });
});

describe("two access repos on one account", () => {
  const theirs = { repository: "acme/other", repositoryId: 990_099 };

  /** The other repo's roles beside ours, and its way to AWS. */
  function second() {
    const { stage } = world;
    const provider = `arn:aws:iam::${stage.account}:oidc-provider/token.actions.githubusercontent.com`;
    stage.aws.deploy(
      stage.account,
      stage.region,
      template("account"),
      {
        Organization: "acme",
        OrganizationId: "1",
        Repository: "other",
        RepositoryId: String(theirs.repositoryId),
        Suffix: "-b",
        OidcProviderArn: provider,
      },
      "second",
    );
    const arn = (role: string) => `arn:aws:iam::${stage.account}:role/${role}-b`;
    const roles = {
      inventory: arn("HallpassInventory"),
      access: arn("HallpassAccess"),
      revoke: arn("HallpassRevoke"),
    };
    const account: AccountConfig = {
      id: stage.account as AccountId,
      regions: [stage.region as Region],
      roles,
    };
    const aws = createAws({
      clock: { now: world.time.now, sleep: (milliseconds) => world.advance(milliseconds / 1_000) },
      handler: requestHandlerFor(stage.aws.handle),
      oidcToken: (audience) => tokenOf(world, theirs, audience),
    });
    return { aws, at: { account, region: stage.region as Region } };
  }

  test("never touch each other's sessions, schedules or denies", async () => {
    const { aws, at } = second();
    const session = `hp.${theirs.repositoryId}.1`;
    const until = (world.time.now() + 7_200_000) as Instant;
    const other = await stranger(world, { session, role: "HallpassAccess-b", from: theirs });
    const otherSession = await other.start(node);
    await ensureEnd(aws, { ...at, session, until, settle: 60 as Seconds });
    const revoked = [{ session: `hp.${theirs.repositoryId}.2`, until }];
    await writeDeny(aws, { ...at, repository: theirs.repositoryId, revoked });

    const mine = await granted(world, { for: "1h" });
    const mySession = await mine.holder.start(node);
    await world.advance(600);
    expect((await sweep()).problems).toEqual([]);
    await world.people.comment("alice", mine.number, "/revoke");
    await world.run();
    expect((await sweep()).problems).toEqual([]);
    expect([mine.holder.open(), other.open()]).toEqual([0, 1]);
    expect(await readDeny(aws, { ...at, repository: theirs.repositoryId })).toContain(".2");
    const { schedules } = world.stage.aws
      .region(world.stage.account, world.stage.region)
      .scheduleGroups.get("hallpass") ?? { schedules: new Map() };
    expect([...schedules.keys()]).toEqual([session]);

    // and they cannot, whatever they try
    const ended = await terminateSessions(aws, { ...at, ids: [mySession] });
    expect(ended).toMatchObject([{ failed: { code: "not-authorized" } }]);
    expect(await listSessions(aws, { ...at, whose: { prefix: prefix() }, state: "active" })).toEqual([]);
    await expect(
      stranger(world, { session: `${prefix()}1`, role: "HallpassAccess-b", from: theirs }),
    ).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(
      stranger(world, { session: `${prefix()}1`, role: "HallpassAccess", from: theirs }),
    ).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(stranger(world, { session, role: "HallpassAccess-b" })).rejects.toMatchObject({
      name: "AccessDenied",
    });
    expect(otherSession).toMatch(session);
  });
});
