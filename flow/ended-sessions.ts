// Ending what is open in AWS, and the proof of it: each session's id, node, start, end and how it ended.

import type { Aws, CallTarget } from "../aws/clients.ts";
import { inParallel } from "../aws/parallel.ts";
import { listSessions, type OpenedSession, terminateSessions } from "../aws/sessions.ts";
import type { Instant, NodeId } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import type { ActiveRecord, EndedGrant, SessionEnd } from "../core/record.ts";
import type { Clock } from "./clock.ts";
import { byPlace, placeOf } from "./places.ts";

type Grant = ActiveRecord | EndedGrant;

const placesOf = (config: Config, record: Grant): readonly CallTarget[] =>
  byPlace(record.nodes).map(({ place }) => placeOf(config, place));

export interface Closing {
  /** How many sessions the first look found open. */
  readonly found: number;
  /** Why it cannot be said that nothing is open any more. */
  readonly because?: string;
}

/** Grants whose sessions are ended side by side: Session Manager takes a few calls a second. */
const atOnce = 4;
const mostPasses = 5;

/**
 * Terminates what is open of all these grants, waits `settle` once for all of them, and looks again, until a look finds nothing. While the credentials may still work
 * (`early`: a deny takes its time to spread) one clean look is not enough, and an error is no reason to stop. INVARIANT: of what is still found in the last pass, or
 * cannot be looked at, it is never said that it has ended. Answers in the order of the grants.
 */
export async function endSessions(
  { aws, clock }: { readonly aws: Aws; readonly clock: Clock },
  config: Config,
  { grants, early }: { readonly grants: readonly Grant[]; readonly early: boolean },
): Promise<readonly Closing[]> {
  const states: Watched[] = grants.map((record) => ({ record, found: 0, going: true }));
  for (let pass = 1; pass <= mostPasses; pass++) {
    const going = states.filter((state) => state.going);
    if (going.length === 0) break;
    if (pass > 1) await clock.sleep(config.limits.settle * 1000);
    await inParallel(going, atOnce, (state) => lookOnce(aws, config, state, { pass, early }));
  }
  return states.map(({ found, because }) => (because === undefined ? { found } : { found, because }));
}

interface Watched {
  readonly record: Grant;
  found: number;
  going: boolean;
  because?: string | undefined;
}

async function lookOnce(
  aws: Aws,
  config: Config,
  state: Watched,
  { pass, early }: { readonly pass: number; readonly early: boolean },
): Promise<void> {
  try {
    const open = await terminateAll(aws, config, state.record);
    if (pass === 1) state.found = open;
    state.because =
      open === 0
        ? undefined
        : `${open} session(s) of ${state.record.granted.session} were open again in look ${pass} of ${mostPasses}; the next sweep ends what is left`;
    state.going = open > 0 || (early && pass === 1);
  } catch (error) {
    state.because = error instanceof Error ? error.message : "an unknown error; report it";
    state.going = early;
  }
}

/** Terminates every open session of the grant, once, in all of its places. Answers how many were open. Throws `AwsError` when one could not be ended. */
async function terminateAll(aws: Aws, config: Config, record: Grant): Promise<number> {
  const whose = { session: record.granted.session };
  const counts = await inParallel(byPlace(record.nodes), atOnce, async ({ place }) => {
    const at = placeOf(config, place);
    const sessions = await listSessions(aws, { ...at, whose, state: "active" });
    const ended = await terminateSessions(aws, { ...at, ids: sessions.map(({ id }) => id) });
    const failed = ended.find((each) => each.failed !== undefined)?.failed;
    if (failed !== undefined) throw failed;
    return sessions.length;
  });
  return counts.reduce((sum, each) => sum + each, 0);
}

/**
 * Sessions that the grant opened, in the order in which they began. `end` is when access ended: what ended before was left by its user. Throws when one is open: INVARIANT:
 * no record says that it was terminated while it lives.
 */
export async function sessionsOf(
  aws: Aws,
  config: Config,
  record: Grant,
  end: Instant,
): Promise<readonly SessionEnd[]> {
  const request = { whose: { session: record.granted.session }, since: record.granted.at };
  const found = await Promise.all(
    placesOf(config, record).flatMap((at) => [
      listSessions(aws, { ...at, ...request, state: "history" }),
      listSessions(aws, { ...at, ...request, state: "active" }),
    ]),
  );
  const alive = found.flat().find(({ status }) => /^(?:connected|connecting|disconnected)$/.test(status));
  if (alive !== undefined)
    throw new Error(
      `session ${alive.id} on ${alive.node} is open although it was ended; the next sweep ends it`,
    );
  return found
    .flat()
    .map((session) => sessionEnd(session, record, end))
    .sort((a, b) => a.started - b.started || (a.id < b.id ? -1 : 1));
}

function sessionEnd(session: OpenedSession, record: Grant, end: Instant): SessionEnd {
  return {
    id: session.id,
    node: session.node as NodeId,
    started: session.started ?? record.granted.at,
    ...(session.ended === undefined ? {} : { ended: session.ended }),
    how: howEnded(session, end),
    ...(session.log === undefined ? {} : { log: session.log }),
  };
}

function howEnded(session: OpenedSession, end: Instant): SessionEnd["how"] {
  if (session.status === "failed") return "failed";
  return session.ended !== undefined && session.ended < end ? "left" : "terminated";
}
