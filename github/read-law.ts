import type { Sha } from "../core/ids.ts";
import type { GitHubClient } from "./client.ts";

export interface LawFile {
  readonly path: string;
  readonly text: string;
}

/** Files of the law at one commit; undefined: not there. */
export interface LawFiles {
  readonly config: string | undefined;
  /** `policies/*.cedar`, sorted by path. */
  readonly policies: readonly LawFile[];
  readonly approvals: string | undefined;
  readonly people: string | undefined;
  readonly schema: string | undefined;
}

/** One query a commit, then remembered. */
export declare function readLaw(client: GitHubClient, commit: Sha): Promise<LawFiles>;
