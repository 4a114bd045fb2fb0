// Ending what is open in AWS, and the proof of it: each session's id, node, start, end and how it ended.

import type { Aws, CallTarget } from "../aws/clients.ts";
import { listSessions, type OpenedSession, terminateSessions } from "../aws/sessions.ts";
import type { Instant, NodeId } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import type { ActiveRecord, EndedGrant, SessionEnd } from "../core/record.ts";
import { byPlace, placeOf } from "./places.ts";

type Grant = ActiveRecord | EndedGrant;

const placesOf = (config: Config, record: Grant): readonly CallTarget[] =>
  byPlace(record.nodes).map(({ place }) => placeOf(config, place));

/** Terminates every open session of the grant, once. Answers how many were open. Throws `AwsError` when one could not be ended. */
export async function terminateAll(aws: Aws, config: Config, record: Grant): Promise<number> {
  const whose = { session: record.granted.session };
  let open = 0;
  for (const at of placesOf(config, record)) {
    const sessions = await listSessions(aws, { ...at, whose, state: "active" });
    const ended = await terminateSessions(aws, { ...at, ids: sessions.map(({ id }) => id) });
    const failed = ended.find((each) => each.failed !== undefined)?.failed;
    if (failed !== undefined) throw failed;
    open += sessions.length;
  }
  return open;
}

/** Sessions that the grant opened, ended or not, in the order in which they began. `end` is when access ended: what ended before was left by its user. */
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
