// The two-level story, played by people who look at GitHub and do what is theirs to do, whatever happens to the machines meanwhile.

import { parseEnded } from "../../core/parse-record.ts";
import type { EndedRecord } from "../../core/record.ts";
import type { Tally } from "./shown.ts";
import type { World } from "./world.ts";

export const storyNode = "i-0a0a0a0a0a0a0a0a1";

export interface Told {
  readonly number: number;
  readonly tally: Tally;
  readonly labels: readonly string[];
  readonly record: EndedRecord;
  /** Every `until` that `active/N.yaml` ever had, each once. */
  readonly untils: readonly string[];
  /** Sessions that are still open. */
  readonly open: number;
}

/** What a story comes to, whatever happened on the way. */
export const once: Partial<Told> = {
  tally: { openPulls: 0, pulls: 1, merges: 1, grants: 1, ends: 1, statuses: 1, sealed: 1 },
  labels: ["access: expired"],
  open: 0,
};

/** From need to end. Throws when somebody waits in vain for more than two hours. */
export async function play(world: World): Promise<Told> {
  const { people, shown } = world;
  const number = people.ask("alice", { nodes: "r2d2-app-01", for: "1h" });
  await people.token("alice", number);
  const wait = (so: () => Promise<boolean>) => world.until(so, 7_200);
  await wait(async () => (await shown.pulls(number)).some(({ state }) => state === "open"));
  for (const approver of ["bob", "erin", "carol"] as const) {
    await people.approve(approver, number);
    await world.run();
  }
  await wait(async () => (await shown.sealed(number)).length > 0);
  await use(world, number);
  await sweepUntilClosed(world, number);
  await world.advance(1_800);
  return tell(world, number);
}

/** The sweep is dispatched by hand, every quarter of an hour, as the cron would. */
async function sweepUntilClosed({ people, shown, run, advance }: World, number: number): Promise<void> {
  for (let sweeps = 0; sweeps < 8; sweeps++) {
    await advance(900);
    await people.dispatch("pat", "sweep");
    await run();
    if ((await shown.state(number)) === "closed") return;
  }
  throw new Error(`#${number} is still open after 8 sweeps`);
}

/** A session just before the end, so that somebody has to end it. */
async function use(world: World, number: number): Promise<void> {
  const operator = world.operator("alice");
  const { record, credentials } = await operator.take(number);
  const [issued] = credentials;
  if (issued === undefined) throw new Error("nothing was issued");
  await world.advanceTo(record.granted.until - 30_000);
  await operator.start(issued, storyNode);
}

async function tell({ shown }: World, number: number): Promise<Told> {
  const found = shown.record(number);
  const record = parseEnded(found?.text ?? "", found?.path ?? "");
  if (!record.ok) throw new Error(`#${number} has no record of its end: ${record.problems[0].message}`);
  return {
    number,
    tally: await shown.tally(number),
    labels: await shown.labels(number),
    record: record.value,
    untils: await shown.untils(number),
    open: shown.sessions(number).filter(({ open }) => open).length,
  };
}
