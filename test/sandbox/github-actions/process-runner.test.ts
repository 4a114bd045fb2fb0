import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { createProcessRunner } from "../../../sandbox/github/actions/process-runner.ts";
import { alice, setUp } from "./small-world.ts";

// Real processes: what the machine around them is, and what comes back.

const PATH = ".github/workflows/x.yml";
const executor = createProcessRunner({
  node: { node20: process.execPath, node24: process.execPath },
  path: process.env["PATH"] ?? "",
  killAfterMs: 200,
});

const ACTION = `name: it
inputs: { who: { required: true } }
runs: { using: node24, main: dist/index.js, post: dist/post.js }
`;
const MAIN = `import { appendFileSync, readFileSync } from "node:fs";
const { env } = process;
const event = JSON.parse(readFileSync(env.GITHUB_EVENT_PATH, "utf8"));
console.log("hello " + env.INPUT_WHO + " from " + event.workflow + " at " + (process.cwd() === env.GITHUB_WORKSPACE));
console.log("variables " + Object.keys(env).filter((name) => !/^(GITHUB|RUNNER|INPUT)_/.test(name)).sort().join());
console.log("::add-mask::made-here");
console.log("now made-here");
appendFileSync(env.GITHUB_OUTPUT, "greeting<<E\\nhi\\nthere\\nE\\n");
appendFileSync(env.GITHUB_ENV, "LATER=yes\\n");
appendFileSync(env.GITHUB_STEP_SUMMARY, "# greeted with made-here\\n");
appendFileSync(env.GITHUB_STATE, "root=" + env.GITHUB_WORKSPACE + "\\n");
`;
const POST = `console.log("post of " + process.env.STATE_root);\n`;

function start(steps: string) {
  const workflow = `on: workflow_dispatch
jobs:
  j:
    runs-on: x
    permissions: { contents: read }
    steps:
      - uses: actions/checkout@v6
        with: { persist-credentials: false }
${steps}`;
  const files = {
    [PATH]: workflow,
    "action.yml": ACTION,
    "dist/index.js": MAIN,
    "dist/post.js": POST,
    "package.json": '{"type":"module"}',
  };
  return setUp(files, {}, { executor, runnerEnvironment: { AWS_ENDPOINT_URL: "http://aws.test" } });
}

test("a JavaScript action and a script run as the runner would run them", async () => {
  const { repo, actions, runs, done } = start(`      - { uses: ./, id: greet, with: { who: World } }
      - run: |
          echo "script $LATER $GREETING"
          cat package.json
        env: { GREETING: "\${{ join(fromJSON('[1,2]'), '-') }} \${{ steps.greet.outputs.greeting }}" }
`);
  actions.host.dispatch(repo, PATH, "main", {}, alice);
  await done();
  const [job] = actions.jobs(runs()[0]?.id ?? 0);
  const text = job?.log.text() ?? "";
  expect(job?.info.conclusion).toBe("success");
  expect(text).toContain(`hello World from ${PATH} at true`);
  expect(text).toContain("variables AWS_ENDPOINT_URL,CI,PATH");
  expect(text).toContain("now ***");
  expect(text).toContain('script yes 1-2 hi\nthere\n{"type":"module"}');
  expect(job?.summary).toBe("# greeted with ***\n");
  expect(job?.log.unmaskedForTests()).toContain("now made-here");
  const workspace = /post of (.+)/.exec(text)?.[1] ?? "";
  expect(workspace).toMatch(/work$/);
  expect(existsSync(workspace)).toBe(false);
});

test("a script that fails fails the job with its exit code", async () => {
  const { repo, actions, runs, done } = start(`      - run: |
          false
          echo "after an error"
      - { run: "exit 3", if: failure(), shell: bash }
`);
  actions.host.dispatch(repo, PATH, "main", {}, alice);
  await done();
  const [job] = actions.jobs(runs()[0]?.id ?? 0);
  expect(job?.log.text()).not.toContain("after an error");
  expect(job?.log.text()).toContain("exit code 3.");
  expect(job?.info.steps.map((step) => step.conclusion)).toEqual(["success", "failure", "failure"]);
});

test("cancelling a run ends its process and what that started", async () => {
  const { repo, actions, runs, done } = start(`      - run: |
          trap "" INT
          echo "started"
          sleep 60 & wait
          sleep 60
`);
  const started = actions.host.dispatch(repo, PATH, "main", {}, alice);
  if ("refused" in started) throw new Error(started.refused);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = Date.now();
  actions.host.cancel(repo, started.id, alice);
  await done();
  expect(Date.now() - before).toBeLessThan(5_000);
  expect(runs()[0]?.conclusion).toBe("cancelled");
  expect(actions.jobs(started.id)[0]?.log.text()).toContain("started");
});
