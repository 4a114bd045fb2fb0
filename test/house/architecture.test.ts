// Who may import whom, and what the rules of the house forbid. Reads every file there is, so nothing can be left out by forgetting it.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { impurities } from "./impurities.ts";
import {
  filesBelow,
  type Import,
  isNode,
  nodesOf,
  parseSource,
  readSource,
  root,
  type SourceFile,
} from "./sources.ts";

const files = filesBelow("");
const sources = files.filter((path) => path.endsWith(".ts")).map(readSource);
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as Record<
  "dependencies" | "devDependencies",
  Record<string, string>
>;

/** The parts of the house, and which of them each may import. Design section 6. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  cedar: ["core"],
  github: ["core"],
  aws: ["core"],
  flow: ["core", "cedar", "github", "aws"],
  app: ["core", "cedar", "github", "aws", "flow"],
  action: ["core", "cedar", "github", "aws", "flow"],
  cli: ["core", "cedar", "github", "aws", "flow"],
  "sandbox/github": [],
  "sandbox/aws": [],
  sandbox: [
    "core",
    "cedar",
    "github",
    "aws",
    "flow",
    "app",
    "action",
    "cli",
    "sandbox/github",
    "sandbox/aws",
  ],
  test: [
    ...["core", "cedar", "github", "aws", "flow", "app", "action", "cli"],
    ...["sandbox", "sandbox/github", "sandbox/aws"],
  ],
  // vitest.config.ts
  ".": [],
};

/** Only these need a tool's own default export. */
const defaultExports = ["vitest.config.ts"];
/** Run by hand or by the check, never shipped: they may use what only development installs. */
const buildScripts = ["action/build.ts", "cli/build.ts", "app/build-lambda.ts", "vitest.config.ts"];
function partOf(path: string): string {
  const [first = "", second = "", ...rest] = path.split("/");
  if (second === "") return ".";
  const twin = `${first}/${second}`;
  return rest.length > 0 && Object.hasOwn(mayImport, twin) ? twin : first;
}

/** What a file imports that its part may not. */
function strayImports({ path, imports }: SourceFile): readonly string[] {
  const part = partOf(path);
  const allowed = mayImport[part] ?? [];
  return imports.flatMap(({ target }) => {
    if (!("file" in target)) return [];
    const to = partOf(target.file);
    return to === part || allowed.includes(to) ? [] : [`${path} imports ${target.file}`];
  });
}

describe("every file is seen", () => {
  test("each file that git tracks is among those read here", () => {
    if (!existsSync(`${root}.git`)) return;
    const tracked = execFileSync("git", ["ls-files", "-z", "*.ts"], { cwd: root, encoding: "utf8" });
    const paths = tracked.split("\0").filter((path) => path !== "" && existsSync(`${root}${path}`));
    const seen = new Set(sources.map(({ path }) => path));
    expect(paths.filter((path) => !seen.has(path))).toEqual([]);
    expect(paths.length).toBeGreaterThan(300);
  });

  test("the project is TypeScript throughout, but for the built Action", () => {
    expect(files.filter((path) => /\.(?:[cm]?jsx?|[cm]ts|tsx)$/.test(path))).toEqual([]);
  });

  test("each belongs to a part of the house", () => {
    const parts = new Set(sources.map(({ path }) => partOf(path)));
    expect([...parts].filter((part) => !Object.hasOwn(mayImport, part))).toEqual([]);
    expect(parts.size).toBe(Object.keys(mayImport).length);
  });

  test("an import of ours names a file that is there, with its ending", () => {
    const missing = sources.flatMap(({ path, imports }) =>
      imports.flatMap(({ target }) =>
        // cedar/worker.ts names the built worker too, which is beside it only in a bundle
        "file" in target && !existsSync(`${root}${target.file}`) && !target.file.endsWith(".js")
          ? [`${path} imports ${target.file}`]
          : [],
      ),
    );
    expect(missing).toEqual([]);
  });
});

describe("import directions", () => {
  test.each(Object.keys(mayImport))("%s imports only what it may", (part) => {
    const here = sources.filter(({ path }) => partOf(path) === part);
    expect(here.length).toBeGreaterThan(0);
    expect(here.flatMap(strayImports)).toEqual([]);
  });

  test.each([
    ["a static import", `import { decide } from "../flow/decide.ts";`],
    ["a type", `import type { Decide } from "../flow/decide.ts";`],
    ["a type in a type", `type D = import("../flow/decide.ts").Decide;`],
    ["the type of a module", `type D = typeof import("../flow/decide.ts").decide;`],
    ["a dynamic import", `const d = await import("../flow/decide.ts");`],
    ["an export of another's", `export { decide } from "../flow/decide.ts";`],
    ["all of another's", `export * from "../flow/decide.ts";`],
    ["an import with equals", `import d = require("../flow/decide.ts");`],
    ["require", `const d = require("../flow/decide.ts");`],
    ["a worker", `new Worker(new URL("../flow/decide.ts", import.meta.url));`],
  ])("%s is seen", (_, text) => {
    const source = parseSource("core/made-up.ts", text);
    expect(strayImports(source)).toEqual(["core/made-up.ts imports flow/decide.ts"]);
  });

  test("an import whose name nobody can read is refused", () => {
    expect(() => parseSource("core/made-up.ts", "await import(name);")).toThrow("worked out at run time");
  });

  test("the server loads nothing that can speak to AWS", () => {
    const server = reachedFrom("app/main.ts");
    expect(server).toContain("flow/reconcile.ts");
    expect(server.flatMap(awsPackages)).toEqual([]);
    expect(reachedFrom("action/main.ts").flatMap(awsPackages)).toContain("@aws-sdk/client-sts");
  });

  test("as a Lambda function it can start itself and read its secrets, and one file knows how", () => {
    const reached = reachedFrom("app/lambda.ts");
    expect(reached).toContain("flow/reconcile.ts");
    expect(reached.filter((path) => awsPackages(path).length > 0)).toEqual(["app/lambda.ts"]);
    expect(awsPackages("app/lambda.ts")).toEqual(["@aws-sdk/client-lambda", "@aws-sdk/client-ssm"]);
  });
});

/** What is loaded, at once or later, when this file is. */
function reachedFrom(path: string, seen: readonly string[] = []): readonly string[] {
  if (seen.includes(path)) return seen;
  return loadedBy(path).reduce<readonly string[]>(
    (reached, target) => ("file" in target ? reachedFrom(target.file, reached) : reached),
    [...seen, path],
  );
}

const loadedBy = (path: string): readonly Import["target"][] =>
  sources
    .filter((each) => each.path === path)
    .flatMap(({ imports }) => imports.flatMap(({ target, typeOnly }) => (typeOnly ? [] : [target])));

const awsPackages = (path: string): readonly string[] =>
  loadedBy(path).flatMap((target) =>
    "package" in target && /^@(?:aws|aws-sdk|smithy)\//.test(target.package) ? [target.package] : [],
  );

describe("packages", () => {
  const packagesOf = ({ imports }: SourceFile): readonly string[] =>
    imports.flatMap(({ target }) => ("package" in target ? [target.package] : []));

  test("core knows zod and yaml, and nothing else", () => {
    const core = sources.filter(({ path }) => partOf(path) === "core");
    const known = new Set(core.flatMap(packagesOf));
    expect([...known].filter((name) => name !== "zod" && name !== "yaml")).toEqual([]);
  });

  test("Node's own are named with `node:`", () => {
    const bare = sources.flatMap((each) =>
      packagesOf(each)
        .filter((name) => builtinModules.includes(name))
        .map((name) => `${each.path} imports ${name}`),
    );
    expect(bare).toEqual([]);
  });

  test("what is imported is in package.json, and what ships needs nothing of development's", () => {
    const stray = sources.flatMap((each) => {
      const part = partOf(each.path);
      const ships = !part.startsWith("sandbox") && part !== "test" && !buildScripts.includes(each.path);
      const installed = { ...manifest.dependencies, ...(ships ? {} : manifest.devDependencies) };
      return packagesOf(each)
        .filter((name) => !name.startsWith("node:") && !Object.hasOwn(installed, name))
        .map((name) => `${each.path} imports ${name}`);
    });
    expect(stray).toEqual([]);
  });
});

describe("core is pure", () => {
  test("no clock, no environment, no network, no disk, nothing later", () => {
    const core = sources.filter(({ path }) => partOf(path) === "core");
    expect(core.flatMap(impurities)).toEqual([]);
  });

  test.each([
    ["the clock", "export const now = () => Date.now();"],
    ["the clock, as a date", "export const now = () => new Date();"],
    ["the clock, as text", "export const now = () => Date();"],
    ["the clock, by another name", "const { now } = Date; export const at = now();"],
    ["chance", "export const one = Math.random();"],
    ["chance, by another name", "const sums = Math; export const one = sums.random();"],
    ["chance, by computing", `export const one = Math["random"]();`],
    ["a random id", "export const id = crypto.randomUUID();"],
    ["the environment", "export const home = process.env.HOME;"],
    ["the network", `export const page = fetch("https://example.com");`],
    ["everything global", "export const all = globalThis;"],
    ["timers", "setTimeout(() => {}, 1);"],
    ["the console", "console.log(1);"],
    ["an async function", "export async function later() {}"],
    ["an async arrow", "export const later = async () => 1;"],
    ["await", "export const later = await 1;"],
    ["a promise", "export const later = Promise.resolve(1);"],
    ["a promise as a type", "export type Later = Promise<void>;"],
    ["the disk", `import { readFileSync } from "node:fs"; readFileSync("x");`],
    ["loading later", `export const yaml = () => import("yaml");`],
    ["where it stands", "export const here = import.meta.url;"],
    ["the reader's language", `export const compare = (a: string) => a.localeCompare("b");`],
  ])("%s would be found", (_, text) => {
    expect(impurities(parseSource("core/made-up.ts", text))).not.toEqual([]);
  });

  test("what only looks like it is not", () => {
    const text =
      "export const of = (at: number, facts: { process: string }) => [new Date(at), facts.process, Date.parse('')];";
    expect(impurities(parseSource("core/made-up.ts", text))).toEqual([]);
  });
});

describe("names and exports", () => {
  test("no file or folder is named after nothing in particular", () => {
    const vague = /^(?:.*[-.])?(?:utils?|helpers?|common|misc|shared)(?:\.[\w.]+)?$/i;
    expect(files.filter((path) => path.split("/").some((name) => vague.test(name)))).toEqual([]);
    expect(vague.test("utils.ts") && vague.test("string-utils.ts") && vague.test("shared")).toBe(true);
  });

  test("no default exports, but where a tool asks for one", () => {
    const found = sources.filter(({ program }) => nodesOf(program).some(isDefaultExport));
    expect(found.map(({ path }) => path)).toEqual(defaultExports);
  });

  test("no barrels", () => {
    const barrels = sources.filter(
      ({ path, program }) =>
        posix.basename(path) === "index.ts" || nodesOf(program).some(isExportAll) || onlyReexports(program),
    );
    expect(barrels.map(({ path }) => path)).toEqual([]);
  });
});

const isDefaultExport = (node: ReturnType<typeof nodesOf>[number]): boolean =>
  node.type === "ExportDefaultDeclaration" ||
  node.type === "TSExportAssignment" ||
  (node.type === "ExportSpecifier" && isNode(node["exported"]) && node["exported"]["name"] === "default");

const isExportAll = ({ type }: ReturnType<typeof nodesOf>[number]): boolean =>
  type === "ExportAllDeclaration";

function onlyReexports(program: SourceFile["program"]): boolean {
  const body = (program["body"] as readonly unknown[]).filter(isNode);
  return (
    body.length > 0 && body.every((each) => each.type === "ExportNamedDeclaration" && isNode(each["source"]))
  );
}
