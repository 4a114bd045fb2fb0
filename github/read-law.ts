// The law's files at one commit of the default branch, through the API: a checkout is of whatever commit a run was started on.

import * as z from "zod/mini";
import type { Sha } from "../core/ids.ts";
import type { GitHubClient } from "./client.ts";
import { type CodeOwners, type CodeOwnersError, codeOwnersPaths } from "./code-owners.ts";
import { GitHubError } from "./error.ts";
import { fileText, folderFiles, reshaped } from "./graphql-shape.ts";
import { textOf } from "./read-blob.ts";

export interface LawFile {
  readonly path: string;
  readonly text: string;
}

/** Undefined: the commit has no such file. */
export interface LawFiles {
  readonly config: string | undefined;
  /** `policies/*.cedar`, sorted by path. */
  readonly policies: readonly LawFile[];
  /** Paths of policies in folders of `policies/`, down to the third. */
  readonly misplaced: readonly string[];
  readonly approvals: string | undefined;
  readonly people: string | undefined;
  readonly delegations: string | undefined;
  readonly schema: string | undefined;
  /** The one that GitHub goes by. */
  readonly codeOwners: CodeOwners | undefined;
  /** Whether the Action lies in the repository itself, for `uses: ./`. */
  readonly hasAction: boolean;
}

/** What a query with the law's files may lack: files that are not there, and owners that a token may not see. `at` is where the commit stands in the answer. */
export const lawMayLack = (at: string) => ({
  mayMiss: lawFields.map((field) => `${at}.${field}`),
  mayHide: ["repository.codeowners"],
});

/** One query a commit, then remembered. */
export const readLaw = (client: GitHubClient, commit: Sha): Promise<LawFiles> =>
  client.remember(`law ${commit}`, () => askForLaw(client, commit));

async function askForLaw(client: GitHubClient, commit: Sha): Promise<LawFiles> {
  const { owner, repo } = client;
  const { repository } = await client.query({
    text: lawQuery,
    variables: { owner, repo, commit },
    as: lawAnswer,
    ...lawMayLack("repository.object"),
  });
  if (repository.object === null)
    throw new GitHubError("not-found", { call: "Law", said: `commit ${commit}` });
  return lawFilesOf(client, repository.object, repository.codeowners);
}

/** Keeps what another query brought of a commit's law. */
export const rememberLaw = (
  client: GitHubClient,
  commit: Sha,
  fields: LawFields,
  owners: OwnersSaid,
): Promise<LawFiles> => client.remember(`law ${commit}`, () => lawFilesOf(client, fields, owners));

async function lawFilesOf(client: GitHubClient, fields: LawFields, said: OwnersSaid): Promise<LawFiles> {
  const { config, policies } = fields;
  const texts = new Map<string, string>();
  for (const { name, file } of policies)
    if (isLaw(name) && file !== undefined) texts.set(name, await textOf(client, file));
  return {
    config: config && (await textOf(client, config)),
    policies: [...texts]
      .filter(([name]) => name.endsWith(".cedar"))
      .map(([name, text]) => ({ path: `policies/${name}`, text }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    misplaced: policies
      .flatMap(({ name, below }) => below.map((path) => `policies/${name}/${path}`))
      .filter((path) => path.endsWith(".cedar"))
      .sort(),
    approvals: texts.get("approvals.yaml"),
    people: texts.get("people.yaml"),
    delegations: texts.get("delegations.yaml"),
    schema: texts.get("schema.cedarschema"),
    codeOwners: await codeOwnersOf(client, fields, said),
    hasAction: fields.action !== undefined,
  };
}

async function codeOwnersOf(
  client: GitHubClient,
  fields: LawFields,
  said: OwnersSaid,
): Promise<CodeOwners | undefined> {
  for (const [i, path] of codeOwnersPaths.entries()) {
    const file = fields[`owners${i as 0 | 1 | 2}`];
    if (file !== undefined) return { path, text: await textOf(client, file), errors: said?.errors };
  }
  return undefined;
}

const isLaw = (name: string): boolean =>
  name.endsWith(".cedar") ||
  ["approvals.yaml", "people.yaml", "delegations.yaml", "schema.cedarschema"].includes(name);

const namesBelow = (depth: number): string =>
  `... on Tree { entries { name ${depth > 1 ? `object { ${namesBelow(depth - 1)} }` : ""} } }`;

const file = (path: string): string =>
  `file(path: "${path}") { mode object { ... on Blob { oid text isTruncated } } }`;

/** Of a commit, in any query. */
export const lawSelection = `
    config: ${file(".github/hallpass.yml")}
    action: ${file("action.yml")}
    ${codeOwnersPaths.map((path, i) => `owners${i}: ${file(path)}`).join("\n    ")}
    policies: file(path: "policies") { object { ... on Tree {
      entries { name mode object { ... on Blob { oid text isTruncated } ${namesBelow(3)} } }
    } } }`;

export const lawShape = {
  config: fileText,
  action: fileText,
  policies: folderFiles,
  owners0: fileText,
  owners1: fileText,
  owners2: fileText,
};
/** Any of them may be missing. */
export const lawFields: readonly string[] = Object.keys(lawShape);
type LawFields = z.output<ReturnType<typeof z.object<typeof lawShape>>>;

/** Of the repository, in any query: who owns is of the default branch at this moment, as teams and access are. */
export const ownersSelection = "codeowners { errors { line kind suggestion } }";

export const ownersShape = {
  codeowners: z.nullable(
    z.object({
      errors: z.array(
        reshaped(
          z.object({ line: z.int(), kind: z.string(), suggestion: z.nullish(z.string()) }),
          ({ line, kind, suggestion }): CodeOwnersError => ({
            line,
            kind,
            suggestion: suggestion ?? undefined,
          }),
        ),
      ),
    }),
  ),
};
type OwnersSaid = z.output<typeof ownersShape.codeowners>;

const lawQuery = `
query Law($owner: String!, $repo: String!, $commit: GitObjectID!) {
  repository(owner: $owner, name: $repo) { ${ownersSelection} object(oid: $commit) { ... on Commit {${lawSelection}
  } } }
}`;

const lawAnswer = z.object({
  repository: z.object({ ...ownersShape, object: z.nullable(z.object(lawShape)) }),
});
