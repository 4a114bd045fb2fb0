// What deploys the function, and the code that it deploys.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { lambdaCode } from "../../app/build-lambda.ts";
import { createLambdaHandler, type HttpAnswer, type LambdaDeps } from "../../app/lambda-handler.ts";
import { OptionsError, readServerOptions } from "../../app/options.ts";
import { systemClock } from "../../flow/clock.ts";
import { holds, type Lookup, resolve } from "../../sandbox/aws/cloudformation/intrinsics.ts";
import { evaluate } from "../../sandbox/aws/iam/evaluate.ts";
import { parsePolicy } from "../../sandbox/aws/iam/policy-document.ts";

const path = fileURLToPath(new URL("../../app/lambda.yaml", import.meta.url));
const text = readFileSync(path, "utf8");

interface Template {
  readonly Parameters: Record<string, { readonly Default?: unknown }>;
  readonly Conditions: Record<string, unknown>;
  readonly Resources: Record<string, { readonly Type: string; readonly Properties: unknown }>;
}
const template = parse(text) as Template;
type Properties = Readonly<Record<string, unknown>>;

const here = "eu-central-1:111122223333";

const arnOf = (resource: string): string => `arn:aws:made:${here}:${resource}`;

/** The resources with these parameters. */
function deployed(given: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, Properties>> {
  const values: Readonly<Record<string, unknown>> = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "hallpass",
    AppId: "123456",
    ...Object.fromEntries(
      Object.entries(template.Parameters).flatMap(([name, { Default }]) =>
        Default === undefined ? [] : [[name, String(Default)]],
      ),
    ),
    ...given,
  };
  const lookup: Lookup = {
    mappings: {},
    ref: (name) => values[name] ?? (name in template.Resources ? name : undefined),
    attribute: (resource, name) => {
      expect(template.Resources).toHaveProperty(resource);
      expect(name).toBe("Arn");
      return arnOf(resource);
    },
    condition: (name) => holds(template.Conditions[name], lookup),
  };
  return Object.fromEntries(
    Object.entries(template.Resources).map(([id, { Properties }]) => [
      id,
      resolve(Properties, lookup) as Properties,
    ]),
  );
}

const ofType = (type: string): readonly Properties[] =>
  Object.entries(deployed()).flatMap(([id, properties]) =>
    template.Resources[id]?.Type === type ? [properties] : [],
  );

function mayDo(action: string, resource: string, given: Properties = {}, context: Properties = {}): boolean {
  const { Role = {} } = deployed(given);
  const [{ PolicyDocument } = {}] = Role["Policies"] as readonly Properties[];
  const keys = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), [String(value)]]));
  const policy = parsePolicy(PolicyDocument);
  return evaluate({ action, resource, context: keys }, { identity: [policy] }).decision === "allow";
}

describe("the function", () => {
  const self = deployed()["Function"] ?? {};

  test("has no secret in its environment, and all else that the server needs", () => {
    const { Variables } = self["Environment"] as { readonly Variables: Record<string, string> };
    expect(Object.keys(Variables).sort()).toEqual([
      "APP_ID",
      "GITHUB_API_URL",
      "HALLPASS_METRICS",
      "HALLPASS_PARAMETERS",
    ]);
    expect(text).not.toContain("{{resolve");
    const secrets = { PRIVATE_KEY: "-----BEGIN PRIVATE KEY-----", WEBHOOK_SECRET: "s3cret" };
    expect(() => readServerOptions(Variables)).toThrow(OptionsError);
    expect(readServerOptions({ ...Variables, ...secrets })).toMatchObject({ appId: 123456, metrics: false });
  });

  test("may take no more of the account than it is given", () => {
    expect(self).toMatchObject({ ReservedConcurrentExecutions: "10", LoggingConfig: { LogGroup: "Log" } });
    expect(deployed({ Concurrency: "0" })["Function"]).not.toHaveProperty("ReservedConcurrentExecutions");
  });

  test("leaves what failed where its role may put it", () => {
    expect(deployed()["Asynchronous"]).toMatchObject({
      FunctionName: "Function",
      DestinationConfig: { OnFailure: { Destination: arnOf("Failed") } },
    });
  });
});

describe("its role", () => {
  const lambda = `arn:aws:lambda:${here}:function:`;
  const parameter = `arn:aws:ssm:${here}:parameter/hallpass/`;
  test.each([
    ["lambda:InvokeFunction", `${lambda}hallpass`, true],
    ["lambda:InvokeFunction", `${lambda}hallpass-other`, false],
    ["lambda:UpdateFunctionCode", `${lambda}hallpass`, false],
    ["ssm:GetParameters", `${parameter}private-key`, true],
    ["ssm:GetParameters", `${parameter}webhook-secret`, true],
    ["ssm:GetParameters", `${parameter}another`, false],
    ["ssm:PutParameter", `${parameter}private-key`, false],
    ["ssm:StartSession", `arn:aws:ec2:${here}:instance/i-0123456789abcdef0`, false],
    ["logs:PutLogEvents", arnOf("Log"), true],
    ["logs:CreateLogGroup", arnOf("Log"), false],
    ["sqs:SendMessage", arnOf("Failed"), true],
    ["sqs:ReceiveMessage", arnOf("Failed"), false],
    ["sts:AssumeRole", "arn:aws:iam::111122223333:role/HallpassAccess", false],
  ])("%s on %s: %s", (action, resource, allowed) => {
    expect(mayDo(action, resource)).toBe(allowed);
  });

  test("decrypts its own two parameters with the key that is named, and nothing without one", () => {
    const KeyArn = `arn:aws:kms:${here}:key/1`;
    const of = (name: string) => ({ "kms:EncryptionContext:PARAMETER_ARN": `${parameter}${name}` });
    expect(mayDo("kms:Decrypt", KeyArn, { KeyArn }, of("private-key"))).toBe(true);
    expect(mayDo("kms:Decrypt", KeyArn, { KeyArn }, of("another"))).toBe(false);
    expect(mayDo("kms:Decrypt", KeyArn, { KeyArn })).toBe(false);
    expect(mayDo("kms:Decrypt", KeyArn, {}, of("private-key"))).toBe(false);
  });

  test("is the function's name, which the role cannot be told by the function", () => {
    expect(deployed({ "AWS::StackName": "second" })["Function"]).toMatchObject({ FunctionName: "second" });
    expect(mayDo("lambda:InvokeFunction", `${lambda}second`, { "AWS::StackName": "second" })).toBe(true);
  });
});

describe("what starts it", () => {
  const lines: string[] = [];
  const deps: LambdaDeps = {
    options: { appId: 1, privateKey: "none", webhookSecret: "s3cret", apiUrl: "https://ghe.test/api/v3" },
    clock: systemClock,
    log: (_, message) => lines.push(message),
    fetch: () => Promise.reject(new Error("no network")),
    invokeSelf: () => Promise.reject(new Error("not signed")),
  };
  const handler = createLambdaHandler(deps);
  const context = { getRemainingTimeInMillis: () => 10_000 };

  test("is a service that is told from where, never everybody", () => {
    const permissions = ofType("AWS::Lambda::Permission");
    expect(permissions.map(({ Principal, SourceArn }) => [Principal, SourceArn])).toEqual([
      ["events.amazonaws.com", arnOf("Everything")],
      ["events.amazonaws.com", arnOf("Redeliver")],
      ["apigateway.amazonaws.com", `arn:aws:execute-api:${here}:Api/*`],
    ]);
  });

  test("timers bring work that the function knows", async () => {
    const rules = ofType("AWS::Events::Rule");
    for (const { Targets } of rules) {
      const [{ Arn, Input } = {}] = Targets as readonly Properties[];
      expect(Arn).toBe(arnOf("Function"));
      expect(await handler(JSON.parse(String(Input)), context)).toEqual({ done: true });
    }
    expect(rules).toHaveLength(2);
    expect(lines).toEqual(["could not list the repositories of the App", "could not ask for lost webhooks"]);
  });

  test.each([
    ["Webhooks", 400],
    ["Health", 200],
  ])("the route %s leads where the function answers", async (id, status) => {
    const [method = "", rawPath = ""] = String(deployed()[id]?.["RouteKey"]).split(" ");
    const event = { requestContext: { http: { method } }, rawPath, headers: {} };
    expect(((await handler(event, context)) as HttpAnswer).statusCode).toBe(status);
  });
});

test("its code, alone in a folder, reads its secrets, answers, and starts the policy engine", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hallpass-lambda-"));
  for (const [name, content] of await lambdaCode()) writeFileSync(join(folder, name), content);
  const [file, name] = String(deployed()["Function"]?.["Handler"]).split(".");
  const parameters = [
    { Name: "/hallpass/private-key", Type: "SecureString", Value: "-----BEGIN PRIVATE KEY-----" },
    { Name: "/hallpass/webhook-secret", Type: "SecureString", Value: "s3cret" },
  ];
  const code = `
    import { once } from "node:events";
    import { createServer } from "node:http";
    import { Worker } from "node:worker_threads";
    const store = createServer((_, answer) => answer.end(${JSON.stringify(JSON.stringify({ Parameters: parameters }))}));
    await once(store.listen(0, "127.0.0.1"), "listening");
    process.env.AWS_ENDPOINT_URL_SSM = "http://127.0.0.1:" + store.address().port;
    const { ${name}: handler } = await import("./${file}.mjs");
    const event = { requestContext: { http: { method: "GET" } }, rawPath: "/healthz", headers: {} };
    const { statusCode } = await handler(event, { getRemainingTimeInMillis: () => 10_000 });
    const thread = new Worker("./worker-thread.js");
    thread.postMessage({ load: [{ path: "a.cedar", text: "nonsense" }] });
    const [{ loaded }] = await once(thread, "message");
    console.log(JSON.stringify({ statusCode, problems: loaded?.problems?.length ?? loaded }));
    process.exit();`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: folder,
    encoding: "utf8",
    timeout: 30_000,
    env: {
      APP_ID: "1",
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret",
    },
  });
  rmSync(folder, { recursive: true });
  expect(JSON.parse(stdout)).toEqual({ statusCode: 200, problems: 1 });
}, 60_000);

const linter = spawnSync("cfn-lint", ["--version"]).status === 0;
test.skipIf(!linter)("cfn-lint finds nothing", { timeout: 120_000 }, () => {
  // W3002: `aws cloudformation package` takes the folder to S3 before it is deployed
  const args = ["--regions", "us-east-1", "--ignore-checks", "W3002", "--", path];
  expect(execFileSync("cfn-lint", args, { encoding: "utf8" })).toBe("");
});
