// The function that AWS Lambda starts, from its environment, by an `index.mjs` that the README gives: Lambda looks for JavaScript only. INVARIANT: all that it can do in AWS is to start itself.

import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { systemClock } from "../flow/clock.ts";
import { createLambdaHandler, type LambdaHandler, type Work } from "./lambda-handler.ts";
import { jsonLog } from "./log.ts";
import { readServerOptions } from "./options.ts";

export interface Self {
  readonly client: Pick<LambdaClient, "send">;
  readonly functionName: string;
}

/** `Event`: Lambda takes it, answers 202, and tries three times. */
export async function invokeSelf({ client, functionName }: Self, work: Work): Promise<void> {
  const { StatusCode } = await client.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: "Event",
      Payload: Buffer.from(JSON.stringify(work)),
    }),
  );
  if (StatusCode !== 202) throw new Error(`Lambda answered ${StatusCode}`);
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): LambdaHandler {
  const functionName = env["AWS_LAMBDA_FUNCTION_NAME"] ?? "";
  const self = { client: new LambdaClient({}), functionName };
  return createLambdaHandler({
    options: readServerOptions(env),
    clock: systemClock,
    log: jsonLog((line) => process.stderr.write(`${line}\n`), systemClock.now),
    invokeSelf: (work) => invokeSelf(self, work),
  });
}

let started: LambdaHandler | undefined;

export const handler: LambdaHandler = (event, context) => {
  started ??= fromEnvironment(process.env);
  return started(event, context);
};
