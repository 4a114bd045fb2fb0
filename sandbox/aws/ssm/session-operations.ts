import type * as Ssm from "@aws-sdk/client-ssm";
import { AwsError } from "../errors.ts";
import { tagKeys } from "../iam/request-keys.ts";
import { pageOf } from "../paging.ts";
import { type Call, type Operations, operation } from "../twin.ts";
import { documentArn, findDocument, preferencesDocument } from "./documents.ts";
import { nodeAsk } from "./nodes.ts";
import { sessionParameters } from "./session-document.ts";
import { endSession, issueToken, openSession, type Session } from "./sessions.ts";

/** Days that ended sessions are shown for. */
const historyDays = 30;

const action = "ssm:StartSession";
const documentCheck = "ssm:SessionDocumentAccessCheck";

function documentOf(input: Ssm.StartSessionRequest): string {
  return input.DocumentName ?? preferencesDocument;
}

/** Both the node and the document must be allowed, each in a statement that accepts the check of documents. */
function requireNodeAndDocument(input: Ssm.StartSessionRequest, call: Call): void {
  const node = nodeAsk(call, input.Target ?? "");
  const name = documentOf(input);
  const tags = findDocument(call.region, name)?.tags;
  call.require({ action, resource: node.resource, keys: { ...node.keys, [documentCheck]: "true" } });
  call.require({
    action,
    resource: documentArn(call.region, name),
    keys: { ...tagKeys(tags, "aws:ResourceTag", "ssm:resourceTag"), [documentCheck]: "true" },
  });
}

function authorizeStart(input: Ssm.StartSessionRequest, call: Call): void {
  // Without a document's name AWS starts the default shell for whoever may reach the node, although no policy names
  // that document, unless the statement itself asks for the check.
  if (input.DocumentName === undefined && call.twin.parameters.defaultDocumentCheck === "skipped") {
    const node = nodeAsk(call, input.Target ?? "");
    const evaluation = call.evaluate({
      action,
      resource: node.resource,
      keys: { ...node.keys, [documentCheck]: "false" },
    });
    if (evaluation.decision === "allow") return;
  }
  requireNodeAndDocument(input, call);
}

const startSession = operation<Ssm.StartSessionRequest, Ssm.StartSessionResponse>({
  authorize: authorizeStart,
  run: (input, call) => {
    const document = findDocument(call.region, documentOf(input));
    if (input.DocumentName !== undefined && document === undefined) {
      throw new AwsError("InvalidDocument", `Document with name ${input.DocumentName} does not exist.`);
    }
    if (document !== undefined && document.type !== "Session") {
      throw new AwsError(
        "InvalidDocument",
        `Document type ${document.type} is not supported by StartSession.`,
      );
    }
    const parameters = sessionParameters(document?.content ?? {}, input.Parameters ?? {});
    const node = call.region.nodes.get(input.Target ?? "");
    if (node?.agent !== "Online")
      throw new AwsError("TargetNotConnected", `${input.Target} is not connected.`);
    const session = openSession(call.twin, call.region, {
      node,
      document,
      documentName: documentOf(input),
      principal: call.principal,
      reason: input.Reason,
      parameters,
    });
    return stream(session, call);
  },
});

function stream(session: Session, call: Call): Ssm.StartSessionResponse {
  return {
    SessionId: session.id,
    TokenValue: issueToken(call.twin, session),
    StreamUrl: `wss://ssmmessages.${call.region.name}.amazonaws.com/v1/data-channel/${session.id}?role=publish_subscribe`,
  };
}

function requireSession(name: string, id: string | undefined, call: Call): void {
  const session = call.region.sessions.get(id ?? "");
  call.require({
    action: `ssm:${name}`,
    resource: `arn:aws:ssm:${call.region.name}:${call.account.id}:session/${id}`,
    keys: tagKeys(session?.tags, "ssm:resourceTag"),
  });
}

const resumeSession = operation<Ssm.ResumeSessionRequest, Ssm.ResumeSessionResponse>({
  authorize: (input, call) => requireSession("ResumeSession", input.SessionId, call),
  run: (input, call) => {
    const session = call.region.sessions.get(input.SessionId ?? "");
    if (session === undefined || session.ended !== undefined) {
      throw new AwsError("DoesNotExistException", `Session ${input.SessionId} does not exist or has ended.`);
    }
    return stream(session, call);
  },
});

const terminateSession = operation<Ssm.TerminateSessionRequest, Ssm.TerminateSessionResponse>({
  authorize: (input, call) => requireSession("TerminateSession", input.SessionId, call),
  run: (input, call) => {
    // ends well for unknown and ended sessions too
    const session = call.region.sessions.get(input.SessionId ?? "");
    if (session !== undefined) endSession(call.twin, session, "terminated");
    return { SessionId: input.SessionId };
  },
});

const describeSessions = operation<Ssm.DescribeSessionsRequest, Ssm.DescribeSessionsResponse>({
  authorize: (_, call) =>
    call.require({
      action: "ssm:DescribeSessions",
      resource: "*",
    }),
  run: (input, call) => {
    const oldest = call.now - historyDays * 86_400_000;
    const found = [...call.region.sessions.values()]
      .filter((session) =>
        input.State === "Active" ? session.ended === undefined : (session.ended?.at ?? 0) > oldest,
      )
      .filter((session) => (input.Filters ?? []).every((filter) => passes(session, filter)))
      .sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? -1 : 1));
    const { items, next } = pageOf(found, input.MaxResults ?? 200, input.NextToken, "InvalidNextToken");
    return { Sessions: items.map(describe), ...(next === undefined ? {} : { NextToken: next }) };
  },
});

function passes(session: Session, { key, value = "" }: Ssm.SessionFilter): boolean {
  switch (key) {
    case "InvokedAfter":
      return session.startedAt > Date.parse(value);
    case "InvokedBefore":
      return session.startedAt < Date.parse(value);
    case "Target":
      return session.target === value;
    case "Owner":
      return session.owner === value;
    case "Status":
      return statusOf(session) === value;
    case "SessionId":
      return session.id === value;
    case "AccessType":
      return value === "Standard";
    case undefined:
      return false;
  }
}

function statusOf(session: Session): Ssm.SessionStatus {
  return session.ended === undefined ? "Connected" : "Terminated";
}

function describe(session: Session): Ssm.Session {
  return {
    SessionId: session.id,
    Target: session.target,
    Status: statusOf(session),
    StartDate: new Date(session.startedAt),
    ...(session.ended === undefined ? {} : { EndDate: new Date(session.ended.at) }),
    DocumentName: session.document,
    Owner: session.owner,
    ...(session.reason === undefined ? {} : { Reason: session.reason }),
    ...(session.maxDuration === undefined ? {} : { MaxSessionDuration: String(session.maxDuration) }),
    OutputUrl: {},
    AccessType: "Standard",
  };
}

export const sessionOperations: Operations = {
  StartSession: startSession,
  ResumeSession: resumeSession,
  TerminateSession: terminateSession,
  DescribeSessions: describeSessions,
};
