// Comments of ours on a request.

import * as z from "zod/mini";
import type { Facts, ShownFacts } from "../core/facts.ts";
import { reminderKey } from "../core/render-reminder.ts";
import { statusMarker } from "../core/render-status.ts";
import { unixLines } from "../core/text.ts";
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

const commentShape = z.object({
  id: z.int(),
  body: z.optional(z.string()),
  user: z.nullable(z.object({ id: z.int() })),
});

/** GitHub's clock and ours differ by a little. In milliseconds. */
const drift = 60_000;

/** Our comments that were written after the facts were gathered. */
async function readOursSince(
  client: GitHubClient,
  { now, us, subject }: Facts,
): Promise<readonly { readonly id: number; readonly body: string }[]> {
  const comments = await client.get({
    path: "/repos/{owner}/{repo}/issues/{number}/comments",
    with: { number: subject.number },
    query: { since: new Date(now - drift).toISOString(), per_page: 100 },
    as: z.array(commentShape),
  });
  return comments.flatMap(({ id, body = "", user }) =>
    user?.id === us.botId ? [{ id, body: unixLines(body) }] : [],
  );
}

export const readStatusesSince = async (
  client: GitHubClient,
  facts: Facts,
): Promise<ShownFacts["statuses"]> =>
  (await readOursSince(client, facts)).filter(({ body }) => body.startsWith(statusMarker));

export const readRemindersSince = async (
  client: GitHubClient,
  facts: Facts,
): Promise<ShownFacts["reminders"]> =>
  (await readOursSince(client, facts)).flatMap(({ id, body }) => {
    const key = reminderKey(body);
    return key === undefined ? [] : [{ id, key }];
  });

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
