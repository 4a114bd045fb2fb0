// Comments of ours on a request.

import * as z from "zod/mini";
import type { GitHubClient } from "./client.ts";
import { isGitHubError } from "./error.ts";
import { answersLine, credentialsMarker } from "./shown.ts";

export interface SealedCredentials {
  /** An armored age file. */
  readonly sealed: string;
  /** The `/token` comment that named the key. */
  readonly answers: number;
}

/** Answers the new comment's id. */
export const postCredentials = (
  client: GitHubClient,
  number: number,
  { sealed, answers }: SealedCredentials,
): Promise<number> =>
  postComment(client, number, {
    body: [credentialsMarker, answersLine(answers), "", "```age", sealed.trim(), "```", ""].join("\n"),
    mayWait: false,
  });

export async function postComment(
  client: GitHubClient,
  number: number,
  { body, mayWait }: { readonly body: string; readonly mayWait: boolean },
): Promise<number> {
  const { id } = await client.send({
    method: "POST",
    path: "/repos/{owner}/{repo}/issues/{number}/comments",
    with: { number },
    body: { body },
    as: z.object({ id: z.int() }),
    mayWait,
  });
  return id;
}

/** False: the comment is gone. */
export const editComment = (client: GitHubClient, comment: number, body: string): Promise<boolean> =>
  unlessGone(
    client.send({
      method: "PATCH",
      path: "/repos/{owner}/{repo}/issues/comments/{comment}",
      with: { comment },
      body: { body },
      repeatable: true,
      mayWait: true,
    }),
  );

export async function deleteComment(client: GitHubClient, comment: number): Promise<void> {
  await unlessGone(
    client.send({
      method: "DELETE",
      path: "/repos/{owner}/{repo}/issues/comments/{comment}",
      with: { comment },
      repeatable: true,
      mayWait: true,
    }),
  );
}

async function unlessGone(done: Promise<unknown>): Promise<boolean> {
  try {
    await done;
    return true;
  } catch (error) {
    if (isGitHubError(error, "not-found")) return false;
    throw error;
  }
}
