// Builds what the runner starts: `action/dist/main.cjs`, one file of code, and Cedar's WebAssembly beside it. The same source gives the same bytes. Writes the config's
// schema for editors too.
// A run lives for a second, so that loading is most of what it costs: what no run reaches is left out, and what few runs reach is loaded late.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { configSchemaText } from "../core/config.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);

/** Cedar reads its wasm from beside its own file, when it is loaded. Packed it would cost more CPU to unpack than git saves by it. */
const wasmFile = "cedar_wasm_bg.wasm";

/** The files of `action/dist`, by name. */
export async function bundle(): Promise<ReadonlyMap<string, Uint8Array>> {
  const modules = await treeShaken();
  const { outputFiles } = await build({
    ...options,
    entryPoints: ["main.js"],
    format: "cjs",
    minify: true,
    // Node's own import() would go through its ESM loader, which costs more than `require`
    supported: { "dynamic-import": false },
    plugins: [inMemory(modules)],
  });
  const code = outputFiles?.[0]?.contents;
  if (code === undefined) throw new Error("esbuild wrote nothing");
  return new Map([
    ["main.cjs", code],
    [wasmFile, readFileSync(require.resolve("@cedar-policy/cedar-wasm/nodejs").replace(/[^/]+$/, wasmFile))],
  ]);
}

const options: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  // the same text where `node_modules` is a link
  preserveSymlinks: true,
  write: false,
  platform: "node",
  target: "node20",
  legalComments: "none",
  logLevel: "error",
};

/** First as ES modules: only of these can esbuild leave out what nobody uses. */
async function treeShaken(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles = [] } = await build({
    ...options,
    entryPoints: { main: "action/main.ts" },
    format: "esm",
    splitting: true,
    outdir: "/",
    mainFields: ["module", "main"],
    plugins: [unusedSchemas, unusedKeys, onlyWhatIsUsed, leftOut],
  });
  return new Map(outputFiles.map(({ path, text }) => [path.replace(/^.*[\\/]/, ""), text]));
}

const inMemory = (modules: ReadonlyMap<string, string>): Plugin => ({
  name: "in-memory",
  setup(builder) {
    const namespace = "built";
    builder.onResolve({ filter: /\.js$/ }, ({ path }) => ({ path: path.replace(/^.*\//, ""), namespace }));
    builder.onLoad({ filter: /./, namespace }, ({ path }) => {
      const contents = modules.get(path);
      if (contents === undefined) throw new Error(`${path} was not built`);
      return { contents, loader: "js" };
    });
  },
});

/**
 * An AWS client describes every operation of its service, thousands of them in EC2's. Each description is an array that esbuild cannot prove to be free of
 * effects; as a pure call it is left out when no command of ours needs it.
 */
const unusedSchemas: Plugin = {
  name: "unused-schemas",
  setup(builder) {
    builder.onLoad(
      { filter: /@aws-sdk\/client-[a-z0-9-]+\/dist-es\/schemas\/schemas_0\.js$/ },
      ({ path }) => {
        let found = 0;
        const contents = readFileSync(path, "utf8").replace(
          /^((?:export )?var \w+\$? = )(\[[\s\S]*?\]);$/gm,
          (_, name: string, array: string) => {
            found += 1;
            return `${name}/* @__PURE__ */ (() => (${array}))();`;
          },
        );
        if (found < 20)
          throw new Error(`${path} is written in another way than expected; mend action/build.ts`);
        return { contents, loader: "js" };
      },
    );
  },
};

/**
 * Age knows keys on the curve P-256 too, which no recipient of ours is on (core/age-recipient.ts). Making that curve and P-384 ready costs as much as sealing does.
 */
const unusedKeys: Plugin = {
  name: "unused-keys",
  setup(builder) {
    const change = (filter: RegExp, [from, to]: readonly [RegExp, string]) =>
      builder.onLoad({ filter }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const contents = text.replace(from, to);
        if (contents === text)
          throw new Error(`${path} is written in another way than expected; mend action/build.ts`);
        return { contents, loader: "js" };
      });
    change(/age-encryption\/dist\/recipients\.js$/, [
      /^import \{ MLKEM768P256, (MLKEM768X25519 \} from ".*");\nimport \{ p256 \} from ".*";$/m,
      `import { $1;
const MLKEM768P256 = new Proxy({}, { get() { throw new Error("P-256 is not in the bundle"); } }), p256 = MLKEM768P256;`,
    ]);
    change(/@noble\/post-quantum\/hybrid\.js$/, [
      /^((?:export )?const \w+ = )((?:QSF|createKitchenSink|ecdhKem)\(.*\));$/gm,
      "$1/* @__PURE__ */ (() => $2)();",
    ]);
  },
};

/** The toolkit does not say that importing it has no effects: without this, reading the run's event would bring the whole of Octokit. */
const onlyWhatIsUsed: Plugin = {
  name: "only-what-is-used",
  setup(builder) {
    const seen = { pluginData: "only-what-is-used" };
    builder.onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
      const toolkit = path.startsWith("@actions/") || /node_modules\/@actions\//.test(from.importer);
      if (!toolkit || pluginData === seen.pluginData || path in unreached) return undefined;
      const found = await builder.resolve(path, { ...from, ...seen });
      return { ...found, sideEffects: false };
    });
  },
};

/** Modules that are imported and never reached. Whoever reaches one all the same fails at once. */
const unreached: Readonly<Record<string, readonly string[]>> = {
  // INVARIANT: our calls name their credentials; the SDK's default chain would take whatever lies about on the machine
  "@aws-sdk/credential-provider-node": ["defaultProvider"],
  // of the toolkit: only for Octokit's use
  undici: ["ProxyAgent", "fetch"],
  // of @aws-sdk/core: only in browsers
  bowser: ["default"],
};

const leftOut: Plugin = {
  name: "left-out",
  setup(builder) {
    const filter = new RegExp(`^(?:${Object.keys(unreached).join("|")})$`);
    const namespace = "left-out";
    builder.onResolve({ filter }, ({ path }) => ({ path, namespace, sideEffects: false }));
    builder.onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `const refuse = () => { throw new Error("${path} is not in the bundle"); };
        export { ${(unreached[path] ?? []).map((name) => `refuse as ${name}`).join(", ")} };`,
      loader: "js",
    }));
  },
};

export const distFolder = new URL("./dist/", import.meta.url);

/** Beside the config, for editors. */
export const schemaFile = new URL("../.github/hallpass.schema.json", import.meta.url);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { mkdirSync, rmSync, writeFileSync } = await import("node:fs");
  const files = await bundle();
  rmSync(distFolder, { recursive: true, force: true });
  mkdirSync(distFolder, { recursive: true });
  for (const [name, content] of files) writeFileSync(new URL(name, distFolder), content);
  writeFileSync(schemaFile, configSchemaText());
}
