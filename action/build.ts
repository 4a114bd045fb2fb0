// Builds the one committed file that the runner starts: `action/dist/main.cjs`, with Cedar's WebAssembly inside. The same source gives the same bytes.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);

/** Cedar reads its wasm from beside its own file, which a bundle does not have. */
const embedCedar: Plugin = {
  name: "embed-cedar",
  setup(builder) {
    builder.onLoad({ filter: /cedar-wasm\/nodejs\/cedar_wasm\.js$/ }, ({ path }) => {
      const wasm = readFileSync(
        require.resolve("@cedar-policy/cedar-wasm/nodejs").replace(/[^/]+$/, "cedar_wasm_bg.wasm"),
      );
      const packed = brotliCompressSync(wasm, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }).toString(
        "base64",
      );
      const source = readFileSync(path, "utf8");
      const reads = /const wasmPath = .*\nconst wasmBytes = .*\n/;
      if (!reads.test(source))
        throw new Error("cedar-wasm loads its wasm in another way than expected; mend action/build.ts");
      const contents = source.replace(
        reads,
        () =>
          `const wasmBytes = require("node:zlib").brotliDecompressSync(Buffer.from("${packed}", "base64"));\n`,
      );
      return { contents, loader: "js" };
    });
  },
};

/** The bundle's text. */
export async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["action/main.ts"],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "cjs",
    minify: true,
    legalComments: "none",
    logLevel: "error",
    plugins: [embedCedar],
  });
  const text = outputFiles[0]?.text;
  if (text === undefined) throw new Error("esbuild wrote nothing");
  return text;
}

export const distFile = fileURLToPath(new URL("./dist/main.cjs", import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { mkdirSync, writeFileSync } = await import("node:fs");
  mkdirSync(new URL("./dist", import.meta.url), { recursive: true });
  writeFileSync(distFile, await bundle());
}
