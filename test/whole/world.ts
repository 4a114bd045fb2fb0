// The whole system in one process, under a virtual clock and with no socket: the GitHub twin with its Actions, the AWS twin, our App, our Action, and people.

import { generateKeyPairSync } from "node:crypto";
import type { EventPayload } from "../../app/events.ts";
import type { Delivery } from "../../sandbox/github/webhooks.ts";
import { type Person, type Stage, type StageOptions, setStage } from "../../sandbox/stage.ts";
import { type ActionRun, createRunner, type RunnerOptions } from "./action-runner.ts";
import { type AppOptions, type AppProcess, startApp } from "./app-process.ts";
import { type LambdaForm, startLambda } from "./lambda-form.ts";
import { createOperator, type Operator } from "./operator.ts";
import { createPeople, type People } from "./people.ts";
import { createShown, runsOf, type Shown } from "./shown.ts";
import { createVirtualTime, type VirtualTime } from "./virtual-time.ts";

export interface WorldOptions {
  /** Default `2026-12-01T09:00:00Z`, a Tuesday. */
  readonly start?: string;
  readonly limits?: StageOptions["limits"];
  readonly files?: StageOptions["files"];
  readonly aws?: StageOptions["aws"];
  /** More of the stage: accounts, nodes, modes. */
  readonly stage?: Pick<Partial<StageOptions>, "accounts" | "nodes" | "modes" | "forwards" | "folder">;
  readonly visibility?: NonNullable<StageOptions["visibility"]>;
  readonly actions?: NonNullable<StageOptions["actions"]>;
  /** Whether the workflow's crons fire. Default true. */
  readonly cron?: boolean;
  /** Seconds between two of the App's looks at everything unsettled. Default 300; Infinity: only on start-up. */
  readonly lookEvery?: number;
  /** Seconds between two looks of the App for lost webhooks. Default: none. */
  readonly redeliverEvery?: number;
  /** What the App answers to a webhook; default 202. */
  readonly answer?: () => number;
  /** The App as a Lambda function, with its schedules, in place of a process. */
  readonly lambda?: boolean;
  /** No App at all: the workflow is started by issues, comments and reviews. */
  readonly serverless?: boolean;
  readonly runDiesAt?: RunnerOptions["diesAt"];
  /** Which processes of the App hear of an event; default all that live. */
  readonly route?: (apps: readonly AppProcess[]) => readonly AppProcess[];
  /** Milliseconds on the wire to and from GitHub, of the App and of the runs. */
  readonly latency?: () => number;
  /**
   * The first process of the App dies with its write of this number (0: before any). A minute later another is started, and from the death on no webhook
   * gets through.
   */
  readonly appDiesAt?: number | undefined;
  /** A world begins with an inventory: `run` by the workflow, or (default) as it was left by the first run in this process. */
  readonly inventory?: "run" | "left";
}

export interface World {
  readonly stage: Stage;
  readonly time: VirtualTime;
  readonly people: People;
  readonly shown: Shown;
  /** Runs of our Action so far. */
  readonly runs: readonly ActionRun[];
  /** The processes of the App that were ever started; each webhook goes to every one alive. */
  readonly apps: readonly AppProcess[];
  /** Where it is one. */
  readonly lambda: LambdaForm | undefined;
  readonly startApp: (options?: Partial<AppOptions>) => AppProcess;
  readonly operator: (login: Person) => Operator;
  /** Until everything that is under way is done: looks, runs, webhooks. Time passes as far as that takes. */
  readonly run: () => Promise<void>;
  readonly advanceTo: (instant: string | number) => Promise<void>;
  readonly advance: (seconds: number) => Promise<void>;
  /** Lets time pass until something is so; throws when it is not within `seconds` (default an hour). */
  readonly until: (so: () => boolean | Promise<boolean>, seconds?: number) => Promise<void>;
  /** From now on no webhook reaches the App. */
  readonly dropWebhooks: (drop?: boolean) => void;
  readonly close: () => void;
}

const { privateKey: oidcKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** Our Action runs from its source, so nobody needs the bundle. */
export const noBundle = "// see action/main.ts\n";

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const time = createVirtualTime(Date.parse(options.start ?? "2026-12-01T09:00:00Z"));
  const apps: AppProcess[] = [];
  let lambda: LambdaForm | undefined;
  const runner = createRunner({
    time,
    github: () => stirring(time, stage.github.fetch),
    aws: () => stage.aws.handle,
    diesAt: options.runDiesAt ?? (() => undefined),
    latency: options.latency,
  });
  const stage: Stage = await setStage({
    clock: time,
    url: "http://github.test",
    executor: runner.executor,
    oidcKey,
    files: { "action/dist/main.cjs": noBundle, ...options.files },
    deliver: async (request) => {
      if (lambda !== undefined) return lambda.deliver(request);
      const event = request.headers.get("x-github-event") ?? "";
      const payload = (await request.json()) as EventPayload;
      const status = options.answer?.() ?? 202;
      if (status < 400) for (const app of options.route?.(apps) ?? apps) app.receive(event, payload);
      return new Response(null, { status });
    },
    ...(options.serverless === true ? { serverless: true } : {}),
    ...options.stage,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.aws === undefined ? {} : { aws: options.aws }),
    ...(options.visibility === undefined ? {} : { visibility: options.visibility }),
    ...(options.actions === undefined ? {} : { actions: options.actions }),
  });
  if (options.lambda === true) lambda = startLambda(stage, time, options.latency);
  const { webhooks } = stage.github;
  const closing = new AbortController();
  const people = createPeople(stage);
  const run = async (): Promise<void> => {
    await time.calm();
    while (time.working() || underWay(stage)) {
      if (!(await time.step(Number.POSITIVE_INFINITY))) throw new Error("something waits for ever");
    }
  };
  const start = (more: Partial<AppOptions> = {}): AppProcess => {
    const app = startApp(stage, time, {
      lookEvery: options.lookEvery ?? 300,
      redeliverEvery: options.redeliverEvery,
      ...(options.latency === undefined ? {} : { latency: options.latency }),
      ...more,
    });
    apps.push(app);
    return app;
  };
  const advanceTo = (instant: string | number) =>
    time.advanceTo(typeof instant === "string" ? Date.parse(instant) : instant);
  const world: World = {
    stage,
    time,
    people,
    shown: createShown(stage),
    runs: runner.runs,
    apps,
    lambda,
    startApp: start,
    operator: (login) => createOperator(stage, people, time, login),
    run,
    advanceTo,
    advance: (seconds) => advanceTo(time.now() + seconds * 1000),
    until: (so, seconds = 3_600) => until(time, so, seconds),
    dropWebhooks: (drop = true) => {
      webhooks.fate = (_: Delivery) => (drop ? "drop" : "deliver");
    },
    close: () => {
      closing.abort(new Error("the world ends"));
      for (const app of apps) app.kill();
      lambda?.stop();
      stage.aws.close();
    },
  };
  if (options.cron !== false) void stage.actions.runSchedules(closing.signal).catch(() => undefined);
  if (options.serverless !== true && lambda === undefined)
    start(options.appDiesAt === undefined ? {} : mortality(world, options.appDiesAt));
  const usual = options.stage === undefined;
  if (options.inventory === "run" || !usual || left === undefined) {
    await people.dispatch("pat", "inventory");
    await run();
    if (usual) left = Object.fromEntries(world.shown.ledger("inventory"));
  } else leave(stage, left);
  return world;
}

let left: Readonly<Record<string, string>> | undefined;

function leave(
  { github, repository: { fullName: repository } }: Stage,
  files: Readonly<Record<string, string>>,
): void {
  const first = github.commit({ repository, parent: null, files, message: "Take inventory", by: "olivia" });
  github.push("olivia", repository, "inventory", first);
}

const mortality = (world: World, diesAt: number): Partial<AppOptions> => ({
  diesAt,
  onDeath: () => {
    world.dropWebhooks();
    void world.time.sleep(60_000).then(() => world.startApp());
  },
});

const underWay = (stage: Stage): boolean => runsOf(stage).some(({ status }) => status !== "completed");

/** Answers take some turns of the event loop; each one is a sign of life. */
const stirring =
  (time: VirtualTime, get: typeof fetch): typeof fetch =>
  async (...asked) => {
    time.stir();
    const answer = await get(...asked);
    time.stir();
    return answer;
  };

async function until(
  time: VirtualTime,
  so: () => boolean | Promise<boolean>,
  seconds: number,
): Promise<void> {
  const limit = time.now() + seconds * 1000;
  await time.calm();
  while (!(await so())) {
    if (!(await time.step(limit))) throw new Error(`it is not so after ${seconds} s: ${so.toString()}`);
  }
}
