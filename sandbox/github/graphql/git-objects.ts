import type { GraphQLResolveInfo } from "graphql";
import { accountOfAddress, resolveCommit } from "../commits.ts";
import { log, logOfPath } from "../git/history.ts";
import { type Commit, entryAt, isBinary, type Signature, type TreeEntry } from "../git/objects.ts";
import type { Repository } from "../state.ts";
import { showUserOnly } from "./actors.ts";
import { checkSuitesOf } from "./checks.ts";
import { type Arguments, connection, type Graph, type Source, time } from "./source.ts";

function gitId(prefix: string, repository: Repository, sha: string): string {
  return `${prefix}_${Buffer.from(`${repository.id}:${sha}`).toString("base64url")}`;
}

/** `GitActor`: name and address as the commit has them. `user` is a person's account only: a bot's commit has none. */
function showGitActor(graph: Graph, signature: Signature): Source {
  return {
    name: signature.name,
    email: signature.email,
    date: time(signature.at),
    user: () => showUserOnly(graph, accountOfAddress(graph.twin, signature.email)),
  };
}

export function showCommit(graph: Graph, repository: Repository, commit: Commit): Source {
  const { objects } = repository;
  const page = `${graph.twin.url}/${repository.owner.login}/${repository.name}/commit/${commit.sha}`;
  return {
    __typename: "Commit",
    id: gitId("C", repository, commit.sha),
    oid: commit.sha,
    abbreviatedOid: commit.sha.slice(0, 7),
    url: page,
    commitUrl: page,
    message: commit.message,
    messageHeadline: commit.message.split("\n")[0],
    messageBody: commit.message.split("\n").slice(1).join("\n").trim(),
    committedDate: time(commit.committer.at),
    authoredDate: time(commit.author.at),
    author: () => showGitActor(graph, commit.author),
    committer: () => showGitActor(graph, commit.committer),
    authors: (args: Arguments, info: GraphQLResolveInfo) =>
      connection(args, info, authorsOf(commit), (author) => showGitActor(graph, author)),
    parents: (args: Arguments, info: GraphQLResolveInfo) => {
      const parents = commit.parents.flatMap((sha) => objects.commits.get(sha) ?? []);
      return connection(args, info, parents, (parent) => showCommit(graph, repository, parent));
    },
    tree: () => showTree(graph, repository, commit.tree),
    file: (args: Arguments) => {
      const entry = entryAt(objects, commit.tree, String(args["path"]));
      return entry === undefined ? null : showEntry(graph, repository, entry, String(args["path"]));
    },
    checkSuites: (args: Arguments, info: GraphQLResolveInfo) =>
      checkSuitesOf(graph, repository, commit.sha, args, info),
    history: (args: Arguments, info: GraphQLResolveInfo) => history(graph, repository, commit, args, info),
    committedViaWeb: commit.committer.email === "noreply@github.com",
    signature: () =>
      commit.verified
        ? { __typename: "GpgSignature", isValid: true, state: "VALID", wasSignedByGitHub: true }
        : null,
  };
}

/** The author, and those the trailers name. */
function authorsOf(commit: Commit): Signature[] {
  const trailers = [...commit.message.matchAll(/^co-authored-by:\s*(.+?)\s*<(.+?)>\s*$/gim)];
  const others = trailers.map(([, name = "", email = ""]) => ({ name, email, at: commit.author.at }));
  return [commit.author, ...others];
}

function history(
  graph: Graph,
  repository: Repository,
  commit: Commit,
  args: Arguments,
  info: GraphQLResolveInfo,
): Source {
  const { objects } = repository;
  const path = typeof args["path"] === "string" && args["path"] !== "" ? args["path"] : undefined;
  const reader = (tree: string, at: string) => entryAt(objects, tree, at)?.sha;
  const all = path === undefined ? log(objects, commit.sha) : logOfPath(objects, commit.sha, path, reader);
  const since = args["since"] == null ? Number.NEGATIVE_INFINITY : Date.parse(String(args["since"]));
  const until = args["until"] == null ? Number.POSITIVE_INFINITY : Date.parse(String(args["until"]));
  const found = all.filter(({ committer }) => committer.at >= since && committer.at <= until);
  return connection(args, info, found, (one) => showCommit(graph, repository, one), [
    "path",
    "since",
    "until",
  ]);
}

function showTree(graph: Graph, repository: Repository, sha: string, prefix = ""): Source {
  return {
    __typename: "Tree",
    id: gitId("T", repository, sha),
    oid: sha,
    abbreviatedOid: sha.slice(0, 7),
    entries: () =>
      (repository.objects.trees.get(sha) ?? []).map((entry) =>
        showEntry(graph, repository, entry, `${prefix}${entry.name}`),
      ),
  };
}

function showEntry(graph: Graph, repository: Repository, entry: TreeEntry, path: string): Source {
  const folder = entry.mode === "040000";
  return {
    name: entry.name,
    path,
    oid: entry.sha,
    mode: Number.parseInt(entry.mode, 8),
    type: folder ? "tree" : entry.mode === "160000" ? "commit" : "blob",
    extension: /\.[^.]+$/.exec(entry.name)?.[0] ?? "",
    size: repository.objects.blobs.get(entry.sha)?.length ?? 0,
    object: () => showObject(graph, repository, entry, `${path}/`),
  };
}

function showObject(graph: Graph, repository: Repository, entry: TreeEntry, prefix: string): Source | null {
  if (entry.mode === "040000") return showTree(graph, repository, entry.sha, prefix);
  const content = repository.objects.blobs.get(entry.sha);
  return content === undefined ? null : showBlob(repository, entry.sha, content);
}

/** Text above this is cut, and says so. */
const textLimit = 512_000;

function showBlob(repository: Repository, sha: string, content: Uint8Array): Source {
  const binary = isBinary(content);
  return {
    __typename: "Blob",
    id: gitId("B", repository, sha),
    oid: sha,
    abbreviatedOid: sha.slice(0, 7),
    byteSize: content.length,
    isBinary: binary,
    isTruncated: !binary && content.length > textLimit,
    text: binary ? null : Buffer.from(content.subarray(0, textLimit)).toString("utf8"),
  };
}

/** `object(expression:)` and `object(oid:)`: `branch`, `sha`, `branch:path`, `sha:path`, or the id of any object. */
export function findObject(graph: Graph, repository: Repository, args: Arguments): Source | null {
  const { objects } = repository;
  const text = String(args["oid"] ?? args["expression"] ?? "");
  const colon = text.indexOf(":");
  if (colon < 0) {
    const commit = resolveCommit(repository, text);
    if (commit !== undefined) return showCommit(graph, repository, commit);
    if (objects.trees.has(text)) return showTree(graph, repository, text);
    const blob = objects.blobs.get(text);
    return blob === undefined ? null : showBlob(repository, text, blob);
  }
  const name = text.slice(0, colon);
  const tree = resolveCommit(repository, name)?.tree ?? (objects.trees.has(name) ? name : undefined);
  const path = text.slice(colon + 1).replace(/\/$/, "");
  const entry = tree === undefined ? undefined : entryAt(objects, tree, path);
  return entry === undefined ? null : showObject(graph, repository, entry, path === "" ? "" : `${path}/`);
}

/** A ref; its name is what follows the prefix it was looked up with. */
export function showRef(graph: Graph, repository: Repository, ref: string, under?: string): Source | null {
  const sha = repository.refs.get(ref);
  const commit = sha === undefined ? undefined : repository.objects.commits.get(sha);
  if (commit === undefined) return null;
  const prefix = under ?? /^refs\/(?:heads|tags)\//.exec(ref)?.[0] ?? "";
  return {
    __typename: "Ref",
    id: gitId("REF", repository, ref),
    name: ref.slice(prefix.length),
    prefix,
    target: () => showCommit(graph, repository, commit),
  };
}
