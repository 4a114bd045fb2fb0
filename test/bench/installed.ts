// The terminal program as it is installed, in a folder of its own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePackage } from "../../cli/build.ts";

export interface Installed {
  /** What `hallpass` starts. */
  readonly main: string;
  /** For what it keeps. */
  readonly home: string;
  readonly remove: () => void;
}

export async function install(): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), "hallpass-installed-"));
  await writePackage(join(folder, "package"));
  return {
    main: join(folder, "package/hallpass/cli/main.js"),
    home: join(folder, "home"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
