import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProcessRunner } from "../../../sandbox/github/actions/process-runner.ts";
import { alice, setUp } from "./small-world.ts";

// A bundle with GitHub's own toolkit in it, as a real process, against the real endpoint on loopback.

const PATH = ".github/workflows/x.yml";
const SOURCE = `import * as core from "@actions/core";
const token = await core.getIDToken(core.getInput("audience"));
const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
core.info("token " + token);
core.setOutput("subject", claims.sub + " for " + claims.aud);
core.setOutput("flags", core.getBooleanInput("dry run") + " " + core.getMultilineInput("lines").length);
core.exportVariable("FROM_TOOLKIT", "multi\\nline");
core.saveState("done", "yes");
core.notice("granted", { title: "Hallpass" });
await core.summary.addHeading("Granted").write();
`;
const ACTION = `name: it
inputs: { audience: { default: sts.amazonaws.com }, dry run: { default: "false" }, lines: { default: "" } }
runs: { using: node24, main: dist/index.js }
`;
const WORKFLOW = `on: workflow_dispatch
jobs:
  j:
    runs-on: x
    permissions: { contents: read, id-token: write }
    outputs: { subject: "\${{ steps.it.outputs.subject }}", flags: "\${{ steps.it.outputs.flags }}" }
    steps:
      - uses: actions/checkout@v6
      - { uses: ./, id: it, with: { dry run: true, lines: "a\\nb" } }
      - run: echo "then $FROM_TOOLKIT"
`;

let bundle = "";
let handle: (request: Request) => Promise<Response> | undefined = () => undefined;
const server = createServer(async (incoming, outgoing) => {
  const headers = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const response = await handle(new Request(`http://${incoming.headers.host}${incoming.url}`, { headers }));
  outgoing.writeHead(response?.status ?? 404, { "content-type": "application/json" });
  outgoing.end(await response?.text());
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const built = await build({
    stdin: { contents: SOURCE, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  bundle = built.outputFiles[0]?.text ?? "";
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test("GitHub's toolkit gets its inputs, its OIDC token, and leaves outputs, state and summary", async () => {
  const files = {
    [PATH]: WORKFLOW,
    "action.yml": ACTION,
    "dist/index.js": bundle,
    "package.json": '{"type":"module"}',
  };
  const node = { node20: process.execPath, node24: process.execPath };
  const executor = createProcessRunner({ node, path: process.env["PATH"] ?? "" });
  const { port } = server.address() as AddressInfo;
  const oidc = { url: `http://127.0.0.1:${port}/_oidc` };
  const { repo, actions, runs, done } = setUp(files, {}, { executor, oidc });
  handle = (request) => actions.host.answer(request);
  actions.host.dispatch(repo, PATH, "main", {}, alice);
  await done();
  const [job] = actions.jobs(runs()[0]?.id ?? 0);
  expect(job?.log.text()).toContain("token ***");
  expect(job?.log.text()).toContain("then multi\nline");
  expect(job?.outputs).toEqual({
    subject: "repo:acme/access:ref:refs/heads/main for sts.amazonaws.com",
    flags: "true 2",
  });
  expect(job?.log.annotations()).toEqual([
    { level: "notice", message: "granted", properties: { title: "Hallpass" } },
  ]);
  expect(job?.summary).toContain("<h1>Granted</h1>");
  expect(job?.info.conclusion).toBe("success");
});
