// The operator's side: takes the sealed credentials, checked as the CLI checks them, and opens sessions with the real SDK.

import { SSMClient, StartSessionCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { parseRequestNumber } from "../../core/parse-ids.ts";
import { type GrantedCredentials, unsealWith } from "../../flow/seal.ts";
import { type TakenGrant, takeCredentials } from "../../flow/take-credentials.ts";
import { createClient } from "../../github/client.ts";
import { requestHandlerFor } from "../../sandbox/aws/request-handler.ts";
import type { Person, Stage } from "../../sandbox/stage.ts";
import type { People } from "./people.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface Operator {
  /** Throws `UntrustedCredentials`. */
  readonly take: (number: number) => Promise<TakenGrant>;
  /** Opens a session; its id. Throws what AWS refuses. */
  readonly start: (credentials: GrantedCredentials, node: string, document?: string) => Promise<string>;
}

export function createOperator(stage: Stage, people: People, time: VirtualTime, login: Person): Operator {
  const client = createClient({
    owner: "acme",
    repo: "access",
    baseUrl: stage.github.url,
    fetch: stage.github.fetch,
    clock: time,
    token: () => stage.github.personalToken(login),
  });
  const wire = (credentials: GrantedCredentials) => ({
    region: credentials.region,
    requestHandler: requestHandlerFor(stage.aws.handle),
    maxAttempts: 1,
    systemClockOffset: time.now() - Date.now(),
    credentials: {
      accessKeyId: credentials.AccessKeyId,
      secretAccessKey: credentials.SecretAccessKey,
      sessionToken: credentials.SessionToken,
    },
  });
  return {
    take: async (number) => {
      const request = parseRequestNumber(number);
      if (request === undefined) throw new Error(`${number} is no request`);
      return takeCredentials(
        {
          client,
          unseal: unsealWith([await people.identity(login)]),
          whoAmI: async (credentials) =>
            (await new STSClient(wire(credentials)).send(new GetCallerIdentityCommand({}))).Arn ?? "",
        },
        request,
      );
    },
    start: async (credentials, node, document = "Hallpass-Shell-60") => {
      const ssm = new SSMClient(wire(credentials));
      const { SessionId = "" } = await ssm.send(
        new StartSessionCommand({ Target: node, DocumentName: document }),
      );
      return SessionId;
    },
  };
}
