// A file's text by its object id, which never changes.

import * as z from "zod/mini";
import type { GitHubClient } from "./client.ts";
import type { FileText } from "./graphql-shape.ts";

/** What is not UTF-8 shows as such to whoever parses it. */
export const readBlob = (client: GitHubClient, oid: string): Promise<string> =>
  client.remember(`blob ${oid}`, async () => {
    const { content } = await client.get({
      path: "/repos/{owner}/{repo}/git/blobs/{oid}",
      with: { oid },
      as: z.object({ content: z.string(), encoding: z.literal("base64") }),
    });
    return Buffer.from(content, "base64").toString("utf8");
  });

/** GraphQL shows no text over half a megabyte, and none that it takes for binary; then the blob itself is read. */
export async function textOf(client: GitHubClient, file: FileText): Promise<string> {
  return file.text ?? (await readBlob(client, file.oid));
}
