// The metrics of the Lambda function: lines by AWS's specification, with the figures of `/metrics`.

import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emfLines } from "../../app/emf.ts";
import { createLambdaHandler, type Work } from "../../app/lambda-handler.ts";
import { createMetrics, type Metrics } from "../../app/metrics.ts";
import { type Clock, systemClock } from "../../flow/clock.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import { setStage } from "../../sandbox/stage.ts";
import { sharedEngine } from "../whole/shared-engine.ts";
import { ask, lastDelivery, signed } from "./loopback.ts";

const name = (maxLength: number) => ({ type: "string", minLength: 1, maxLength });
/** AWS's, of "Specification: Embedded metric format"; a root member is a dimension or a metric, or nothing that CloudWatch reads. */
const isEmf = new Ajv({ allowUnionTypes: true }).compile({
  type: "object",
  required: ["_aws"],
  additionalProperties: { type: ["string", "number"] },
  properties: {
    _aws: {
      type: "object",
      required: ["Timestamp", "CloudWatchMetrics"],
      additionalProperties: false,
      properties: {
        Timestamp: { type: "integer" },
        CloudWatchMetrics: {
          type: "array",
          minItems: 1,
          items: {
            type: "object",
            required: ["Namespace", "Dimensions", "Metrics"],
            additionalProperties: false,
            properties: {
              Namespace: name(1024),
              Dimensions: {
                type: "array",
                minItems: 1,
                items: { type: "array", maxItems: 30, items: name(250) },
              },
              Metrics: {
                type: "array",
                minItems: 1,
                maxItems: 100,
                items: {
                  type: "object",
                  required: ["Name"],
                  additionalProperties: false,
                  properties: { Name: name(1024), Unit: { enum: ["Seconds", "Count"] } },
                },
              },
            },
          },
        },
      },
    },
  },
});

interface Emf {
  readonly [member: string]: unknown;
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

/** What CloudWatch reads from these lines, written as `/metrics` writes it. */
function figuresIn(lines: readonly string[]): readonly string[] {
  return lines.flatMap((text) => {
    const line = JSON.parse(text) as Emf;
    expect(isEmf(line), JSON.stringify(isEmf.errors)).toBe(true);
    return line._aws.CloudWatchMetrics.flatMap(({ Dimensions: [labels = []], Metrics }) =>
      Metrics.map(({ Name }) => {
        expect(typeof line[Name]).toBe("number");
        for (const label of labels) expect(typeof line[label]).toBe("string");
        const written = labels.map((label) => `${label}="${String(line[label])}"`).join();
        return `${Name}${written === "" ? "" : `{${written}}`} ${String(line[Name])}`;
      }),
    );
  });
}

const at = 1_764_590_400_000;
const repositories = fc.constantFrom("acme/access", "acme/other");
const states = fc.constantFrom("pending", "approved", "active");
const events = fc.oneof(
  fc.tuple(repositories, fc.nat(90_000), fc.boolean()).map((look) => (to: Metrics) => to.look(...look)),
  fc.tuple(repositories, states, fc.nat(9)).map(
    ([repository, state, request]) =>
      (to: Metrics) =>
        to.looked({ repository, state, request, over: false, openedAt: at - 1_000 }),
  ),
  fc
    .tuple(repositories, fc.constantFrom(200, 304, 502), fc.constantFrom("core", "graphql"), fc.nat(5_000))
    .map(
      ([repository, status, resource, left]) =>
        (to: Metrics) =>
          to.answered(repository, status, (header) =>
            header === "x-ratelimit-resource"
              ? resource
              : header === "x-ratelimit-remaining"
                ? String(left)
                : "5000",
          ),
    ),
  fc
    .tuple(fc.constantFrom("issues", "push"), fc.nat(90_000))
    .map((lag) => (to: Metrics) => to.webhook(...lag)),
  fc.nat(3).map((count) => (to: Metrics) => to.redelivered(count)),
);

const remembered = /^hallpass_(?:verdicts|state)_/;

describe("the lines of an invocation", () => {
  test("hold each figure of `/metrics` once, but buckets and what needs one process's memory", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(events, { maxLength: 30 }), fc.boolean(), async (happened, whole) => {
        const [one, other] = [createMetrics(() => at), createMetrics(() => at)];
        for (const happen of happened) for (const metrics of [one, other]) happen(metrics);
        if (whole) for (const metrics of [one, other]) metrics.lookedAtEverything(at);
        const text = (await one.text()).split("\n").filter((line) => /^hallpass_/.test(line));
        const expected = text.filter(
          (line) =>
            !line.includes("_bucket{") &&
            !remembered.test(line) &&
            !/^\w+ 0$/.test(line) &&
            (whole || !line.startsWith("hallpass_requests{")),
        );
        const lines = emfLines(await other.take(), at);
        expect([...figuresIn(lines)].sort()).toEqual(expected.sort());
      }),
      { numRuns: 60 },
    );
  });

  test("are one where no label has two values, and say seconds of seconds", async () => {
    const metrics = createMetrics(() => at);
    metrics.look("acme/access", 1_500, false);
    metrics.webhook("issues", 2_000);
    const [line = "", ...more] = emfLines(await metrics.take(), at);
    expect(more).toEqual([]);
    const { _aws: aws, ...members } = JSON.parse(line) as Emf;
    expect(members).toEqual({
      repository: "acme/access",
      result: "done",
      event: "issues",
      hallpass_reconcile_seconds_sum: 1.5,
      hallpass_reconcile_seconds_count: 1,
      hallpass_webhook_lag_seconds_sum: 2,
      hallpass_webhook_lag_seconds_count: 1,
    });
    expect(aws.Timestamp).toBe(at);
    expect(aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Unit }) => Unit))).toEqual([
      "Seconds",
      "Count",
      "Seconds",
      "Count",
    ]);
  });

  test("count each thing once: what was told is not told again", async () => {
    const metrics = createMetrics(() => at);
    metrics.redelivered(2);
    metrics.look("acme/access", 1_500, false);
    expect(emfLines(await metrics.take(), at)).toHaveLength(1);
    expect(emfLines(await metrics.take(), at)).toEqual([]);
    metrics.redelivered(1);
    expect(figuresIn(emfLines(await metrics.take(), at))).toEqual(["hallpass_redeliveries_total 1"]);
  });
});

/** Waits for nothing but the end of an invocation, which does not come. */
const impatient: Clock = {
  now: systemClock.now,
  sleep: (milliseconds) => (milliseconds > 30_000 ? new Promise(() => undefined) : Promise.resolve()),
};

test("a webhook's invocation tells what it did, and nothing of a request but its repository", async () => {
  const stage = await setStage({
    clock: realClock,
    url: "https://github.test",
    executor: {
      javaScript: () => Promise.resolve({ exitCode: 0, log: "" }),
      shell: () => Promise.resolve({ exitCode: 0, log: "" }),
    },
    webhookUrl: "http://app.test/",
    files: { "action/dist/main.cjs": "// never run here\n" },
  });
  const { id: appId, privateKey, webhookSecret } = stage.app;
  const started: Work[] = [];
  const lines: string[] = [];
  const told: string[] = [];
  const handler = createLambdaHandler({
    options: { appId, privateKey, webhookSecret, apiUrl: stage.github.url },
    clock: impatient,
    log: () => undefined,
    emit: (line) => told.push(line) && lines.push(line),
    fetch: stage.github.fetch,
    engine: sharedEngine,
    invokeSelf: async (work) => {
      started.push(work);
    },
  });
  const context = { getRemainingTimeInMillis: () => 60_000 };
  ask({ stage });
  const body = lastDelivery({ stage }, "issues");
  const headers = {
    "x-github-event": "issues",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-hub-signature-256": signed(body, webhookSecret),
  };
  const http = { method: "POST" };
  await handler({ requestContext: { http }, rawPath: "/api/github/webhooks", headers, body }, context);
  expect(lines).toEqual([]);

  const [webhook] = started;
  expect(webhook).toMatchObject({ hallpass: "webhook", arrived: expect.any(Number) });
  expect(await handler(webhook, context)).toEqual({ done: true });
  const figures = figuresIn(lines);
  expect(figures).toContain('hallpass_webhook_lag_seconds_count{event="issues"} 1');
  expect(figures).toContain('hallpass_reconcile_seconds_count{repository="acme/access",result="done"} 1');
  expect(figures.join()).toMatch(
    /hallpass_github_answers_total\{repository="acme\/access",status="2xx"\} \d/,
  );
  expect(figures.join()).not.toContain("hallpass_requests");

  lines.length = 0;
  await handler({ hallpass: "everything" }, context);
  expect(figuresIn(lines)).toContain('hallpass_requests{repository="acme/access",state="broken"} 1');
  expect(figuresIn(lines).join()).toMatch(/hallpass_last_full_look_timestamp_seconds \d+/);
  expect(told.join()).not.toMatch(/alice|checkout|r2d2|PRIVATE KEY|gh[a-z]_/);
  expect(told.join()).not.toContain(webhookSecret);
  stage.aws.close();
});
