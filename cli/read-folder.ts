// The files of one folder, as text.

import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";

export interface Folder {
  /** As people see it: relative to where they stand. */
  readonly shown: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** Paths in it are relative to it. Throws, with what to do, when it cannot be read. */
export async function readFolder(
  cwd: string,
  dir: string,
  wanted: (name: string) => boolean,
): Promise<Folder> {
  const path = resolve(cwd, dir);
  const names = await namesIn(path, dir);
  const files = names
    .filter(wanted)
    .sort((a, b) => (a < b ? -1 : 1))
    .map(async (name) => ({ path: name, text: await readFile(join(path, name), "utf8") }));
  return { shown: relative(cwd, path) || ".", files: await Promise.all(files) };
}

/** The names of the files in it; a link to a file is one. */
async function namesIn(path: string, dir: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path);
    const files = entries.map(async (name) =>
      (await stat(join(path, name)).catch(() => undefined))?.isFile() ? [name] : [],
    );
    return (await Promise.all(files)).flat();
  } catch (error) {
    throw new Error(`\`${dir}\` cannot be read: ${whyNot(error)}`);
  }
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such folder; name the right one, relative to where you stand";
  if (code === "ENOTDIR") return "it is not a folder; name the folder that holds the files";
  return error instanceof Error ? error.message : String(error);
}
