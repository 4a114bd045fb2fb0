// The command `check`: does the law load? That of the pull request which the workflow runs for, else that of the default branch.

import { context } from "@actions/github";
import type { Sha } from "../core/ids.ts";
import { parseSha } from "../core/parse-ids.ts";

/** The commit that a pull request proposes; undefined when the run is about none. It is only ever read through the API, never checked out. */
export function proposedCommit(): Sha | undefined {
  const head: unknown = context.payload.pull_request?.["head"]?.sha;
  return typeof head === "string" ? parseSha(head) : undefined;
}
