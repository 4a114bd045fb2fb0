// What of the set-up is there already, and what is to be written. Running it twice changes nothing.

import { createHash } from "node:crypto";
import type { SetUpFile } from "./set-up.ts";

/** A folder, or the default branch of a repository, as it is. */
export interface Existing {
  /** Git's id of a file's content; undefined where there is no such file. */
  readonly blob: (path: string) => Promise<string | undefined>;
  readonly text: (path: string) => Promise<string | undefined>;
  readonly hasPolicies: boolean;
}

export interface PlannedFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** `differs`: it is Hallpass's, is not as it should be, and is kept. `theirs`: it is people's, who have changed it. */
  readonly is: "new" | "overwritten" | "same" | "differs" | "theirs";
}

export async function planFiles(
  files: readonly SetUpFile[],
  existing: Existing,
  force: boolean,
): Promise<readonly PlannedFile[]> {
  const planned = files.map(async (file): Promise<readonly PlannedFile[]> => {
    const { path, content, belongsTo } = file;
    const found = await existing.blob(path);
    if (found === undefined) {
      // INVARIANT: a starter policy that somebody has removed does not come back
      const removed = path.startsWith("policies/") && existing.hasPolicies;
      return removed ? [] : [{ path, content, is: "new" }];
    }
    if (found === gitBlob(content)) return [{ path, content, is: "same" }];
    return [{ path, content, is: belongsTo === "people" ? "theirs" : force ? "overwritten" : "differs" }];
  });
  return (await Promise.all(planned)).flat();
}

export const isWritten = ({ is }: PlannedFile): boolean => is === "new" || is === "overwritten";

/** The id that git gives a file's content. */
export function gitBlob(content: string | Uint8Array): string {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
