// The files of one folder, as text.

import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";

export interface Folder {
  /** As people see it: relative to where they stand. */
  readonly shown: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** Paths in it, and those of what is wanted of the folders below it, are relative to it. Throws, with what to do, when it cannot be read. */
export async function readFolder(
  cwd: string,
  dir: string,
  wanted: (path: string) => boolean,
): Promise<Folder> {
  const path = resolve(cwd, dir);
  const names = await namesIn(path, dir);
  const files = names
    .filter(wanted)
    .sort((a, b) => (a < b ? -1 : 1))
    .map(async (name) => ({ path: name, text: await readFile(join(path, name), "utf8") }));
  return { shown: relative(cwd, path) || ".", files: await Promise.all(files) };
}

/** How far down it is looked, as in a law on GitHub. */
const deepest = 3;

/** The files in it and below, by their paths from it; a link to a file is one. */
async function namesIn(path: string, dir: string, depth = 0): Promise<readonly string[]> {
  try {
    const entries = await readdir(path);
    const files = entries.map(async (name): Promise<readonly string[]> => {
      const kind = await stat(join(path, name)).catch(() => undefined);
      if (kind?.isFile()) return [name];
      if (!kind?.isDirectory() || depth === deepest || name === "node_modules" || name.startsWith("."))
        return [];
      const below = await namesIn(join(path, name), join(dir, name), depth + 1);
      return below.map((each) => `${name}/${each}`);
    });
    return (await Promise.all(files)).flat();
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable(`\`${dir}\` cannot be read: ${whyNot(error)}`);
  }
}

/** It says already which folder. */
class Unreadable extends Error {}

function whyNot(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such folder; name the right one, relative to where you stand";
  if (code === "ENOTDIR") return "it is not a folder; name the folder that holds the files";
  return error instanceof Error ? error.message : String(error);
}
