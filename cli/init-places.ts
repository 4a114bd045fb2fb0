// Where `hallpass init` writes: a folder, or a pull request of the access repo.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ledgerFolder } from "../flow/set-up.ts";
import { type Existing, gitBlob, isWritten, type PlannedFile } from "../flow/set-up-plan.ts";
import type { GitHubClient } from "../github/client.ts";
import { beginOrphan, proposeFiles, readTree, textAt } from "../github/propose-files.ts";

export interface Place {
  readonly existing: Existing;
  readonly defaultBranch?: string;
  /** Performs the plan. The address of the pull request, where there is one. */
  readonly write: (files: readonly PlannedFile[]) => Promise<string | undefined>;
}

export async function folderPlace(folder: string): Promise<Place> {
  const read = (path: string) => readFile(join(folder, path)).catch(whenMissing);
  const policies = await readdir(join(folder, "policies")).catch(whenMissing);
  return {
    existing: {
      blob: async (path) => {
        const content = await read(path);
        return content === undefined ? undefined : gitBlob(content);
      },
      text: async (path) => (await read(path))?.toString("utf8"),
      hasPolicies: (policies ?? []).length > 0,
    },
    write: async (files) => {
      for (const { path, content } of files.filter(isWritten)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), content);
      }
      return undefined;
    },
  };
}

function whenMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

const words = {
  title: "Set Hallpass up",
  body: "What `hallpass init` writes into an access repo: policies to start from, the workflows, the form, the config, and the rulesets and environment as GitHub takes them. The policies, the config and CODEOWNERS are yours to change, here and later.",
};

/** The ledger is begun at once: nobody has to review a branch with nothing but its README. */
export async function pullRequestPlace(client: GitHubClient): Promise<Place> {
  const tree = await readTree(client);
  return {
    defaultBranch: tree.defaultBranch,
    existing: {
      blob: async (path) => tree.files.get(path),
      text: (path) => textAt(client, tree, path),
      hasPolicies: [...tree.files.keys()].some((path) => path.startsWith("policies/")),
    },
    write: async (files) => {
      const seed = files.filter(({ path }) => path.startsWith(ledgerFolder));
      await beginOrphan(
        client,
        "ledger",
        seed.map(({ path, content }) => ({ path: path.slice(ledgerFolder.length), content })),
        "Begin the ledger",
      );
      const changed = files.filter(isWritten);
      return changed.length === 0 ? undefined : proposeFiles(client, tree, changed, words);
    },
  };
}
