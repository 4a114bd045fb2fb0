// The engine as it is shipped: bundled, without tsx.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BuildOptions, build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const engine = join(root, "cedar");
let out: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "hallpass-bundle-"));
  await mkdir(join(out, "node_modules/@cedar-policy"), { recursive: true });
  await symlink(
    join(root, "node_modules/@cedar-policy/cedar-wasm"),
    join(out, "node_modules/@cedar-policy/cedar-wasm"),
  );
  await writeFile(join(out, "package.json"), '{ "type": "module" }');
});
afterAll(() => rm(out, { recursive: true }));

async function bundled(code: string, file: string, format: "esm" | "cjs"): Promise<string> {
  const common: BuildOptions = { bundle: true, platform: "node", format, external: ["@cedar-policy/*"] };
  await build({
    ...common,
    stdin: { contents: code, resolveDir: engine, loader: "ts" },
    outfile: join(out, file),
  });
  await build({
    ...common,
    entryPoints: [join(engine, "worker-thread.ts")],
    outfile: join(out, "worker-thread.js"),
  });
  return (await promisify(execFile)(process.execPath, [join(out, file)])).stdout.trim();
}

const policy = 'permit (principal, action == AWS::SSM::Action::"getTokenForInstanceAccess", resource);';
const loads = (opened: string): string => `
  const engine = ${opened};
  const loaded = await engine.load([{ path: "a.cedar", text: ${JSON.stringify(policy)} }]);
  console.log(loaded.ok);
  await engine.close();`;

test("the worker finds its thread beside the bundle", async () => {
  const code = `import { openEngine } from "./worker.ts"; ${loads("openEngine()")}`;
  expect(await bundled(code, "app.js", "esm")).toBe("true");
});

test("the engine in this thread loads WebAssembly when it is first used, in the CommonJS bundle of the Action", async () => {
  const isLoaded = `console.log(Object.keys(require.cache).some((path) => path.includes("cedar_wasm")))`;
  const code = `import { inlineEngine } from "./engine.ts";
    ${isLoaded};
    (async () => { ${loads("inlineEngine()")} ${isLoaded} })();`;
  expect(await bundled(code, "action.cjs", "cjs")).toBe("false\ntrue\ntrue");
});
