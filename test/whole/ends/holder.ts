// Somebody who holds credentials and goes on trying: new sessions, resumed ones, and shells that they keep typing in.

import {
  ResumeSessionCommand,
  SSMClient,
  StartSessionCommand,
  type StartSessionCommandOutput,
} from "@aws-sdk/client-ssm";
import type { GrantedCredentials } from "../../../flow/seal.ts";
import { requestHandlerFor } from "../../../sandbox/aws/request-handler.ts";
import type { World } from "../world.ts";

export interface Holder {
  /** Opens a session and sits down in its shell; its id. Throws what AWS refuses. */
  readonly start: (node: string, document?: string) => Promise<string>;
  /** Opens a session without naming a document. */
  readonly startDefault: (node: string) => Promise<void>;
  readonly resume: (session: string) => Promise<void>;
  /** Types something in every shell that is open. */
  readonly type: () => void;
  /** How many shells are open. */
  readonly open: () => number;
  /** When the last of the shells ended; throws while one is open. */
  readonly ended: () => number;
}

type Shell = ReturnType<World["stage"]["aws"]["openShell"]>;

export function hold(
  { stage, time }: World,
  credentials: Omit<GrantedCredentials, "account" | "Expiration">,
  document: string,
): Holder {
  const ssm = new SSMClient({
    region: credentials.region,
    requestHandler: requestHandlerFor(stage.aws.handle),
    maxAttempts: 1,
    credentials: {
      accessKeyId: credentials.AccessKeyId,
      secretAccessKey: credentials.SecretAccessKey,
      sessionToken: credentials.SessionToken,
    },
  });
  const shells: Shell[] = [];
  const sync = (): void => {
    ssm.config.systemClockOffset = time.now() - Date.now();
  };
  const sitDown = (started: Pick<StartSessionCommandOutput, "SessionId" | "TokenValue">): void => {
    shells.push(stage.aws.openShell(started));
  };
  return {
    start: async (node, named = document) => {
      sync();
      const started = await ssm.send(new StartSessionCommand({ Target: node, DocumentName: named }));
      sitDown(started);
      return started.SessionId ?? "";
    },
    startDefault: async (node) => {
      sync();
      sitDown(await ssm.send(new StartSessionCommand({ Target: node })));
    },
    resume: async (session) => {
      sync();
      sitDown(await ssm.send(new ResumeSessionCommand({ SessionId: session })));
    },
    type: () => {
      for (const shell of shells) if (shell.open) shell.type();
    },
    open: () => new Set(shells.filter((shell) => shell.open).map(({ sessionId }) => sessionId)).size,
    ended: () =>
      Math.max(
        ...shells.map(({ ended, sessionId }) => {
          if (ended === undefined) throw new Error(`${sessionId} is still open`);
          return ended.at;
        }),
      ),
  };
}

/** Seconds after `from` until which something still worked; nothing after it: at most 0. */
export interface Lasted {
  readonly newSession: number;
  readonly resumed: number;
  readonly openShell: number;
}

export interface Trial {
  readonly node: string;
  readonly from: number;
  readonly seconds: number;
  /** What happens at that moment. */
  readonly atFrom?: () => Promise<unknown>;
}

/** Tries everything every second, later every 5 minutes, until all shells have ended or `seconds` are over. */
export async function lasts(
  world: World,
  holder: Holder,
  { node, from, seconds, atFrom }: Trial,
): Promise<Lasted> {
  const last = { newSession: Number.NEGATIVE_INFINITY, resumed: Number.NEGATIVE_INFINITY };
  let session = await holder.start(node);
  const works = async (attempt: () => Promise<unknown>): Promise<boolean> =>
    attempt().then(
      () => true,
      () => false,
    );
  for (let at = -2; at <= seconds; at += at < 200 ? 1 : 300) {
    await world.advanceTo(from + at * 1_000);
    holder.type();
    if (at === 0) await atFrom?.();
    if (await works(async () => (session = await holder.start(node)))) last.newSession = at;
    if (await works(() => holder.resume(session))) last.resumed = at;
    if (holder.open() === 0 && at > last.newSession) break;
  }
  return { ...last, openShell: (holder.ended() - from) / 1_000 };
}
