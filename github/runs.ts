import type { RequestNumber } from "../core/ids.ts";
import type { Command } from "../core/step.ts";
import type { GitHubClient } from "./client.ts";

/** Starts `access.yml`, unless a run of the same command and request is alive. */
export declare function dispatchWorkflow(
  client: GitHubClient,
  dispatch: { readonly command: Command; readonly request?: RequestNumber; readonly branch: string },
): Promise<void>;

/** Also true of a run that GitHub does not know any more. */
export declare function runIsOver(client: GitHubClient, run: number): Promise<boolean>;
