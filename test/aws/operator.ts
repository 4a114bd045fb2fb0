// An operator with the credentials of a grant: what the real SSM client answers them.

import { SSMClient, StartSessionCommand, TerminateSessionCommand } from "@aws-sdk/client-ssm";
import { type IssuedCredentials, issueCredentials } from "../../aws/credentials.ts";
import { type DocumentKind, documentName } from "../../aws/documents.ts";
import type { AccountId, Instant, NodeId, Region } from "../../core/ids.ts";
import { sessionPolicy } from "../../core/session-policy.ts";
import { requestHandlerFor } from "../../sandbox/aws/request-handler.ts";
import { account, region, type Setting, seconds, session } from "./setting.ts";

export interface Grant {
  readonly nodes: readonly NodeId[];
  readonly until: Instant;
  readonly session?: string;
  readonly kind?: DocumentKind;
}

/** As the Action would: the project's own session policy, the project's own way to STS. */
export async function grant(setting: Setting, wanted: Grant): Promise<IssuedCredentials> {
  const kind = wanted.kind ?? { mode: "shell" };
  const policy = sessionPolicy({
    ...kind,
    nodes: wanted.nodes.map((id) => ({ account: account.id, region, id })),
    partition: "aws",
    account: account.id as AccountId,
    region: region as Region,
    session: wanted.session ?? session,
    until: wanted.until,
    document: documentName(kind, seconds(3_600)),
  });
  if (!policy.ok) throw new Error(policy.problems.map(({ message }) => message).join("\n"));
  return issueCredentials(setting.aws, {
    ...setting.at,
    session: wanted.session ?? session,
    until: wanted.until,
    policy: policy.value,
  });
}

export function operator(setting: Setting, issued: IssuedCredentials, inRegion: string = region) {
  const ssm = new SSMClient({
    region: inRegion,
    requestHandler: requestHandlerFor(setting.twin.handle),
    maxAttempts: 1,
    systemClockOffset: setting.clock.now() - Date.now(),
    credentials: {
      accessKeyId: issued.AccessKeyId,
      secretAccessKey: issued.SecretAccessKey,
      sessionToken: issued.SessionToken,
    },
  });
  const sync = () => {
    ssm.config.systemClockOffset = setting.clock.now() - Date.now();
  };
  return {
    /** The session's id. */
    start: async (node: string, document: string | undefined = "Hallpass-Shell-60"): Promise<string> => {
      sync();
      const { SessionId = "" } = await ssm.send(
        new StartSessionCommand({ Target: node, ...(document === "" ? {} : { DocumentName: document }) }),
      );
      return SessionId;
    },
    terminate: async (id: string): Promise<void> => {
      sync();
      await ssm.send(new TerminateSessionCommand({ SessionId: id }));
    },
  };
}
