// The function that AWS Lambda starts, from its environment. INVARIANT: all that it can do in AWS is to start itself and to read its two secrets (app/lambda.yaml).

import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
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

export interface SecretsAt {
  readonly client: Pick<SSMClient, "send">;
  /** Of the Parameter Store, such as `/hallpass`. */
  readonly path: string;
}

/** What the server has in its environment. A function's environment is shown to whoever may describe the function, so here it stands in encrypted parameters. */
export async function readSecrets({ client, path }: SecretsAt): Promise<Readonly<Record<string, string>>> {
  const named = { PRIVATE_KEY: `${path}/private-key`, WEBHOOK_SECRET: `${path}/webhook-secret` };
  const { Parameters = [] } = await client.send(
    new GetParametersCommand({ Names: Object.values(named), WithDecryption: true }),
  );
  const secrets = Object.entries(named).map(([variable, name]): readonly [string, string] => {
    const found = Parameters.find(({ Name }) => Name === name);
    if (found?.Value === undefined || found.Type !== "SecureString")
      throw new Error(
        `the parameter \`${name}\` is ${found === undefined ? "not there" : `a ${found.Type}`}: expected a SecureString; make it with \`aws ssm put-parameter\``,
      );
    // a file that was put there ends in a line break
    return [variable, found.Value.trim()];
  });
  return Object.fromEntries(secrets);
}

async function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Promise<LambdaHandler> {
  const functionName = env["AWS_LAMBDA_FUNCTION_NAME"] ?? "";
  const self = { client: new LambdaClient({}), functionName };
  const secrets = await readSecrets({
    client: new SSMClient({}),
    path: env["HALLPASS_PARAMETERS"] ?? "/hallpass",
  });
  const options = readServerOptions({ ...env, ...secrets });
  return createLambdaHandler({
    options,
    clock: systemClock,
    log: jsonLog((line) => process.stderr.write(`${line}\n`), systemClock.now),
    invokeSelf: (work) => invokeSelf(self, work),
    // as it is: Lambda's own `console.log` puts other words before it
    ...(options.metrics ? { emit: (line) => process.stdout.write(`${line}\n`) } : {}),
  });
}

let started: Promise<LambdaHandler> | undefined;

export const handler: LambdaHandler = async (event, context) => {
  started ??= fromEnvironment(process.env);
  const handle = await started.catch((error: unknown) => {
    // the next invocation tries again
    started = undefined;
    throw error;
  });
  return handle(event, context);
};
