import { commitTo, resolveCommit, signatureOf } from "../commits.ts";
import {
  applyChanges,
  type Change,
  type FileMode,
  type Signature,
  type TreeEntry,
  writeBlob,
} from "../git/objects.ts";
import { type Answer, created, type Fields, invalid, noContent, notFound, ok, refusal } from "../http.ts";
import { updateRef } from "../refs.ts";
import { showGitCommit, showRef } from "../render/git.ts";
import { repositoryUrl } from "../render/repositories.ts";
import { byWriter, onRepository, type RepositoryCall, type Route, type WriteCall } from "../router.ts";
import { requireWorkflows } from "../workflow-files.ts";

const read = "contents:read";
const write = "contents:write";

function fullName(call: RepositoryCall): string {
  return `refs/${call.params["ref"] ?? ""}`;
}

function getRef(call: RepositoryCall): Answer {
  const ref = fullName(call);
  const sha =
    call.repository.refs.get(ref) ??
    (ref.startsWith("refs/pull/") ? resolveCommit(call.repository, ref)?.sha : undefined);
  if (sha === undefined) throw notFound();
  return ok(showRef(call.twin, call.repository, ref, sha));
}

function createRef(call: WriteCall): Answer {
  const { body, repository, twin, writer } = call;
  const ref = body.text("ref");
  if (!/^refs\/.+\/.+/.test(ref) && !/^refs\/(heads|tags)\/.+/.test(ref)) {
    throw refusal(422, "Reference name must start with 'refs' and contain at least two slashes.");
  }
  const after = body.text("sha");
  if (repository.refs.has(ref)) throw refusal(422, "Reference already exists");
  requireWorkflows(repository, writer, after);
  updateRef(twin, repository, { ref, after, force: false }, writer);
  return created(showRef(twin, repository, ref, after));
}

function changeRef(call: WriteCall): Answer {
  const { body, repository, twin, writer } = call;
  const ref = fullName(call);
  const after = body.text("sha");
  if (!repository.refs.has(ref)) throw refusal(422, "Reference does not exist");
  requireWorkflows(repository, writer, after);
  updateRef(twin, repository, { ref, after, force: body.flag("force") ?? false }, writer);
  return ok(showRef(twin, repository, ref, after));
}

function readSignature(given: Fields | undefined, fallback: Signature): Signature {
  if (given === undefined) return fallback;
  const date = given.optionalText("date");
  return {
    name: given.text("name"),
    email: given.text("email"),
    at: date === undefined ? fallback.at : Date.parse(date),
  };
}

function createCommit(call: WriteCall): Answer {
  const { body, repository, twin, writer } = call;
  const tree = body.text("tree");
  if (!repository.objects.trees.has(tree)) throw refusal(422, "Tree SHA does not exist");
  const parents = body.texts("parents") ?? [];
  if (parents.some((sha) => !repository.objects.commits.has(sha)))
    throw refusal(422, "Parent SHA does not exist or is not a commit object");
  const fallback = signatureOf(writer.account, twin.clock.now());
  const named = body.object("author");
  const author = readSignature(named, fallback);
  const sha = commitTo(repository, {
    tree,
    parents,
    message: body.text("message"),
    author,
    committer: readSignature(body.object("committer") ?? named, fallback),
    // GitHub signs for a bot that lets it fill in the names
    verified: writer.kind !== "user" && named === undefined && !body.has("committer"),
  });
  const commit = repository.objects.commits.get(sha);
  if (commit === undefined) throw notFound();
  return created(showGitCommit(twin, repository, commit));
}

function createTree(call: WriteCall): Answer {
  const { repository, body } = call;
  const { objects } = repository;
  const base = body.optionalText("base_tree");
  const baseTree = base === undefined ? undefined : (objects.commits.get(base)?.tree ?? base);
  if (baseTree !== undefined && !objects.trees.has(baseTree))
    throw refusal(422, "base_tree is not a valid tree oid");
  const changes = new Map<string, Change>();
  for (const entry of body.objects("tree") ?? []) changes.set(entry.text("path"), readEntry(call, entry));
  const sha = applyChanges(objects, baseTree, changes);
  return created(showTree(call, sha, false));
}

function readEntry(call: WriteCall, entry: Fields): Change {
  const { objects } = call.repository;
  if (entry.raw["sha"] === null) return null;
  const mode = (entry.optionalText("mode") ?? "100644") as FileMode;
  const content = entry.optionalText("content");
  const sha = content === undefined ? entry.text("sha") : writeBlob(objects, content);
  const known = mode === "040000" ? objects.trees.has(sha) : objects.blobs.has(sha);
  if (!known) throw refusal(422, `tree.sha ${sha} is not a valid ${mode === "040000" ? "tree" : "blob"}`);
  return { sha, mode };
}

function showTree(call: RepositoryCall, sha: string, recursive: boolean) {
  const { objects } = call.repository;
  const base = repositoryUrl(call.twin, call.repository);
  const walk = (tree: string, prefix: string): { entry: TreeEntry; path: string }[] =>
    (objects.trees.get(tree) ?? []).flatMap((entry) => {
      const path = `${prefix}${entry.name}`;
      const below = recursive && entry.mode === "040000" ? walk(entry.sha, `${path}/`) : [];
      return [{ entry, path }, ...below];
    });
  const tree = walk(sha, "").map(({ entry, path }) => {
    const folder = entry.mode === "040000";
    const size = objects.blobs.get(entry.sha)?.length;
    return {
      path,
      mode: entry.mode,
      type: folder ? "tree" : entry.mode === "160000" ? "commit" : "blob",
      sha: entry.sha,
      ...(size === undefined ? {} : { size }),
      url: `${base}/git/${folder ? "trees" : "blobs"}/${entry.sha}`,
    };
  });
  return { sha, url: `${base}/git/trees/${sha}`, tree, truncated: false };
}

function getTree(call: RepositoryCall): Answer {
  const name = call.params["tree_sha"] ?? "";
  const { objects } = call.repository;
  const sha = objects.trees.has(name) ? name : resolveCommit(call.repository, name)?.tree;
  if (sha === undefined) throw notFound();
  return ok(showTree(call, sha, call.query.has("recursive")));
}

function getBlob(call: RepositoryCall): Answer {
  const sha = call.params["file_sha"] ?? "";
  const content = call.repository.objects.blobs.get(sha);
  if (content === undefined) throw notFound();
  return ok({
    sha,
    node_id: `B_${Buffer.from(`${call.repository.id}:${sha}`).toString("base64url")}`,
    size: content.length,
    url: `${repositoryUrl(call.twin, call.repository)}/git/blobs/${sha}`,
    content: wrapBase64(content),
    encoding: "base64",
  });
}

/** GitHub breaks base64 into lines of sixty. */
export function wrapBase64(content: Uint8Array): string {
  return Buffer.from(content)
    .toString("base64")
    .replace(/(.{60})/g, "$1\n")
    .replace(/([^\n])$/, "$1\n");
}

export const gitRoutes: Route[] = [
  onRepository("GET /git/ref/{ref}", read, "read", getRef),
  onRepository("GET /git/matching-refs/{ref}", read, "read", (call) => {
    const prefix = fullName(call);
    const found = [...call.repository.refs].filter(([ref]) => ref.startsWith(prefix)).sort();
    return ok(found.map(([ref, sha]) => showRef(call.twin, call.repository, ref, sha)));
  }),
  byWriter("POST /git/refs", write, "write", createRef),
  byWriter("PATCH /git/refs/{ref}", write, "write", changeRef),
  byWriter("DELETE /git/refs/{ref}", write, "write", (call) => {
    updateRef(
      call.twin,
      call.repository,
      { ref: fullName(call), after: undefined, force: true },
      call.writer,
    );
    return noContent;
  }),
  onRepository("GET /git/commits/{commit_sha}", read, "read", (call) => {
    const commit = call.repository.objects.commits.get(call.params["commit_sha"] ?? "");
    if (commit === undefined) throw notFound();
    return ok(showGitCommit(call.twin, call.repository, commit));
  }),
  byWriter("POST /git/commits", write, "write", createCommit),
  onRepository("GET /git/trees/{tree_sha}", read, "read", getTree),
  byWriter("POST /git/trees", write, "write", createTree),
  onRepository("GET /git/blobs/{file_sha}", read, "read", getBlob),
  byWriter("POST /git/blobs", write, "write", (call) => {
    const encoding = call.body.optionalText("encoding") ?? "utf-8";
    if (encoding !== "utf-8" && encoding !== "base64") throw invalid("Blob", "encoding", "invalid");
    const content = Buffer.from(call.body.text("content"), encoding === "base64" ? "base64" : "utf8");
    const sha = writeBlob(call.repository.objects, content);
    return created({ sha, url: `${repositoryUrl(call.twin, call.repository)}/git/blobs/${sha}` });
  }),
];
