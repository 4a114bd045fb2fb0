import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative, sep } from "node:path";

// The machine a job has to itself: its workspace, in memory until a process needs it on disk.

export interface JobDirectories {
  /** GITHUB_WORKSPACE. */
  workspace: string;
  /** RUNNER_TEMP. */
  temp: string;
  /** Actions of other repositories, by `owner/repo/ref`. */
  actions: string;
}

export interface Workspace {
  put(path: string, bytes: Uint8Array): void;
  read(path: string): Uint8Array | undefined;
  /** Paths of all files below `directory`. */
  list(directory: string): string[];
  /** Writes everything out once; from then on the disk is the truth. */
  onDisk(): JobDirectories;
  remove(): void;
}

export function createWorkspace(): Workspace {
  const files = new Map<string, Uint8Array>();
  let root: string | undefined;
  let directories: JobDirectories | undefined;

  return {
    put(path, bytes) {
      if (directories) writeBelow(directories.workspace, path, bytes);
      else files.set(inside(path), bytes);
    },
    read(path) {
      if (!directories) return files.get(inside(path));
      const at = join(directories.workspace, inside(path));
      return statSync(at, { throwIfNoEntry: false })?.isFile() ? readFileSync(at) : undefined;
    },
    list(directory) {
      const prefix = inside(directory);
      const all = directories ? filesBelow(directories.workspace) : [...files.keys()];
      return all.filter((path) => prefix === "" || path.startsWith(`${prefix}/`));
    },
    onDisk() {
      if (directories) return directories;
      root = mkdtempSync(join(tmpdir(), "runner-"));
      directories = {
        workspace: join(root, "work"),
        temp: join(root, "temp"),
        actions: join(root, "actions"),
      };
      for (const directory of Object.values(directories)) mkdirSync(directory);
      for (const [path, bytes] of files) writeBelow(directories.workspace, path, bytes);
      return directories;
    },
    remove() {
      if (root !== undefined) rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Writes a file below a directory, and nowhere else. */
export function writeBelow(directory: string, path: string, bytes: Uint8Array): void {
  const target = join(directory, inside(path));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, bytes);
}

/** `./a/../b` → `b`; the workspace itself → ``. */
function inside(path: string): string {
  const normal = posix.normalize(path);
  if (posix.isAbsolute(path) || normal === ".." || normal.startsWith("../")) {
    throw new Error(`\`${path}\` leaves the workspace`);
  }
  return normal === "." || normal === "./" ? "" : normal.replace(/\/$/, "");
}

function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"));
}
