// What an operator does with issued credentials: ask AWS who they are, and start a session. Endpoints come from the SDK's own AWS_ENDPOINT_URL.

import type { IssuedCredentials } from "./credentials.ts";

const configOf = (credentials: IssuedCredentials) => ({
  region: credentials.region,
  credentials: {
    accessKeyId: credentials.AccessKeyId,
    secretAccessKey: credentials.SecretAccessKey,
    sessionToken: credentials.SessionToken,
  },
});

/** The ARN that AWS answers for these credentials. Needs no permission and cannot be denied. */
export async function whoAmI(credentials: IssuedCredentials): Promise<string> {
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const { Arn } = await new STSClient(configOf(credentials)).send(new GetCallerIdentityCommand({}));
  return Arn ?? "";
}

/** Loads what the two others need, so that they need not when they are called. */
export const loadClients = (): Promise<unknown> =>
  Promise.all([import("@aws-sdk/client-sts"), import("@aws-sdk/client-ssm")]);

export interface StartedSession {
  readonly SessionId: string;
  readonly TokenValue: string;
  readonly StreamUrl: string;
}

export interface SessionAsk {
  readonly node: string;
  readonly document: string;
  readonly reason?: string;
  /** Of a document that forwards; AWS chooses a free one otherwise. */
  readonly localPort?: string;
}

/** StartSession's own words. */
export const startSessionInput = ({ node, document, reason, localPort }: SessionAsk) => ({
  Target: node,
  DocumentName: document,
  ...(reason === undefined ? {} : { Reason: reason.slice(0, 256) }),
  ...(localPort === undefined ? {} : { Parameters: { localPortNumber: [localPort] } }),
});

/** Opens a session on a node by one of our documents. Throws the SDK's own errors: `AccessDeniedException`, `TargetNotConnected`. */
export async function startSession(credentials: IssuedCredentials, ask: SessionAsk): Promise<StartedSession> {
  const { SSMClient, StartSessionCommand } = await import("@aws-sdk/client-ssm");
  const answer = await new SSMClient(configOf(credentials)).send(
    new StartSessionCommand(startSessionInput(ask)),
  );
  const { SessionId, TokenValue, StreamUrl } = answer;
  if (SessionId === undefined || TokenValue === undefined || StreamUrl === undefined)
    throw new Error("AWS started a session without saying which; try again");
  return { SessionId, TokenValue, StreamUrl };
}

/** Ends a session that these credentials have opened. */
export async function terminateSession(credentials: IssuedCredentials, id: string): Promise<void> {
  const { SSMClient, TerminateSessionCommand } = await import("@aws-sdk/client-ssm");
  await new SSMClient(configOf(credentials)).send(new TerminateSessionCommand({ SessionId: id }));
}
