import type { Principal } from "../iam/principal.ts";
import type { Twin } from "../twin.ts";
import type { Node, Region, Tags } from "../world.ts";
import type { SsmDocument } from "./documents.ts";
import { type PortDocument, portOf, sessionLimits } from "./session-document.ts";

/** How a session came to its end. */
export type SessionEnd = "left" | "terminated" | "idle" | "max-duration";

export interface Session {
  readonly id: string;
  readonly arn: string;
  readonly target: string;
  readonly document: string;
  /** The ARN of who opened it. */
  readonly owner: string;
  readonly reason: string | undefined;
  readonly startedAt: number;
  /** Minutes. */
  readonly maxDuration: number | undefined;
  readonly tags: Tags;
  readonly parameters: Readonly<Record<string, string>>;
  /** What it forwards to; undefined: it is a shell. */
  readonly port: PortDocument | undefined;
  /** Tokens that still open its stream, each once. */
  readonly tokens: Set<string>;
  lastActivity: number;
  ended: { readonly at: number; readonly how: SessionEnd } | undefined;
  readonly listeners: Set<(how: SessionEnd) => void>;
  /** Stops the clocks that would end it. */
  readonly over: AbortController;
}

export interface SessionSpec {
  readonly node: Node;
  readonly document: SsmDocument | undefined;
  /** The name it is recorded under: the default shell has one even where no such document was saved. */
  readonly documentName: string;
  readonly principal: Principal;
  readonly reason: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Opens a session and starts the clocks that its document sets. */
export function openSession(twin: Twin, region: Region, spec: SessionSpec): Session {
  const { principal } = spec;
  const name =
    principal.kind === "role" ? principal.sessionName : (principal.arn.split("/").at(-1) ?? "user");
  const id = `${name}-${twin.ids.hex(17)}`;
  const limits = sessionLimits(spec.document?.content ?? {});
  const now = twin.now();
  const session: Session = {
    id,
    arn: `arn:aws:ssm:${region.name}:${region.account}:session/${id}`,
    target: spec.node.id,
    document: spec.documentName,
    owner: principal.arn,
    reason: spec.reason,
    startedAt: now,
    maxDuration: limits.maxDuration,
    tags: sessionTags(principal, spec.node.id),
    parameters: spec.parameters,
    port: portOf(spec.document?.content ?? {}, spec.parameters),
    tokens: new Set(),
    lastActivity: now,
    ended: undefined,
    listeners: new Set(),
    over: new AbortController(),
  };
  region.sessions.set(id, session);
  const { maxDuration } = limits;
  if (maxDuration !== undefined) endAfter(twin, session, maxDuration * 60_000);
  endWhenIdle(twin, session, limits.idle * 60_000);
  return session;
}

/** AWS tags sessions only where the owner's id is made of characters that a tag may have. */
function sessionTags(principal: Principal, target: string): Tags {
  if (!/^[A-Za-z0-9 _.:/=+\-@\\]*$/.test(principal.userId)) return new Map();
  return new Map([
    ["aws:ssmmessages:session-id", principal.userId],
    ["aws:ssmmessages:target-id", target],
  ]);
}

/** A token for the session's stream. */
export function issueToken(twin: Twin, session: Session): string {
  const token = `AAEAAV${twin.ids.base64(180)}`;
  session.tokens.add(token);
  twin.sessionTokens.push(token);
  return token;
}

/** Ends a session once; whoever watches it is told. */
export function endSession(twin: Twin, session: Session, how: SessionEnd): void {
  if (session.ended !== undefined) return;
  session.ended = { at: twin.now(), how };
  session.tokens.clear();
  session.over.abort();
  for (const listener of session.listeners) listener(how);
}

function endAfter(twin: Twin, session: Session, ms: number): void {
  watch(twin, session, async (signal) => {
    await twin.clock.sleep(ms, signal);
    endSession(twin, session, "max-duration");
  });
}

function endWhenIdle(twin: Twin, session: Session, ms: number): void {
  watch(twin, session, async (signal) => {
    for (let left = ms; left > 0; left = session.lastActivity + ms - twin.now())
      await twin.clock.sleep(left, signal);
    endSession(twin, session, "idle");
  });
}

function watch(twin: Twin, session: Session, work: (signal: AbortSignal) => Promise<void>): void {
  twin.background(async (closed) => {
    const signal = AbortSignal.any([closed, session.over.signal]);
    await work(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  });
}

/** What a person in front of an open session sees. */
export interface OpenShell {
  readonly sessionId: string;
  readonly target: string;
  readonly open: boolean;
  readonly ended: { readonly at: number; readonly how: SessionEnd } | undefined;
  onEnd(listener: (how: SessionEnd) => void): void;
  /** Something is typed: the idle clock starts again. */
  type(): void;
  /** The person leaves. */
  leave(): void;
}

/** Opens a session's stream with a token; undefined when the token does not open it. */
export function openShell(twin: Twin, session: Session, token: string): OpenShell | undefined {
  if (session.ended !== undefined || !session.tokens.delete(token)) return undefined;
  return {
    sessionId: session.id,
    target: session.target,
    get open() {
      return session.ended === undefined;
    },
    get ended() {
      return session.ended;
    },
    onEnd: (listener) => {
      if (session.ended === undefined) session.listeners.add(listener);
      else listener(session.ended.how);
    },
    type: () => {
      session.lastActivity = twin.now();
    },
    leave: () => endSession(twin, session, "left"),
  };
}
