// What the function answers to whoever posts to its URL, and what it starts.

import { createHmac } from "node:crypto";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, test } from "vitest";
import { invokeSelf, readSecrets } from "../../app/lambda.ts";
import { createLambdaHandler, type HttpAnswer, type Work } from "../../app/lambda-handler.ts";
import { systemClock } from "../../flow/clock.ts";

const secret = "a-webhook-secret";
const context = { getRemainingTimeInMillis: () => 10_000 };

function createFunction() {
  const started: Work[] = [];
  const lines: string[] = [];
  const handler = createLambdaHandler({
    options: {
      appId: 1,
      privateKey: "none is needed here",
      webhookSecret: secret,
      apiUrl: "https://ghe.test/api/v3",
    },
    clock: systemClock,
    log: (_, message) => lines.push(message),
    fetch: () => Promise.reject(new Error("the first invocation asked GitHub")),
    invokeSelf: async (work) => {
      started.push(work);
    },
  });
  return { handler, started, lines };
}

const payload = {
  action: "opened",
  sender: { id: 5, login: "alice" },
  issue: { number: 12, title: "planted", body: "planted".repeat(100_000), user: { login: "alice" } },
  repository: { name: "access", owner: { login: "acme" }, default_branch: "main", description: "planted" },
  installation: { id: 9 },
};

interface Sent {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly method?: string;
  readonly path?: string;
  readonly base64?: boolean;
}

function post({
  body = JSON.stringify(payload),
  headers = {},
  method = "POST",
  path,
  base64 = false,
}: Sent = {}) {
  return {
    requestContext: { http: { method } },
    rawPath: path ?? "/api/github/webhooks",
    body: base64 ? Buffer.from(body).toString("base64") : body,
    isBase64Encoded: base64,
    headers: {
      "x-github-event": "issues",
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
      ...headers,
    },
  };
}

const ask = async (event: unknown) => {
  const made = createFunction();
  const { statusCode } = (await made.handler(event, context)) as HttpAnswer;
  return { ...made, statusCode };
};

describe("a signed webhook", () => {
  test.each([false, true])("starts the work and is answered at once, base64: %s", async (base64) => {
    const { statusCode, started } = await ask(post({ base64 }));
    expect(statusCode).toBe(202);
    expect(started).toMatchObject([
      {
        hallpass: "webhook",
        delivery: {
          name: "issues",
          payload: { action: "opened", issue: { number: 12 }, installation: { id: 9 } },
        },
      },
    ]);
    expect(JSON.stringify(started)).not.toMatch(/planted|alice/);
  });

  test("of an event that is not ours starts nothing", async () => {
    expect(await ask(post({ headers: { "x-github-event": "star" } }))).toMatchObject({
      statusCode: 202,
      started: [],
    });
  });

  test("behind a stage of an API Gateway is taken", async () => {
    expect((await ask(post({ path: "/prod/api/github/webhooks" }))).started).toHaveLength(1);
  });
});

describe("nothing is started", () => {
  test.each<[string, Sent, number]>([
    ["without a signature", { headers: { "x-hub-signature-256": undefined } }, 400],
    ["with another's", { headers: { "x-hub-signature-256": `sha256=${"a".repeat(64)}` } }, 400],
    ["with one cut short", { headers: { "x-hub-signature-256": "sha256=" } }, 400],
    ["with what is no JSON", { body: "{not json" }, 400],
    ["with what is no object", { body: "[]" }, 400],
    ["without an event", { headers: { "x-github-event": undefined } }, 400],
    ["without a delivery", { headers: { "x-github-delivery": undefined } }, 400],
    ["elsewhere", { path: "/" }, 404],
    ["by another method", { method: "PUT" }, 404],
  ])("%s", async (_, sent, status) => {
    expect(await ask(post(sent))).toMatchObject({ statusCode: status, started: [] });
  });

  test("by a request that says that it is ourselves", async () => {
    const work = { hallpass: "everything" };
    const { statusCode, started, lines } = await ask({
      ...post({ body: JSON.stringify(work) }),
      ...work,
      headers: {},
    });
    expect({ statusCode, started, lines }).toEqual({ statusCode: 400, started: [], lines: [] });
  });

  test("by an event that is none of ours", async () => {
    const { lines, started } = await ask({ hallpass: "grant", request: 1 });
    expect({ lines, started }).toEqual({
      lines: ["started with an event that is none of ours"],
      started: [],
    });
  });
});

test("it says that it is alive", async () => {
  expect((await ask(post({ method: "GET", path: "/healthz" }))).statusCode).toBe(200);
});

describe("starting itself", () => {
  const client = (statusCode: number, seen: unknown[]) =>
    new LambdaClient({
      region: "eu-central-1",
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
      maxAttempts: 1,
      requestHandler: {
        handle: async (request: unknown) => {
          seen.push(request);
          return { response: { statusCode, headers: {}, body: new Uint8Array() } };
        },
      } as never,
    });

  test("is an invocation that nobody waits for", async () => {
    const seen: unknown[] = [];
    await invokeSelf({ client: client(202, seen), functionName: "hallpass" }, { hallpass: "redeliver" });
    expect(seen).toMatchObject([
      {
        method: "POST",
        path: "/2015-03-31/functions/hallpass/invocations",
        headers: { "x-amz-invocation-type": "Event" },
      },
    ]);
    const [{ body }] = seen as [{ body: Uint8Array }];
    expect(JSON.parse(Buffer.from(body).toString("utf8"))).toEqual({ hallpass: "redeliver" });
  });

  test("fails with any other answer", async () => {
    const failing = invokeSelf(
      { client: client(200, []), functionName: "hallpass" },
      { hallpass: "redeliver" },
    );
    await expect(failing).rejects.toThrow("200");
  });
});

describe("its secrets", () => {
  const client = (parameters: readonly object[], seen: unknown[] = []) =>
    new SSMClient({
      region: "eu-central-1",
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
      maxAttempts: 1,
      requestHandler: {
        handle: async (request: { readonly body: Uint8Array }) => {
          seen.push(JSON.parse(new TextDecoder().decode(request.body)));
          const body = Buffer.from(JSON.stringify({ Parameters: parameters }));
          return { response: { statusCode: 200, headers: {}, body } };
        },
      } as never,
    });
  const key = { Name: "/a/private-key", Type: "SecureString", Value: "-----BEGIN PRIVATE KEY-----\n" };
  const webhook = { Name: "/a/webhook-secret", Type: "SecureString", Value: "s3cret\n" };

  test("are read from two encrypted parameters at once, without the line break of a file", async () => {
    const seen: unknown[] = [];
    expect(await readSecrets({ client: client([webhook, key], seen), path: "/a" })).toEqual({
      PRIVATE_KEY: "-----BEGIN PRIVATE KEY-----",
      WEBHOOK_SECRET: "s3cret",
    });
    expect(seen).toEqual([{ Names: ["/a/private-key", "/a/webhook-secret"], WithDecryption: true }]);
  });

  test.each([
    ["that are not there", [key], "`/a/webhook-secret` is not there"],
    [
      "that are not encrypted",
      [key, { ...webhook, Type: "String" }],
      "`/a/webhook-secret` is a String: expected a SecureString",
    ],
  ])("%s are refused, and not shown", async (_, parameters, message) => {
    const reading = readSecrets({ client: client(parameters), path: "/a" });
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.not.toThrow(/s3cret|BEGIN/);
  });
});
