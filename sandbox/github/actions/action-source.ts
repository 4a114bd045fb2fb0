import { parse } from "yaml";
import { z } from "zod";
import type { ActionsWorld, RepoRef } from "../actions-port.ts";
import type { Workspace } from "./workspace.ts";

// Where a `uses:` comes from, and what its action.yml says.

export type ActionFiles =
  /** In the workspace, as checked out: runs from there. */
  | { kind: "local"; directory: string }
  /** Of a repository at a commit: copied for the job. */
  | {
      kind: "repository";
      repository: string;
      ref: string;
      directory: string;
      files: ReadonlyMap<string, Uint8Array>;
    };

export interface ActionMetadata {
  name: string;
  inputs: ReadonlyMap<string, { default: string | undefined; required: boolean }>;
  using: "node20" | "node24";
  main: string;
  pre: string | undefined;
  post: string | undefined;
  preIf: string;
  postIf: string;
}

export interface UsedAction {
  files: ActionFiles;
  metadata: ActionMetadata;
}

/** `uses:` cannot be followed; the text is for the log. */
export class ActionNotFound extends Error {}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const metadataFile = z.object({
  name: z.string(),
  inputs: z
    .record(z.string(), z.object({ default: scalar.optional(), required: z.boolean().optional() }).nullable())
    .nullish(),
  runs: z.object({
    using: z.enum(["node20", "node24"]),
    main: z.string(),
    pre: z.string().optional(),
    post: z.string().optional(),
    "pre-if": z.string().optional(),
    "post-if": z.string().optional(),
  }),
});

export function findAction(
  world: ActionsWorld,
  repo: RepoRef,
  uses: string,
  workspace: Workspace,
): UsedAction {
  if (uses.startsWith("./")) return localAction(uses, workspace);
  const [, repository, path = "", ref] = /^([\w.-]+\/[\w.-]+)((?:\/[^@]+)?)@(.+)$/.exec(uses) ?? [];
  if (repository === undefined || ref === undefined) {
    throw new ActionNotFound(`\`uses: ${uses}\` is neither \`./path\` nor \`owner/repository[/path]@ref\``);
  }
  return repositoryAction(world, repo, { repository, directory: path.slice(1), ref });
}

function localAction(uses: string, workspace: Workspace): UsedAction {
  const directory = uses.slice(2).replace(/\/$/, "");
  const text = readMetadata(directory, (path) => workspace.read(path));
  if (text === undefined) {
    throw new ActionNotFound(
      `Can't find 'action.yml' or 'action.yaml' under '${uses}'. Did you forget to run actions/checkout before running your local action?`,
    );
  }
  return { files: { kind: "local", directory }, metadata: parseMetadata(uses, text) };
}

function repositoryAction(
  world: ActionsWorld,
  repo: RepoRef,
  used: { repository: string; directory: string; ref: string },
): UsedAction {
  const { repository, directory, ref } = used;
  const source = world.repository(repository);
  // A private action can be used within its own organization only.
  if (!source || (source.visibility !== "public" && source.ownerId !== repo.ownerId)) {
    throw new ActionNotFound(`Unable to resolve action \`${repository}\`, repository not found`);
  }
  const sha = /^[0-9a-f]{40}$/.test(ref) ? ref : world.resolveRef(source, ref)?.sha;
  const text = sha && readMetadata(directory, (path) => world.readFile(source, sha, path));
  if (!sha || text === undefined) {
    throw new ActionNotFound(
      `Unable to resolve action \`${repository}@${ref}\`, no action.yml at \`${ref}\``,
    );
  }
  const files = filesAt(world, source, sha);
  return {
    files: { kind: "repository", repository, ref, directory, files },
    metadata: parseMetadata(`${repository}@${ref}`, text),
  };
}

/** The whole tree of a commit. */
export function filesAt(world: ActionsWorld, repo: RepoRef, sha: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const path of world.listFiles(repo, sha, "")) {
    const bytes = world.readFile(repo, sha, path);
    if (bytes) files.set(path, bytes);
  }
  return files;
}

function readMetadata(directory: string, read: (path: string) => Uint8Array | undefined): string | undefined {
  const prefix = directory === "" ? "" : `${directory}/`;
  const bytes = read(`${prefix}action.yml`) ?? read(`${prefix}action.yaml`);
  return bytes && Buffer.from(bytes).toString("utf8");
}

function parseMetadata(uses: string, text: string): ActionMetadata {
  const result = metadataFile.safeParse(parse(text));
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new ActionNotFound(`action.yml of \`${uses}\`: ${problems.join("; ")}`);
  }
  const { name, inputs, runs } = result.data;
  const declared = Object.entries(inputs ?? {}).map(([input, said]) => {
    return [input, { default: said?.default, required: said?.required ?? false }] as const;
  });
  return {
    name,
    inputs: new Map(declared),
    using: runs.using,
    main: runs.main,
    pre: runs.pre,
    post: runs.post,
    preIf: runs["pre-if"] ?? "always()",
    postIf: runs["post-if"] ?? "always()",
  };
}
