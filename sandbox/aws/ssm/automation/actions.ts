import { AnswerLost, AwsError } from "../../errors.ts";
import type { ServiceId } from "../../wire/service-models.ts";
import { isStruct, type Struct } from "../../wire/shape.ts";
import type { Step } from "./document.ts";
import type { Run } from "./run.ts";
import { select } from "./selector.ts";
import { convert, StepFailure, substitute } from "./values.ts";

/** The longest that one step may sleep: just under seven days. */
const longestSleep = 604_799_000;

const hour = 3_600_000;

/** Performs a step that is no control flow, and answers its outputs. */
export async function performAction(run: Run, step: Step): Promise<Readonly<Record<string, unknown>>> {
  switch (step.action) {
    case "aws:sleep":
      await run.twin.clock.sleep(sleepTime(run, step), run.signal);
      return {};
    case "aws:executeAwsApi":
      return outputsOf(step, await callApi(run, step));
    case "aws:assertAwsResourceProperty": {
      const found = property(step, await callApi(run, step));
      if (!isDesired(run, step, found)) throw new StepFailure(`the property is ${JSON.stringify(found)}`);
      return {};
    }
    case "aws:waitForAwsResourceProperty":
      await waitForProperty(run, step);
      return {};
    case "aws:branch":
    case "aws:loop":
      return {};
  }
}

function sleepTime(run: Run, step: Step): number {
  const { Duration, Timestamp } = step.inputs;
  const until = Timestamp === undefined ? undefined : Date.parse(String(substitute(Timestamp, run.scope)));
  const ms =
    until === undefined ? readDuration(String(substitute(Duration, run.scope))) : until - run.twin.now();
  if (Number.isNaN(ms)) throw new StepFailure("the Duration or Timestamp is not ISO 8601");
  if (ms > longestSleep) throw new StepFailure("the sleep is over 604799 seconds");
  // a moment that is past goes on at once
  return Math.max(0, ms);
}

/** ISO 8601, days and smaller; NaN for anything else. */
export function readDuration(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (match === null || text === "P") return Number.NaN;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000;
}

const services: Readonly<Record<string, ServiceId>> = {
  ssm: "ssm",
  sts: "sts",
  iam: "iam",
  ec2: "ec2",
  scheduler: "scheduler",
  events: "events",
  eventbridge: "events",
  resourcegroupstaggingapi: "tagging",
};

const controlInputs = ["Service", "Api", "PropertySelector", "DesiredValues"];

async function callApi(run: Run, step: Step): Promise<Struct> {
  const inputs = substitute(step.inputs, run.scope) as Struct;
  const service = services[String(inputs["Service"]).toLowerCase()];
  if (service === undefined)
    throw new StepFailure(`the sandbox has no service \`${String(inputs["Service"])}\``);
  const input = Object.fromEntries(Object.entries(inputs).filter(([name]) => !controlInputs.includes(name)));
  try {
    const answer = await run.twin.invoke({
      principal: run.execution.principal,
      service,
      region: run.execution.region,
      operation: String(inputs["Api"]),
      input,
    });
    return plain(answer) as Struct;
  } catch (error) {
    if (error instanceof AwsError) throw new StepFailure(`${error.code}: ${error.message}`);
    if (error instanceof AnswerLost) throw new StepFailure(error.message);
    throw error;
  }
}

/** As a runbook sees an answer: moments are text. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (!isStruct(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [name, plain(item)]));
}

function outputsOf(step: Step, answer: Struct): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    step.outputs.map(({ name, selector, type }) => {
      const found = select(answer, selector);
      if (found === undefined) throw new StepFailure(`output ${name}: nothing at ${selector}`);
      return [name, convert(found.value, type)];
    }),
  );
}

function property(step: Step, answer: Struct): unknown {
  return select(answer, String(step.inputs["PropertySelector"]))?.value;
}

function isDesired(run: Run, step: Step, found: unknown): boolean {
  const desired = substitute(step.inputs["DesiredValues"], run.scope);
  const values = (Array.isArray(desired) ? desired : [desired]).map(String);
  return Array.isArray(found)
    ? found.length > 0 && found.every((item) => values.includes(String(item)))
    : values.includes(String(found));
}

/** Asks again and again until the property is as wished, or the step's time (an hour, unless it says) is over. */
async function waitForProperty(run: Run, step: Step): Promise<void> {
  const deadline = run.twin.now() + (step.timeoutSeconds === undefined ? hour : step.timeoutSeconds * 1000);
  for (;;) {
    const found = property(step, await callApi(run, step));
    if (isDesired(run, step, found)) return;
    if (run.twin.now() + 10_000 > deadline)
      throw new StepFailure(`timed out with the property ${JSON.stringify(found)}`);
    await run.twin.clock.sleep(10_000, run.signal);
  }
}
