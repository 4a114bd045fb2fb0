// Texts of files at the head of a branch, or at a commit. Always asked of GitHub anew.

import * as z from "zod/mini";
import type { Sha } from "../core/ids.ts";
import type { GitHubClient } from "./client.ts";
import { GitHubError } from "./error.ts";
import { type FileText, fileText, sha } from "./graphql-shape.ts";

export interface BranchTexts {
  /** The commit that all texts are of. */
  readonly head: Sha;
  /** Of the paths asked for, those that are there. */
  readonly texts: ReadonlyMap<string, string>;
}

/** GraphQL takes a few hundred fields in one query without trouble. */
const mostAtOnce = 100;

/** `at` is a branch, `refs/heads/ledger`, or a commit's object id. */
export async function readFiles(
  client: GitHubClient,
  at: string,
  paths: readonly string[],
): Promise<BranchTexts> {
  const asked = paths.slice(0, mostAtOnce);
  const { owner, repo } = client;
  const { repository } = await client.query({
    text: filesQuery(asked.length),
    variables: { owner, repo, at, ...Object.fromEntries(asked.map((path, i) => [`path${i}`, path])) },
    as: filesAnswer,
    mayMiss: asked.map((_, i) => `repository.object.file${i}`),
  });
  if (repository.object === null) throw new GitHubError("not-found", { call: "Files", said: at });
  const { oid, ...files } = repository.object;
  const texts = new Map(
    asked.flatMap((path, i) => {
      const text = wholeText(fileText.parse(files[`file${i}`] ?? null), path);
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
  if (paths.length <= mostAtOnce) return { head: oid, texts };
  // INVARIANT: the others are of the same commit
  const others = await readFiles(client, oid, paths.slice(mostAtOnce));
  return { head: oid, texts: new Map([...texts, ...others.texts]) };
}

const filesAnswer = z.object({
  repository: z.object({ object: z.nullable(z.catchall(z.object({ oid: sha }), z.unknown())) }),
});

/** Of a record, undefined when it is not there. INVARIANT: one that is there is read whole or not taken for missing. */
export function wholeText(file: FileText | undefined, path: string): string | undefined {
  if (file !== undefined && file.text === undefined)
    throw new GitHubError("truncated", { call: "Files", said: path });
  return file?.text;
}

function filesQuery(count: number): string {
  const indexes = Array.from({ length: count }, (_, index) => index);
  return `
query Files($owner: String!, $repo: String!, $at: String!${indexes.map((i) => `, $path${i}: String!`).join("")}) {
  repository(owner: $owner, name: $repo) { object(expression: $at) { oid ... on Commit {
    oid
    ${indexes.map((i) => `file${i}: file(path: $path${i}) { mode object { ... on Blob { oid text isTruncated } } }`).join("\n")}
  } } }
}`;
}
