// Builds the terminal program as a package that needs nothing beside it: for npm, and as a repository that is an extension of `gh`. It is JavaScript, because
// Node strips no types below `node_modules`. The same source gives the same bytes.
//   node --import tsx cli/build.ts [DIR]    into cli/dist, which npm packs, or into a folder such as a clone of gh-hallpass

import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type OutputFile, type Plugin } from "esbuild";
import { noticesOf } from "./notices.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const options = {
  absWorkingDir: root,
  bundle: true,
  // the same text where `node_modules` is a link
  preserveSymlinks: true,
  write: false,
  metafile: true,
  platform: "node",
  format: "esm",
  mainFields: ["module", "main"],
  target: "node20",
  minify: true,
  legalComments: "none",
  logLevel: "error",
} as const satisfies BuildOptions;

/**
 * The program and the project's files, in the places that the sources have. Not at the top: a repository that is an extension must not run workflows that are only there
 * to be copied.
 */
const inside = "hallpass";

/** What `hallpass init` and `doctor` read. Folders with all that is below them. */
const copied = [
  "action.yml",
  "action/dist",
  "app/app.yml",
  "policies",
  ".github/ISSUE_TEMPLATE",
  ".github/workflows/access.yml",
  ".github/workflows/wake.yml",
];

/** All files of the package, by path. */
export async function packageFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const program = await build({
    ...options,
    entryPoints: { main: "cli/main.ts" },
    // each command, Cedar and each AWS client are read from the disk when they are needed
    splitting: true,
    outdir: "/",
    plugins: [cedarsWasm],
  });
  // it lies in the package too
  const action = await build({ ...options, entryPoints: ["action/main.ts"], outdir: "/" });
  const inputs = [program, action].flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const manifest = readManifest();
  return new Map([
    ["package.json", json({ ...manifest, private: true, bin: { hallpass: `${inside}/cli/main.js` } })],
    ["gh-hallpass", bytes(ghExecutable)],
    ["LICENSE", readFileSync(join(root, "LICENSE"))],
    ["THIRD-PARTY-NOTICES.txt", bytes(noticesOf(root, inputs))],
    [`${inside}/package.json`, json(manifest)],
    ...program.outputFiles.map(programFile),
    ...copied
      .flatMap(filesBelow)
      .map((path) => [`${inside}/${path}`, readFileSync(join(root, path))] as const),
  ]);
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

const json = (value: unknown): Uint8Array => bytes(`${JSON.stringify(value, null, 2)}\n`);

/** INVARIANT: no dependencies. What it needs is in it, and nothing that it was not tested with comes in with an installation. */
function readManifest() {
  const text = readFileSync(join(root, "package.json"), "utf8");
  const { name, version, description, license, engines } = JSON.parse(text) as Record<string, unknown>;
  return { name, version, description, license, type: "module", engines };
}

/** `gh` starts the file that is named like its repository, on Windows too with a shell. */
const ghExecutable = `#!/bin/sh
exec node "$(dirname -- "$0")/${inside}/cli/main.js" "$@"
`;

function programFile({ path, text }: OutputFile): readonly [string, Uint8Array] {
  const name = path.replace(/^.*[\\/]/, "");
  // packages that are no ES modules ask for Node's own by `require`, all through one function of one file
  const requires = text.includes("typeof require");
  const code = requires
    ? `import{createRequire as hallpassRequire}from"node:module";const require=hallpassRequire(import.meta.url);${text}`
    : text;
  return [`${inside}/cli/${name}`, bytes(code)];
}

const wasmFile = "cedar_wasm_bg.wasm";

/** Cedar reads its wasm from beside its own file. The Action's folder, which is in the package, has it. */
const cedarsWasm: Plugin = {
  name: "cedars-wasm",
  setup(builder) {
    const [path, namespace] = ["cedars-wasm", "cedars-wasm"];
    builder.onResolve({ filter: /^cedars-wasm$/ }, () => ({ path, namespace }));
    builder.onLoad({ filter: /./, namespace }, () => ({
      contents: `export const file = new URL("../action/dist/${wasmFile}", import.meta.url);`,
    }));
    builder.onLoad({ filter: /cedar-wasm[\\/]nodejs[\\/]cedar_wasm\.js$/ }, (cedar) => {
      const text = readFileSync(cedar.path, "utf8");
      const beside = `\`\${__dirname}/${wasmFile}\``;
      if (!text.includes(beside))
        throw new Error(`${cedar.path} is written in another way than expected; mend cli/build.ts`);
      return { contents: text.replace(beside, `require("${path}").file`), loader: "js" };
    });
  },
};

function filesBelow(path: string): readonly string[] {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`${path} is missing; run \`npm run build\``);
  if (found.isFile()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesBelow(`${path}/${name}`));
}

/** Replaces what an earlier build wrote, and touches nothing else: the folder may be a clone. */
export async function writePackage(folder: string): Promise<void> {
  const files = await packageFiles();
  rmSync(join(folder, inside), { recursive: true, force: true });
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  for (const path of ["gh-hallpass", `${inside}/cli/main.js`]) chmodSync(join(folder, path), 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv;
  const here = process.env["INIT_CWD"] ?? ".";
  await writePackage(folder === undefined ? join(root, "cli/dist") : resolve(here, folder));
}
