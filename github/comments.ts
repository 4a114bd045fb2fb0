import type { GitHubClient } from "./client.ts";

/** Posts an armored age file for the `/token` comment it answers; answers the new comment's id. */
export declare function postCredentials(
  client: GitHubClient,
  number: number,
  credentials: { readonly sealed: string; readonly answers: number },
): Promise<number>;
