// Sessions of Session Manager: what is open, what was opened, and ending it.

import type { DescribeSessionsCommandInput, Session } from "@aws-sdk/client-ssm";
import type { Instant } from "../core/ids.ts";
import { ownerOf } from "./arns.ts";
import type { Aws, CallTarget } from "./clients.ts";
import { AwsError } from "./errors.ts";
import { inParallel } from "./parallel.ts";

export interface OpenedSession {
  readonly id: string;
  /** The node's id, as the session names its target. */
  readonly node: string;
  readonly status: "connected" | "connecting" | "disconnected" | "terminated" | "terminating" | "failed";
  /** The role session name of its owner: `hp.<repository id>.<request id>`. */
  readonly session: string;
  /** `arn:…:sts::<account>:assumed-role/<access role>/<session name>`. */
  readonly owner: string;
  readonly started?: Instant;
  readonly ended?: Instant;
  readonly document?: string;
  /** Where its log is, as AWS says it. Only AWS's own pages; what the node's role wrote elsewhere it does not know. */
  readonly log?: string;
}

/** Whose sessions: one grant's, or all whose session name begins so (`hp.<repository id>.`). */
export type Whose = { readonly session: string } | { readonly prefix: string };

/**
 * Sessions of the account's access role, of one owner or of one access repo. AWS keeps ended ones for 30 days. Owners are compared here, whole:
 * that AWS's filter is exact is nowhere promised, and `hp.1.1` must never be taken for `hp.1.12`.
 */
export async function listSessions(
  aws: Aws,
  request: CallTarget & {
    readonly whose: Whose;
    readonly state: "active" | "history";
    readonly since?: Instant;
  },
): Promise<readonly OpenedSession[]> {
  const { whose, state, since, account } = request;
  const role = account.roles.access;
  const filters = [
    ...("session" in whose ? [{ key: "Owner" as const, value: ownerOf(role, whose.session) }] : []),
    ...(since === undefined ? [] : [{ key: "InvokedAfter" as const, value: new Date(since).toISOString() }]),
  ];
  const found: OpenedSession[] = [];
  let next: string | undefined;
  do {
    const input: DescribeSessionsCommandInput = {
      State: state === "active" ? "Active" : "History",
      MaxResults: 200,
      ...(filters.length === 0 ? {} : { Filters: filters }),
      ...(next === undefined ? {} : { NextToken: next }),
    };
    const page = await aws.send(request, "ssm:DescribeSessions", input);
    for (const session of page.Sessions ?? []) {
      const opened = parseSession(session, ownerOf(role, ""));
      if (opened !== undefined && isOf(opened.session, whose)) found.push(opened);
    }
    next = page.NextToken || undefined;
  } while (next !== undefined);
  return found;
}

const isOf = (session: string, whose: Whose): boolean =>
  "session" in whose ? session === whose.session : session.startsWith(whose.prefix);

function parseSession(session: Session, ownerPrefix: string): OpenedSession | undefined {
  const { SessionId, Owner, Target, StartDate, EndDate, DocumentName, OutputUrl } = session;
  if (SessionId === undefined || Owner?.startsWith(ownerPrefix) !== true) return undefined;
  const log = OutputUrl?.CloudWatchOutputUrl || OutputUrl?.S3OutputUrl;
  return {
    id: SessionId,
    node: Target ?? "",
    status: statusOf(session.Status),
    session: Owner.slice(ownerPrefix.length),
    owner: Owner,
    ...(StartDate === undefined ? {} : { started: StartDate.getTime() as Instant }),
    ...(EndDate === undefined ? {} : { ended: EndDate.getTime() as Instant }),
    ...(DocumentName === undefined ? {} : { document: DocumentName }),
    ...(log ? { log } : {}),
  };
}

function statusOf(status: Session["Status"]): OpenedSession["status"] {
  switch (status) {
    case "Connected":
      return "connected";
    case "Connecting":
      return "connecting";
    case "Disconnected":
      return "disconnected";
    case "Terminated":
      return "terminated";
    case "Terminating":
      return "terminating";
    case "Failed":
    case undefined:
      return "failed";
  }
}

export interface Termination {
  readonly id: string;
  /** There when AWS refused to end it. */
  readonly failed?: AwsError;
}

/** Ends sessions. AWS also says yes to one that is over or never was. One failure does not keep the others open. */
export async function terminateSessions(
  aws: Aws,
  request: CallTarget & { readonly ids: readonly string[] },
): Promise<readonly Termination[]> {
  // Session Manager takes six of these a second
  return inParallel(request.ids, 3, async (id): Promise<Termination> => {
    try {
      await aws.send(request, "ssm:TerminateSession", { SessionId: id });
      return { id };
    } catch (error) {
      if (error instanceof AwsError) return error.code === "not-found" ? { id } : { id, failed: error };
      throw error;
    }
  });
}
