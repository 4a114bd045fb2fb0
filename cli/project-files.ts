// The files of this project that `hallpass init` copies.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { ProjectFiles } from "../flow/set-up.ts";

const root = new URL("../", import.meta.url);

export const projectFiles: ProjectFiles = {
  text: (path) => readFileSync(new URL(path, root), "utf8"),
  bytes: (path) => readFileSync(new URL(path, root)),
  list: (folder) => {
    const at = new URL(`${folder}/`, root);
    if (!existsSync(at)) throw new Error(`${folder} of this project is missing; run \`npm run build\``);
    const files = readdirSync(at, { withFileTypes: true }).filter((entry) => entry.isFile());
    return files.map(({ name }) => `${folder}/${name}`).sort();
  },
};

/** What `uses:` says beside the commit. */
export const projectVersion = (): string =>
  (JSON.parse(projectFiles.text("package.json")) as { readonly version: string }).version;
