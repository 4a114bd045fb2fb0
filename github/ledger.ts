// The ledger as a whole: the branch on which every request's record lies.

import * as z from "zod/mini";
import type { RequestNumber, Sha } from "../core/ids.ts";
import { parseActive, parseEnded } from "../core/parse-record.ts";
import type { Parsed, Problem } from "../core/problem.ts";
import { type ActiveRecord, type EndedRecord, parseRecordPath } from "../core/record.ts";
import { type BranchTexts, readFiles, wholeText } from "./branch-files.ts";
import type { GitHubClient } from "./client.ts";
import { type BranchCommit, type Committed, commitToBranch } from "./commit.ts";
import { GitHubError } from "./error.ts";
import { folderFiles, sha } from "./graphql-shape.ts";

/** Compare and swap: of two who write at once, one lands. */
export const commitToLedger = (client: GitHubClient, commit: BranchCommit): Promise<Committed> =>
  commitToBranch(client, "ledger", commit);

/** Some files of the ledger at its head now. */
export const readLedgerFiles = (client: GitHubClient, paths: readonly string[]): Promise<BranchTexts> =>
  readFiles(client, "refs/heads/ledger", paths);

export interface LedgerFolder<R> {
  readonly head: Sha;
  readonly records: readonly R[];
  /** Those that somebody else than us wrote. INVARIANT: one of them hides none of the others, and its name still says whose it is. */
  readonly unreadable: readonly { readonly number: RequestNumber; readonly problems: readonly Problem[] }[];
}

/** All active records and the ended ones of these months, `2026/12`, at the ledger's head now, in one query. */
export async function readLedger(
  client: GitHubClient,
  months: readonly string[],
): Promise<{ readonly active: LedgerFolder<ActiveRecord>; readonly ended: LedgerFolder<EndedRecord> }> {
  const { head, files } = await readFolders(client, ["active", ...months.map(endedIn)]);
  const isActive = ({ path }: RecordFile): boolean => path.startsWith("active/");
  return {
    active: folderOf(head, files.filter(isActive), parseActive),
    ended: folderOf(
      head,
      files.filter((file) => !isActive(file)),
      parseEnded,
    ),
  };
}

/** The ended records of these months alone. */
export async function readEnded(
  client: GitHubClient,
  months: readonly string[],
): Promise<LedgerFolder<EndedRecord>> {
  const { head, files } = await readFolders(client, months.map(endedIn));
  return folderOf(head, files, parseEnded);
}

const endedIn = (month: string): string => `ended/${month}`;

interface RecordFile {
  readonly path: string;
  readonly number: RequestNumber;
  readonly text: string;
}

function folderOf<R>(
  head: Sha,
  files: readonly RecordFile[],
  parse: (content: string, path: string) => Parsed<R>,
): LedgerFolder<R> {
  const read = files.map(({ path, number, text }) => ({ number, record: parse(text, path) }));
  return {
    head,
    records: read.flatMap(({ record }) => (record.ok ? [record.value] : [])),
    unreadable: read.flatMap(({ number, record }) =>
      record.ok ? [] : [{ number, problems: record.problems }],
    ),
  };
}

async function readFolders(
  client: GitHubClient,
  folders: readonly string[],
): Promise<{ readonly head: Sha; readonly files: readonly RecordFile[] }> {
  const { owner, repo } = client;
  const { repository } = await client.query({
    text: foldersQuery(folders.length),
    variables: { owner, repo, ...Object.fromEntries(folders.map((path, i) => [`path${i}`, path])) },
    as: foldersAnswer,
    mayMiss: folders.map((_, i) => `repository.ref.target.folder${i}`),
  });
  if (repository.ref === null) throw new GitHubError("not-found", { call: "Folders", said: "branch ledger" });
  const { oid: head, ...found } = repository.ref.target;
  const files = folders.flatMap((folder, i) =>
    folderFiles.parse(found[`folder${i}`] ?? null).flatMap(({ name, file }) => {
      const path = `${folder}/${name}`;
      const number = parseRecordPath(path)?.number;
      // what is not called as a record is nobody's
      return number === undefined ? [] : [{ path, number, text: wholeText(file, path) ?? "" }];
    }),
  );
  return { head, files };
}

const foldersAnswer = z.object({
  repository: z.object({
    ref: z.nullable(z.object({ target: z.catchall(z.object({ oid: sha }), z.unknown()) })),
  }),
});

function foldersQuery(count: number): string {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const folder = (i: number) =>
    `folder${i}: file(path: $path${i}) { object { ... on Tree { entries { name mode object { ... on Blob { oid text isTruncated } } } } } }`;
  return `
query Folders($owner: String!, $repo: String!${indexes.map((i) => `, $path${i}: String!`).join("")}) {
  repository(owner: $owner, name: $repo) { ref(qualifiedName: "refs/heads/ledger") { target { oid ... on Commit {
    oid
    ${indexes.map(folder).join("\n")}
  } } } }
}`;
}
