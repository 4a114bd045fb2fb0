import { describe, expect, test } from "vitest";
import { alice, appBot, mallory, type Scripts, setUp } from "./small-world.ts";
import { settle } from "./virtual-clock.ts";

// Runs as a whole: re-runs, cancelling, concurrency, environments, inputs.

const PATH = ".github/workflows/access.yml";
const dispatchable = (body: string) => `name: access
on:
  workflow_dispatch:
    inputs:
      request: { type: string, default: "1" }
${body}`;

/** A step that goes on until the test lets it, or its job is cancelled. */
function holding() {
  const started: string[] = [];
  const letGo: (() => void)[] = [];
  const scripts: Scripts = {
    hold: (env, signal) => {
      started.push(env["REQUEST"] ?? "");
      return new Promise((resolve) => {
        letGo.push(() => resolve({}));
        signal.addEventListener("abort", () => resolve({ exitCode: 130 }));
      });
    },
  };
  return { started, letGo, scripts };
}

const HOLD = `jobs:
  hold:
    runs-on: ubuntu-latest
    env: { REQUEST: "\${{ inputs.request }}" }
    steps:
      - run: hold
`;

describe("re-runs", () => {
  const old = dispatchable("jobs:\n  a:\n    runs-on: x\n    steps:\n      - run: old\n");
  const seen: string[] = [];
  const scripts: Scripts = {
    old: (env) => {
      seen.push(
        `${env["GITHUB_SHA"]} ${env["GITHUB_RUN_ATTEMPT"]} ${env["GITHUB_ACTOR"]} ${env["GITHUB_TRIGGERING_ACTOR"]}`,
      );
      return {};
    },
  };

  test("a re-run replays the old commit", async () => {
    seen.length = 0;
    const { world, repo, actions, runs, done } = setUp({ [PATH]: old }, scripts);
    const { sha } = world.defaultBranch(repo);
    actions.host.dispatch(repo, "access.yml", "main", {}, appBot);
    await done();
    world.commit(repo, "refs/heads/main", { [PATH]: old.replace("run: old", "run: new") });
    const [first] = runs();
    const again = actions.host.rerun(repo, first?.id ?? 0, alice, { debug: false, failedOnly: false });
    expect(again).toMatchObject({ id: first?.id, runAttempt: 2, headSha: sha });
    await done();
    expect(seen).toEqual([`${sha} 1 hallpass[bot] hallpass[bot]`, `${sha} 2 hallpass[bot] alice`]);
    expect(runs()).toHaveLength(1);
    expect(actions.host.getRun(repo, first?.id ?? 0)).toMatchObject({ conclusion: "success", runAttempt: 2 });
    const attempts = [1, 2].map((attempt) => actions.host.listJobs(repo, first?.id ?? 0, attempt)[0]?.id);
    expect(new Set(attempts).size).toBe(2);
  });

  test("only writers re-run, only what is over, and not after a month", async () => {
    const { world, repo, actions, runs, done } = setUp({ [PATH]: old }, scripts);
    actions.host.dispatch(repo, PATH, "main", {}, alice);
    const id = runs()[0]?.id ?? 0;
    const rerun = (who = alice) => actions.host.rerun(repo, id, who, { debug: false, failedOnly: false });
    expect(rerun()).toMatchObject({ status: 403 });
    await done();
    expect(rerun(mallory)).toMatchObject({ status: 403 });
    await world.clock.advance(31 * 24 * 3_600_000);
    expect(rerun()).toMatchObject({ status: 403 });
    expect(actions.host.rerun(repo, 1, alice, { debug: false, failedOnly: false })).toMatchObject({
      status: 404,
    });
  });

  test("a re-run of failed jobs keeps what succeeded and its outputs", async () => {
    const ran: string[] = [];
    const workflow = dispatchable(`jobs:
  first:
    runs-on: x
    outputs: { n: "\${{ steps.one.outputs.n }}" }
    steps: [{ id: one, run: first }]
  second:
    needs: first
    runs-on: x
    steps: [{ run: second, env: { N: "\${{ needs.first.outputs.n }}" } }]
`);
    const { repo, actions, runs, done } = setUp(
      { [PATH]: workflow },
      {
        first: () => {
          ran.push("first");
          return { output: "n=7\n" };
        },
        second: (env) => {
          ran.push(`second ${env["N"]}`);
          return { exitCode: env["GITHUB_RUN_ATTEMPT"] === "1" ? 1 : 0 };
        },
      },
    );
    actions.host.dispatch(repo, PATH, "main", {}, alice);
    await done();
    expect(runs()[0]?.conclusion).toBe("failure");
    actions.host.rerun(repo, runs()[0]?.id ?? 0, alice, { debug: false, failedOnly: true });
    await done();
    expect(runs()[0]?.conclusion).toBe("success");
    expect(ran).toEqual(["first", "second 7", "second 7"]);
  });
});

describe("concurrency", () => {
  const grouped = (rules: string) => dispatchable(`concurrency:\n  group: g\n${rules}\n${HOLD}`);
  const start = (workflow: string) => {
    const held = holding();
    const all = setUp({ [PATH]: workflow }, held.scripts);
    const dispatch = async (request: string) => {
      all.actions.host.dispatch(all.repo, PATH, "main", { request }, alice);
      await settle();
    };
    const states = () => all.runs().map((run) => run.conclusion ?? run.status);
    return { ...held, ...all, dispatch, states };
  };

  test("a pending run is cancelled by a newer one of its group", async () => {
    const { started, letGo, dispatch, states, done } = start(grouped("  cancel-in-progress: false"));
    for (const request of ["1", "2", "3"]) await dispatch(request);
    expect(states()).toEqual(["in_progress", "cancelled", "pending"]);
    letGo[0]?.();
    await settle();
    letGo[1]?.();
    await done();
    expect(started).toEqual(["1", "3"]);
    expect(states()).toEqual(["success", "cancelled", "success"]);
  });

  test("`queue: max` keeps them all, in order", async () => {
    const { started, letGo, dispatch, states, done } = start(grouped("  queue: max"));
    for (const request of ["1", "2", "3"]) await dispatch(request);
    expect(states()).toEqual(["in_progress", "pending", "pending"]);
    for (const index of [0, 1, 2]) {
      letGo[index]?.();
      await settle();
    }
    await done();
    expect(started).toEqual(["1", "2", "3"]);
    expect(states()).toEqual(["success", "success", "success"]);
  });

  test("`cancel-in-progress` ends the one that runs", async () => {
    const { started, letGo, dispatch, states, done } = start(grouped("  cancel-in-progress: true"));
    await dispatch("1");
    await dispatch("2");
    expect(started).toEqual(["1", "2"]);
    letGo[1]?.();
    await done();
    expect(states()).toEqual(["cancelled", "success"]);
  });

  test("another group, by input, does not wait; the group's letter case does not count", async () => {
    const workflow = dispatchable(`concurrency: "${"$"}{{ inputs.request }}"\n${HOLD}`);
    const { letGo, dispatch, states, done } = start(workflow);
    for (const request of ["a", "b", "A"]) await dispatch(request);
    expect(states()).toEqual(["in_progress", "in_progress", "pending"]);
    letGo[0]?.();
    letGo[1]?.();
    await settle();
    letGo[2]?.();
    await done();
    expect(states()).toEqual(["success", "success", "success"]);
  });

  test("a job's group holds the job, not the run", async () => {
    const workflow = dispatchable(HOLD.replace("runs-on", "concurrency: g\n    runs-on"));
    const { actions, repo, runs, letGo, dispatch, done } = start(workflow);
    await dispatch("1");
    await dispatch("2");
    const jobs = runs().map((run) => actions.host.listJobs(repo, run.id)[0]?.status);
    expect(jobs).toEqual(["in_progress", "pending"]);
    letGo[0]?.();
    await settle();
    letGo[1]?.();
    await done();
    expect(runs().map((run) => run.conclusion)).toEqual(["success", "success"]);
  });

  test("cancelling a pending run frees its place", async () => {
    const { repo, actions, runs, letGo, dispatch, states, done } = start(grouped("  queue: max"));
    for (const request of ["1", "2"]) await dispatch(request);
    const second = runs()[1]?.id ?? 0;
    expect(actions.host.cancel(repo, second, mallory)).toMatchObject({ status: 403 });
    expect(actions.host.cancel(repo, second, alice)).toMatchObject({ id: second });
    letGo[0]?.();
    await done();
    expect(states()).toEqual(["success", "cancelled"]);
    expect(actions.host.cancel(repo, second, alice)).toMatchObject({ status: 409 });
  });
});

describe("environments", () => {
  const workflow = dispatchable(`jobs:
  grant:
    runs-on: ubuntu-latest
    environment: hallpass
    steps:
      - run: use
        env: { KEY: "\${{ secrets.KEY }}" }
`);
  const start = (branches: string[] | "all") => {
    const keys: (string | undefined)[] = [];
    const use = (env: Record<string, string>) => {
      keys.push(env["KEY"]);
      return {};
    };
    const all = setUp({ [PATH]: workflow }, { use });
    all.world.environments.set("hallpass", { branches, secrets: { KEY: "the-environment's" } });
    all.world.commit(all.repo, "refs/heads/side", { [PATH]: workflow });
    all.world.commit(all.repo, "refs/tags/main", { [PATH]: workflow });
    return { ...all, keys };
  };

  test("an environment admits the default branch only", async () => {
    const { repo, actions, runs, keys, done } = start(["main"]);
    for (const ref of ["main", "side", "refs/tags/main"]) {
      actions.host.dispatch(repo, PATH, ref, {}, alice);
      await done();
    }
    expect(runs().map((run) => run.conclusion)).toEqual(["success", "failure", "failure"]);
    expect(keys).toEqual(["the-environment's"]);
    const refused = actions.host.listJobs(repo, runs()[1]?.id ?? 0)[0];
    expect(refused?.steps).toEqual([]);
    expect(actions.host.jobLog(repo, refused?.id ?? 0)).toContain(
      'Branch "side" is not allowed to deploy to hallpass',
    );
  });

  test("a job without the environment has none of its secrets", async () => {
    const { world, repo, actions, keys, done } = start("all");
    world.commit(repo, "refs/heads/main", { [PATH]: workflow.replace("environment: hallpass", "") });
    actions.host.dispatch(repo, PATH, "main", {}, alice);
    await done();
    expect(keys).toEqual([""]);
  });
});

describe("dispatch inputs", () => {
  const workflow = `on:
  workflow_dispatch:
    inputs:
      command: { type: choice, options: [grant, end], required: true }
      count: { type: number, default: 3 }
      dry: { type: boolean }
jobs:
  a:
    runs-on: x
    steps:
      - run: tell
        env: { ALL: "\${{ toJSON(inputs) }}", EVENT: "\${{ toJSON(github.event.inputs) }}" }
`;

  test.each([
    [{}, "Required input 'command' not provided"],
    [{ command: "other" }, "not in the list of allowed values"],
    [{ command: "grant", more: "1" }, 'Unexpected inputs provided: ["more"]'],
    [{ command: "grant", count: "many" }, "not a number"],
    [{ command: "grant", dry: "yes" }, "not a boolean"],
  ])("%j is refused", (inputs, reason) => {
    const { repo, actions, runs } = setUp({ [PATH]: workflow });
    expect(actions.host.dispatch(repo, PATH, "main", inputs as Record<string, string>, alice)).toMatchObject({
      status: 422,
      refused: expect.stringContaining(reason),
    });
    expect(runs()).toEqual([]);
  });

  test("inputs keep their types, and are texts in the event", async () => {
    const told: Record<string, string>[] = [];
    const tell = (env: Record<string, string>) => {
      told.push(env);
      return {};
    };
    const { repo, actions, done } = setUp({ [PATH]: workflow }, { tell });
    actions.host.dispatch(repo, "access.yml", "main", { command: "grant" }, alice);
    await done();
    expect(JSON.parse(told[0]?.["ALL"] ?? "")).toEqual({ command: "grant", count: 3, dry: false });
    expect(JSON.parse(told[0]?.["EVENT"] ?? "")).toEqual({ command: "grant", count: "3", dry: "false" });
  });

  test.each([
    ["other.yml", "main", alice, 404],
    ["access.yml", "nowhere", alice, 422],
    ["push.yml", "main", alice, 422],
    ["access.yml", "main", mallory, 403],
  ])("%s on %s by %o answers %i", (file, ref, actor, status) => {
    const { repo, actions } = setUp({
      [PATH]: workflow,
      ".github/workflows/push.yml": "on: push\njobs: { a: { runs-on: x, steps: [{ run: a }] } }",
    });
    expect(actions.host.dispatch(repo, file, ref, { command: "grant" }, actor)).toMatchObject({ status });
  });
});

describe("time", () => {
  test("the world's delays are slept on the clock", async () => {
    const parameters = { dispatchDelayMs: 1_000, runnerStartDelayMs: 4_000 };
    const { world, repo, actions, runs, done } = setUp(
      { [PATH]: dispatchable(HOLD) },
      { hold: () => ({}) },
      { parameters },
    );
    actions.host.dispatch(repo, PATH, "main", {}, alice);
    await world.clock.advance(4_999);
    expect(runs()[0]?.status).toBe("queued");
    await world.clock.advance(1);
    await done();
    expect(runs()[0]).toMatchObject({ status: "completed", conclusion: "success" });
    expect(world.changes.map((change) => change.action)).toEqual(["requested", "in_progress", "completed"]);
  });

  test("a job is cancelled at its timeout, and its `always()` steps still run", async () => {
    const held = holding();
    const ran: string[] = [];
    const workflow = dispatchable(`jobs:
  a:
    runs-on: x
    timeout-minutes: 5
    steps:
      - run: hold
      - run: next
      - { run: clean, if: always() }
`);
    const scripts: Scripts = {
      ...held.scripts,
      next: () => {
        ran.push("next");
        return {};
      },
      clean: () => {
        ran.push("clean");
        return {};
      },
    };
    const { world, repo, actions, runs, done } = setUp({ [PATH]: workflow }, scripts);
    actions.host.dispatch(repo, PATH, "main", {}, alice);
    await world.clock.advance(5 * 60_000 - 1);
    expect(runs()[0]?.status).toBe("in_progress");
    await world.clock.advance(1);
    await done();
    expect(ran).toEqual(["clean"]);
    expect(runs()[0]?.conclusion).toBe("cancelled");
    expect(world.tokens.size).toBe(0);
  });

  test("a schedule fires late by the given delay, on the default branch", async () => {
    const workflow =
      'on: { schedule: [{ cron: "*/15 * * * *" }] }\njobs: { a: { runs-on: x, steps: [{ run: "true" }] } }';
    const { world, repo, actions, runs } = setUp(
      { [PATH]: workflow },
      { true: () => ({}) },
      { parameters: { cronDelayMs: 90_000 } },
    );
    const stop = new AbortController();
    const running = actions.runSchedules(stop.signal);
    await world.clock.advance(15 * 60_000 + 89_999);
    expect(runs()).toEqual([]);
    await world.clock.advance(1);
    expect(runs()).toMatchObject([{ event: "schedule", headBranch: "main" }]);
    await world.clock.advance(30 * 60_000);
    expect(runs()).toHaveLength(3);
    world.commit(repo, "refs/heads/main", { [PATH]: workflow.replace("*/15", "1") });
    actions.host.onEvent({
      name: "push",
      payload: { ref: "refs/heads/main", after: world.defaultBranch(repo).sha },
      repository: repo,
      actor: alice,
      byGitHubToken: false,
    });
    await world.clock.advance(3_600_000);
    expect(runs()).toHaveLength(4);
    stop.abort();
    await running;
    await world.clock.advance(3_600_000 * 5);
    expect(runs()).toHaveLength(4);
  });

  test("a minute of cron can be made short", async () => {
    const workflow =
      'on: { schedule: [{ cron: "*/15 * * * *" }] }\njobs: { a: { runs-on: x, steps: [{ run: "true" }] } }';
    const { world, actions, runs } = setUp(
      { [PATH]: workflow },
      { true: () => ({}) },
      { parameters: { cronMinuteMs: 100 } },
    );
    const stop = new AbortController();
    const running = actions.runSchedules(stop.signal);
    await world.clock.advance(15_000);
    expect(runs()).toHaveLength(10);
    stop.abort();
    await running;
  });
});
