// Events lost, doubled, late and out of order; two processes of the App at once, on slow wires; answers that never come. Whatever happens: at most one pull request
// open, one merge, one grant, one end, and what GitHub shows in the end is what the ledger says.

import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { parseEnded } from "../../core/parse-record.ts";
import type { Fate } from "../../sandbox/github/webhooks.ts";
import type { Person } from "../../sandbox/stage.ts";
import { createWorld, type World } from "./world.ts";

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

/** What people do beside asking, giving a key and approving. */
const turns = ["nothing", "edit", "cancel", "reject", "revoke", "second key", "close"] as const;
type Turn = (typeof turns)[number];

interface History {
  /** Of each webhook, in turn and over again. */
  readonly fates: readonly Fate[];
  /** Which process hears of it. */
  readonly hears: readonly ("first" | "second" | "both")[];
  /** Milliseconds on the wire. */
  readonly latencies: readonly number[];
  /** Of each write of the App: its answer is lost, it is lost itself, or neither. */
  readonly losses: readonly ("after-effect" | "timeout" | "none")[];
  readonly approvers: readonly Person[];
  /** Seconds between two things that people do. */
  readonly pauses: readonly number[];
  readonly keyFirst: boolean;
  readonly turn: Turn;
  /** The write that the second process dies of; a minute later there is a third. */
  readonly diesAt: number | undefined;
}

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fate>("deliver") },
  { weight: 2, arbitrary: fc.constant<Fate>("drop") },
  fc.record({ copies: fc.integer({ min: 1, max: 3 }), delayMs: fc.constantFrom(0, 300, 4_000, 90_000) }),
);

const some = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 8) =>
  fc.array(arbitrary, { minLength: 1, maxLength });

const history: fc.Arbitrary<History> = fc.record({
  fates: some(fate),
  hears: some(fc.constantFrom("first", "second", "both")),
  latencies: some(fc.constantFrom(0, 0, 40, 400, 3_000)),
  // some get through, or nothing ever would
  losses: some(fc.constantFrom("none", "none", "after-effect", "timeout")).map((each) => [
    ...each,
    "none",
    "none",
    "none",
  ]),
  approvers: fc.shuffledSubarray(["bob", "erin", "carol"] as const, { minLength: 3 }),
  pauses: some(fc.constantFrom(0, 1, 20, 400), 6),
  keyFirst: fc.boolean(),
  turn: fc.constantFrom(...turns),
  diesAt: fc.option(fc.nat({ max: 12 }), { nil: undefined }),
});

/** The values in turn, and over again. */
function inTurn<T>(values: readonly [T, ...T[]] | readonly T[]): () => T {
  let next = 0;
  return () => values[next++ % values.length] as T;
}

async function worldOf({ fates, hears, latencies, losses, diesAt }: History): Promise<World> {
  const [nextHears, nextFate, nextLoss] = [inTurn(hears), inTurn(fates), inTurn(losses)];
  const world = await createWorld({
    cron: false,
    latency: inTurn(latencies),
    route: (apps) => {
      const [first, ...others] = apps.filter((app) => !app.dead());
      const who = nextHears();
      return [
        ...(first === undefined || who === "second" ? [] : [first]),
        ...(who === "first" ? [] : others),
      ];
    },
  });
  worlds.push(world);
  world.startApp({
    name: "the second App",
    diesAt,
    onDeath: () => void world.time.sleep(60_000).then(() => world.startApp({ name: "the third App" })),
  });
  world.stage.github.webhooks.fate = () => nextFate();
  const { faults } = world.stage.github;
  const isWrite = ({ method, path, graphql }: Parameters<Parameters<typeof faults.add>[0]["when"]>[0]) =>
    method !== "GET" && !path.startsWith("/app/") && graphql?.mutation !== false;
  for (const kind of ["after-effect", "timeout"] as const)
    faults.add({
      // each fault is asked about each write: the first one moves on
      when: (asked) => {
        if (!isWrite(asked) || !fromApp(asked.headers)) return false;
        if (kind === "after-effect") current = nextLoss();
        return current === kind;
      },
      respond: kind,
    });
  return world;
}

let current: History["losses"][number] = "none";

// people use Octokit, which says so; what they write is not lost
const fromApp = (headers: Headers): boolean => headers.get("user-agent") === "hallpass";

const openPulls = async (world: World, number: number) =>
  (await world.shown.pulls(number)).filter(({ state }) => state === "open").length;

async function live(world: World, { approvers, pauses, keyFirst, turn }: History): Promise<number> {
  const { people, shown } = world;
  const pause = inTurn(pauses);
  const rest = async () => {
    await world.advance(pause());
    expect(await openPulls(world, number)).toBeLessThanOrEqual(1);
  };
  const number = people.ask("alice", { nodes: "r2d2-app-01", for: "1h" });
  if (keyFirst) await people.token("alice", number);
  await waitFor(world, async () => (await openPulls(world, number)) === 1);
  if (turn === "edit") {
    await people.edit("alice", number, (body) => body.replace("1h", "30m"));
    await waitFor(world, async () =>
      (await shown.pulls(number)).some(({ head, state }) => head.endsWith("-2") && state === "open"),
    );
  }
  for (const approver of approvers.slice(0, 2)) {
    await people.approve(approver, number);
    await rest();
  }
  if (turn === "cancel") await people.comment("alice", number, "/cancel");
  if (turn === "close") await people.close("alice", number);
  const last = approvers[2] ?? "carol";
  if (turn === "reject") await people.reject(last, number);
  else if (await openPulls(world, number)) await people.approve(last, number).catch(() => undefined);
  await rest();
  if (!keyFirst) await people.token("alice", number).catch(() => undefined);
  await rest();
  if (!["cancel", "reject", "close"].includes(turn)) {
    await waitFor(world, async () => (await shown.sealed(number)).length > 0);
    if (turn === "second key") {
      await people.token("alice", number);
      await waitFor(world, async () => (await shown.sealed(number)).length > 1);
    }
    if (turn === "revoke") await people.comment("alice", number, "/revoke");
  }
  return number;
}

/** Within half an hour: the App looks at everything unsettled every five minutes, and a lost answer is tried again. */
async function waitFor(world: World, so: () => Promise<boolean>): Promise<void> {
  for (let minute = 0; minute < 60; minute++) {
    if (await so()) return;
    await world.advance(30);
  }
  throw new Error(`it is never so: ${so.toString()}`);
}

const ends: Record<Turn, string> = {
  nothing: "expired",
  edit: "expired",
  cancel: "cancelled",
  close: "cancelled",
  reject: "rejected",
  revoke: "revoked",
  "second key": "expired",
};

async function endsRight(world: World, number: number, turn: Turn): Promise<void> {
  const { people, shown } = world;
  for (let sweeps = 0; sweeps < 12 && (await shown.state(number)) === "open"; sweeps++) {
    await world.advance(900);
    await people.dispatch("pat", "sweep");
    await world.run();
  }
  await world.advance(1_800);
  const found = shown.record(number);
  const record = parseEnded(found?.text ?? "", found?.path ?? "");
  const how = record.ok ? record.value.ended.how : found?.path;
  // who closes or cancels while the last approval is on its way may come too late for a cancellation
  const right = turn === "cancel" || turn === "close" ? [ends[turn], "revoked"] : [ends[turn]];
  expect(right).toContain(how);
  const granted = how === "expired" || how === "revoked";
  const tally = await shown.tally(number);
  expect(tally).toMatchObject({
    openPulls: 0,
    pulls: turn === "edit" ? 2 : 1,
    merges: granted ? 1 : expect.any(Number),
    grants: granted ? 1 : 0,
    ends: 1,
    statuses: 1,
    sealed: granted ? (turn === "second key" ? 2 : 1) : 0,
  });
  expect(tally.merges).toBeLessThanOrEqual(1);
  expect(await shown.labels(number)).toEqual([`access: ${how}`]);
  // the last word is the end, whoever was slow
  expect(await shown.status(number)).toContain(`**${how}**`);
  expect((await shown.untils(number)).length).toBe(granted ? 1 : 0);
}

test("at most one pull request open, one merge, one grant, one end, in every history", async () => {
  await fc.assert(
    fc.asyncProperty(history, async (each) => {
      const world = await worldOf(each);
      try {
        await endsRight(world, await live(world, each), each.turn);
      } finally {
        world.close();
      }
    }),
    {
      seed: 20_261_201,
      numRuns: Number(process.env["HISTORIES"] ?? 12),
      interruptAfterTimeLimit: 60_000,
      endOnFailure: true,
    },
  );
}, 90_000);
