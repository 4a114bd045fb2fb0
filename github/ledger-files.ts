// Texts of the ledger's files at one commit.

import * as z from "zod/mini";
import type { Sha } from "../core/ids.ts";
import type { GitHubClient } from "./client.ts";
import { GitHubError } from "./error.ts";
import { type FileText, fileText, sha } from "./graphql-shape.ts";

export interface LedgerTexts {
  readonly head: Sha;
  /** Of the paths asked for, those that are there. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Some files of the ledger at its head now. */
export const readLedgerFiles = (client: GitHubClient, paths: readonly string[]): Promise<LedgerTexts> =>
  readFiles(client, paths, "refs/heads/ledger");

/** The same files at a commit of the ledger. */
export const readLedgerFilesAt = (
  client: GitHubClient,
  commit: Sha,
  paths: readonly string[],
): Promise<LedgerTexts> => readFiles(client, paths, commit);

/** GraphQL takes a few hundred fields in one query without trouble. */
const mostAtOnce = 100;

async function readFiles(client: GitHubClient, paths: readonly string[], at: string): Promise<LedgerTexts> {
  const now = paths.slice(0, mostAtOnce);
  const { owner, repo } = client;
  const variables = { owner, repo, at, ...Object.fromEntries(now.map((path, i) => [`path${i}`, path])) };
  const { repository } = await client.query({
    text: filesQuery(now.length),
    variables,
    as: filesAnswer,
    mayMiss: now.map((_, i) => `repository.object.file${i}`),
  });
  const { oid, ...files } = repository.object ?? missing();
  const texts = new Map(
    now.flatMap((path, i) => {
      const text = wholeText(fileText.parse(files[`file${i}`] ?? null), path);
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
  if (paths.length <= mostAtOnce) return { head: oid, texts };
  const others = await readFiles(client, paths.slice(mostAtOnce), oid);
  return { head: oid, texts: new Map([...texts, ...others.texts]) };
}

const filesAnswer = z.object({
  repository: z.object({ object: z.nullable(z.catchall(z.object({ oid: sha }), z.unknown())) }),
});

function missing(): never {
  throw new GitHubError("not-found", { call: "LedgerFiles", said: "branch ledger" });
}

/** Of a record, undefined when it is not there. INVARIANT: one that is there is read whole or not taken for missing. */
export function wholeText(file: FileText | undefined, path: string): string | undefined {
  if (file !== undefined && file.text === undefined)
    throw new GitHubError("truncated", { call: "LedgerFiles", said: path });
  return file?.text;
}

function filesQuery(count: number): string {
  const indexes = Array.from({ length: count }, (_, index) => index);
  return `
query LedgerFiles($owner: String!, $repo: String!, $at: String!, ${indexes.map((i) => `$path${i}: String!`).join(", ")}) {
  repository(owner: $owner, name: $repo) { object(expression: $at) { oid ... on Commit {
    ${indexes.map((i) => `file${i}: file(path: $path${i}) { mode object { ... on Blob { oid text isTruncated } } }`).join("\n")}
  } } }
}`;
}
