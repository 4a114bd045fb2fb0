// Writes what AWS Lambda runs into a folder: the function's code, with Cedar's thread and WebAssembly beside it, and the template that names it. The same source gives the
// same bytes: node --import tsx app/build-lambda.ts ../hallpass-lambda

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const wasmFile = "cedar_wasm_bg.wasm";

const options: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  // the same text where `node_modules` is a link
  preserveSymlinks: true,
  write: false,
  platform: "node",
  target: "node20",
  minify: true,
  legalComments: "none",
  logLevel: "error",
};

/** The function's files, by name. */
export async function lambdaCode(): Promise<ReadonlyMap<string, Uint8Array>> {
  const [index, thread] = await Promise.all([
    built({
      entryPoints: ["app/lambda.ts"],
      format: "esm",
      mainFields: ["module", "main"],
      // for packages that are no ES modules
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
    }),
    // Cedar reads its wasm from beside its own file, which only CommonJS knows without asking
    built({ entryPoints: ["cedar/worker-thread.ts"], format: "cjs" }),
  ]);
  const cedar = createRequire(import.meta.url).resolve("@cedar-policy/cedar-wasm/nodejs");
  return new Map([
    ["index.mjs", index],
    ["worker-thread.js", thread],
    [wasmFile, readFileSync(cedar.replace(/[^/\\]+$/, wasmFile))],
  ]);
}

async function built(more: BuildOptions): Promise<Uint8Array> {
  const { outputFiles = [] } = await build({ ...options, ...more });
  const code = outputFiles[0]?.contents;
  if (code === undefined) throw new Error("esbuild wrote nothing");
  return code;
}

async function writeTo(folder: string): Promise<void> {
  const target = resolve(folder);
  const code = join(target, "code");
  rmSync(code, { recursive: true, force: true });
  mkdirSync(code, { recursive: true });
  for (const [name, content] of await lambdaCode()) writeFileSync(join(code, name), content);
  writeFileSync(join(target, "lambda.yaml"), readFileSync(join(root, "app/lambda.yaml")));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv;
  if (folder === undefined) {
    process.stderr.write("expected a folder to write to, such as `../hallpass-lambda`\n");
    process.exitCode = 2;
  } else await writeTo(folder);
}
