// biome-ignore-all lint/suspicious/noTemplateCurlyInString: GitHub expressions look like template strings
import { describe, expect, test } from "vitest";
import { alice, type Scripts, setUp } from "./small-world.ts";

// Steps of a job: what they see, what they print, what they leave.

const PATH = ".github/workflows/x.yml";
const ACTION = `name: it
inputs:
  command: { required: true }
  wait time: { default: "5" }
  token: { default: "\${{ github.token }}" }
outputs: { answer: { description: "" } }
runs: { using: node24, pre: pre.js, main: dist/main.js, post: post.js }
`;

interface Seen {
  name: string;
  env: Record<string, string>;
}

/** Runs one job with these steps (YAML list items) and gives back what every script saw. */
async function runJob(steps: string, outcomes: Scripts = {}, files: Record<string, string> = {}, job = "") {
  const seen: Seen[] = [];
  const names = ["a", "b", "c", "dist/main.js", "pre.js", "post.js"];
  const scripts: Scripts = Object.fromEntries(
    names.map((name) => [
      name,
      (env, signal) => {
        seen.push({ name, env });
        return outcomes[name]?.(env, signal) ?? {};
      },
    ]),
  );
  const workflow = `on: workflow_dispatch\nenv: { LEVEL: workflow, BASE: "\${{ vars.REGION }}" }\njobs:\n  j:\n    runs-on: x\n${job}\n    steps:\n${steps}\n`;
  const all = setUp({ [PATH]: workflow, ...files }, scripts, {
    runnerEnvironment: { AWS_ENDPOINT_URL: "http://aws.test" },
  });
  all.world.repositorySecrets["KEY"] = "line one\nline two";
  const started = all.actions.host.dispatch(all.repo, PATH, "main", {}, alice);
  if ("refused" in started) throw new Error(started.refused);
  await all.done();
  const [state] = all.actions.jobs(started.id);
  if (!state) throw new Error("no job");
  return { ...all, seen, job: state, text: state.log.text(), conclusion: state.info.conclusion };
}

describe("conditions", () => {
  test("after a failure only steps that ask for it run", async () => {
    const { seen, conclusion, job } = await runJob(
      `      - run: a
      - run: b
      - { run: c, if: failure() }
      - { run: b, if: "always() && github.ref == 'refs/heads/main'" }
      - { run: b, if: "always() && github.ref == 'refs/heads/side'" }`,
      { a: () => ({ exitCode: 3 }) },
    );
    expect(seen.map(({ name }) => name)).toEqual(["a", "c", "b"]);
    expect(conclusion).toBe("failure");
    expect(job.info.steps.map((step) => step.conclusion)).toEqual([
      "failure",
      "skipped",
      "success",
      "success",
      "skipped",
    ]);
  });

  test("`continue-on-error` forgives, and the outcome stays visible", async () => {
    const { seen, conclusion } = await runJob(
      `      - { run: a, id: one, continue-on-error: true }
      - { run: b, if: "steps.one.outcome == 'failure' && steps.one.conclusion == 'success'" }`,
      { a: () => ({ exitCode: 1 }) },
    );
    expect(seen.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(conclusion).toBe("success");
  });

  test("a secret cannot stand in an `if`", async () => {
    const { text, conclusion } = await runJob(`      - { run: a, if: "secrets.KEY != ''" }`);
    expect(conclusion).toBe("failure");
    expect(text).toContain("Unrecognized named-value: 'secrets'");
  });
});

describe("what a step sees", () => {
  test("GITHUB_* cannot be changed by a workflow, other variables by the nearest", async () => {
    const { seen, world, repo } = await runJob(
      `      - { run: a, env: { LEVEL: step, GITHUB_REF: refs/heads/forged, CI: "no" } }
      - run: b`,
      {},
      {},
      '    env: { LEVEL: job, HOW: "${{ env.LEVEL }}" }',
    );
    const { sha } = world.defaultBranch(repo);
    expect(seen[0]?.env).toMatchObject({
      LEVEL: "step",
      HOW: "workflow",
      BASE: "eu-central-1",
      CI: "true",
      AWS_ENDPOINT_URL: "http://aws.test",
      GITHUB_REF: "refs/heads/main",
      GITHUB_SHA: sha,
      GITHUB_REPOSITORY: "acme/access",
      GITHUB_REPOSITORY_ID: String(repo.id),
      GITHUB_API_URL: "http://github.test",
      GITHUB_GRAPHQL_URL: "http://github.test/graphql",
      GITHUB_JOB: "j",
      GITHUB_ACTOR: "alice",
      GITHUB_WORKFLOW_REF: `acme/access/${PATH}@refs/heads/main`,
    });
    expect(seen[1]?.env["LEVEL"]).toBe("job");
  });

  test("without `id-token: write` there is no way to an OIDC token", async () => {
    const { seen } = await runJob("      - run: a");
    expect(Object.keys(seen[0]?.env ?? {}).filter((name) => name.startsWith("ACTIONS_ID_TOKEN"))).toEqual([]);
  });

  test("outputs, GITHUB_ENV and GITHUB_PATH reach later steps; GITHUB_* and NODE_OPTIONS do not", async () => {
    const { seen, text } = await runJob(
      `      - { run: a, id: one }
      - { run: b, env: { N: "\${{ steps.one.outputs.n }}", OLD: "\${{ steps.one.outputs.old }}" } }`,
      {
        a: () => ({
          output: "n<<END\ntwo\nlines\nEND\n",
          env: "ADDED=yes\nNODE_OPTIONS=--require=evil\nGITHUB_SHA=0\n",
          log: "::set-output name=old::x%0Ay\n",
        }),
      },
    );
    expect(seen[1]?.env).toMatchObject({ N: "two\nlines", OLD: "x\ny", ADDED: "yes" });
    expect(seen[1]?.env["NODE_OPTIONS"]).toBeUndefined();
    expect(text).toContain("Can't store NODE_OPTIONS");
  });
});

describe("actions", () => {
  const checkout = "      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8\n";
  const permitted = "    permissions: { contents: read }";

  test("a local action runs after checkout with inputs, defaults and state, its post last", async () => {
    const { seen, conclusion } = await runJob(
      `${checkout}      - uses: ./
        with: { command: grant }
      - run: a`,
      { "dist/main.js": () => ({ state: "kept=7\n" }) },
      { "action.yml": ACTION },
      permitted,
    );
    expect(conclusion).toBe("success");
    expect(seen.map(({ name }) => name)).toEqual(["dist/main.js", "a", "post.js"]);
    expect(seen[0]?.env).toMatchObject({ INPUT_COMMAND: "grant", INPUT_WAIT_TIME: "5" });
    expect(seen[0]?.env["INPUT_TOKEN"]).toMatch(/^ghs_/);
    expect(seen[2]?.env).toMatchObject({ INPUT_COMMAND: "grant", STATE_kept: "7" });
  });

  test("a local action without checkout is not found", async () => {
    const { text, conclusion } = await runJob("      - uses: ./", {}, { "action.yml": ACTION }, permitted);
    expect(conclusion).toBe("failure");
    expect(text).toContain("Did you forget to run actions/checkout");
  });

  test("checkout needs `contents: read` on a private repository", async () => {
    const { text, conclusion } = await runJob(checkout, {}, {}, "    permissions: {}");
    expect(conclusion).toBe("failure");
    expect(text).toContain("Repository not found");
  });

  test.each([
    ["", true],
    ["\n        with: { persist-credentials: false }", false],
  ])("checkout%s leaves the token in the workspace: %s", async (said, left) => {
    let config = "";
    const { repo, world, actions, done } = setUp(
      {
        [PATH]: `on: workflow_dispatch
jobs:
  j:
    runs-on: x
    permissions: { contents: read }
    steps:
      - uses: actions/checkout@v6${said}
      - run: a
`,
      },
      {},
      {
        executor: {
          javaScript: async () => ({ exitCode: 0, log: "" }),
          shell: async ({ workspace }) => {
            config = Buffer.from(workspace.read(".git/config") ?? []).toString("utf8");
            return { exitCode: 0, log: "" };
          },
        },
      },
    );
    actions.host.dispatch(repo, PATH, "main", {}, alice);
    await done();
    expect(world.defaultBranch(repo).sha).not.toBe("");
    expect(config.includes("AUTHORIZATION: basic")).toBe(left);
  });

  test("an action of another repository runs its `pre` first; another organization's private one is not found", async () => {
    const steps = `      - run: a
      - uses: tools/it@v1
        with: { command: x }`;
    const run = async (visibility: "public" | "private") => {
      const seen: string[] = [];
      const note = (name: string) => () => {
        seen.push(name);
        return {};
      };
      const names = ["a", "pre.js", "dist/main.js", "post.js"];
      const workflow = `on: workflow_dispatch\njobs:\n  j:\n    runs-on: x\n    steps:\n${steps}\n`;
      const all = setUp({ [PATH]: workflow }, Object.fromEntries(names.map((name) => [name, note(name)])));
      const tools = all.world.addRepository({
        name: "it",
        owner: "tools",
        ownerId: 8,
        fullName: "tools/it",
        visibility,
      });
      all.world.commit(tools, "refs/tags/v1", { "action.yml": ACTION });
      all.actions.host.dispatch(all.repo, PATH, "main", {}, alice);
      await all.done();
      return { seen, conclusion: all.runs()[0]?.conclusion };
    };
    expect(await run("public")).toEqual({
      seen: ["pre.js", "a", "dist/main.js", "post.js"],
      conclusion: "success",
    });
    expect(await run("private")).toEqual({ seen: [], conclusion: "failure" });
  });
});

describe("logs", () => {
  test("secrets, each line of them, tokens and added masks are hidden; the raw log keeps them", async () => {
    const { text, job } = await runJob(
      `      - { run: a, env: { KEY: "\${{ secrets.KEY }}", TOKEN: "\${{ github.token }}" } }`,
      {
        a: (env) => ({
          log: [
            `key ${env["KEY"]?.split("\n")[1]}`,
            `token ${env["TOKEN"]}`,
            `encoded ${Buffer.from(env["TOKEN"] ?? "").toString("base64")}`,
            "minted before-the-mask",
            "::add-mask::s3cr3t%0Asecond",
            "minted s3cr3t and second",
          ].join("\n"),
          summary: "holds s3cr3t",
        }),
      },
    );
    const lines = text.split("\n").filter((line) => /^(key|token|encoded|minted)/.test(line));
    expect(lines).toEqual([
      "key ***",
      "token ***",
      "encoded ***",
      "minted before-the-mask",
      "minted *** and ***",
    ]);
    expect(job.summary).toBe("holds ***");
    expect(text).not.toMatch(/s3cr3t|ghs_|line two/);
    expect(job.log.unmaskedForTests()).toContain("minted s3cr3t and second");
  });

  test("annotations are kept, debug lines shown only in a debug re-run, stopped commands not obeyed", async () => {
    const log = [
      "::error file=a.yml,line=3,title=T%3A1::went%0Awrong",
      "::warning::careful",
      "::debug::inner",
      "::stop-commands::tok",
      "::error::not one",
      "::tok::",
      "::notice::done",
    ].join("\n");
    const all = await runJob("      - run: a", { a: () => ({ log }) });
    expect(all.job.log.annotations()).toEqual([
      { level: "error", message: "went\nwrong", properties: { file: "a.yml", line: "3", title: "T:1" } },
      { level: "warning", message: "careful", properties: {} },
      { level: "notice", message: "done", properties: {} },
    ]);
    expect(all.text).not.toContain("inner");
    const { runId } = all.job.info;
    all.actions.host.rerun(all.repo, runId, alice, { debug: true, failedOnly: false });
    await all.done();
    expect(all.actions.jobs(runId)[0]?.log.text()).toContain("##[debug]inner");
    expect(all.seen.map(({ env }) => env["RUNNER_DEBUG"])).toEqual([undefined, "1"]);
  });

  test("an output that holds a secret does not leave the job", async () => {
    const { job, text } = await runJob(
      "      - { run: a, id: one }",
      { a: () => ({ output: "open=1\nhidden=x line two\n" }) },
      {},
      '    outputs: { open: "${{ steps.one.outputs.open }}", hidden: "${{ steps.one.outputs.hidden }}" }',
    );
    expect(job.outputs).toEqual({ open: "1" });
    expect(text).toContain("Skip output 'hidden'");
  });
});

describe("jobs", () => {
  const workflow = (second: string) => `on: workflow_dispatch
jobs:
  one: { runs-on: x, steps: [{ run: one }] }
  two: { needs: one, runs-on: x, ${second} steps: [{ run: two }] }
  three: { needs: [two], runs-on: x, steps: [{ run: three }] }
`;

  test.each([
    ["", 0, ["success", "success", "success"]],
    ["", 1, ["failure", "skipped", "skipped"]],
    ["if: always(),", 1, ["failure", "success", "skipped"]],
    ["if: failure(),", 0, ["success", "skipped", "skipped"]],
  ])("`%s` after exit code %i: %j", async (second, exitCode, conclusions) => {
    const { repo, actions, runs, done } = setUp(
      { [PATH]: workflow(second) },
      { one: () => ({ exitCode }), two: () => ({}), three: () => ({}) },
    );
    actions.host.dispatch(repo, PATH, "main", {}, alice);
    await done();
    expect(actions.host.listJobs(repo, runs()[0]?.id ?? 0).map((job) => job.conclusion)).toEqual(conclusions);
  });

  test("a token is dead once its job is over", async () => {
    const alive: number[] = [];
    const { world, repo, actions, done } = setUp(
      { [PATH]: "on: workflow_dispatch\njobs: { a: { runs-on: x, steps: [{ run: a }] } }" },
      {
        a: () => {
          alive.push(world.tokens.size);
          return {};
        },
      },
    );
    actions.host.dispatch(repo, PATH, "main", {}, alice);
    await done();
    expect(alive).toEqual([1]);
    expect(world.tokens.size).toBe(0);
  });

  test("what this runner does not do fails and says so", async () => {
    const { repo, actions, runs, done } = setUp({
      [PATH]:
        "on: workflow_dispatch\njobs: { a: { runs-on: x, strategy: { matrix: { n: [1] } }, steps: [{ run: a }] } }",
    });
    actions.host.dispatch(repo, PATH, "main", {}, alice);
    await done();
    const [job] = actions.jobs(runs()[0]?.id ?? 0);
    expect(job?.info.conclusion).toBe("failure");
    expect(job?.log.text()).toContain("`strategy` is not run here");
  });
});
